/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd's readers of netlink messages, and lib/netlink, with the input as the kernel (tests/fuzz/kernel.h). The first byte chooses the
 * reader. The kernel is trusted for what it says, but a message may be short or odd: nothing is read behind its end, no answer is waited
 * for in vain, and what comes out is what the caller may rely on: names end, numbers are in their range. */

#include "config.h"

#include <event2/event.h>

#include "lib/classifier.h"
#include "lib/netlink.h"
#include "masqd/conntrack.h"
#include "masqd/egress-lock.h"
#include "masqd/elements.h"
#include "masqd/fib.h"
#include "masqd/flush.h"
#include "masqd/framed-route.h"
#include "masqd/links.h"
#include "masqd/lookup.h"
#include "masqd/neighbours.h"
#include "masqd/rate.h"
#include "masqd/session.h"
#include "masqd/shaper.h"
#include "masqd/watch.h"
#include "tests/fuzz/kernel.h"

static struct event_base *base;

static const struct grant line = {
	.is_open = true, .ifindex = 5, .address = { .address.s_addr = 0x0100000a, .length = 32 }, .serial = 12, .policy_id = 7, .rate_down = 64000,
	.burst_down = 4000,
};

/* ---- interfaces */

static void look_at_link(void *ctx, const struct link *link)
{
	must(strlen(link->name) < sizeof(link->name));
	for (unsigned i = 0; i < link->address_count; i++)
		must(link->addresses[i].length <= 32 && link_has(link, link->addresses[i].address));
	for (unsigned i = 0; i < link->address6_count; i++)
		must(link->addresses6[i].length <= 128);
}

static void try_links(void)
{
	static const struct links_handler handler = { .on_link = look_at_link, .on_gone = look_at_link };
	const struct link *link = NULL;
	struct links *links;

	if (links_open(&links, base, &handler))
		return;
	links_refresh(links, 5);
	links_refresh_counters(links, 0);
	links_refresh_counters(links, 5);
	kernel_notify();
	while ((link = links_next(links, link))) {
		must(links_find(links, link->ifindex) == link && links_find_name(links, link->name));
		for (unsigned i = 0; i < link->address_count; i++)
			must(links_is_own(links, link->addresses[i].address));
	}
	links_close(links);
}

static void try_lock(void)
{
	static const struct links_handler handler = { .on_link = look_at_link, .on_gone = look_at_link };
	static struct uplink uplink = { .name = "isp", .interface = "isp0" };
	static const struct conf conf = { .uplinks = &uplink, .uplink_count = 1 };
	const struct link *link = NULL;
	struct egress_lock *lock = NULL;
	struct links *links;

	if (links_open(&links, base, &handler))
		return;
	if (egress_lock_open(&lock, base, links, NULL, NULL) == 0) {
		egress_lock_set(lock, &conf, NULL, 0);
		while ((link = links_next(links, link)))
			egress_lock_follow(lock, link);
		kernel_notify();
		egress_lock_has(lock, &uplink);
		egress_lock_close(lock);
	}
	links_close(links);
}

static void look_at_neighbour(void *ctx, const struct neighbour *neighbour)
{
	must(strlen(neighbour->mac) < MAC_TEXT_MAX && neighbour->state <= NEIGHBOUR_FIXED);
}

static void try_neighbours(void)
{
	static const struct neighbours_handler handler = { .on_neighbour = look_at_neighbour };
	struct neighbours *neighbours;

	must(neighbours_open(&neighbours, base, &handler) == 0);
	neighbours_replay(neighbours);
	neighbours_ask(neighbours, 5, (struct in_addr){ 0x0100000a });
	kernel_notify();
	neighbours_close(neighbours);
}

/* ---- routes */

static void look_at_fib(void *ctx, const struct fib_entry *entry)
{
	must(entry->type <= FIB_RULE_MAIN && entry->id >= UPLINK_LIST_ID_FIRST && entry->id <= UPLINK_LIST_ID_LAST);
}

static void look_at_news(void *ctx, struct nlmsghdr *header)
{
	must(fib_news(ctx, header) <= FIB_NEWS_SYSTEM);
}

static void nothing_lost(void *ctx)
{
}

static void try_fib(void)
{
	static const int groups[] = { 0 };
	struct netlink_monitor_handler handler = { .on_message = look_at_news, .on_overrun = nothing_lost };
	struct netlink_monitor *monitor;
	struct fib *fib;

	must(fib_open(&fib) == 0);
	handler.ctx = fib;
	fib_dump(fib, look_at_fib, NULL);
	must(netlink_monitor_open(&monitor, base, NETLINK_ROUTE, groups, &handler) == 0);
	kernel_notify();
	netlink_monitor_close(monitor);
	fib_close(fib);
}

static void try_framed(void)
{
	static const struct grant none;
	struct grant grant = line;
	struct framed_routes *routes;

	grant.routes = (struct route_list){ .count = 1, .prefixes = { { .address.s_addr = 0x0000010a, .length = 16 } } };
	must(framed_route_open(&routes, base) == 0);
	framed_route_replace(routes, &none, &grant);
	framed_route_sync(routes);
	kernel_notify();
	must(framed_route_find(routes, (struct in_addr){ 0x0100010a }) == grant.ifindex);
	framed_route_close(routes);
}

static void try_lookup(void)
{
	struct lookup lookup = { .from.s_addr = 0x0100000a, .to.s_addr = 0x07643326, .iif = 5 };
	struct in6_addr address = { .s6_addr = { 0x20, 1, 0xd, 0xb8 } };

	lookup_route(&lookup);
	lookup_local(lookup.to, 5);
	lookup_neighbour6(&address, 5);
}

/* ---- elements */

static void on_session(void *ctx, unsigned ifindex, const struct prefix *address, uint32_t serial, const char *note)
{
	must(address->length <= 32 && strlen(note) <= SESSION_NOTE_MAX);
}

static void on_address6(void *ctx, unsigned ifindex, const struct in6_addr *address6, uint32_t serial)
{
	must(address6->s6_addr);
}

static void on_public(void *ctx, uint32_t serial, const struct public *public)
{
	must(public->port_first <= UINT16_MAX);
}

static void on_attached(void *ctx, unsigned ifindex)
{
}

static void on_forward(void *ctx, struct in_addr to)
{
}

static void on_refused(void *ctx, uint32_t serial, uint64_t flows)
{
}

static void on_dropped(void *ctx, const struct dropped *dropped)
{
}

static void on_count(void *ctx, const struct host_count *count)
{
}

static void try_elements(void)
{
	static const struct elements_memory memory = {
		.on_session = on_session, .on_address6 = on_address6, .on_public = on_public, .on_attached = on_attached, .on_forward = on_forward,
	};
	static const struct grant none;
	struct elements *elements;

	must(elements_open(&elements) == 0);
	elements_dump(elements, &memory);
	elements_each_refused(elements, on_refused, NULL);
	elements_each_dropped(elements, on_dropped, NULL);
	elements_read_counts(elements, NULL, on_count, NULL);
	elements_missing(elements, &line);
	elements_begin(elements);
	elements_replace(elements, &none, &line, "#12 ppp 1795000000 0 = = = =");
	elements_commit(elements);
	elements_close(elements);
}

static void try_watch(void)
{
	struct watch *watch;

	must(watch_open(&watch, base, 1, nothing_lost, NULL) == 0);
	kernel_notify();
	watch_close(watch);
}

/* ---- connections */

static void on_mark(void *ctx, uint32_t mark)
{
	must(mark != 0);
}

static void on_flow(void *ctx, const struct conntrack_flow *flow)
{
	must(flow->protocol >= 0 && flow->protocol <= UINT8_MAX);
}

static void on_flushed(void *ctx, uint32_t serial)
{
}

static bool is_meant(void *ctx, const struct in6_addr *from, const struct in6_addr *to)
{
	return from->s6_addr[15] != to->s6_addr[15];
}

static void try_conntrack(void)
{
	/* It has a thread, which has nothing to do. */
	static struct conntrack *conntrack;
	struct in_addr address = { 0x0100000a };

	must(conntrack || conntrack_open(&conntrack, base, on_flushed, NULL) == 0);
	conntrack_each_mark(conntrack, on_mark, NULL);
	conntrack_each_public(conntrack, address, 80, on_flow, NULL);
	conntrack_flush_forwarded(conntrack, &address, 1);
	conntrack_flush_unmarked(conntrack, is_meant, NULL);
}

static void try_flush(void)
{
	struct flush list[FLUSH_FEW + 1] = { { .serial = 1, .address.s_addr = 0x0100000a }, { .serial = 1, .status = 8 } };
	struct flush_sockets sockets;

	for (uint32_t i = 2; i <= FLUSH_FEW; i++)
		list[i] = (struct flush){ .serial = i, .family = i % 2 ? AF_INET : AF_UNSPEC };
	must(flush_sockets_open(&sockets) == 0);
	flush_run(&sockets, list, FLUSH_FEW + 1);
	flush_run(&sockets, list, 2);
	flush_sockets_close(&sockets);
}

/* ---- queues and filters */

static bool is_wanted(void *ctx, unsigned ifindex)
{
	return ifindex % 2;
}

static void try_shaper(void)
{
	static const struct grant none;
	struct shaper *shaper;
	uint64_t drops;
	bool drains;

	must(shaper_open(&shaper) == 0);
	shaper_drops(shaper, 5, &drops);
	shaper_sweep(shaper, is_wanted, NULL, &drains);
	shaper_replace(shaper, &none, &line, &drains);
	shaper_replace(shaper, &line, &none, &drains);
	shaper_close(shaper);
}

static void try_classifier(void)
{
	struct classifier place = { .hook = 0xfff2, .preference = 77, .protocol = 0x800, .handle = 1, .signature = 0x4d47 };
	struct nl_sock *sock = netlink_request_open(NETLINK_ROUTE);
	struct classifier_found found;

	must(sock);
	for (int i = 0; i < 2; i++) {
		classifier_find(sock, &place, 5, &found);
		must(found.length <= CLASSIFIER_CLASSIC_MAX);
		place.name = "masq_arp";
	}
	classifier_del(sock, &place, 5);
	nl_socket_free(sock);
}

/* By the first byte, from 'A' on. */
static void (*const tries[])(void) = {
	try_links,   try_lock,	    try_neighbours, try_fib,   try_framed, try_lookup,
	try_elements, try_watch, try_conntrack,  try_flush, try_shaper, try_classifier,
};
enum { TRIES = sizeof(tries) / sizeof(tries[0]) };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (!base)
		base = event_base_new();
	must(base);
	kernel_begin(data + 1, size - 1);
	tries[(unsigned char)(data[0] - 'A') % TRIES]();
	return 0;
}
