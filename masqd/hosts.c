/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* From neighbours to sessions. */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/varlink-client.h"
#include "masqd/configured.h"
#include "masqd/hosts.h"
#include "masqd/neighbours.h"
#include "masqd/accounting.h"

/* Counters are read this many times in the shortest host-timeout: a silent host is noticed late by at most so much of it. */
enum { LOOKS = 8 };

/* Neighbours speak often: what cannot be done is not tried, and told of, each time. */
enum { PATIENCE_MS = 10000 };

struct hosts {
	struct gateway *gw;
	struct neighbours *neighbours;
	struct neighbours_handler handler;
	struct event *tick;
	bool is_full_said;
	int64_t patience_ms;	/* until then nobody else is made a session, since the last one could not be served */
};

static unsigned count_hosts(const struct gateway *gw, const struct network *network, unsigned ifindex)
{
	struct session *s, *next;
	unsigned count = 0;

	session_each_host(&gw->sessions, s, next)
		count += s->ifindex == ifindex && prefix_contains(&network->prefix, s->address.address);
	return count;
}

bool hosts_is_full(const struct gateway *gw, const struct network *network)
{
	const struct link *link = links_find_name(gw->links, network->interface);

	return link && network->hosts_max && count_hosts(gw, network, link->ifindex) >= network->hosts_max;
}

/* Can anybody be there? The gateway itself is not its own client. */
static bool is_possible(const struct gateway *gw, struct in_addr address)
{
	return !addr_objection(address) && !links_is_own(gw->links, address) && !links_is_broadcast(gw->links, address);
}

static bool has_room(struct hosts *hosts, const struct network *network, unsigned ifindex)
{
	if (count_hosts(hosts->gw, network, ifindex) < network->hosts_max)
		return true;
	/* Somebody may answer for every address there is. */
	if (!hosts->is_full_said && network->hosts_max)
		log_warn("network \"%s\": it has %u hosts, as hosts-max says: others are not told apart", network->name, network->hosts_max);
	hosts->is_full_said = true;
	return false;
}

static void arm(struct hosts *hosts)
{
	const struct conf *conf = hosts->gw->conf;
	struct timeval pace = { .tv_sec = 0 };

	for (unsigned i = 0; i < conf->network_count; i++) {
		time_t seconds = (conf->networks[i].host_timeout + LOOKS - 1) / LOOKS;

		if (!pace.tv_sec || seconds < pace.tv_sec)
			pace.tv_sec = seconds;
	}
	if (hosts->gw->sessions.by_host && pace.tv_sec)
		event_add(hosts->tick, &pace);
}

static struct session *open_host(struct hosts *hosts, const struct network *network, const struct link *link,
				 const struct neighbour *neighbour)
{
	struct prefix address = { .address = neighbour->address, .length = 32 };
	int64_t now_ms = varlink_now_ms();
	struct session *s;

	if (now_ms < hosts->patience_ms || !is_possible(hosts->gw, neighbour->address) || !has_room(hosts, network, link->ifindex))
		return NULL;
	s = configured_open(hosts->gw, SESSION_HOST, network->name, link, &address);
	if (!s)
		hosts->patience_ms = now_ms + PATIENCE_MS;
	else if (!event_pending(hosts->tick, EV_TIMEOUT, NULL))
		arm(hosts);
	return s;
}

/* What the kernel says of a host that has a session. */
static void update(struct hosts *hosts, struct session *s, const struct neighbour *neighbour)
{
	bool has_moved = *s->mac && *neighbour->mac && strcmp(s->mac, neighbour->mac) != 0;

	s->is_present = neighbour->state != NEIGHBOUR_GONE;
	s->is_fixed = neighbour->state == NEIGHBOUR_FIXED;
	if (!s->heard_ms || neighbour->state == NEIGHBOUR_CONFIRMED)
		s->heard_ms = varlink_now_ms();
	if (has_moved)
		log_info("%s: its MAC address is %s now, and was %s", session_text(s), neighbour->mac, s->mac);
	if (s->is_present && *neighbour->mac)
		memcpy(s->mac, neighbour->mac, sizeof(s->mac));
	if (has_moved && hosts->gw->on_event)
		hosts->gw->on_event(hosts->gw->ctx, GATEWAY_CHANGED, s, NULL);
}

static bool is_silent(const struct session *s, const struct network *network, int64_t now_ms)
{
	return now_ms - s->heard_ms >= (int64_t)network->host_timeout * 1000;
}

static void end_host(struct hosts *hosts, struct session *s)
{
	hosts->is_full_said = false;
	gateway_end(hosts->gw, s, "silent, and not found by ARP");
}

static void on_neighbour(void *ctx, const struct neighbour *neighbour)
{
	struct hosts *hosts = ctx;
	const struct link *link = links_find(hosts->gw->links, neighbour->ifindex);
	const struct network *network = link ? conf_find_network(hosts->gw->conf, link->name, neighbour->address) : NULL;
	struct session *s;

	if (!network)
		return;
	s = session_find_host(&hosts->gw->sessions, neighbour->ifindex, neighbour->address);
	if (!s && neighbour->state != NEIGHBOUR_GONE)
		s = open_host(hosts, network, link, neighbour);
	if (!s)
		return;
	update(hosts, s, neighbour);
	if (!s->is_present && is_silent(s, network, varlink_now_ms()))
		end_host(hosts, s);
}

/* Has it been silent for too long? Then the kernel asks it, and tells us. */
static void look_after(struct hosts *hosts, struct session *s, int64_t now_ms)
{
	const struct network *network = conf_find_network(hosts->gw->conf, s->ifname, s->address.address);

	if (s->rx.total != s->heard_rx || !s->heard_ms)
		s->heard_ms = now_ms;
	s->heard_rx = s->rx.total;
	if (!network || s->is_fixed || !is_silent(s, network, now_ms))
		return;
	if (s->is_present && neighbours_ask(hosts->neighbours, s->ifindex, s->address.address) == 0)
		return;
	end_host(hosts, s);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct hosts *hosts = ctx;
	struct session *s, *next;
	int64_t now_ms = varlink_now_ms();
	int rc = accounting_refresh_hosts(hosts->gw->elements, &hosts->gw->sessions, NULL);

	if (rc)
		log_warn("cannot read the counters of hosts: %s", strerror(-rc));
	session_each_host(&hosts->gw->sessions, s, next)
		if (!rc)
			look_after(hosts, s, now_ms);
	arm(hosts);
}

void hosts_look(struct hosts *hosts)
{
	struct session *s, *next;
	int rc;

	if (!hosts)
		return;
	session_each_host(&hosts->gw->sessions, s, next) {
		configured_find_network(hosts->gw, s);
		gateway_session_changed(hosts->gw, s);
	}
	rc = neighbours_replay(hosts->neighbours);
	if (rc)
		log_warn("cannot read the neighbours: %s", strerror(-rc));
	arm(hosts);
}

int hosts_open(struct hosts **out, struct gateway *gw)
{
	struct hosts *hosts = calloc(1, sizeof(*hosts));
	int rc = -ENOMEM;

	if (hosts) {
		hosts->gw = gw;
		hosts->handler = (struct neighbours_handler){ .on_neighbour = on_neighbour, .ctx = hosts };
		hosts->tick = evtimer_new(gw->base, on_tick, hosts);
		rc = hosts->tick ? neighbours_open(&hosts->neighbours, gw->base, &hosts->handler) : -ENOMEM;
	}
	if (rc) {
		log_error("cannot follow neighbours: %s", strerror(-rc));
		hosts_close(hosts);
		return rc;
	}
	*out = hosts;
	hosts_look(hosts);
	return 0;
}

void hosts_close(struct hosts *hosts)
{
	if (!hosts)
		return;
	neighbours_close(hosts->neighbours);
	if (hosts->tick)
		event_free(hosts->tick);
	free(hosts);
}
