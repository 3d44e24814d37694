/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The kernel's IPv4 neighbour table, followed by rtnetlink: who has made himself known by ARP, and whether he still answers. */

#ifndef MASQD_NEIGHBOURS_H
#define MASQD_NEIGHBOURS_H

#include <event2/event.h>
#include <netinet/in.h>

#include "masqd/session.h"

enum neighbour_state {
	NEIGHBOUR_GONE,		/* no entry, or ARP has failed */
	NEIGHBOUR_KNOWN,
	NEIGHBOUR_CONFIRMED,	/* it answered just now (NUD_REACHABLE) */
	NEIGHBOUR_FIXED,	/* put there by hand (NUD_PERMANENT) */
};

struct neighbour {
	unsigned ifindex;
	struct in_addr address;
	enum neighbour_state state;
	char mac[MAC_TEXT_MAX];	/* "": not an Ethernet's */
};

struct neighbours;

struct neighbours_handler {
	void (*on_neighbour)(void *ctx, const struct neighbour *neighbour);
	void *ctx;
};

/* Follows from now on. handler is borrowed for life. 0 or -errno. */
int neighbours_open(struct neighbours **neighbours, struct event_base *base, const struct neighbours_handler *handler);
void neighbours_close(struct neighbours *neighbours);

/* Tells of every entry there is. 0 or -errno. */
int neighbours_replay(struct neighbours *neighbours);

/* Makes the kernel ask by ARP; the answer, or that there is none, is told as a change (some 3 s later, arp(7):
 * ucast_solicit, retrans_time_ms). -ENOENT if there is no entry. */
int neighbours_ask(struct neighbours *neighbours, unsigned ifindex, struct in_addr address);

#endif
