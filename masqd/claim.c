/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <string.h>

#include "masqd/claim.h"

/* Does the grant have a port of this forward in force? */
static bool holds(const struct grant *grant, const struct forward *forward)
{
	for (unsigned i = 0; i < FORWARDS_MAX; i++) {
		const struct grant_forward *had = &grant->forwards[i];
		struct forward other = { .is_tcp = had->is_tcp, .is_udp = had->is_udp, .first = had->first, .last = had->last };

		if (had->first && forward_overlap(&other, forward))
			return true;
	}
	return false;
}

/* Is all of it in force already? */
static bool has(const struct grant *grant, const struct forward *forward)
{
	for (unsigned i = 0; i < FORWARDS_MAX; i++) {
		const struct grant_forward *had = &grant->forwards[i];

		if (had->first == forward->first && had->last == forward->last && had->is_tcp == forward->is_tcp &&
		    had->is_udp == forward->is_udp && had->to_port == forward->to_port)
			return true;
	}
	return false;
}

void claim_forwards(const struct session_table *table, struct session *s)
{
	const struct session *other, *next;

	memset(s->forward_holders, 0, sizeof(s->forward_holders));
	if (!s->policy || !s->policy->forwards.count || s->type == SESSION_HOST)
		return;
	session_each(table, other, next) {
		if (other == s || !other->grant.has_forwards)
			continue;
		for (unsigned i = 0; i < s->policy->forwards.count; i++)
			if (!s->forward_holders[i] && holds(&other->grant, &s->policy->forwards.forwards[i]))
				s->forward_holders[i] = other->serial;
	}
}

void claim_nothing_new(struct session *s)
{
	for (unsigned i = 0; i < FORWARDS_MAX; i++) {
		if (!s->policy || i >= s->policy->forwards.count || s->type == SESSION_HOST || has(&s->grant, &s->policy->forwards.forwards[i]))
			s->forward_holders[i] = 0;
		else if (!s->forward_holders[i])
			s->forward_holders[i] = s->serial;
	}
}

bool claim_is_waiting(const struct session *s)
{
	for (unsigned i = 0; i < FORWARDS_MAX; i++)
		if (s->forward_holders[i])
			return true;
	return false;
}
