/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* From grants to the shaper. */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "lib/log.h"
#include "masqd/shaping.h"

/* What waits where there is a limit no more may take a while on a slow line. */
static const struct timeval draining = { .tv_usec = 200000 };

static const struct grant nothing;

static bool is_shaped(void *ctx, unsigned ifindex)
{
	const struct gateway *gw = ctx;
	const struct session *s = session_find_ifindex(&gw->sessions, ifindex);

	return s && s->grant.rate_down;
}

static void sweep(struct gateway *gw)
{
	bool drains = false;
	int rc = shaper_sweep(gw->shaper, is_shaped, gw, &drains);

	if (rc)
		log_warn("cannot remove what is left of shaping: %s", strerror(-rc));
	if (drains)
		event_add(gw->unshape, &draining);
}

static void on_unshape(evutil_socket_t fd, short what, void *ctx)
{
	sweep(ctx);
}

int shaping_open(struct gateway *gw)
{
	gw->unshape = evtimer_new(gw->base, on_unshape, gw);
	return gw->unshape ? shaper_open(&gw->shaper) : -ENOMEM;
}

void shaping_close(struct gateway *gw)
{
	shaper_close(gw->shaper);
	if (gw->unshape)
		event_free(gw->unshape);
}

void shaping_follow(struct gateway *gw, struct session *s, const struct grant *had)
{
	bool drains = false;
	int rc = shaper_replace(gw->shaper, had, &s->grant, &drains);

	s->is_unshaped = rc != 0;
	if (rc == -EEXIST) {
		log_warn("%s: not shaped: %s has a root qdisc that somebody else made", session_text(s), s->ifname);
		log_warn("hint: see `tc qdisc show dev %s`; if nobody needs it: `tc qdisc del dev %s root` and `masqctl reload`", s->ifname,
			 s->ifname);
	} else if (rc) {
		log_warn("%s: not shaped: %s", session_text(s), strerror(-rc));
	}
	if (drains)
		event_add(gw->unshape, &draining);
	if (s->grant.is_open && !had->is_open && s->policy->rate_is_line && !s->grant.rate_up)
		log_warn("%s: policy %s has rate = line, but nobody said the line's speed: it has no limit", session_text(s), s->policy->name);
}

struct comparison {
	struct gateway *gw;
	const struct mismatch_handler *handler;
};

static void tell_mismatch(const struct comparison *comparison, enum mismatch_type type, unsigned ifindex, uint32_t serial)
{
	const struct link *link = links_find(comparison->gw->links, ifindex);
	struct mismatch mismatch = { .type = type, .object = "qdisc", .name = link ? link->name : "?", .serial = serial };

	comparison->handler->tell(comparison->handler->ctx, &mismatch);
}

static void on_shaped(void *ctx, unsigned ifindex)
{
	const struct comparison *comparison = ctx;
	const struct session *s = session_find_ifindex(&comparison->gw->sessions, ifindex);

	if (!s || !shaper_is_wanted(&s->grant))
		tell_mismatch(comparison, MISMATCH_EXTRA, ifindex, s ? s->serial : 0);
}

int shaping_compare(struct gateway *gw, const struct mismatch_handler *handler)
{
	struct comparison comparison = { .gw = gw, .handler = handler };
	struct session *s, *next;

	/* One that somebody else's qdisc is in the way of has been complained about. */
	session_each(&gw->sessions, s, next)
		if (!s->is_unshaped && shaper_is_wanted(&s->grant) && shaper_holds(gw->shaper, &s->grant) <= 0)
			tell_mismatch(&comparison, MISMATCH_DIFFERS, s->ifindex, s->serial);
	/* What still drains goes by itself. */
	return evtimer_pending(gw->unshape, NULL) ? 0 : shaper_each(gw->shaper, on_shaped, &comparison);
}

void shaping_replay(struct gateway *gw)
{
	struct session *s, *next;

	session_each(&gw->sessions, s, next)
		shaping_follow(gw, s, &nothing);
	sweep(gw);
}

void shaping_retry(struct gateway *gw)
{
	struct session *s, *next;

	session_each(&gw->sessions, s, next)
		if (s->is_unshaped)
			shaping_follow(gw, s, &nothing);
}
