#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# What a policy says, shown with packets, in the picture of gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

setup() { gateway_setup policies; }
teardown() { gateway_teardown; }

# reaches PORT NAMESPACE ADDRESS: by TCP.
reaches() { [[ $(within "$2" socat -t 0.5 - "TCP:$3:$1,connect-timeout=0.7" <<<hello 2>/dev/null) == *hello ]]; }

# echoes NAMESPACE PORT: answers on that port with what it gets.
echoes()
{
	background ip netns exec "$ns-$1" socat "TCP-LISTEN:$2,fork,reuseaddr" EXEC:cat
	until_true within "$1" bash -c "ss -Hltn sport = :$2 | grep -q LISTEN"
}

@test "rules: the first that fits counts, by protocol, port and destination" {
	for port in 8080 8081 9000; do
		echoes isp $port
	done
	ip -n "$ns-isp" addr add 198.51.100.9/32 dev lo
	ip -n "$ns-gw" route add 198.51.100.9/32 via 203.0.113.9
	conf 'policy dialup { rules = { "deny any to 198.51.100.0/24", "allow tcp 8080,9000-9009", "allow ping", "deny any" } }'
	ctl reload
	attach cl1 192.168.0.100
	reaches 8080 c1 $SERVER
	reaches 9000 c1 $SERVER
	run ! reaches 8081 c1 $SERVER
	pings c1
	is "$(heard_as udp c1)" -
	run ! reaches 8080 c1 198.51.100.9
	run ! pings c1 198.51.100.9
	in_table 'tcp dport { 8080, 9000-9009 } return'
}

@test "rules do not judge answers, and nothing fits is allowed" {
	serve c1
	conf 'policy dialup { rules = { "deny udp" } }'
	ctl reload
	attach cl1 192.168.0.100
	hears 192.168.0.9 udp lan 192.168.0.100
	is "$(heard_as udp c1)" -
	hears 203.0.113.1 tcp c1
}

@test "rules of a live client change with the configuration, and its flows with them" {
	attach cl1 192.168.0.100
	converse flow tcp c1
	answered flow
	conf 'policy dialup { rules = { "deny tcp" } }'
	ctl reload
	is "$(ask flow "too late")" -
	pings c1
	conf 'policy dialup { }'
	ctl reload
	hears 203.0.113.1 tcp c1
	is "$(sessions id)" 1
}

@test "a guest reaches the Internet and no LAN, nor does a LAN reach it" {
	serve lan
	serve c1
	attach cl1 192.168.0.100
	hears 192.168.0.100 udp c1 192.168.0.9
	hears 192.168.0.9 tcp lan 192.168.0.100
	conf 'policy dialup { isolate-lan = yes }'
	ctl reload
	is "$(heard_as udp c1 192.168.0.9)" -
	is "$(heard_as tcp lan 192.168.0.100)" -
	run ! pings c1 192.168.0.9
	run ! pings lan 192.168.0.100
	hears 203.0.113.1 tcp c1
	is "$(ctl policies --json name=dialup | gojq '.policies[0].isolate_lan')" true
}

@test "gateway-services: ping and nothing else, or what is listed; the gateway's own flows are answered" {
	for port in 22 53; do
		echoes gw $port
	done
	echoes c1 7
	attach cl1 192.168.0.100
	pings c1 192.168.0.1
	run ! reaches 22 c1 192.168.0.1
	run ! reaches 22 c1 203.0.113.1
	reaches 7 gw 192.168.0.100
	conf 'policy dialup { gateway-services = { "tcp 22" } }'
	ctl reload
	reaches 22 c1 192.168.0.1
	reaches 22 c1 203.0.113.1
	run ! reaches 53 c1 192.168.0.1
	run ! pings c1 192.168.0.1
	reaches 7 gw 192.168.0.100
}

@test "inbound: a routed client is reached from the uplink only if its policy says so" {
	serve c1
	ip -n "$ns-gw" addr del 203.0.113.1/24 dev isp0
	ip -n "$ns-gw" addr add 203.0.113.1/24 dev isp0
	conf 'policy plain { nat = none }'
	ctl reload
	rewire_public
	attach cl1 198.51.100.77 --policy plain
	hears 198.51.100.77 tcp c1
	is "$(heard_as tcp isp 198.51.100.77)" -
	run ! pings isp 198.51.100.77
	conf 'policy plain { nat = none inbound = yes }'
	ctl reload
	hears $SERVER tcp isp 198.51.100.77
	pings isp 198.51.100.77
}

# rewire_public: the first client has a public address.
rewire_public()
{
	ip -n "$ns-c1" addr add 198.51.100.77/32 dev eth0
	ip -n "$ns-c1" route replace default via 192.168.0.1 src 198.51.100.77
	route_client cl1 198.51.100.77
}

@test "session-timeout ends a session, as soon as it is shortened and after a restart too" {
	conf 'policy dialup { session-timeout = 1h }'
	ctl reload
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	passes c1 203.0.113.1
	kill_masqd
	start_masqd
	conf 'policy dialup { session-timeout = 1s }'
	ctl reload
	ctl wait --gone ifname=cl1 --timeout 10
	logged 'closed: session timeout'
	blocked c1
	is "$(sessions ifname)" cl2
}

@test "idle-timeout: who sends stays, whom others only send to does not" {
	conf 'policy dialup { idle-timeout = 3s }' 'policy friends { idle-timeout = 3s }'
	within c2 sysctl -qw net.ipv4.icmp_echo_ignore_all=1
	ctl reload
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	background ip netns exec "$ns-c1" ping -q -i 0.5 $SERVER
	background ip netns exec "$ns-lan" ping -q -i 0.5 192.168.0.101
	ctl wait --gone ifname=cl2 --timeout 15
	logged 'closed: idle timeout'
	is "$(sessions ifname)" cl1
	end_process "${pids[-2]}"
	ctl wait --gone ifname=cl1 --timeout 15
}

@test "sessions-per-user: one too many is refused, or ends the oldest" {
	add_line ppp7 c3 192.168.0.102
	first=$ifindex
	add_line ppp8 c4 192.168.0.103
	conf 'policy dialup { sessions-per-user = 1 pool = "dialin" }'
	ctl reload
	dial first '{"ifname": "ppp7", "user": "alice", "pid": 1}' "{\"ifindex\": $first, \"local\": \"192.168.0.1\"}"
	refused "this user has 1 session already" '{"ifname": "ppp8", "user": "alice", "pid": 1}'
	conf 'policy dialup { sessions-per-user = 1 duplicate = replace pool = "dialin" }'
	ctl reload
	dial second '{"ifname": "ppp8", "user": "alice", "pid": 1}' "{\"ifindex\": $ifindex, \"local\": \"192.168.0.1\"}"
	until_true has_lines first.replies 3
	is "$(reply first 3 .parameters.reason)" "replaced by a new session of the same user"
	is "$(sessions ifname user)" "ppp8 alice"
}

@test "masqctl policies and show have every key, in base units" {
	conf 'policy dialup { rules = { "deny tcp 25" } idle-timeout = 1h30m sessions-per-user = 2 }'
	ctl reload
	attach cl1 192.168.0.100
	is "$(ctl policies --json name=dialup | gojq -c '.policies[0] | [.nat, .isolate, .rules, .gateway_services, .idle_timeout, .session_timeout, .sessions_per_user, .duplicate, .sessions]')" \
		'["masquerade",true,["deny tcp 25"],["ping"],5400,null,2,"refuse",1]'
	is "$(ctl show cl1 --json | gojq -c '.sessions[0] | [.rules, .idle_timeout]')" '[["deny tcp 25"],5400]'
	run -0 ctl show cl1
	[[ $output == *"idle-timeout: 1h30m"* && $output == *"rules: deny tcp 25"* ]]
	run -0 ctl policies name=dialup -o name,idle-timeout,sessions
	[[ ${lines[0]} == NAME*IDLE-TIMEOUT*SESSIONS && ${lines[1]} == dialup*1h30m*1 ]]
}
