/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The time since the boot for a session's time, which survives restarts of masqd; a monotonic clock for silence. */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <uthash.h>

#include "lib/varlink-client.h"
#include "masqd/clock.h"
#include "masqd/expiry.h"

/* Counters are asked for this many times in the shortest idle-timeout: a session ends late by at most so much of it. */
enum { LOOKS = 8 };

/* Between two ticks. A machine may sleep meanwhile, and then somebody's time may be over. */
enum { SHORTEST_MS = 1000, LONGEST_MS = 10000 };

struct watched {
	uint32_t serial;
	unsigned ifindex;
	int64_t expires;
	unsigned idle_timeout;
	uint64_t rx;		/* as last seen */
	int64_t heard_ms;	/* when it was seen to change */
	UT_hash_handle hh;
};

struct expiry {
	struct watched *all;
	struct event *tick;
	struct links *links;
	void (*on_expired)(void *ctx, uint32_t serial, const char *reason);
	void *ctx;
	int64_t looked_ms;	/* when the counters were last asked for */
	int64_t due_ms;		/* the next tick; 0: none, since there is nobody to watch */
	unsigned shortest_idle;	/* seconds; 0: nobody's silence is watched */
};

/* Who has been silent for too long? Notes who has not. */
static bool is_idle(struct expiry *expiry, struct watched *w, int64_t now_ms)
{
	const struct link *link = links_find(expiry->links, w->ifindex);

	if (link && link->rx != w->rx) {
		w->rx = link->rx;
		w->heard_ms = now_ms;
	}
	return now_ms - w->heard_ms >= (int64_t)w->idle_timeout * 1000;
}

static int64_t look_ms(const struct expiry *expiry)
{
	return expiry->looked_ms + (int64_t)expiry->shortest_idle * 1000 / LOOKS;
}

/* Has the next tick come in time for this one. */
static void note_pace(struct expiry *expiry, const struct watched *w, int64_t now, int64_t now_ms)
{
	int64_t due_ms = now_ms + LONGEST_MS, ends_ms = now_ms + (w->expires - now) * 1000;
	struct timeval wait;

	if (w->idle_timeout && (!expiry->shortest_idle || w->idle_timeout < expiry->shortest_idle))
		expiry->shortest_idle = w->idle_timeout;
	if (w->expires && ends_ms < due_ms)
		due_ms = ends_ms;
	if (w->idle_timeout && look_ms(expiry) < due_ms)
		due_ms = look_ms(expiry);
	if (due_ms < now_ms + SHORTEST_MS)
		due_ms = now_ms + SHORTEST_MS;
	if (expiry->due_ms && expiry->due_ms <= due_ms)
		return;
	expiry->due_ms = due_ms;
	wait = (struct timeval){ .tv_sec = (due_ms - now_ms) / 1000, .tv_usec = (due_ms - now_ms) % 1000 * 1000 };
	event_add(expiry->tick, &wait);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct expiry *expiry = ctx;
	struct watched *w, *next;
	int64_t now_ms = varlink_now_ms(), now = clock_since_boot();
	bool looks = expiry->shortest_idle && now_ms >= look_ms(expiry);

	expiry->due_ms = 0;
	if (looks && links_refresh_counters(expiry->links, 0) == 0)
		expiry->looked_ms = now_ms;
	expiry->shortest_idle = 0;
	HASH_ITER(hh, expiry->all, w, next) {
		note_pace(expiry, w, now, now_ms);
		if (w->expires && now >= w->expires)
			expiry->on_expired(expiry->ctx, w->serial, "session timeout");
		else if (looks && w->idle_timeout && is_idle(expiry, w, now_ms))
			expiry->on_expired(expiry->ctx, w->serial, "idle timeout");
	}
}

int expiry_open(struct expiry **out, struct event_base *base, struct links *links,
		void (*on_expired)(void *ctx, uint32_t serial, const char *reason), void *ctx)
{
	struct expiry *expiry = calloc(1, sizeof(*expiry));

	if (!expiry)
		return -ENOMEM;
	expiry->links = links;
	expiry->on_expired = on_expired;
	expiry->ctx = ctx;
	expiry->tick = evtimer_new(base, on_tick, expiry);
	if (!expiry->tick) {
		free(expiry);
		return -ENOMEM;
	}
	*out = expiry;
	return 0;
}

static void forget(struct expiry *expiry, struct watched *w)
{
	HASH_DEL(expiry->all, w);
	free(w);
}

void expiry_close(struct expiry *expiry)
{
	struct watched *w, *next;

	if (!expiry)
		return;
	HASH_ITER(hh, expiry->all, w, next)
		forget(expiry, w);
	event_free(expiry->tick);
	free(expiry);
}

int expiry_replace(struct expiry *expiry, const struct grant *from, const struct grant *to)
{
	bool wants = to->is_open && (to->expires || to->idle_timeout);
	const struct grant *either = from->is_open ? from : to;
	struct watched *w;

	HASH_FIND(hh, expiry->all, &either->serial, sizeof(either->serial), w);
	if (w && !wants)
		forget(expiry, w);
	if (!wants)
		return 0;
	if (!w) {
		const struct link *link = links_find(expiry->links, to->ifindex);

		w = calloc(1, sizeof(*w));
		if (!w)
			return -ENOMEM;
		w->serial = to->serial;
		w->rx = link ? link->rx : 0;
		w->heard_ms = varlink_now_ms();
		HASH_ADD(hh, expiry->all, serial, sizeof(w->serial), w);
	}
	w->ifindex = to->ifindex;
	w->expires = to->expires;
	w->idle_timeout = to->idle_timeout;
	note_pace(expiry, w, clock_since_boot(), varlink_now_ms());
	return 0;
}
