/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* From accounts to sessions. */

#include "config.h"

#include <stdio.h>

#include "lib/log.h"
#include "masqd/accounting.h"
#include "masqd/over-quota.h"

static void refresh(void *ctx)
{
	struct gateway *gw = ctx;

	links_refresh_counters(gw->links, 0);
	accounting_refresh_hosts(gw->elements, &gw->sessions, NULL);
}

static bool read_counters(void *ctx, uint32_t serial, uint64_t *rx, uint64_t *tx)
{
	struct gateway *gw = ctx;
	const struct session *s = session_find(&gw->sessions, serial);

	return s && accounting_get(gw->links, s, rx, tx);
}

bool over_quota_denies(struct gateway *gw, const struct session *s, char *reason, size_t size)
{
	struct quota_use use;
	char until[32];

	if (!quota_get(gw->quota, s, &use) || use.state != QUOTA_OVER || s->chosen_policy->quota.over.action != OVER_QUOTA_DENY)
		return false;
	strftime(until, sizeof(until), "%Y-%m-%d %H:%M", localtime(&use.resets));
	snprintf(reason, size, use.resets ? "the quota is used up until %s" : "the session's quota is used up", until);
	return true;
}

static void tell(struct gateway *gw, const struct session *s)
{
	struct quota_use use;

	if (!quota_get(gw->quota, s, &use))
		return;
	switch (use.state) {
	case QUOTA_NONE:
		break;
	case QUOTA_UNDER:
		log_info("%s: has quota again", session_text(s));
		break;
	case QUOTA_NEAR:
		log_warn("%s: %u%% of its quota is used, %llu bytes are left", session_text(s), use.percent, (unsigned long long)use.left);
		break;
	case QUOTA_OVER:
		log_info("%s: its quota is used up", session_text(s));
		break;
	}
}

static void on_state(void *ctx, uint32_t serial)
{
	struct gateway *gw = ctx;
	struct session *s = session_find(&gw->sessions, serial);
	enum quota_state was = s ? s->quota_state : QUOTA_NONE;
	char reason[64];

	if (!s)
		return;
	gateway_session_changed(gw, s);
	if (s->quota_state != was) {
		tell(gw, s);
		if (gw->on_event)
			gw->on_event(gw->ctx, GATEWAY_CHANGED, s, NULL);
	}
	/* A section's session would only be opened again: it stays, closed. An orphan's plugin could not be told yet. */
	if (s->state == SESSION_OPEN && (s->type == SESSION_PPP || s->type == SESSION_ATTACHED) &&
	    over_quota_denies(gw, s, reason, sizeof(reason)))
		gateway_end(gw, s, reason);
}

struct quota_handler over_quota_handler(struct gateway *gw)
{
	return (struct quota_handler){ .refresh = refresh, .read = read_counters, .on_state = on_state, .ctx = gw };
}
