/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The kernel's interfaces and their addresses, followed by rtnetlink. When notifications were lost, everything is dumped
 * again: what is still there is told as changed, what is not as gone. */

#ifndef MASQD_LINKS_H
#define MASQD_LINKS_H

#include <event2/event.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <uthash.h>

#include "lib/addr.h"
#include "lib/ip.h"

struct link_address {
	struct in_addr address;
	struct in_addr broadcast;	/* 0.0.0.0: none */
	unsigned length;		/* of the prefix it is in, or of the peer's on a point-to-point link */
};

struct link_address6 {
	struct in6_addr address;
	unsigned length;
};

struct link {
	unsigned ifindex;
	char name[IFNAMSIZ];
	bool is_up;	/* IFF_UP, and with a carrier where there is such a thing */
	bool forwards;	/* net.ipv4.conf.*.forwarding */
	bool needs_gateway;	/* it is neither point-to-point nor without ARP */
	uint64_t rx, tx;	/* bytes, as of the last notification or links_refresh */
	struct link_address *addresses;
	unsigned address_count;
	struct link_address6 *addresses6;	/* but for link-local ones: masqd/links6.h */
	unsigned address6_count;
	bool is_stale;
	UT_hash_handle hh, by_name;
};

struct links;

struct links_handler {
	void (*on_link)(void *ctx, const struct link *link);	/* it is new, or something but its counters changed */
	void (*on_gone)(void *ctx, const struct link *link);	/* freed after this */
	void *ctx;
};

/* Dumps, telling everything, and follows from then on. handler is borrowed for life. 0 or -errno. */
int links_open(struct links **links, struct event_base *base, const struct links_handler *handler);
void links_close(struct links *links);

const struct link *links_find(const struct links *links, unsigned ifindex);
const struct link *links_find_name(const struct links *links, const char *name);

/* One after the other: the first after NULL, NULL after the last. */
const struct link *links_next(const struct links *links, const struct link *link);

/* Has an interface this address as its own, or as a broadcast address? */
bool links_is_own(const struct links *links, struct in_addr address);
bool links_is_broadcast(const struct links *links, struct in_addr address);

/* Is the address one of this interface's own? */
bool link_has(const struct link *link, struct in_addr address);

/* Is the address in a network of this interface's own addresses? */
bool link_reaches(const struct link *link, struct in_addr address);

/* Takes notice of all that the kernel has told so far: whoever has just made or deleted an interface finds it made or deleted. Handlers
 * are told of changes, and must not call this. */
void links_catch_up(struct links *links);

/* Asks the kernel now about one interface, because it tells of a carrier up to a second late. Handlers as above. 0 or -errno. */
int links_refresh(struct links *links, unsigned ifindex);

/* Asks the kernel for the counters of one interface, or of all that are known if 0, and nothing else: a tenth of what all there is to
 * know takes. 0 or -errno. */
int links_refresh_counters(struct links *links, unsigned ifindex);

/* Asks the kernel now what interfaces there are, and whether they forward, without taking notice of it. 0 or -errno. */
int links_each_in_kernel(struct links *links, void (*on_link)(void *ctx, unsigned ifindex, bool forwards), void *ctx);

/* Tells on_link of every interface. */
void links_replay(struct links *links);

/* Lets packets in on this interface be forwarded (net.ipv4.conf.*.forwarding). 0 or -errno. */
int links_enable_forwarding(struct links *links, unsigned ifindex);

#endif
