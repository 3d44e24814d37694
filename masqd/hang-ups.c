/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "lib/varlink-client.h"
#include "masqd/hang-ups.h"

struct hang_up {
	struct hang_up *prev, *next;
	uint32_t serial;
	char cause[];
};

struct hang_ups {
	void (*end)(void *ctx, uint32_t serial, const char *cause);
	void *ctx;
	struct hang_up *waiting;
	struct event *next_turn;	/* pending: some have ended in this one, or wait */
	int64_t until_ms;		/* of this turn */
};

static void end_first(struct hang_ups *h)
{
	struct hang_up *first = h->waiting;

	DL_DELETE(h->waiting, first);
	h->end(h->ctx, first->serial, first->cause);
	free(first);
}

static void on_next_turn(evutil_socket_t fd, short what, void *ctx)
{
	static const struct timeval now;
	struct hang_ups *h = ctx;

	h->until_ms = varlink_now_ms() + HANG_UPS_SLICE_MS;
	while (h->waiting && varlink_now_ms() < h->until_ms)
		end_first(h);
	if (h->waiting)
		event_add(h->next_turn, &now);
}

struct hang_ups *hang_ups_new(struct event_base *base, void (*end)(void *ctx, uint32_t serial, const char *cause), void *ctx)
{
	struct hang_ups *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->end = end;
	h->ctx = ctx;
	h->next_turn = evtimer_new(base, on_next_turn, h);
	if (!h->next_turn) {
		free(h);
		return NULL;
	}
	return h;
}

void hang_ups_free(struct hang_ups *h)
{
	struct hang_up *hang_up, *next;

	if (!h)
		return;
	DL_FOREACH_SAFE(h->waiting, hang_up, next)
		free(hang_up);
	event_free(h->next_turn);
	free(h);
}

/* Is there time in this turn? */
static bool has_time(struct hang_ups *h)
{
	static const struct timeval now;
	int64_t now_ms = varlink_now_ms();

	if (!evtimer_pending(h->next_turn, NULL)) {
		h->until_ms = now_ms + HANG_UPS_SLICE_MS;
		event_add(h->next_turn, &now);
	}
	return now_ms < h->until_ms;
}

void hang_ups_add(struct hang_ups *h, uint32_t serial, const char *cause)
{
	bool ends_now = has_time(h) && !h->waiting;
	struct hang_up *hang_up = ends_now ? NULL : malloc(sizeof(*hang_up) + strlen(cause) + 1);

	if (!hang_up) {
		h->end(h->ctx, serial, cause);
		return;
	}
	hang_up->serial = serial;
	strcpy(hang_up->cause, cause);
	DL_APPEND(h->waiting, hang_up);
}

void hang_ups_finish(struct hang_ups *h)
{
	int64_t until_ms = varlink_now_ms() + HANG_UPS_FINISH_MS;

	while (h->waiting && varlink_now_ms() < until_ms)
		end_first(h);
}
