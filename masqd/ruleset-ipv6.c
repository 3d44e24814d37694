/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* As for IPv4, with sets and chains of the same names and a 6: but for networks, whose IPv6 stays closed, and for what has no
 * counterpart (prefixes, forwards, lists of uplinks).
 *
 * The kernel does not track neighbour discovery and the like, so that no mark belongs to them: they are judged by the
 * interface and the addresses that were opened there, and are never forwarded. */

#include "config.h"

#include "masqd/ruleset-ipv6.h"
#include "masqd/ruleset-policy.h"

const char ruleset_ipv6_sets[] =
	"add map inet masqgate serial6 { type iface_index . ipv6_addr : mark; }\n"
	"add map inet masqgate owner6 { type iface_index . ipv6_addr . mark : mark; }\n"
	"add set inet masqgate neighbours6 { type iface_index . ipv6_addr; }\n"
	"add set inet masqgate peers6 { type iface_index . ipv6_addr; }\n"
	"add set inet masqgate translated6 { type mark; }\n";

/* 1: what judges a new flow. 2: what accepts. */
static const char rules[] =
	"	chain from_line6 {\n"
	"		ct state invalid counter drop\n"
	"		meta mark set iif . ip6 saddr . ct mark map @owner6 meta mark vmap @policies\n"
	"		ct direction reply iif . ip6 saddr @peers6 return\n"
	"		counter drop\n"
	"	}\n"
	"	chain to_peer6 {\n"
	"		oif . ip6 daddr @peers6 %2$s\n"
	"		counter drop\n"
	"	}\n"
	"	chain to_line6 {\n"
	"		ct state invalid counter drop\n"
	"		ct state new ct mark 0 ct mark set oif . ip6 daddr map @serial6%1$s\n"
	"		meta mark set oif . ip6 daddr . ct mark map @owner6 meta mark vmap @to_policies\n"
	"		iif . ip6 saddr @peers6 goto to_peer6\n"
	"		counter drop\n"
	"	}\n"
	/* To the gateway itself: who was opened finds it and asks for router advertisements. */
	"	chain line_to_gateway6 {\n"
	"		icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } iif . ip6 saddr @neighbours6 accept\n"
	"		ct state invalid counter drop\n"
	"		ct mark 0 ct direction reply meta mark set iif . ip6 saddr map @serial6 accept\n"
	"		meta mark set iif . ip6 saddr . ct mark map @owner6 meta mark vmap @gateway_policies\n"
	"		counter drop\n"
	"	}\n"
	/* From the gateway: these go to the client, or to groups that it is in. */
	"	chain gateway_to_line6 {\n"
	"		icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } oif . ip6 daddr @neighbours6 accept\n"
	"		ct mark 0 meta mark set oif . ip6 daddr map @serial6 accept\n"
	"		meta mark set oif . ip6 daddr . ct mark map @owner6 accept\n"
	"		counter drop\n"
	"	}\n"
	"	chain translate6 {\n"
	"		oifname != @uplinks accept\n"
	"		ct mark @translated6 masquerade\n"
	"	}\n"
	/* From a line by an uplink, after translation: an address of the gateway's own (masquerade takes one of another interface where
	 * the uplink has none), or the client's if that is not to be translated; in no case one of a private network (RFC 4193). */
	"	chain client_guard6 {\n"
	"		ip6 saddr fc00::/7 counter drop\n"
	"		ct mark @translated6 fib saddr type local accept\n"
	"		ct mark @translated6 counter drop\n"
	"		meta mark set iif . ip6 saddr . ct mark map @owner6 accept\n"
	"		counter drop\n"
	"	}\n"
	"	chain guard6 {\n"
	"		iifname @lines goto client_guard6\n"
	"		iif @attached goto client_guard6\n"
	"	}\n";

/* As those in the chain sources. */
#define NEW_FLOW "		ct state new ct mark 0 ct mark set iif . ip6 saddr map @serial6 "

void ruleset_ipv6_print(FILE *out, unsigned features)
{
	if (features & RULESET_IPV6)
		fprintf(out, rules, RULESET_JUDGES(features), RULESET_ACCEPTS(features));
}

struct ruleset_ipv6 ruleset_ipv6(unsigned features)
{
	static const struct ruleset_ipv6 unused = { "", "", "", "", "", "", "" };
	static const struct ruleset_ipv6 used = {
		.from_client = "		meta nfproto ipv6 goto from_line6\n",
		.to_client = "		meta nfproto ipv6 goto to_line6\n",
		.line_to_gateway = "		meta nfproto ipv6 goto line_to_gateway6\n",
		.gateway_to_line = "		meta nfproto ipv6 goto gateway_to_line6\n",
		.translate = "		meta nfproto ipv6 goto translate6\n",
		.guard = "		meta nfproto ipv6 goto guard6\n",
		.sources = NEW_FLOW "accept\n",
	};
	struct ruleset_ipv6 ipv6 = features & RULESET_IPV6 ? used : unused;

	if (features & RULESET_IPV6 && RULESET_LIMITS(features))
		ipv6.sources = NEW_FLOW "goto limit_flows\n";
	return ipv6;
}
