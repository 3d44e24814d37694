/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <utlist.h>

#include "lib/ip.h"
#include "lib/log.h"
#include "lib/varlink-client.h"
#include "masqd/probe.h"
#include "masqd/publish.h"

/* A session that waits. */
struct probe {
	struct probe *prev, *next;
	struct gateway *gw;
	uint32_t serial;
	bool may_move;
	unsigned tries;
	struct event *timeout;
	void (*done)(struct gateway *gw, struct session *s, const struct arp_event *in_use);
};

static struct probe *find(const struct gateway *gw, const struct session *s)
{
	struct probe *probe;

	DL_FOREACH(gw->probes, probe)
		if (probe->serial == s->serial)
			return probe;
	return NULL;
}

static void drop(struct gateway *gw, struct probe *probe)
{
	DL_DELETE(gw->probes, probe);
	if (probe->timeout)
		event_free(probe->timeout);
	free(probe);
}

static void on_timeout(evutil_socket_t fd, short what, void *ctx)
{
	struct probe *probe = ctx;
	struct session *s = session_find(&probe->gw->sessions, probe->serial);

	if (!s)
		return;
	log_info("%s: masq-arpd has not said in %d ms whether its address is free", session_text(s), PROBE_WAIT_MS);
	probe->done(probe->gw, s, NULL);
}

static bool ask(struct gateway *gw, const struct session *s)
{
	json_t *interfaces;

	if (!s->policy->proxy_arp || !s->address.address.s_addr)
		return false;
	interfaces = publish_interfaces(gw, s->policy, s->address.address);
	if (json_array_size(interfaces))
		return arp_probe(gw->arp, s->address.address, interfaces);
	json_decref(interfaces);
	return false;
}

bool probe_begin(struct gateway *gw, struct session *s, bool may_move,
		 void (*done)(struct gateway *gw, struct session *s, const struct arp_event *in_use))
{
	struct timeval wait = { .tv_usec = PROBE_WAIT_MS * 1000 };
	struct probe *probe;

	if (!ask(gw, s))
		return false;
	probe = calloc(1, sizeof(*probe));
	if (!probe)
		return false;
	*probe = (struct probe){ .gw = gw, .serial = s->serial, .may_move = may_move, .tries = 1, .done = done };
	DL_APPEND(gw->probes, probe);
	probe->timeout = evtimer_new(gw->base, on_timeout, probe);
	if (probe->timeout && event_add(probe->timeout, &wait) == 0)
		return true;
	drop(gw, probe);
	return false;
}

bool probe_again(struct gateway *gw, const struct session *s)
{
	struct probe *probe = find(gw, s);

	if (!probe || !ask(gw, s))
		return false;
	probe->tries++;
	return true;
}

bool probe_may_move(const struct gateway *gw, const struct session *s)
{
	const struct probe *probe = find(gw, s);

	return probe && probe->may_move && probe->tries < PROBE_TRIES_MAX;
}

bool probe_is_waiting(const struct gateway *gw, const struct session *s)
{
	return find(gw, s) != NULL;
}

void probe_forget(struct gateway *gw, const struct session *s)
{
	struct probe *probe = find(gw, s);

	if (probe)
		drop(gw, probe);
}

struct session *probe_find_owner(const struct gateway *gw, const struct in6_addr *address)
{
	struct in_addr v4 = ip_to_v4(address);
	struct session *s;

	if (!ip_is_v4(address)) {
		s = session_find_address6(&gw->sessions, address);
		return s && s->grant.ipv6 == IPV6_MODE_PROXY ? s : NULL;
	}
	s = session_find_address(&gw->sessions, v4);
	if (!s)
		s = session_find_ifindex(&gw->sessions, framed_route_find(gw->routes, v4));
	return s && s->policy && s->policy->proxy_arp ? s : NULL;
}

/* The one that waits for what is said of this address. */
static struct probe *find_waiting(const struct gateway *gw, const struct session *s, const struct in6_addr *address)
{
	return s && ip_is_v4(address) ? find(gw, s) : NULL;
}

static bool has_owner(void *ctx, const struct in6_addr *address)
{
	return probe_find_owner(ctx, address) != NULL;
}

/* Whoever has been heard of before is told of again, by masq-arpd. */
void probe_on_listening(struct gateway *gw)
{
	conflicts_drop_owned(&gw->conflicts, has_owner, gw);
}

const char *probe_text(const struct arp_event *in_use, char text[PROBE_TEXT_MAX])
{
	char address[IP_TEXT_MAX];

	snprintf(text, PROBE_TEXT_MAX, "%s is in use on %s by %s", ip_text(&in_use->address, address), in_use->interface,
		 *in_use->mac ? in_use->mac : "an unknown host");
	return text;
}

static void tell_changed(struct gateway *gw, struct session *s)
{
	if (gw->on_event)
		gw->on_event(gw->ctx, GATEWAY_CHANGED, s, NULL);
}

static void on_conflict(struct gateway *gw, struct session *s, const struct arp_event *event)
{
	int64_t now_ms = varlink_now_ms();
	bool is_news = conflicts_note(&gw->conflicts, event, now_ms);
	struct probe *probe = find_waiting(gw, s, &event->address);
	char text[PROBE_TEXT_MAX];

	conflicts_sweep(&gw->conflicts, now_ms, has_owner, gw);
	if (probe) {
		probe->done(gw, s, event);
	} else if (is_news) {
		log_warn("%s: address %s too", session_text(s), probe_text(event, text));
		tell_changed(gw, s);
	}
}

/* Of others' addresses nothing is remembered, so that no LAN can fill the memory. */
void probe_on_event(struct gateway *gw, const struct arp_event *event)
{
	struct session *s = probe_find_owner(gw, &event->address);
	struct probe *probe = find_waiting(gw, s, &event->address);
	char text[IP_TEXT_MAX];

	switch (event->what) {
	case ARP_FREE:
		conflicts_forget(&gw->conflicts, &event->address, "");
		if (probe)
			probe->done(gw, s, NULL);
		break;
	case ARP_CONFLICT:
		/* What was before it is no conflict of this session's. Each clock cuts off its part of a second: in doubt it was after. */
		if (s && (!event->heard || time(NULL) - event->heard <= session_age(s) + 1))
			on_conflict(gw, s, event);
		break;
	case ARP_RESOLVED:
		if (!conflicts_forget(&gw->conflicts, &event->address, event->interface) || !s)
			break;
		log_info("%s: address %s is its alone again on %s", session_text(s), ip_text(&event->address, text), event->interface);
		tell_changed(gw, s);
		break;
	}
}

void probe_close(struct gateway *gw)
{
	struct probe *probe, *next;

	DL_FOREACH_SAFE(gw->probes, probe, next)
		drop(gw, probe);
	conflicts_free(&gw->conflicts);
}
