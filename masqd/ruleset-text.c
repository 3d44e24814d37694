/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "masqd/ruleset-text.h"

/* Each element has a limit of its own. Said here, it brings the kernel's module before a line waits for it, and nft can load
 * what it has listed. */
#define LIMITED "limit rate over 1 bytes/second burst 1 bytes; counter;"

/* Declared one by one: adding what is there already changes nothing, and keeps the clients. */
const char ruleset_text_declarations[] =
	"add table inet masqgate { comment \"" RULESET_LAYOUT "\"; }\n"
	"add map inet masqgate serial { type iface_index . ipv4_addr : mark; }\n"
	"add map inet masqgate serial_net { type iface_index . ipv4_addr : mark; flags interval; }\n"
	"add map inet masqgate owner { type iface_index . ipv4_addr . mark : mark; }\n"
	"add map inet masqgate owner_net { type iface_index . ipv4_addr . mark : mark; flags interval; }\n"
	"add set inet masqgate host_rx { type iface_index . ipv4_addr; counter; }\n"
	"add set inet masqgate host_tx { type iface_index . ipv4_addr; counter; }\n"
	"add set inet masqgate peers { type iface_index . ipv4_addr; }\n"
	"add set inet masqgate peers_net { type iface_index . ipv4_addr; flags interval; }\n"
	"add set inet masqgate translated { type mark; }\n"
	"add set inet masqgate flow_limit { type mark; ct count over 1; }\n"
	"add set inet masqgate new_flow_limit { type mark; limit rate over 1/second; }\n"
	"add set inet masqgate flow_refused { type mark; }\n"
	"add map inet masqgate snat_address { type mark : ipv4_addr; }\n"
	"add map inet masqgate port_block { type mark : mark; }\n"
	"add map inet masqgate route_mark { type iface_index . ipv4_addr : mark; }\n"
	"add map inet masqgate route_mark_net { type iface_index . ipv4_addr : mark; flags interval; }\n"
	"add set inet masqgate attached { type iface_index; }\n"
	"add set inet masqgate rate_up { type iface_index; " LIMITED " }\n"
	"add set inet masqgate rate_up_host { type iface_index . ipv4_addr; " LIMITED " }\n"
	"add set inet masqgate rate_down_host { type iface_index . ipv4_addr; " LIMITED " }\n"
	"add set inet masqgate rate_up_network { type mark; " LIMITED " }\n"
	"add set inet masqgate rate_down_network { type mark; " LIMITED " }\n"
	"add map inet masqgate mss { typeof iif : tcp option maxseg size; }\n"
	"add set inet masqgate lines { type ifname; flags interval; }\n"
	"add set inet masqgate networks { type ifname; }\n"
	"add set inet masqgate uplinks { type ifname; }\n"
	"add set inet masqgate lans { type ifname; }\n"
	/* From a policy's id to its chains: for what comes from a client, what of that leaves by an uplink, what goes to a client, and what
	 * is for the gateway itself. */
	"add map inet masqgate policies { type mark : verdict; }\n"
	"add map inet masqgate out_policies { type mark : verdict; }\n"
	"add map inet masqgate to_policies { type mark : verdict; }\n"
	"add map inet masqgate gateway_policies { type mark : verdict; }\n"
	"flush table inet masqgate\n"
	"flush set inet masqgate lines\n"
	"flush set inet masqgate networks\n"
	"flush set inet masqgate uplinks\n"
	"flush set inet masqgate lans\n"
	"flush map inet masqgate policies\n"
	"flush map inet masqgate out_policies\n"
	"flush map inet masqgate to_policies\n"
	"flush map inet masqgate gateway_policies\n"
	/* POLICY_ID_DROP */
	"add element inet masqgate policies { 0 : drop }\n"
	"add element inet masqgate out_policies { 0 : drop }\n"
	"add element inet masqgate to_policies { 0 : drop }\n"
	"add element inet masqgate gateway_policies { 0 : drop }\n";

/* 1: what judges a new flow once it is a session's, if there is any such thing. 2 to 4: those of forwards. 5 to 9: those of IPv6. 10: what
 * counts the hosts of networks, 11: where what does not leave by an uplink goes. 12: what tells the flows that no forward has made.
 * 13: what accepts, 14: what does so for all that no policy's chain has accepted. 15: what judges a client's new flow, and accepts it
 * otherwise, 16: whose an IPv6 one is. */
const char ruleset_text_rules[] =
	/* From a line or a network: whose flow it is, as sources has marked it, says the policy. Another client's flow is only ever
	 * answered, by who may have peers. The same with prefixes is about networks, whose hosts are sessions of their own once they were
	 * seen, and about those behind a client: only what is not of its own address gets there. A flow that began before its host was seen
	 * has the network's mark, and is judged by the host's policy since. All else is nobody's: spoofed, not opened, or of a former holder
	 * of the address. */
	"	chain from_client {\n"
	"%5$s"
	"		ct state invalid counter drop\n"
	"		meta mark set iif . ip saddr . ct mark map @owner meta mark vmap @policies\n"
	"		meta mark set iif . ip saddr . ct mark map @owner_net meta mark vmap @policies\n"
	"		ct direction reply iif . ip saddr @peers return\n"
	"		ct direction reply iif . ip saddr @peers_net return\n"
	"%2$s"
	"		counter drop\n"
	"	}\n"
	/* Between two clients, whose policies both must want it. Where prefixes are, whoever has a session says so itself. */
	"	chain to_peer {\n"
	"		oif . ip daddr @peers %13$s\n"
	"		meta mark set oif . ip daddr map @serial counter drop\n"
	"		oif . ip daddr @peers_net %13$s\n"
	"		counter drop\n"
	"	}\n"
	/* To a client: nobody outside opens a flow; one that the LAN opens is the client's; everything else must be of a flow
	 * of this very session, or between two clients that may have peers. */
	"	chain to_client {\n"
	"%6$s"
	"		ct state invalid counter drop\n"
	"%3$s"
	"		ct state new ct mark 0 ct mark set oif . ip daddr map @serial%1$s\n"
	"		ct state new ct mark 0 ct mark set oif . ip daddr map @serial_net%1$s\n"
	"		meta mark set oif . ip daddr . ct mark map @owner meta mark vmap @to_policies\n"
	"		meta mark set oif . ip daddr . ct mark map @owner_net meta mark vmap @to_policies\n"
	"%4$s"
	"		iif . ip saddr @peers goto to_peer\n"
	"		iif . ip saddr @peers_net goto to_peer\n"
	"		counter drop\n"
	"	}\n"
	/* Nearly all packets go between a client and an uplink: for them the first two rules say the same as all the chains above would, in
	 * a third of the time. What is not a session's own finds nothing there, and goes the long way. */
	"	chain forward {\n"
	"		type filter hook forward priority filter; policy accept;\n"
	"%10$s"
	"		oifname @uplinks meta mark set iif . ip saddr . ct mark map @owner meta mark vmap @out_policies\n"
	"		iifname @uplinks %12$smeta mark set oif . ip daddr . ct mark map @owner meta mark vmap @to_policies\n"
	"		iifname @lines jump from_client\n"
	"		iif @attached jump from_client\n"
	"		iifname @networks jump from_client\n"
	"		oifname @lines goto to_client\n"
	"		oif @attached goto to_client\n"
	"		oifname @networks goto to_client\n"
	"%14$s"
	"	}\n"
	/* A new flow from a line or a network becomes its session's. What is nobody's must at least come from where its source is, before the
	 * kernel routes it: a packet that cannot be forwarded (its lifetime, options, size, or route) is answered without having been in
	 * forward, to whoever stands in it. Who has no address yet, and asks for one, nobody answers. */
	"	chain sources {\n"
	"		type filter hook prerouting priority mangle; policy accept;\n"
	"		ct state established accept\n"
	"		ip saddr 0.0.0.0 accept\n"
	"		ip6 saddr :: accept\n"
	"		ct state new ct mark 0 ct mark set iif . ip saddr map @serial %15$s\n"
	"		ct state new ct mark 0 ct mark set iif . ip saddr map @serial_net %15$s\n"
	"%16$s"
	"		iifname @lines fib saddr . iif oif missing counter drop\n"
	"		iif @attached fib saddr . iif oif missing counter drop\n"
	"		iifname @networks fib saddr . iif oif missing counter drop\n"
	"	}\n"
	/* To the gateway itself: only who is an open session. */
	"	chain line_to_gateway {\n"
	"%7$s"
	"		ct state invalid counter drop\n"
	"		ct mark 0 ct direction reply meta mark set iif . ip saddr map @serial accept\n"
	"		ct mark 0 ct direction reply meta mark set iif . ip saddr map @serial_net accept\n"
	"		meta mark set iif . ip saddr . ct mark map @owner meta mark vmap @gateway_policies\n"
	"		meta mark set iif . ip saddr . ct mark map @owner_net meta mark vmap @gateway_policies\n"
	"		counter drop\n"
	"	}\n"
	"	chain network_to_gateway {\n"
	"		iif . ip saddr @host_rx\n"
	"		ct state invalid counter drop\n"
	"		ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept\n"
	"		ct mark 0 ct direction reply meta mark set iif . ip saddr map @serial_net accept\n"
	"		meta mark set iif . ip saddr . ct mark map @owner meta mark vmap @gateway_policies\n"
	"		meta mark set iif . ip saddr . ct mark map @owner_net meta mark vmap @gateway_policies\n"
	"		counter drop\n"
	"	}\n"
	"	chain input {\n"
	"		type filter hook input priority filter; policy accept;\n"
	"		iifname @lines goto line_to_gateway\n"
	"		iif @attached goto line_to_gateway\n"
	"		iifname @networks goto network_to_gateway\n"
	"	}\n"
	/* From the gateway: its answers to a former holder do not reach the next one. */
	"	chain gateway_to_line {\n"
	"%8$s"
	"		ct mark 0 accept\n"
	"		ct state related accept\n"
	"		meta mark set oif . ip daddr . ct mark map @owner accept\n"
	"		meta mark set oif . ip daddr . ct mark map @owner_net accept\n"
	"		counter drop\n"
	"	}\n"
	"	chain output {\n"
	"		type filter hook output priority filter; policy accept;\n"
	"		oifname @lines goto gateway_to_line\n"
	"		oif @attached goto gateway_to_line\n"
	"	}\n"
	/* What goes to a host is counted when nothing can stop it any more. */
	"	chain not_to_uplink {\n"
	"		oif . ip daddr @host_tx\n"
	"	}\n"
	/* The egress guard, after translation: what leaves has the uplink's own address, or a public one of a client that is
	 * not translated. */
	"	chain guard {\n"
	"		type filter hook postrouting priority 300; policy accept;\n"
	"		oifname != @uplinks %11$s\n"
	"		fib saddr . oif type local accept\n"
	"%9$s"
	"		ct mark @translated counter drop\n"
	"		ip saddr { 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 } counter drop\n"
	"	}\n";

/* A flow that is refused never exists, so that its next packet is a new one again. */
const char ruleset_text_limit_new_flows[] = "		ct mark @new_flow_limit ct mark @flow_refused counter drop\n";
const char ruleset_text_limit_flows[] = "		ct mark @flow_limit ct mark @flow_refused counter drop\n";

/* Before a packet is routed: by which list of uplinks it leaves (masqd/uplinks.h). */
const char ruleset_text_route_marks[] =
	"	chain route_marks {\n"
	"		type filter hook prerouting priority mangle; policy accept;\n"
	"		meta mark set iif . ip saddr map @route_mark accept\n"
	"		meta mark set iif . ip saddr map @route_mark_net\n"
	"	}\n";

/* What begins a TCP connection of a client. It never sends longer segments than every link of the way takes that is ours to know: an
 * uplink by PPPoE takes 1492 bytes, and too many hosts drop the messages that would tell. */
const char ruleset_text_clamp[] = "		tcp option maxseg size set rt mtu\n";
const char ruleset_text_clamp_at_rates[] =
	"		tcp option maxseg size set iif map @mss\n"
	"		tcp option maxseg size set oif map @mss\n";

/* Instead of being accepted at once, goes here what is of a client whose policy has rates, or may be: only what is accepted counts
 * against them. */
const char ruleset_text_rates[] =
	"	chain rates {\n"
	"		iif @rate_up counter drop\n"
	"		iif . ip saddr @rate_up_host counter drop\n"
	"		oif . ip daddr @rate_down_host counter drop\n"
	"		iifname @networks ct mark @rate_up_network counter drop\n"
	"		oifname @networks ct mark @rate_down_network counter drop\n"
	"		accept\n"
	"	}\n";
