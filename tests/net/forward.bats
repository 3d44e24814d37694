#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Ports of the public address that lead to clients, in the picture of gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

PUBLIC=203.0.113.1

setup()
{
	gateway_setup forward
	conf 'policy dialup { forwards = { "web tcp+udp 2222 to 80" } pool = "dialin" }'
	ctl reload
}

teardown() { gateway_teardown; }

# is_forwarded NAMESPACE SEEN [ADDRESS]: by both protocols the client's server hears this one as that.
is_forwarded()
{
	is "$(heard_as tcp "$1" "${3-$PUBLIC}:2222")" "$2"
	is "$(heard_as udp "$1" "${3-$PUBLIC}:2222")" "$2"
}

is_closed() { is_forwarded "$1" - "${2-$PUBLIC}"; }

taken() { ctl show "$1" --json | gojq -c '.sessions[0].forwards_taken'; }

@test "a port of the public address leads to the client while it is online, and no other port does" {
	serve c1
	is_closed isp
	attach cl1 192.168.0.100
	is_forwarded isp $SERVER
	for port in 22 80 2221 2223; do
		is "$(heard_as tcp isp $PUBLIC:$port)" -
		is "$(heard_as udp isp $PUBLIC:$port)" -
	done
	is "$(heard_as tcp isp 192.168.0.100)" -
	hears $PUBLIC tcp c1
	ctl detach cl1
	is_closed isp
	until_true not in_conntrack 192.168.0.100
}

@test "it follows the uplink's address" {
	serve c1
	attach cl1 192.168.0.100
	is_forwarded isp $SERVER
	kill_masqd
	ip -n "$ns-gw" addr del 203.0.113.1/24 dev isp0
	ip -n "$ns-gw" addr add 203.0.113.7/24 dev isp0
	is_forwarded isp $SERVER 203.0.113.7
	start_masqd
	is_forwarded isp $SERVER 203.0.113.7
	is_forwarded lan 203.0.113.7 203.0.113.7
	ip -n "$ns-gw" addr add 203.0.113.8/24 dev isp0
	until_true in_table_set uplink_addresses 203.0.113.8
	is_forwarded lan 203.0.113.7 203.0.113.8
}

in_table_set() { within gw nft -y list set inet masqgate "$1" | grep -qF -- "$2"; }

@test "it follows the client's address, and a former holder's flow ends" {
	add_line ppp7 c3 192.168.0.102
	serve c3
	dial one '{"ifname": "ppp7", "user": "alice", "pid": 1, "address": "192.168.0.102"}' "{\"ifindex\": $ifindex, \"local\": \"192.168.0.1\"}"
	is_forwarded isp $SERVER
	converse before tcp isp $PUBLIC:2222
	converse before-udp udp isp $PUBLIC:2222
	answered before && answered before-udp
	end_process "$dialled"
	until_true is "$(sessions id)" ""
	add_line ppp8 c4 192.168.0.103
	serve c4
	dial two '{"ifname": "ppp8", "user": "alice", "pid": 1, "address": "192.168.0.103"}' "{\"ifindex\": $ifindex, \"local\": \"192.168.0.1\"}"
	is_forwarded isp $SERVER
	is "$(ask before "nobody hears")" -
}

@test "who uses the public address from inside reaches the client too: itself, another one, the LAN" {
	serve c1
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101
	is_forwarded c1 $PUBLIC
	is_forwarded c2 $PUBLIC
	is_forwarded lan $PUBLIC
	# and otherwise they are as far from each other as before
	blocked c2 192.168.0.100
	is "$(heard_as tcp c2 192.168.0.100:2222)" -
	passes c1 $PUBLIC
	passes c2 $PUBLIC
	run ! within c2 ping -q -c 1 -W 0.7 -I 192.168.0.101 192.168.0.100
	ctl detach cl1
	is_closed c2
	is_closed lan
}

@test "answers reach who opened, and not the next holder of the address" {
	serve c1
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101
	capture c2 c2 eth0 udp
	converse flow udp c2 $PUBLIC:2222
	echo tick >flow.in
	until_true grep -q "2222 > 192.168.0.101" c2.cap
	# the next session of this interface and address, while the flow is not flushed
	kill_masqd
	policy=$(within gw nft list map inet masqgate owner | sed -n 's/.*"cl2" . 192.168.0.101 . 0x0*2 : \(0x[0-9a-f]*\).*/\1/p')
	within gw nft -f - <<-END
		delete element inet masqgate serial { "cl2" . 192.168.0.101 }
		delete element inet masqgate owner { "cl2" . 192.168.0.101 . 2 }
		add element inet masqgate serial { "cl2" . 192.168.0.101 : 77 }
		add element inet masqgate owner { "cl2" . 192.168.0.101 . 77 : $policy }
	END
	: >c2.cap
	capture c1 c1 eth0 udp and src port 80
	until_true has_lines c1.cap 3
	run ! grep '> 192.168.0.101' c2.cap
	is "$(ask flow question)" -
	hears $PUBLIC tcp c2 $PUBLIC:2222
}

@test "what was opened to a former holder does not reach the next one" {
	serve c1
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	converse hairpin tcp c2 $PUBLIC:2222
	converse outside tcp isp $PUBLIC:2222
	answered hairpin && answered outside
	ctl detach cl1
	attach cl1 192.168.0.100
	is "$(ask hairpin nobody)" -
	is "$(ask outside nobody)" -
	is_forwarded isp $SERVER
	is_forwarded c2 $PUBLIC
}

# Interfaces that go take their flows along, and these do not.
@test "what was opened to a former holder does not reach the next one though masqd was dead" {
	serve c1
	conf 'policy dialup { }' 'policy served { forwards = { "web tcp+udp 2222 to 80" } }'
	ctl reload
	attach cl1 192.168.0.100 --policy served
	attach cl2 192.168.0.101
	converse hairpin tcp c2 $PUBLIC:2222
	answered hairpin
	kill_masqd
	conf 'policy dialup { }'
	start_masqd
	is "$(sessions ifname)" cl2
	conf 'policy dialup { }' 'policy served { forwards = { "web tcp+udp 2222 to 80" } }'
	ctl reload
	attach cl1 192.168.0.100 --policy served
	is "$(ask hairpin nobody)" -
	is_forwarded c2 $PUBLIC
}

@test "nobody takes part in the flow of another one" {
	serve c1
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101
	converse flow udp c2 $PUBLIC:2222
	answered flow
	port=$(within gw conntrack -L -p udp --orig-port-dst 2222 2>/dev/null | sed 's/.*src=192.168.0.101 dst=203.0.113.1 sport=\([0-9]*\).*/\1/')
	capture c1 c1 eth0 udp dst port 80
	# from the LAN and from outside, with the address and port of who opened it
	for from in lan isp; do
		ip -n "$ns-$from" addr add 192.168.0.101/32 dev eth0
		echo spoofed | within $from socat -t 0.1 - "UDP:$PUBLIC:2222,bind=192.168.0.101:$port"
	done
	forget_outside
	answered flow
	until_true has_lines c1.cap 1
	is "$(wc -l <c1.cap)" 1
}

@test "the first that is online has the port, the second gets it when it is free" {
	serve c2
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101
	is "$(taken cl1)" '{}'
	is "$(taken cl2)" '{"web":1}'
	logged '#2 on cl2 192.168.0.101: forward web: taken by #1'
	run -0 ctl show cl2
	[[ $output == *"forwards: web tcp+udp 2222 to 80"* && $output == *"forwards-taken: web by #1"* ]]
	ctl explain cl2 to $SERVER | grep -q 'forwards  *info to it from outside: web (taken by #1)$'
	run -0 ctl list 'forwards-taken~web' -o id
	is "${lines[-1]}" "#2"
	is_closed isp
	# also after a restart
	kill_masqd
	start_masqd
	is "$(taken cl2)" '{"web":1}'
	ctl detach cl1
	is_forwarded isp $SERVER
	is "$(taken cl2)" '{}'
	logged 'forward web: free again'
	# also if the other one would be asked first
	attach cl1 192.168.0.100
	kill_masqd
	start_masqd
	is "$(taken cl1)" '{"web":2}'
	is_forwarded isp $SERVER
}

@test "a masqd killed and started again leaves forwards and their flows as they are" {
	serve c1
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	for from in isp lan c1 c2; do
		converse $from tcp $from $PUBLIC:2222
		answered $from
	done
	kill_masqd
	for from in isp lan c1 c2; do
		answered $from
		is_forwarded $from "$([[ $from == isp ]] && echo $SERVER || echo $PUBLIC)"
	done
	start_masqd
	for from in isp lan c1 c2; do
		answered $from
	done
	within gw nft flush ruleset
	until_true logged 'and is repaired'
	for from in isp lan c1 c2; do
		answered $from
	done
	is_forwarded isp $SERVER
}

@test "a reload gives and takes ports, with their flows, and leaves the others alone" {
	serve c1
	conf 'policy dialup { forwards = { "a tcp 2222 to 80", "b tcp 3000-3010 to 80-90" } }'
	ctl reload
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101
	converse a tcp isp $PUBLIC:2222
	converse b tcp isp $PUBLIC:3000
	converse hairpin tcp c2 $PUBLIC:3000
	answered a && answered b && answered hairpin
	conf 'policy dialup { forwards = { "a tcp 2222 to 80", "c tcp 3001 to 80" } }'
	ctl reload
	answered a
	is "$(ask b gone)" -
	is "$(ask hairpin gone)" -
	is "$(heard_as tcp isp $PUBLIC:3000)" -
	is "$(heard_as tcp isp $PUBLIC:3001)" $SERVER
	conf 'policy dialup { }'
	ctl reload
	is "$(ask a gone)" -
	not in_table 'chain publish'
	not in_table 'dnat'
}

@test "forwards are set live, and for one user" {
	serve c1
	conf 'policy dialup { }' 'user "alice" { forward web { protocol = "tcp+udp" port = 2222 to-port = 80 } }'
	ctl reload
	attach cl1 192.168.0.100 --user alice
	attach cl2 192.168.0.101 --user bob
	is_forwarded isp $SERVER
	is_forwarded c2 $PUBLIC
	ctl detach cl1
	attach cl1 192.168.0.100 --user carol
	is_closed isp
	ctl set cl1 'forwards=web tcp+udp 2222 to 80'
	is_forwarded isp $SERVER
	run ! ctl set cl1 'forwards=web tcp 0'
	[[ $output == *"ports must be 1 to 65535"* ]]
	is_forwarded isp $SERVER
	ctl unset cl1 forwards
	is_closed isp
}

@test "an isolated client with rules is reached, and rules judge who uses the public address from inside" {
	serve c1
	conf 'policy dialup { isolate = yes rules = { "deny any" } forwards = { "web tcp+udp 2222 to 80" } }' \
		'policy friends { isolate = yes rules = { "deny tcp 80" } }'
	ctl reload
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	is_forwarded isp $SERVER
	is_forwarded lan $PUBLIC
	is "$(heard_as udp c2 $PUBLIC:2222)" $PUBLIC
	is "$(heard_as tcp c2 $PUBLIC:2222)" -
}

@test "a client without translation has only its forwards open, unless it is inbound" {
	serve c1
	conf 'policy dialup { nat = none forwards = { "web tcp+udp 2222 to 80" } }'
	ctl reload
	ip -n "$ns-c1" addr add 198.51.100.77/32 dev eth0
	ip -n "$ns-c1" route replace default via 192.168.0.1 src 198.51.100.77
	route_client cl1 198.51.100.77
	attach cl1 198.51.100.77
	is_forwarded isp $SERVER
	is "$(heard_as tcp isp 198.51.100.77)" -
	conf 'policy dialup { nat = none inbound = yes forwards = { "web tcp+udp 2222 to 80" } }'
	ctl reload
	is_forwarded isp $SERVER
	hears $SERVER tcp isp 198.51.100.77
}

@test "a forward leads to a host of a network, also from that network and from a client" {
	add_namespaces h1 h2 bridge
	ip -n "$ns-bridge" link add br0 type bridge
	ip -n "$ns-bridge" link set br0 up
	ip -n "$ns-gw" link add eth1 type veth peer name gw netns "$ns-bridge"
	ip -n "$ns-bridge" link set gw master br0 up
	ip -n "$ns-gw" link set eth1 up
	ip -n "$ns-gw" addr add 10.1.0.1/24 dev eth1
	for host in 1 2; do
		ip -n "$ns-bridge" link add h$host type veth peer name eth0 netns "$ns-h$host"
		ip -n "$ns-bridge" link set h$host master br0 up
		ip -n "$ns-h$host" link set eth0 up
		ip -n "$ns-h$host" addr add 10.1.0.10$host/24 dev eth0
		ip -n "$ns-h$host" route add default via 10.1.0.1
	done
	serve h1
	conf 'policy home { forwards = { "web tcp+udp 2222 to 10.1.0.101:80" } }' 'policy dialup { }' \
		'network home { interface = "eth1" prefix = "10.1.0.0/24" policy = "home" }'
	ctl reload
	attach cl1 192.168.0.100
	is_forwarded isp $SERVER
	is_forwarded h1 10.1.0.1
	is_forwarded h2 10.1.0.1
	is_forwarded c1 10.1.0.1
	is_forwarded lan 10.1.0.1
	is "$(heard_as tcp isp 10.1.0.101)" -
}

@test "a gateway's own service and a client's do not get in each other's way" {
	serve gw
	serve c1
	conf 'policy dialup { forwards = { "web tcp 2222 to 80" } gateway-services = { "tcp 80" } }'
	ctl reload
	attach cl1 192.168.0.100
	is "$(heard_as tcp isp $PUBLIC)" $SERVER
	is "$(heard_as tcp c1 $PUBLIC)" 192.168.0.100
	is "$(heard_as tcp c1 $PUBLIC:2222)" $PUBLIC
	is "$(heard_as tcp lan 192.168.0.1:2222)" -
}
