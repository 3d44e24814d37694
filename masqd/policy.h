/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The decision: what follows from the facts. Pure functions, no I/O, no state. */

#ifndef MASQD_POLICY_H
#define MASQD_POLICY_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "lib/addr.h"
#include "masqd/conf.h"

struct session;

/* A forward in force. */
struct grant_forward {
	uint16_t first, last;	/* of the public address; 0: none */
	uint16_t to_port;
	uint8_t is_tcp, is_udp;
	struct in_addr to_address;
};

/* The complete statement of what one client gets. Two grants that are the same byte for byte ask for the same; the
 * zero grant asks for nothing. */
struct grant {
	bool is_open;
	bool is_network;	/* address is a prefix; the interface is shared by its hosts */
	uint32_t network_serial;	/* of a host: its network's, whose flows it may have from before it was seen; 0: none */
	bool is_host;		/* one of them: elements count its bytes, since the interface's counters are everybody's */
	bool isolate;
	bool proxy_arp;
	struct lan_interfaces lans;	/* where; without any, on all LANs with proxy-arp whose network has the address */
	enum nat_mode nat;
	struct in_addr snat_address;	/* 0.0.0.0: the uplink's own */
	uint16_t port_first, port_last;	/* public ports; 0: any */
	uint32_t serial;
	unsigned ifindex;
	struct prefix address;
	struct route_list routes;
	enum ipv6_mode ipv6;	/* no: nothing of IPv6 passes, and the next two are :: */
	struct in6_addr address6, peer6;	/* the client's own, and its link-local one */
	uint32_t policy_id;
	uint32_t route_mark;	/* of its packets before they are routed: the list of its uplinks; 0: none */
	int64_t expires;	/* seconds since the boot, 0: never */
	unsigned idle_timeout;	/* seconds, 0: none */
	unsigned flows;		/* at a time, 0: any number */
	unsigned new_flows;	/* a second, 0: any number */
	uint64_t rate_down;	/* bit/s towards the client, 0: no limit */
	uint64_t rate_up;	/* bit/s from the client, 0: no limit */
	uint32_t burst_down;	/* bytes; 0 only without rate */
	uint32_t burst_up;
	unsigned overhead;	/* bytes that the line adds to a packet and that rate_down counts */
	unsigned mss;		/* TCP's largest segments, bytes, 0: whatever the path takes */
	bool has_forwards;	/* has any */
	struct grant_forward forwards[FORWARDS_MAX];	/* each in its place among those of the policy */
};

/* What the session gets now: nothing unless it is open or orphaned and has policy, interface and address. */
struct grant policy_decide(const struct session *s);

bool grant_equal(const struct grant *a, const struct grant *b);

/* The policy for a session, and what stands over it. For a line that is announced: the pppd option masq-policy, else what the first
 * user section that fits, the first group, the first caller and the first line section say, in this order, else the default. For
 * a serial line or a network: its section's, if there still is one. On refusal policy is NULL and why says so (for the peer too). */
enum { CHOICE_WHY_MAX = 256 };
struct choice {
	const struct policy *policy;
	struct in_addr address;		/* the user's own, 0.0.0.0: none */
	unsigned line;			/* of the configuration, that decided; 0: none did */
	struct layers layers;		/* the keys of all these sections, whichever decides: the user's count most */
	char why[CHOICE_WHY_MAX];	/* not NULL-policy: what decided ("user \"alice@*\", line 31") */
};

struct choice policy_choose(const struct conf *conf, const struct session *s);

#endif
