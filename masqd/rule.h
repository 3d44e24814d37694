/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* One line of a policy's rules or of its gateway-services:
 *
 *	RULE    = ("allow" | "deny") TRAFFIC ["to" PREFIX]
 *	TRAFFIC = "any" | "ping" | "icmp" | ("tcp" | "udp") [PORTS] | "gre" | "protocol" NUMBER
 *	PORTS   = PORT ["-" PORT] {"," PORT ["-" PORT]}
 *
 * "allow tcp 80,443", "deny any to 192.0.2.0/24", "ping". */

#ifndef MASQD_RULE_H
#define MASQD_RULE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/addr.h"

enum { RULE_PORTS_MAX = 16 };

struct rule_ports {
	uint16_t first, last;
};

struct rule {
	bool is_allowed;
	int protocol;	/* of IANA; -1: any */
	bool is_ping;	/* of ICMP only echo requests */
	struct rule_ports ports[RULE_PORTS_MAX];
	unsigned port_count;	/* 0: all */
	struct prefix to;	/* length 0: everywhere */
	unsigned line;		/* of the configuration; 0: it is not there */
};

/* What a rule judges: a flow's first packet. */
struct traffic {
	int protocol;		/* of IANA */
	uint16_t port;		/* of the destination, 0 where the protocol has none */
	struct in_addr to;
};

/* Parse strictly. NULL, or a static text that says what is wrong. */
const char *rule_parse(const char *text, struct rule *rule);
const char *rule_parse_traffic(const char *text, struct rule *rule);

/* Does the rule fit? (ICMP is judged as an echo request.) */
bool rule_matches(const struct rule *rule, const struct traffic *traffic);

/* As people write it, and as nft's match (without verdict, beginning with a space unless it matches all). */
void rule_print(FILE *out, const struct rule *rule);
void rule_print_traffic(FILE *out, const struct rule *rule);
void rule_print_nft(FILE *out, const struct rule *rule);

/* Does the rule need another match for IPv6, and which? Ports are those of both families, and an address is one of IPv4. */
bool rule_has_nft6(const struct rule *rule);
void rule_print_nft6(FILE *out, const struct rule *rule);

#endif
