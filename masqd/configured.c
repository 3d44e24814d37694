/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Who needs nobody's admission. */

#include "config.h"

#include "lib/log.h"
#include "masqd/assign.h"
#include "masqd/configured.h"
#include "masqd/translation.h"

void configured_find_network(struct gateway *gw, struct session *host)
{
	struct session *s, *next;

	host->network_serial = 0;
	session_each(&gw->sessions, s, next)
		if (s->type == SESSION_NETWORK && s->ifindex == host->ifindex && prefix_contains(&s->address, host->address.address))
			host->network_serial = s->serial;
}

struct session *configured_open(struct gateway *gw, enum session_type type, const char *name, const struct link *link,
				const struct prefix *address)
{
	struct session *s = session_new(&gw->sessions, gateway_next_serial(gw), type);
	struct line line = { .ifname = link->name, .user = name };
	struct choice choice;

	if (!s)
		return NULL;
	session_set_line(s, &line);
	s->address.length = address->length;
	session_set_address(&gw->sessions, s, address->address);
	session_set_ifindex(&gw->sessions, s, link->ifindex);
	if (type == SESSION_HOST)
		configured_find_network(gw, s);
	choice = assign_choose(gw, gw->conf, s, &s->live);
	session_set_policy(s, choice.policy, &choice.layers);
	if (!s->policy)
		log_warn("%s: cannot be served: %s", session_text(s), choice.why);
	s->state = SESSION_OPEN;
	if (s->policy && translation_assign(gw, s)) {
		log_warn("%s: cannot be served: " TRANSLATION_EXHAUSTED, session_text(s));
		session_free(&gw->sessions, s);
		return NULL;
	}
	if (!s->policy || gateway_session_changed(gw, s)) {
		translation_leave(gw, s, false);
		session_free(&gw->sessions, s);
		return NULL;
	}
	log_info("%s: open: %s, policy %s", session_text(s), session_type_text(type), s->policy->name);
	if (gw->on_event)
		gw->on_event(gw->ctx, GATEWAY_OPEN, s, NULL);
	return s;
}
