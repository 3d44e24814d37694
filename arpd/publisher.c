/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* One entry and one LAN at a time; reconcile.c goes through all of them. */

#include "arpd/publisher.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/socket.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <utlist.h>

#include "arpd/defence.h"
#include "arpd/delay.h"
#include "arpd/detection.h"
#include "arpd/engine.h"
#include "arpd/hearing.h"
#include "arpd/inquiry.h"
#include "arpd/route.h"
#include "lib/log.h"
#include "lib/netlink.h"

const char *publisher_link_objection(const struct link *link)
{
	if (!link->index)
		return "there is no such interface";
	if (!link->is_ethernet)
		return "it is no Ethernet with ARP";
	if (link->is_port)
		return "it is a port of a bridge or a bond";
	return link->is_up ? NULL : "it is down";
}

/* Lines a second. */
enum { LINES_MAX = 32 };
/* From so many waiting changes on it is worth asking which engine they are for. */
enum { CHOOSE_FROM = 16 };

void publisher_say(struct publisher *publisher, const char *format, ...)
{
	char line[256];
	va_list arguments;

	if (publisher->lines++ >= LINES_MAX)
		return;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	log_info("%s", line);
}

void publisher_second(struct publisher *publisher)
{
	if (publisher->lines > LINES_MAX)
		log_info("... and %u more like these", publisher->lines - LINES_MAX);
	publisher->lines = 0;
}

static void on_unwanted(void *ctx, struct entry *entry, const char *reason)
{
	publisher_remove(ctx, entry, reason);
}

static void on_flush(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	publisher_flush(ctx);
}

int publisher_open(struct publisher *publisher, struct event_base *base)
{
	int rc;

	publisher->table.on_unwanted = on_unwanted;
	publisher->table.ctx = publisher;
	publisher->handler = (struct wire_handler){ .on_arp = defence_hear_arp, .on_nd = defence_hear_nd, .ctx = publisher };
	publisher->sock = netlink_request_open(NETLINK_ROUTE);
	if (!publisher->sock)
		return -errno;
	publisher->flush = evtimer_new(base, on_flush, publisher);
	if (!publisher->flush)
		return -ENOMEM;
	rc = wire_open(&publisher->wire, base, &publisher->handler);
	if (!rc)
		rc = announcer_open(&publisher->announcer, base, publisher->wire);
	return rc ? rc : prober_open(&publisher->prober, base, publisher->wire, detection_on_probe, publisher);
}

void publisher_close(struct publisher *publisher)
{
	struct lan *lan;

	if (publisher->flush) {
		publisher_flush(publisher);
		event_free(publisher->flush);
	}
	LL_FOREACH(publisher->table.lans, lan)
		delay_return(publisher->sock, lan);
	inquiry_free(publisher);
	/* What is published goes on to be answered for. */
	responder_leave(publisher->responder);
	prober_close(publisher->prober);
	announcer_close(publisher->announcer);
	wire_close(publisher->wire);
	neighbour_batch_free(&publisher->batch);
	conflict_free(&publisher->conflicts);
	table_free(&publisher->table);
	if (publisher->sock)
		nl_socket_free(publisher->sock);
}

/* ---- what is true of an entry */

static void take_route(struct entry *entry, const struct route *route)
{
	entry->is_route_known = true;
	entry->route_interface = 0;
	entry->has_host_route = false;
	if (route->type != RTN_UNICAST || !route->length || route->interface == entry->lan->link.index)
		return;
	entry->route_interface = route->interface ? route->interface : -1;
	entry->has_host_route = route->length == (entry_family(entry) == FAMILY_IPV4 ? 32 : 128);
}

static void look_at_route(struct publisher *publisher, struct entry *entry)
{
	struct route route;

	/* Better one entry too many for a while than a living client unheard. */
	if (route_get(publisher->sock, &entry->address, &route) == 0)
		take_route(entry, &route);
}

/* ---- what is done about it */

static void log_published(struct publisher *publisher, const struct entry *entry)
{
	char text[IP_TEXT_MAX];
	const struct claim *claim;

	LL_FOREACH(entry->claims, claim)
		if (claim_is_living(claim))
			break;
	publisher_say(publisher, "%s published on %s%s%s", ip_text(&entry->address, text), entry->lan->name, claim ? " for " : "",
		 claim ? claim->holder->name : "");
}

/* It is answered for from now on. */
void publisher_installed(struct publisher *publisher, struct entry *entry)
{
	entry->error = 0;
	entry->is_installed = true;
	if (publisher->is_switching && entry_family(entry) == FAMILY_IPV4)
		return;
	if (publisher->is_announcing)
		announcer_add(publisher->announcer, entry, ANNOUNCE_NUM);
	log_published(publisher, entry);
}

static void on_failed(struct entry *entry, int rc)
{
	char text[IP_TEXT_MAX];

	if (rc == entry->error)
		return;
	entry->error = rc;
	if (rc == -EEXIST)
		log_warn("cannot publish: %s on %s: somebody else's proxy neighbour is there, and stays", ip_text(&entry->address, text),
			 entry->lan->name);
	else
		log_warn("cannot publish: %s on %s: %s", ip_text(&entry->address, text), entry->lan->name, strerror(-rc));
}

static void on_result(void *ctx, const struct neighbour_change *change, int rc)
{
	struct publisher *publisher = ctx;
	struct entry *entry = change->data;
	char text[IP_TEXT_MAX];

	if (!change->is_addition) {
		if (rc)
			log_warn("cannot withdraw: %s: %s", ip_text(&change->address, text), strerror(-rc));
		return;
	}
	entry->pending = 0;
	if (rc) {
		on_failed(entry, rc);
		return;
	}
	publisher_installed(publisher, entry);
}

void publisher_flush_soon(struct publisher *publisher)
{
	if (!publisher->batch.count && !publisher->is_deaf)
		event_active(publisher->flush, EV_TIMEOUT, 0);
}

void publisher_flush(struct publisher *publisher)
{
	if (publisher->is_deaf)
		hearing_now(publisher);
	if (!publisher->batch.count)
		return;
	/* Before so many go to where they will not stay. */
	if (publisher->batch.count > CHOOSE_FROM && !publisher->is_switching)
		engine_choose(publisher);
	neighbour_run(&publisher->batch, publisher->sock, on_result, publisher);
}

/* Additions and deletions do not wait together, since each batch looks only once at what is there. */
static void make_room(struct publisher *publisher, bool is_addition)
{
	struct neighbour_batch *batch = &publisher->batch;

	if (batch->count && batch->changes[batch->count - 1].is_addition != is_addition)
		publisher_flush(publisher);
	publisher_flush_soon(publisher);
}

void publisher_install(struct publisher *publisher, struct entry *entry)
{
	if (entry->is_installed || entry->pending)
		return;
	hearing_add(publisher, &entry->address);
	if (engine_install(publisher, entry))
		return;
	make_room(publisher, true);
	entry->is_responders = false;
	entry->pending = neighbour_add(&publisher->batch, entry->lan->link.index, &entry->address, entry);
	if (!entry->pending)
		on_failed(entry, -ENOMEM);
}

void publisher_leave_kernel(struct publisher *publisher, const struct entry *entry)
{
	make_room(publisher, false);
	neighbour_del(&publisher->batch, entry->lan->link.index, &entry->address);
}

/* Nobody answers for it any more. */
static void uninstall(struct publisher *publisher, struct entry *entry)
{
	announcer_del(publisher->announcer, entry);
	if (entry->pending)
		neighbour_cancel(&publisher->batch, entry->pending);
	entry->pending = 0;
	if (!entry->is_installed)
		return;
	entry->is_installed = false;
	if (entry->is_responders)
		engine_uninstall(publisher, entry);
	else
		publisher_leave_kernel(publisher, entry);
}

static const char *why_silent(const struct entry *entry)
{
	if (entry->is_in_conflict)
		return "a host there has it";
	return entry->route_interface ? "its holder is gone" : "no route leads to it";
}

void publisher_follow(struct publisher *publisher, struct entry *entry)
{
	char text[IP_TEXT_MAX];

	if (!entry->lan->is_ready)
		return;
	if (!entry->is_route_known)
		look_at_route(publisher, entry);
	detection_look(publisher, entry);
	if (entry_is_wanted(entry)) {
		publisher_install(publisher, entry);
		return;
	}
	if (entry->is_installed)
		publisher_say(publisher, "%s on %s is silent: %s", ip_text(&entry->address, text), entry->lan->name, why_silent(entry));
	entry->error = 0;
	uninstall(publisher, entry);
}

/* ---- a LAN's interface */

/* The kernel has dropped its entries with the interface, or will be asked. */
static void forget_installed(struct publisher *publisher, struct lan *lan)
{
	struct entry *entry;

	for (entry = lan->entries; entry; entry = entry->hh.next) {
		announcer_del(publisher->announcer, entry);
		if (entry->pending)
			neighbour_cancel(&publisher->batch, entry->pending);
		entry->pending = 0;
		if (entry->is_installed && entry->is_responders)
			engine_uninstall(publisher, entry);
		entry->is_installed = entry->is_route_known = entry->is_probing = false;
		entry->error = 0;
	}
}

static void announce_again(struct publisher *publisher, struct lan *lan)
{
	struct entry *entry;

	for (entry = lan->entries; entry && publisher->is_announcing; entry = entry->hh.next)
		if (entry->is_installed)
			announcer_add(publisher->announcer, entry, ANNOUNCE_NUM);
}

/* What follows from how the interface is now, compared to what it was. */
static void rebind(struct publisher *publisher, struct lan *lan, const struct link *was, bool was_ready)
{
	const struct link *link = &lan->link;
	bool is_another = memcmp(was->mac, link->mac, ETH_ALEN) != 0;

	if (link->index != was->index) {
		engine_forget(publisher, lan, was->index);
		memset(lan->delays, 0, sizeof(lan->delays));
		lan->is_warned = false;
	} else if (!lan->is_ready) {
		forget_installed(publisher, lan);
	} else if (is_another || (link->has_carrier && !was->has_carrier)) {
		log_info("%s: %s: its addresses are announced again", lan->name, is_another ? "has another MAC address" : "has its carrier again");
		if (is_another)
			engine_check(publisher, lan, true);
		announce_again(publisher, lan);
	}
	if (was_ready && !lan->is_ready)
		log_info("%s: its addresses are waiting: %s", lan->name, publisher_link_objection(link));
}

void publisher_bind(struct publisher *publisher, struct lan *lan)
{
	struct link was = lan->link, link;
	bool was_ready = lan->is_ready;
	int rc = link_get(publisher->sock, lan->name, 0, &link);

	if (rc && rc != -ENODEV) {
		log_warn("cannot look at interface: %s: %s", lan->name, strerror(-rc));
		return;
	}
	if (lan->counts[FAMILY_IPV6])
		link_get_local(publisher->sock, &link);
	if (link.index != was.index)
		forget_installed(publisher, lan);
	lan->link = link;
	lan->is_ready = !publisher_link_objection(&link);
	rebind(publisher, lan, &was, was_ready);
	if (!lan->is_ready)
		return;
	delay_take(publisher->sock, lan);
	if (!link.is_forwarding && lan->counts[FAMILY_IPV4] && !lan->is_warned)
		log_warn("%s: its addresses are not answered: forwarding is off", lan->name);
	lan->is_warned = !link.is_forwarding;
}

/* ---- from and to holders */

void publisher_remove(struct publisher *publisher, struct entry *entry, const char *reason)
{
	struct lan *lan = entry->lan;
	char text[IP_TEXT_MAX];

	publisher_say(publisher, "%s withdrawn from %s: %s", ip_text(&entry->address, text), lan->name, reason);
	uninstall(publisher, entry);
	conflict_forget(&publisher->conflicts, &entry->address, lan->name);
	if (lan->entries == entry && !entry->hh.next) {
		delay_return(publisher->sock, lan);
		engine_forget(publisher, lan, lan->link.index);
	}
	table_remove(&publisher->table, entry);
}

/* Why the kernel's routing forbids to answer for an address, or NULL. */
static const char *route_objection(const struct route *route)
{
	if (route->type == RTN_LOCAL)
		return "is an address of this host";
	if (route->type == RTN_ANYCAST)
		return "is an anycast address of this host's";
	return route->type == RTN_BROADCAST ? "is a broadcast address of this host's networks" : NULL;
}

/* Claims one address, which is routed like this (NULL: not known), on one LAN. 0 or -errno. */
static int publish_on(struct publisher *publisher, struct holder *holder, const struct in6_addr *address, const struct route *route,
		      const char *name)
{
	struct lan *lan = table_find_lan(&publisher->table, name);
	bool is_known = lan && table_find(lan, address), is_first;
	char text[IP_TEXT_MAX];
	struct entry *entry;
	int rc = table_claim(&publisher->table, holder, address, name, &entry);

	if (rc)
		return rc;
	is_first = entry->lan->counts[entry_family(entry)] == 1 && !is_known;
	if (is_first)
		publisher_bind(publisher, entry->lan);
	if (is_known)
		log_debug("%s on %s: wanted by %s", ip_text(address, text), name, holder->name);
	else if (!entry->lan->is_ready)
		publisher_say(publisher, "%s waits for %s for %s: %s", ip_text(address, text), name, holder->name, publisher_link_objection(&entry->lan->link));
	/* What an earlier run found out counts. */
	entry->is_probed |= entry->is_installed;
	entry->is_route_known = false;
	if (route)
		take_route(entry, route);
	publisher_follow(publisher, entry);
	return 0;
}

const char PUBLISHER_NO_MEMORY[] = "cannot be published now: out of memory";

const char *publisher_objection(struct publisher *publisher, const struct in6_addr *address)
{
	const char *objection = ip_objection(address);
	struct route route;

	return objection || route_get(publisher->sock, address, &route) ? objection : route_objection(&route);
}

const char *publisher_publish(struct publisher *publisher, struct holder *holder, const struct in6_addr *address,
			      const char *const lans[], size_t count, bool is_exclusive)
{
	const char *objection = ip_objection(address);
	struct route route;
	bool is_known = false;
	int rc;

	if (!objection && route_get(publisher->sock, address, &route) == 0) {
		is_known = true;
		objection = route_objection(&route);
	}
	if (objection)
		return objection;
	for (size_t i = 0; i < count; i++) {
		rc = publish_on(publisher, holder, address, is_known ? &route : NULL, lans[i]);
		if (rc)
			return rc == -ENOSPC ? "would be one too many" : PUBLISHER_NO_MEMORY;
	}
	if (is_exclusive)
		table_withdraw(&publisher->table, holder, address, lans, count);
	return NULL;
}
