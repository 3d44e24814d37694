/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Every event ends in reconcile(): those of one moment in one call, and every few seconds for what nothing reports. */

#include "arpd/arpd.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <string.h>
#include <utlist.h>

#include "arpd/detection.h"
#include "arpd/engine.h"
#include "arpd/reconcile.h"
#include "arpd/route.h"
#include "lib/log.h"
#include "lib/notify.h"
#include "lib/varlink-client.h"

/* What one event begins, such as a line that comes up, is several events. */
static const struct timeval SOON = { .tv_usec = 5 * 1000 };
static const struct timeval TICK = { .tv_sec = 1 };
/* Looking at everything takes one part in so many of the time at most, unless an event asks for it. */
enum { LOOK_SHARE = 20 };

/* How long holders have after a start until what an earlier run's responder answers for is taken to be what they publish now. */
enum { SETTLE_MS = 10000 };

/* A list that changed while it was made is asked for again this often before giving up at start. */
#define ADOPT_TRIES 10

static void soon(struct arpd *arpd)
{
	if (!evtimer_pending(arpd->soon, NULL))
		event_add(arpd->soon, &SOON);
}

void arpd_look_soon(struct arpd *arpd)
{
	arpd->needs_all = true;
	soon(arpd);
}

static void look(struct arpd *arpd)
{
	int64_t begin_ms = varlink_now_ms();
	int rc;

	/* What has happened to an interface comes before what the kernel has of it. */
	netlink_monitor_catch_up(arpd->monitor);
	arpd->needs_all = false;
	rc = reconcile(&arpd->publisher, &arpd->foreign, arpd->conf->cleans_foreign);
	/* The next tick tries again. */
	if (rc && rc != arpd->look_error)
		log_warn("cannot look at the proxy neighbours: %s", strerror(-rc));
	arpd->look_error = rc;
	arpd->look_ms = begin_ms + LOOK_SHARE * (varlink_now_ms() - begin_ms);
}

static void on_soon(evutil_socket_t fd, short what, void *ctx)
{
	struct arpd *arpd = ctx;

	(void)fd;
	(void)what;
	if (arpd->needs_all)
		look(arpd);
	else
		reconcile_stale(&arpd->publisher);
}

/* One address of the configuration. What has been said of it is not said again. */
static void publish_one(struct arpd *arpd, struct holder *holder, const struct conf_publication *publication, const struct in6_addr *address,
			bool is_said)
{
	char text[IP_TEXT_MAX];
	const char *objection = publisher_publish(&arpd->publisher, holder, address, (const char *const *)publication->interfaces,
						  publication->interface_count, false);

	if (objection && !is_said)
		log_warn("cannot publish: %s: %s", ip_text(address, text), objection);
	arpd->lacks_configured |= objection == PUBLISHER_NO_MEMORY;
}

/* Publishes what the configuration says, and withdraws what it does not say any more. */
static void publish_configured(struct arpd *arpd)
{
	struct publisher *publisher = &arpd->publisher;
	struct holder *holder = table_hold(&publisher->table, ARPD_CONFIGURATION, arpd);
	bool is_again = arpd->lacks_configured;

	publisher->is_announcing = arpd->conf->announce;
	publisher->is_probing = arpd->conf->probe;
	prober_set_wait(publisher->prober, arpd->conf->probe_wait_ms);
	publisher->engine = arpd->conf->engine;
	publisher->bpf_from = arpd->conf->bpf_from;
	publisher->responder_error = 0;
	arpd->lacks_configured = !holder;
	if (!holder) {
		if (!is_again)
			log_error("cannot publish the configuration's addresses: %s", strerror(ENOMEM));
		return;
	}
	for (size_t i = 0; i < arpd->conf->publication_count; i++) {
		const struct conf_publication *publication = &arpd->conf->publications[i];
		struct in6_addr address = publication->prefix.address;

		for (; ip_prefix_contains(&publication->prefix, &address); address = ip_next(&address))
			publish_one(arpd, holder, publication, &address, is_again);
	}
	table_sweep(&publisher->table, holder, false);
}

/* Nothing reports a proxy neighbour that somebody deletes. */
static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct arpd *arpd = ctx;

	(void)fd;
	(void)what;
	if (arpd->lacks_configured)
		publish_configured(arpd);
	if (varlink_now_ms() >= arpd->look_ms)
		look(arpd);
	detection_age(&arpd->publisher);
	publisher_second(&arpd->publisher);
	if (varlink_now_ms() >= arpd->settle_ms)
		engine_settle(&arpd->publisher);
}

/* ---- events: each makes the routes of the entries it concerns uncertain, or asks for a look at everything */

/* Does the prefix end before the address? */
static bool is_below(const struct ip_prefix *prefix, const struct in6_addr *address)
{
	struct ip_prefix same = ip_prefix_of(address, prefix->length);

	return memcmp(&prefix->address, &same.address, sizeof(same.address)) < 0;
}

/* Entries that are routed by an interface, or whose address a route is about; either may be 0 or NULL. */
static void make_stale(struct arpd *arpd, int interface, const struct ip_prefix *destination)
{
	struct lan *lan;
	struct entry *entry;
	bool is_any = false;

	/* A table of routes that is loaded is about everything else. */
	if (destination && (memcmp(&destination->address, &arpd->publisher.table.highest, sizeof(destination->address)) > 0 ||
			    is_below(destination, &arpd->publisher.table.lowest)))
		return;
	LL_FOREACH(arpd->publisher.table.lans, lan) {
		if (destination && destination->length == 128) {
			entry = table_find(lan, &destination->address);
			if (entry)
				entry->is_route_known = !(is_any = true);
			continue;
		}
		for (entry = lan->entries; entry; entry = entry->hh.next)
			if (interface ? entry->route_interface == interface : ip_prefix_contains(destination, &entry->address))
				entry->is_route_known = !(is_any = true);
	}
	if (is_any)
		soon(arpd);
}

static void make_all_stale(struct arpd *arpd)
{
	static const struct ip_prefix everything;

	make_stale(arpd, 0, &everything);
}

static void on_link(struct arpd *arpd, struct nlmsghdr *header)
{
	char name[IFNAMSIZ] = "";
	struct lan *lan = NULL;
	bool has_carrier = true;
	int index = 0;

	if (link_parse_notice(header, &index, name, &has_carrier))
		lan = table_find_lan_index(&arpd->publisher.table, index);
	if (!lan && *name)
		lan = table_find_lan(&arpd->publisher.table, name);
	/* It may have its carrier again when it is looked at. */
	if (lan && !has_carrier) {
		lan->link.has_carrier = false;
		lan->was_down = true;
	}
	if (lan)
		arpd_look_soon(arpd);
	/* An interface that goes down takes its routes along, and nothing else says so; a LAN may be another one's way to a client. */
	if (index)
		make_stale(arpd, index, NULL);
}

static void on_message(void *ctx, struct nlmsghdr *header)
{
	struct arpd *arpd = ctx;
	const struct ifaddrmsg *address = nlmsg_data(header);
	struct ip_prefix destination;

	switch (header->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		on_link(arpd, header);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		if (table_find_lan_index(&arpd->publisher.table, (int)address->ifa_index))
			arpd_look_soon(arpd);
		break;
	case RTM_NEWRULE:
	case RTM_DELRULE:
		make_all_stale(arpd);
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		/* By a default route nothing is published. */
		if (route_parse_notice(header, &destination) && destination.length && destination.length != 96)
			make_stale(arpd, 0, &destination);
		break;
	}
}

static void on_overrun(void *ctx)
{
	log_debug("notifications were lost");
	make_all_stale(ctx);
	arpd_look_soon(ctx);
}

const char *arpd_publish_prefix(struct arpd *arpd, struct holder *holder, const struct ip_prefix *prefix, const char *const lans[],
				size_t count)
{
	struct in6_addr address = prefix->address;
	const char *objection = NULL;

	/* All of it or nothing. */
	for (; !objection && ip_prefix_contains(prefix, &address); address = ip_next(&address))
		objection = publisher_objection(&arpd->publisher, &address);
	for (address = prefix->address; !objection && ip_prefix_contains(prefix, &address); address = ip_next(&address))
		objection = publisher_publish(&arpd->publisher, holder, &address, lans, count, false);
	return objection;
}

void arpd_withdraw_prefix(struct arpd *arpd, struct holder *holder, const struct ip_prefix *prefix, const char *const lans[], size_t count)
{
	struct in6_addr address = prefix->address;

	for (; ip_prefix_contains(prefix, &address); address = ip_next(&address))
		table_withdraw_from(&arpd->publisher.table, holder, &address, lans, count);
}

void arpd_reload(struct arpd *arpd)
{
	struct conf *conf = conf_load(arpd->path);

	if (!conf) {
		log_error("configuration not reloaded: the one before stays in force");
		return;
	}
	notify_reloading();
	if (strcmp(conf->socket, arpd->conf->socket) != 0)
		log_warn("socket: a change needs a restart");
	conf_free(arpd->conf);
	arpd->conf = conf;
	arpd->lacks_configured = false;
	publish_configured(arpd);
	log_info("configuration reloaded");
	notify_ready();
}

static int follow_kernel(struct arpd *arpd)
{
	static const int groups[] = { RTNLGRP_LINK,	   RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV4_RULE,
				      RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_ROUTE,	RTNLGRP_IPV6_RULE,  0 };

	arpd->handler = (struct netlink_monitor_handler){ .on_message = on_message, .on_overrun = on_overrun, .ctx = arpd };
	arpd->soon = evtimer_new(arpd->base, on_soon, arpd);
	arpd->tick = event_new(arpd->base, -1, EV_PERSIST, on_tick, arpd);
	if (!arpd->soon || !arpd->tick || event_add(arpd->tick, &TICK))
		return -ENOMEM;
	return netlink_monitor_open(&arpd->monitor, arpd->base, NETLINK_ROUTE, groups, &arpd->handler);
}

static void on_event(void *ctx, const char *what, const struct in6_addr *address, const char *interface, const unsigned char *mac)
{
	struct arpd *arpd = ctx;

	listeners_tell(&arpd->listeners, what, address, interface, mac);
}

int arpd_open(struct arpd *arpd)
{
	int rc;

	arpd->started = time(NULL);
	clock_gettime(CLOCK_MONOTONIC, &arpd->started_monotonic);
	arpd->publisher.on_event = on_event;
	arpd->publisher.ctx = arpd;
	rc = publisher_open(&arpd->publisher, arpd->base);
	/* Listen before looking: what happens in between is not missed. */
	if (!rc)
		rc = follow_kernel(arpd);
	if (!rc) {
		for (int i = 0; i < ADOPT_TRIES; i++) {
			rc = reconcile_adopt(&arpd->publisher);
			if (rc != -EINTR)
				break;
		}
	}
	if (rc)
		return rc;
	arpd->publisher.is_settled = !responder_is_left();
	arpd->settle_ms = varlink_now_ms() + SETTLE_MS;
	publish_configured(arpd);
	look(arpd);
	return 0;
}

void arpd_close(struct arpd *arpd)
{
	netlink_monitor_close(arpd->monitor);
	if (arpd->soon)
		event_free(arpd->soon);
	if (arpd->tick)
		event_free(arpd->tick);
	publisher_close(&arpd->publisher);
	foreign_free(&arpd->foreign);
	conf_free(arpd->conf);
}
