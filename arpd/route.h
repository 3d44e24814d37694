/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* How the kernel routes an address. */

#ifndef ARPD_ROUTE_H
#define ARPD_ROUTE_H

#include <netinet/in.h>
#include <netlink/netlink.h>
#include <stdbool.h>

#include "lib/ip.h"

/* Of a notification: the destination; of a default route it is ::/0, whatever its family. False if it is none about a unicast
 * route. */
bool route_parse_notice(struct nlmsghdr *header, struct ip_prefix *destination);

struct route {
	unsigned char type;	/* RTN_UNICAST, RTN_LOCAL ... (rtnetlink(7)); RTN_UNREACHABLE where there is no route */
	unsigned char length;	/* of the prefix that matched, in the address's own family: 0 to 32 or 128 */
	int interface;		/* index; 0 for none or several */
};

/* 0 or -errno; that there is no route is an answer, not an error. */
int route_get(struct nl_sock *sock, const struct in6_addr *address, struct route *route);

#endif
