/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* From the clock to sessions. */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/log.h"
#include "masqd/curfew.h"
#include "masqd/gateway.h"

struct curfew {
	struct gateway *gw;
	struct event *tick;
};

static bool is_outside(const struct session *s)
{
	return s->chosen_policy && !hours_contain(&s->chosen_policy->hours, time(NULL));
}

bool curfew_denies(const struct session *s, char *reason, size_t size)
{
	char next[HOURS_TEXT_MAX];

	if (!is_outside(s))
		return false;
	snprintf(reason, size, "outside the hours of policy %s, which begin %s", s->chosen_policy->name,
		 hours_next(&s->chosen_policy->hours, time(NULL), next));
	return true;
}

/* A section's session would only be opened again: it stays, closed. An orphan's plugin could not be told yet. */
static bool may_be_ended(const struct session *s)
{
	return s->state == SESSION_OPEN && (s->type == SESSION_PPP || s->type == SESSION_ATTACHED);
}

static void look(struct gateway *gw, struct session *s)
{
	char reason[128];

	if (may_be_ended(s) && curfew_denies(s, reason, sizeof(reason))) {
		gateway_end(gw, s, reason);
	} else if (s->state != SESSION_ADMITTED && is_outside(s) != s->is_outside_hours) {
		gateway_session_changed(gw, s);
		log_info("%s: %s the hours of policy %s", session_text(s), s->is_outside_hours ? "outside" : "inside", s->chosen_policy->name);
		if (gw->on_event)
			gw->on_event(gw->ctx, GATEWAY_CHANGED, s, NULL);
	}
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct curfew *curfew = ctx;
	struct session *s, *next;
	unsigned watched = 0;

	session_each(&curfew->gw->sessions, s, next) {
		if (!s->chosen_policy || !s->chosen_policy->hours.count)
			continue;
		watched++;
		look(curfew->gw, s);
	}
	if (!watched)
		event_del(curfew->tick);
}

int curfew_open(struct curfew **out, struct gateway *gw)
{
	struct curfew *curfew = calloc(1, sizeof(*curfew));

	if (!curfew)
		return -ENOMEM;
	curfew->gw = gw;
	curfew->tick = event_new(gw->base, -1, EV_PERSIST, on_tick, curfew);
	if (!curfew->tick) {
		free(curfew);
		return -ENOMEM;
	}
	*out = curfew;
	return 0;
}

void curfew_close(struct curfew *curfew)
{
	if (!curfew)
		return;
	event_free(curfew->tick);
	free(curfew);
}

void curfew_follow(struct curfew *curfew, struct session *s)
{
	static const struct timeval second = { .tv_sec = 1 };

	s->is_outside_hours = is_outside(s);
	if (s->chosen_policy && s->chosen_policy->hours.count && !event_pending(curfew->tick, EV_TIMEOUT, NULL))
		event_add(curfew->tick, &second);
}
