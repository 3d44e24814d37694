/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Sessions that are opened and closed by netlink messages. The ways take turns, a few sessions each, so that whatever else the
 * machine does meets all of them. */

#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/programming-actions.h"
#include "bench/programming-bare.h"
#include "bench/measure.h"
#include "masqd/elements.h"
#include "masqd/watch.h"

/* Sessions that are open at a time beside those that are there anyway. */
#define TURN 16
/* Of fillings, where time does not matter. */
#define FILL_BATCH 100

static const struct grant nothing;

static struct elements *open_elements(void)
{
	struct elements *elements;
	int rc = elements_open(&elements);

	if (rc) {
		errno = -rc;
		fail("elements");
	}
	return elements;
}

static void commit(struct elements *elements)
{
	int rc = elements_commit(elements);

	if (rc) {
		errno = -rc;
		fail("masqd's transaction");
	}
}

static struct programmed *make(struct sessions *sessions, enum session_type type, unsigned first, unsigned count)
{
	struct programmed *made = calloc(count, sizeof(*made));

	if (!made)
		fail("sessions");
	for (unsigned i = 0; i < count; i++)
		sessions_make(sessions, type, first + i, &made[i]);
	return made;
}

/* One transaction, as masqd/gateway.c has it. */
static void replace(struct elements *elements, const struct programmed *programmed, unsigned count, bool is_opening)
{
	elements_begin(elements);
	for (unsigned i = 0; i < count; i++)
		elements_replace(elements, is_opening ? &nothing : &programmed[i].grant, is_opening ? &programmed[i].grant : &nothing,
				 programmed[i].note);
	commit(elements);
}

void action_policy(struct sessions *sessions, char *arguments[])
{
	(void)arguments;
	printf("id=%" PRIu32 "\n", sessions->policy->id);
}

static void fill(struct sessions *sessions, enum session_type type, unsigned first, unsigned count)
{
	struct elements *elements = open_elements();
	struct programmed *made = make(sessions, type, first, count);
	uint64_t start = now_ns();

	for (unsigned i = 0; i < count; i += FILL_BATCH)
		replace(elements, &made[i], count - i < FILL_BATCH ? count - i : FILL_BATCH, true);
	printf("ms=%.2f\n", (double)(now_ns() - start) / 1e6);
	free(made);
	elements_close(elements);
}

void action_fill(struct sessions *sessions, char *arguments[])
{
	fill(sessions, SESSION_PPP, (unsigned)number(arguments[0]), (unsigned)number(arguments[1]));
}

void action_fill_hosts(struct sessions *sessions, char *arguments[])
{
	fill(sessions, SESSION_HOST, 0, (unsigned)number(arguments[0]));
}

static void forget_count(void *ctx, const struct host_count *count)
{
	elements_forget_count(ctx, count);
}

void action_empty(struct sessions *sessions, char *arguments[])
{
	struct elements *elements = open_elements();

	(void)sessions;
	(void)arguments;
	elements_begin(elements);
	elements_flush(elements);
	elements_read_counts(elements, NULL, forget_count, elements);
	commit(elements);
	elements_close(elements);
}

/* Times of one way, by sessions. */
struct times {
	double *open_us, *close_us;
};

static struct times times_new(unsigned count)
{
	struct times times = { calloc(count, sizeof(double)), calloc(count, sizeof(double)) };

	if (!count || !times.open_us || !times.close_us)
		fail("times");
	return times;
}

static void times_print(const char *way, struct times *times, unsigned count)
{
	struct spread open = spread_of(times->open_us, count), close = spread_of(times->close_us, count);

	printf("%s_open_us=%.3f %s_open_p99_us=%.3f %s_close_us=%.3f %s_close_p99_us=%.3f ", way, open.median, way, open.p99, way,
	       close.median, way, close.p99);
	free(times->open_us);
	free(times->close_us);
}

enum way { WAY_BARE, WAY_MASQD, WAY_BARE_AGAIN, WAY_MASQD_AGAIN, WAYS };

struct single {
	int fd;
	struct elements *elements;
	struct programmed *sessions;	/* TURN of each way */
	struct bare_transaction opening[WAYS * TURN], closing[WAYS * TURN];
};

static double time_one(struct single *single, enum way way, unsigned i, bool is_opening)
{
	uint64_t start = now_ns();

	if (way == WAY_MASQD || way == WAY_MASQD_AGAIN)
		replace(single->elements, &single->sessions[i], 1, is_opening);
	else
		bare_send(single->fd, is_opening ? &single->opening[i] : &single->closing[i]);
	return (double)(now_ns() - start) / 1000;
}

/* That the kernel has after the bare transactions what masqd would look for. */
static void check_bare(struct single *single)
{
	const char *missing;

	bare_send(single->fd, &single->opening[0]);
	missing = elements_missing(single->elements, &single->sessions[0].grant);
	if (missing) {
		fprintf(stderr, "programming-load: bare transaction: nothing in %s\n", missing);
		exit(1);
	}
	replace(single->elements, &single->sessions[0], 1, false);
}

static void single_open(struct single *single, struct sessions *sessions, unsigned first)
{
	single->fd = bare_open();
	single->elements = open_elements();
	single->sessions = make(sessions, SESSION_PPP, first, WAYS * TURN);
	for (unsigned i = 0; i < WAYS * TURN; i++) {
		bare_build(&single->opening[i], &single->sessions[i], true);
		bare_build(&single->closing[i], &single->sessions[i], false);
	}
	check_bare(single);
}

static void single_close(struct single *single)
{
	for (unsigned i = 0; i < WAYS * TURN; i++) {
		bare_free(&single->opening[i]);
		bare_free(&single->closing[i]);
	}
	free(single->sessions);
	elements_close(single->elements);
}

void action_single(struct sessions *sessions, char *arguments[])
{
	static const char *const names[WAYS] = { "bare", "masqd", "bare_again", "masqd_again" };
	unsigned count = (unsigned)number(arguments[1]);
	struct times times[WAYS];
	struct single single;

	single_open(&single, sessions, (unsigned)number(arguments[0]));
	for (unsigned way = 0; way < WAYS; way++)
		times[way] = times_new(count);
	for (unsigned done = 0; done < count; done += TURN) {
		unsigned turn = count - done < TURN ? count - done : TURN;

		for (unsigned i = 0; i < turn * WAYS; i++)
			times[i % WAYS].open_us[done + i / WAYS] = time_one(&single, i % WAYS, i, true);
		for (unsigned i = 0; i < turn * WAYS; i++)
			times[i % WAYS].close_us[done + i / WAYS] = time_one(&single, i % WAYS, i, false);
	}
	for (unsigned way = 0; way < WAYS; way++)
		times_print(names[way], &times[way], count);
	printf("\n");
	single_close(&single);
}

static void time_batches(struct elements *elements, const struct programmed *made, unsigned size, unsigned count, const char *name,
			 struct event_base *base)
{
	unsigned batches = count / size;
	struct times times = times_new(batches);

	for (unsigned i = 0; i < 2 * batches; i++) {
		unsigned batch = i / 2;
		bool is_opening = i % 2 == 0;
		uint64_t start = now_ns();

		replace(elements, &made[batch * size], size, is_opening);
		if (base)
			event_base_loop(base, EVLOOP_NONBLOCK);
		*(is_opening ? &times.open_us[batch] : &times.close_us[batch]) = (double)(now_ns() - start) / 1000 / size;
	}
	times_print(name, &times, batches);
	printf("\n");
}

void action_batch(struct sessions *sessions, char *arguments[])
{
	unsigned size = (unsigned)number(arguments[0]), count = (unsigned)number(arguments[2]);
	struct programmed *made = make(sessions, SESSION_PPP, (unsigned)number(arguments[1]), count);
	struct elements *elements = open_elements();

	time_batches(elements, made, size, count, "batch", NULL);
	elements_close(elements);
	free(made);
}

static void on_touched(void *ctx)
{
	bool *is_touched = ctx;

	*is_touched = true;
}

void action_watched(struct sessions *sessions, char *arguments[])
{
	unsigned count = (unsigned)number(arguments[1]);
	struct programmed *made = make(sessions, SESSION_PPP, (unsigned)number(arguments[0]), count);
	struct elements *elements = open_elements();
	struct event_base *base = event_base_new();
	bool is_touched = false;
	struct watch *watch;

	if (!base || watch_open(&watch, base, elements_port(elements), on_touched, &is_touched))
		fail("watch");
	time_batches(elements, made, 1, count, "watched", base);
	if (is_touched)
		fprintf(stderr, "programming-load: somebody else changed the rules meanwhile\n");
	watch_close(watch);
	event_base_free(base);
	elements_close(elements);
	free(made);
}
