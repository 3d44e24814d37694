/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What route the kernel would take, and what else it knows of an address (RTM_GETROUTE, as `ip route get … iif …` does;
 * RTM_GETNEIGH). */

#ifndef MASQD_LOOKUP_H
#define MASQD_LOOKUP_H

#include <netinet/in.h>
#include <stdint.h>

struct lookup {
	struct in_addr from, to;	/* from 0.0.0.0: whatever the route says */
	unsigned iif;		/* the interface it comes in by; 0: the gateway itself sends it */
	unsigned oif;		/* the interface it must leave by, 0: any; and the answer */
	uint32_t mark;		/* of the packet */
	/* the answer */
	unsigned char type;	/* RTN_UNICAST, RTN_LOCAL … */
	struct in_addr gateway;	/* 0.0.0.0: none */
	uint32_t table;
};

/* 0, or -errno as the kernel gives it: -EHOSTUNREACH, -ENETUNREACH, -EINVAL or -EXDEV (a source
 * that must not come in there: the reverse path filter) … */
int lookup_route(struct lookup *lookup);

/* Does the kernel take the address for this interface's own: is it one of it, or in a prefix that `ip route add local PREFIX dev …` gave
 * it? 0; -EADDRNOTAVAIL if not; or another -errno. */
int lookup_local(struct in_addr address, unsigned ifindex);

/* Has the kernel found a host with this address on this interface, by neighbour discovery? 0; -ENOENT if not; or another -errno. */
int lookup_neighbour6(const struct in6_addr *address, unsigned ifindex);

#endif
