/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "masqd/recovery.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "masqd/accounting.h"
#include "masqd/address6.h"
#include "masqd/assign.h"
#include "masqd/history.h"
#include "masqd/override.h"
#include "masqd/ports.h"
#include "masqd/translation.h"

/* Announced again within a second of masqd's return; whoever is not after this has a pppd that does not speak to us. */
static const struct timeval orphan_patience = { .tv_sec = 10 };

static const struct grant nothing;

/* A session that the kernel remembers: in force, and waiting to be announced again or found in the configuration. */
static void on_remembered(void *ctx, unsigned ifindex, const struct prefix *address, uint32_t serial, const char *note)
{
	struct gateway *gw = ctx;
	const struct link *link = links_find(gw->links, ifindex);
	struct choice choice;
	struct session *s;

	serial_seen(gw->serials, serial);
	if (!link)
		conntrack_flush_later(gw->conntrack, serial);
	if (!link || session_find(&gw->sessions, serial))
		return;
	s = session_new(&gw->sessions, serial, SESSION_PPP);
	if (!s)
		return;
	if (session_parse_note(s, note)) {
		log_warn("#%u: its note in the kernel cannot be read: \"%s\"", serial, note);
		session_free(&gw->sessions, s);
		return;
	}
	/* Only a pppd announces itself; the others need nobody. */
	s->is_remembered = true;
	s->state = s->type == SESSION_PPP ? SESSION_ORPHANED : SESSION_OPEN;
	s->address.length = address->length;
	session_set_address(&gw->sessions, s, address->address);
	session_set_ifindex(&gw->sessions, s, ifindex);
	snprintf(s->ifname, sizeof(s->ifname), "%s", link->name);
	override_load(gw, s);
	choice = assign_choose_again(gw, gw->conf, s);
	if (!choice.policy) {
		log_info("%s: closed: %s", session_text(s), choice.why);
		conntrack_flush_later(gw->conntrack, serial);
		session_free(&gw->sessions, s);
		return;
	}
	session_set_policy(s, choice.policy, &choice.layers);
	override_drop_unfit(gw, s);
}

static void on_remembered_public(void *ctx, uint32_t serial, const struct public *public)
{
	struct gateway *gw = ctx;
	struct session *s = session_find(&gw->sessions, serial);

	if (!s)
		return;
	if (public->port_first) {
		s->public.port_first = public->port_first;
		s->public.port_last = public->port_last;
	} else {
		s->public.address = public->address;
	}
}

/* An attached interface stays closed as long as it exists; the index of one that does not could come back. */
static void on_remembered_attached(void *ctx, unsigned ifindex)
{
	struct gateway *gw = ctx;

	if (!links_find(gw->links, ifindex))
		elements_detach(gw->elements, ifindex);
}

/* Its plugin could not be told that the session is over. It keeps its place as long as its interface is there: the kernel would send
 * there what is for the next one that has its address. */
static void quarantine(struct gateway *gw, struct session *s)
{
	s->is_quarantined = true;
	gateway_session_changed(gw, s);
	conntrack_flush_later(gw->conntrack, s->serial);
	log_warn("%s: closed: not announced again after a restart of masqd; it is orphaned until %s is gone", session_text(s), s->ifname);
	if (gw->on_event)
		gw->on_event(gw->ctx, GATEWAY_CHANGED, s, NULL);
}

static void on_patience_over(evutil_socket_t fd, short what, void *ctx)
{
	struct gateway *gw = ctx;
	struct session *s, *next;
	unsigned recovered = 0, lost = 0;

	session_each(&gw->sessions, s, next) {
		if (s->state == SESSION_ORPHANED) {
			lost++;
			quarantine(gw, s);
		} else if (s->is_remembered) {
			recovered++;
		}
	}
	history_sweep(gw);
	log_info("recovered %u, lost %u", recovered, lost);
	override_sweep(gw);
}

int recovery_run(struct gateway *gw)
{
	struct elements_memory memory = {
		.on_session = on_remembered, .on_address6 = address6_on_remembered, .on_public = on_remembered_public,
		.on_attached = on_remembered_attached, .on_forward = ports_on_remembered, .ctx = gw
	};
	struct session *s, *next;
	int rc;

	/* What was kept of each is read under one lock of the file. */
	store_share(gw->store);
	elements_begin(gw->elements);
	rc = elements_dump(gw->elements, &memory);
	if (!rc)
		rc = accounting_sweep(gw->elements, &gw->sessions);
	if (rc)
		log_error("cannot read what the kernel remembers: %s", strerror(-rc));
	else
		elements_commit(gw->elements);	/* if it fails, there is only more left for the next start to tidy up */
	session_sort(&gw->sessions);
	translation_recover(gw);
	ports_recover(gw);
	if (!rc)
		history_flush_lost(gw);
	session_each(&gw->sessions, s, next) {
		/* The last masqd may have died between its elements and the rest. */
		if (s->grant.is_open && !links_find(gw->links, s->grant.ifindex)->forwards)
			gateway_enable_forwarding(gw, s);
		framed_route_replace(gw->routes, &nothing, &s->grant);
		expiry_replace(gw->expiry, &nothing, &s->grant);
	}
	if (gw->sessions.by_serial)
		event_add(gw->patience_with_orphans, &orphan_patience);
	store_unshare(gw->store);
	return rc;
}

bool recovery_is_waiting(const struct gateway *gw)
{
	return evtimer_pending(gw->patience_with_orphans, NULL);
}

int recovery_open(struct gateway *gw)
{
	gw->patience_with_orphans = evtimer_new(gw->base, on_patience_over, gw);
	return gw->patience_with_orphans ? 0 : -ENOMEM;
}

void recovery_close(struct gateway *gw)
{
	if (gw->patience_with_orphans)
		event_free(gw->patience_with_orphans);
}
