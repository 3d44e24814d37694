/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What a network interface is like at this moment. */

#ifndef ARPD_LINK_H
#define ARPD_LINK_H

#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netlink/netlink.h>
#include <stdbool.h>

struct link {
	int index;		/* 0: there is none */
	char name[IFNAMSIZ];
	unsigned char mac[ETH_ALEN];
	bool is_up;		/* administratively: without a carrier, proxy neighbours stay */
	bool has_carrier;
	bool is_ethernet;	/* it has ARP and Ethernet addresses */
	bool is_port;		/* of a bridge or bond, which gets its packets instead */
	bool is_forwarding;	/* ip-sysctl: conf/<interface>/forwarding, without which the kernel answers for nobody */
	bool is_forwarding6;	/* the same of IPv6 */
	struct in6_addr link_local;	/* its own address for neighbour discovery, :: if it has none; see link_get_local */
	bool has_proxy_ndp;	/* ip-sysctl: conf/<interface>/proxy_ndp */
};

/* Asks the kernel, by name, or by index if name is NULL. 0, -ENODEV or another -errno; link is zeroed on failure. */
int link_get(struct nl_sock *sock, const char *name, int index, struct link *link);

/* Fills link_local, which link_get does not: the kernel lists the addresses of all interfaces for it. */
void link_get_local(struct nl_sock *sock, struct link *link);

/* ip-sysctl: net.ipv6.conf.all.proxy_ndp, without which no unicast solicitation is answered, also not those by which hosts find
 * out whether a neighbour still lives. */
bool link_all_proxy_ndp(struct nl_sock *sock);

/* The index, name and carrier in a notification about a link. False if it is none; name may be empty. */
bool link_parse_notice(struct nlmsghdr *header, int *index, char name[IFNAMSIZ], bool *has_carrier);

#endif
