/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <string.h>

#include "lib/log.h"
#include "masqd/claim.h"
#include "masqd/ports.h"

void ports_each_uplink_address(struct gateway *gw, void (*put)(struct elements *elements, struct in_addr address))
{
	for (unsigned i = 0; i < gw->conf->uplink_count; i++) {
		const struct link *link = links_find_name(gw->links, gw->conf->uplinks[i].interface);

		for (unsigned k = 0; link && k < link->address_count; k++)
			put(gw->elements, link->addresses[k].address);
	}
}

void ports_put_uplink_addresses(struct gateway *gw)
{
	elements_flush_uplink_addresses(gw->elements);
	ports_each_uplink_address(gw, elements_add_uplink_address);
}

int ports_follow_uplinks(struct gateway *gw)
{
	elements_begin(gw->elements);
	ports_put_uplink_addresses(gw);
	return elements_commit(gw->elements);
}

void ports_forget(struct gateway *gw, const struct session *s, const struct grant *grant, const struct grant *other)
{
	struct in_addr addresses[FORWARDS_MAX];
	unsigned count = 0;
	int rc;

	if (!grant->has_forwards || (other->has_forwards && other->address.address.s_addr == grant->address.address.s_addr))
		return;
	for (unsigned i = 0; i < FORWARDS_MAX; i++)
		if (grant->forwards[i].first)
			addresses[count++] = grant->forwards[i].to_address;
	rc = conntrack_flush_forwarded(gw->conntrack, addresses, count);
	if (rc)
		log_warn("%s: cannot delete connections to its address: %s", session_text(s), strerror(-rc));
}

void ports_claim(struct gateway *gw, struct session *s)
{
	uint32_t before[FORWARDS_MAX];

	if (s->state == SESSION_ADMITTED || !gw->is_running)
		return;
	memcpy(before, s->forward_holders, sizeof(before));
	claim_forwards(&gw->sessions, s);
	for (unsigned i = 0; s->policy && i < s->policy->forwards.count; i++) {
		const char *name = s->policy->forwards.forwards[i].name;

		if (s->forward_holders[i] && s->forward_holders[i] != before[i])
			log_info("%s: forward %s: taken by #%u", session_text(s), name, s->forward_holders[i]);
		else if (before[i] && before[i] != s->serial && !s->forward_holders[i])
			log_info("%s: forward %s: free again", session_text(s), name);
	}
}

void ports_give(struct gateway *gw)
{
	struct session *s, *next;

	session_each(&gw->sessions, s, next) {
		struct grant had = s->grant;

		if (s->state == SESSION_ADMITTED || !claim_is_waiting(s) || gateway_session_changed(gw, s) || grant_equal(&had, &s->grant))
			continue;
		if (gw->on_event)
			gw->on_event(gw->ctx, GATEWAY_CHANGED, s, NULL);
	}
}

/* Only a line's address is one session's. */
void ports_on_remembered(void *ctx, struct in_addr to)
{
	struct gateway *gw = ctx;
	struct session *s = session_find_address(&gw->sessions, to);

	if (s)
		s->is_holder = true;
}

static void decide_remembered(struct gateway *gw, bool is_holder)
{
	struct session *s, *next;

	session_each(&gw->sessions, s, next) {
		if (s->is_holder != is_holder)
			continue;
		claim_forwards(&gw->sessions, s);
		s->grant = policy_decide(s);
	}
}

void ports_recover(struct gateway *gw)
{
	struct session *s, *next;

	session_each(&gw->sessions, s, next)
		s->grant.has_forwards = false;
	decide_remembered(gw, true);
	decide_remembered(gw, false);
}
