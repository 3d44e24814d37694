/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The kernel's table of connections, whose marks are the serials of the sessions that own them. */

#ifndef MASQD_CONNTRACK_H
#define MASQD_CONNTRACK_H

#include <event2/event.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "masqd/flush.h"

struct conntrack;

/* on_flushed is told when a session's entries have been deleted. 0 or -errno. */
int conntrack_open(struct conntrack **conntrack, struct event_base *base, void (*on_flushed)(void *ctx, uint32_t serial), void *ctx);
void conntrack_close(struct conntrack *conntrack);

/* Deletes a session's entries soon, beside everything else (masqd/flusher.h). Until then they are harmless: nothing passes with a
 * mark that no open session has. */
void conntrack_flush_later(struct conntrack *conntrack, uint32_t serial);

/* As this, but only those that are translated: what goes to the LANs goes on. */
void conntrack_flush_translated_later(struct conntrack *conntrack, uint32_t serial);

/* As this, but only those of IPv6. */
void conntrack_flush_ipv6_later(struct conntrack *conntrack, uint32_t serial);

/* As this, but only those from or to this address of the session. */
void conntrack_flush_address_later(struct conntrack *conntrack, uint32_t serial, struct in_addr address);

/* Deletes at once the entries of connections whose destination was translated to one of these addresses. 0 or -errno. */
int conntrack_flush_forwarded(struct conntrack *conntrack, const struct in_addr *addresses, unsigned count);

/* Deletes at once the entries that have no mark and that are meant. 0 or -errno. */
int conntrack_flush_unmarked(struct conntrack *conntrack, flush_is_meant *is_meant, void *ctx);

/* Calls for the mark of each entry that has one. 0 or -errno. */
int conntrack_each_mark(struct conntrack *conntrack, void (*on_mark)(void *ctx, uint32_t mark), void *ctx);

/* Calls for each entry to whose far side the gateway is this address and port (an ICMP identifier): those it translates to it, and
 * those it leads inside from it. 0 or -errno. */
struct conntrack_flow {
	uint32_t mark;
	int protocol;
};
int conntrack_each_public(struct conntrack *conntrack, struct in_addr address, unsigned port,
			  void (*on_flow)(void *ctx, const struct conntrack_flow *flow), void *ctx);

/* Entries in use, and how many there may be; -1 where the kernel does not say. */
long conntrack_count(void);
long conntrack_max(void);

/* From four fifths on there is a warning. */
bool conntrack_is_nearly_full(long count, long max);

/* Logs such a warning, once a minute at most. The kernel tells nobody when its table fills, so whoever has something to do anyway asks;
 * it looks once a second at most. */
void conntrack_look(struct conntrack *conntrack);

#endif
