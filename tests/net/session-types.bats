#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# A policy means the same for every type of session: a line with pppd, one without, an attached interface, a host of a network
# and what of a network is no host of its own. Needs root.
#
#      ppp       198.51.100.71 ──── ppp7 ┐
#      serial    198.51.100.72 ──── sl0  ├── gw ── isp, lan, c2 (another client)
#      attached  198.51.100.73 ──── at0  │
#      host      198.51.100.130 ─── eth1 ┤
#      unseen    198.51.101.130 ─── eth2 ┘

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

setup() { gateway_setup types; }
teardown() { gateway_teardown; }

declare -gA address=([ppp]=198.51.100.71 [serial]=198.51.100.72 [attached]=198.51.100.73 [host]=198.51.100.130 [unseen]=198.51.101.130)
types='ppp serial attached host unseen'

# subject KEY...: the policy that all of them have.
subject()
{
	conf "policy subject { $* }" \
		'serial line { interface = "sl0" address = "198.51.100.72" policy = "subject" }' \
		'network seen { interface = "eth1" prefix = "198.51.100.128/25" policy = "subject" }' \
		'network unseen { interface = "eth2" prefix = "198.51.101.128/25" policy = "subject" hosts-max = 0 }'
	ctl reload
}

# clients KEY...: all of them are there, with these keys.
clients()
{
	local number=1 name
	add_line ppp7 ppp 198.51.100.71
	index=$ifindex
	add_line sl0 serial 198.51.100.72
	add_line at0 attached 198.51.100.73
	add_namespaces host unseen
	for name in host unseen; do
		wire eth$number $name "${address[$name]}/25"
		ip -n "$ns-gw" addr add "${address[$name]%.*}.129/25" dev eth$number
		ip -n "$ns-$name" route add default via "${address[$name]%.*}.129"
		number=$((number + 1))
	done
	ip -n "$ns-isp" route add 198.51.101.0/24 via 203.0.113.1
	subject "$@"
	dial ppp '{"ifname": "ppp7", "user": "anybox", "policy": "subject", "address": "198.51.100.71"}' "{\"ifindex\": $index}"
	attach at0 198.51.100.73 --policy subject
	within host ping -q -c 1 -W 1 198.51.100.129
	until_true all_there
}

all_there() { is "$(ctl list --json policy=subject | gojq -r '.sessions[].type' | sort | xargs)" 'attached host network network ppp serial'; }

# each COMMAND...: for each type, in whose place stand TYPE and ADDRESS.
each()
{
	local type words
	for type in $types; do
		words=("${@//TYPE/$type}")
		"${words[@]//ADDRESS/${address[$type]}}" || {
			echo "for $type: $*"
			return 1
		}
	done
}

reaches() { [[ $(within "$2" socat -t 0.5 - "TCP:$3:$1,connect-timeout=0.7" <<<hello 2>/dev/null) == *hello ]]; }
answers_to() { is "$(heard_as "$2" "$1" "${4-$SERVER}")" "$3"; }

@test "nat and rules" {
	clients
	each answers_to TYPE tcp 203.0.113.1
	subject 'rules = { "deny udp", "allow any" }'
	each answers_to TYPE tcp 203.0.113.1
	each answers_to TYPE udp -
	subject 'nat = none'
	each answers_to TYPE tcp ADDRESS
	each pings TYPE
}

@test "gateway-services" {
	background ip netns exec "$ns-gw" socat TCP-LISTEN:22,fork,reuseaddr EXEC:cat
	clients
	until_true within gw bash -c "ss -Hltn sport = :22 | grep -q LISTEN"
	each pings TYPE 192.168.0.1
	each not reaches 22 TYPE 192.168.0.1
	subject 'gateway-services = { "tcp 22" }'
	each reaches 22 TYPE 192.168.0.1
	each not pings TYPE 192.168.0.1
}

@test "isolate and isolate-lan" {
	clients 'isolate = no'
	attach cl2 192.168.0.101 --policy friends
	for type in $types; do
		serve $type
	done
	each pings TYPE 192.168.0.101
	each answers_to c2 tcp 192.168.0.101 ADDRESS
	subject
	each not pings TYPE 192.168.0.101
	each answers_to c2 tcp - ADDRESS
	for type in $types; do
		ip -n "$ns-lan" route replace "${address[$type]}" via 192.168.0.1
	done
	each pings TYPE 192.168.0.9
	each answers_to lan tcp 192.168.0.9 ADDRESS
	subject 'isolate-lan = yes'
	each not pings TYPE 192.168.0.9
	each answers_to lan tcp - ADDRESS
	each answers_to TYPE udp 203.0.113.1
}

@test "inbound" {
	clients 'nat = none'
	for type in $types; do
		serve $type
	done
	each answers_to isp tcp - ADDRESS
	subject 'nat = none inbound = yes'
	each answers_to isp tcp $SERVER ADDRESS
}

@test "spoofed sources" {
	clients
	for type in $types; do
		within $type ip addr add 198.51.100.99/32 dev lo
	done
	each not within TYPE ping -q -c 1 -W 0.7 -I 198.51.100.99 $SERVER
	each pings TYPE
}

@test "flows: each its own" {
	clients 'flows = 1'
	for type in $types; do
		converse $type tcp $type
		answered $type
		is "$(heard_as tcp $type)" -
	done
}

@test "idle-timeout and session-timeout end those who come again by themselves, and no others" {
	clients
	subject 'idle-timeout = 1s session-timeout = 3s'
	ctl wait --gone type=ppp --timeout 15
	ctl wait --gone type=attached --timeout 15
	is "$(ctl list --json policy=subject | gojq -r '.sessions[].type' | sort | xargs)" 'host network network serial'
	for type in serial host unseen; do
		pings $type
	done
}
