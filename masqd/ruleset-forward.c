/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A port of the public address is an element of two sets: of forwards, where it leads to, and of forwarded, at which
 * interface and address it is to arrive. The first is asked once a flow, the second for each packet, so that a flow ends
 * with its forward.
 *
 * A flow from outside, from the LAN or from a network becomes that of the client that it leads to, like any other. One from another
 * line stays that of who opened it, so that answers reach nobody else; who it leads to says the set forwarded. */

#include "config.h"

#include "masqd/ruleset-forward.h"
#include "masqd/ruleset-policy.h"

const char ruleset_forward_sets[] =
	"add map inet masqgate forwards { type inet_proto . inet_service : ipv4_addr . inet_service; }\n"
	"add set inet masqgate forwarded { type iface_index . ipv4_addr . inet_proto . inet_service; }\n"
	"add set inet masqgate uplink_addresses { type ipv4_addr; }\n";

/* From outside every address of the uplink is public, whether masqd knows it yet or not. What does not begin a TCP connection
 * belongs to an older one, which was with somebody else. */
const char ruleset_forward_publish[] =
	"	chain publish {\n"
	"		type nat hook prerouting priority dstnat; policy accept;\n"
	"		tcp flags & (fin | syn | rst | ack) != syn return\n"
	"		iifname @uplinks fib daddr . iif type local dnat ip to meta l4proto . th dport map @forwards\n"
	"		ip daddr @uplink_addresses dnat ip to meta l4proto . th dport map @forwards\n"
	"	}\n";

#define TO_PEER(accepts) \
	"		ct direction original " RULESET_IS_FORWARDED " meta mark set iif . ip saddr . ct mark map @owner " accepts "\n" \
	"		ct direction original " RULESET_IS_FORWARDED " meta mark set iif . ip saddr . ct mark map @owner_net " accepts "\n"

static const struct ruleset_forward used = {
	.from_client = "		ct direction reply " RULESET_IS_FORWARDED
		     " meta l4proto tcp iif . ip saddr . meta l4proto . ct original proto-dst @forwarded return\n"
		     "		ct direction reply " RULESET_IS_FORWARDED
		     " meta l4proto udp iif . ip saddr . meta l4proto . ct original proto-dst @forwarded return\n",
	.to_client = "		ct direction original ct state new,established " RULESET_IS_FORWARDED
		     " meta l4proto tcp oif . ip daddr . meta l4proto . ct original proto-dst != @forwarded counter drop\n"
		     "		ct direction original ct state new,established " RULESET_IS_FORWARDED
		     " meta l4proto udp oif . ip daddr . meta l4proto . ct original proto-dst != @forwarded counter drop\n",
	.to_peer = TO_PEER("accept"),
	/* Answers must come back through the gateway, and a client must not meet its own address. */
	.translate = "		iifname != @uplinks " RULESET_IS_FORWARDED " ct original ip daddr @uplink_addresses masquerade\n",
};

static const struct ruleset_forward unused = { "", "", "", "" };

struct ruleset_forward ruleset_forward(unsigned features)
{
	struct ruleset_forward forward = features & RULESET_FORWARDS ? used : unused;

	if (features & RULESET_FORWARDS && features & RULESET_RATES)
		forward.to_peer = TO_PEER("goto rates");
	return forward;
}
