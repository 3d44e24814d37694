#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Rates, measured by what arrives at the far side in the picture of gateway.bash. Bounds are wide: a machine may be slow, but
# nothing may be faster than its rate. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

setup() { gateway_setup rates; }
teardown() { gateway_teardown; }

# policy KEYS: the first client's, from now on.
policy()
{
	conf "policy dialup { pool = \"dialin\" $1 }"
	ctl reload
}

# offers NAMESPACE BYTES: by TCP on port 8000, in the file page.
offers()
{
	head -c "$2" /dev/urandom >page
	background ip netns exec "$ns-$1" socat -U TCP-LISTEN:8000,fork,reuseaddr OPEN:"$dir/page",rdonly
	until_true within "$1" bash -c 'ss -Hltn sport = :8000 | grep -q LISTEN'
}

# loads NAMESPACE [ADDRESS]: loads the page from there, whole; the milliseconds that it took are in took.
loads()
{
	local since=${EPOCHREALTIME/./}
	within "$1" socat -u "TCP:${2-$SERVER}:8000" CREATE:got
	took=$(((${EPOCHREALTIME/./} - since) / 1000))
	cmp page got
}

# floods NAMESPACE ADDRESS COUNT: packets with 1000 bytes of UDP, as fast as it goes.
floods()
{
	within "$1" python3 -c 'if 1:
		import socket, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		for _ in range(int(sys.argv[2])):
			s.sendto(bytes(1000), (sys.argv[1], 9))' "$2" "$3"
}

# received NAMESPACE: packets on its eth0 until now.
received() { ip -n "$ns-$1" -j -s link show eth0 | gojq '.[0].stats64.rx.packets'; }
has_received() { (($(received "$1") >= $2)); }

qdisc() { within gw tc qdisc show dev "$1"; }
class() { within gw tc class show dev "$1"; }
is_shaped() { [[ $(qdisc "$1") == *'qdisc htb 4d47: root'* ]]; }
# of SESSION MEMBER...: as JSON.
of() { ctl show "$1" --json | gojq -c ".sessions[0] | [$(printf '.%s, ' "${@:2}" | sed 's/, $//')]"; }

@test "rate-down: a download takes its time and arrives whole" {
	offers isp 400000
	policy 'rate-down = 1Mbit burst-down = 10k'
	attach cl1 192.168.0.100
	loads c1
	echo "took $took ms"
	# 400 000 bytes and their headers, less the burst
	((took >= 2900))
	is "$(of cl1 rate_down burst_down rate_up rate)" '[1000000,10240,null,null]'
	run -0 ctl show cl1
	[[ $output == *"rate-down: 1Mbit"* && $output == *"burst-down: 10K"* && $output == *"drops-down: "* ]]
	policy ''
	loads c1
	((took < 2900))
	run ! is_shaped cl1
}

@test "rate-up: what is above is dropped, counted, and nobody else's" {
	offers c1 600000
	policy 'rate-up = 1Mbit burst-up = 150k'
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	ip -n "$ns-lan" route replace 192.168.0.100 via 192.168.0.1
	loads lan 192.168.0.100
	echo "took $took ms"
	# 600 000 bytes less the burst, at 125 000 a second
	((took >= 3400))
	(($(of cl1 drops_up | gojq '.[0]') > 0))
	is "$(of cl1 rate_up burst_up rate_down)" '[1000000,153600,null]'
	is "$(of cl2 rate_up drops_up)" '[null,null]'
	in_table 'iif @rate_up counter'
}

# is_known COUNT: what became of so many packets: they have come, or were dropped.
is_known() { (($(received isp) - before + $(of cl1 drops_up | gojq '.[0]') >= $1)); }

@test "burst-up is what passes at once" {
	policy 'rate-up = 400kbit burst-up = 100000'
	attach cl1 192.168.0.100
	pings c1
	before=$(received isp)
	floods c1 "$SERVER" 500
	until_true is_known 500
	passed=$(($(received isp) - before))
	echo "passed $passed"
	# 100 000 bytes are 97 packets; the rest is what 50 000 bytes a second let through meanwhile
	((passed >= 90 && passed < 400))
}

@test "another rate for a live session: the same qdisc, and no packet is lost" {
	policy 'rate-down = 8kbit rate-up = 1Mbit'
	attach cl1 192.168.0.100
	pings gw 192.168.0.100
	before=$(received c1)
	# the first goes at once, the others wait for seconds
	floods gw 192.168.0.100 4
	policy 'rate-down = 1Mbit rate-up = 1Mbit'
	until_true has_received c1 $((before + 4))
	is_shaped cl1
	is "$(of cl1 rate_down drops_down)" '[1000000,0]'
	[[ $(class cl1) == *"rate 1Mbit"* ]]
	is "$(sessions id)" 1
}

is_dropping() { (($(of "$1" drops_up | gojq '.[0]') > 0)); }

@test "rates that are set for one session, where no policy has any" {
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101
	run ! in_table '@rate_'
	ctl set cl1 rate-down=1Mbit rate-up=500kbit
	is "$(of cl1 rate_down rate_up)" '[1000000,500000]'
	is "$(of cl2 rate_down rate_up)" '[null,null]'
	is_shaped cl1
	run ! is_shaped cl2
	in_table 'iif @rate_up counter'
	# 400 packets at once are more than 62 500 bytes, which pass at once
	floods c1 "$SERVER" 400
	until_true is_dropping cl1
	floods c2 "$SERVER" 400
	is "$(of cl2 drops_up)" '[null]'
	run ctl set cl1 rate=line
	[[ $status -ne 0 && $output == *'rate: line: is in the way of rate-down'* ]]
	ctl unset cl1 rate-down rate-up
	until_true not is_shaped cl1
	passes c1 203.0.113.1
}

@test "a limit that is taken away: what waited for it is not lost, and then nothing of it is there" {
	policy 'rate-down = 8kbit'
	attach cl1 192.168.0.100
	pings gw 192.168.0.100
	before=$(received c1)
	floods gw 192.168.0.100 4
	policy ''
	until_true has_received c1 $((before + 4))
	until_true not is_shaped cl1
	is "$(of cl1 rate_down drops_down)" '[null,null]'
	pings gw 192.168.0.100
}

@test "shaping survives masqd, follows what changed meanwhile, and goes with the session" {
	policy 'rate-down = 1Mbit rate-up = 1Mbit'
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101
	kill_masqd
	is_shaped cl1
	conf 'policy dialup { pool = "dialin" rate-down = 2Mbit }'
	start_masqd
	[[ $(class cl1) == *'rate 2Mbit'* ]]
	run ! in_table 'elements = { "cl1" limit rate over'
	kill_masqd
	conf 'policy dialup { pool = "dialin" }'
	start_masqd
	run ! is_shaped cl1
	run ! in_table '@rate_up'
	policy 'rate-down = 1Mbit'
	is_shaped cl2
	ctl detach cl2
	run ! is_shaped cl2
	is_shaped cl1
}

@test "a root qdisc of somebody else is left alone and reported; reload tries again" {
	within gw tc qdisc add dev cl1 root handle 1: pfifo limit 77
	policy 'rate-down = 1Mbit'
	attach cl1 192.168.0.100
	passes c1 203.0.113.1
	logged 'not shaped: cl1 has a root qdisc that somebody else made'
	[[ $(qdisc cl1) == *'pfifo 1: root'*'limit 77p'* ]]
	run ctl status
	[[ $output == *'cl1 is not shaped'* ]]
	policy 'rate-down = 2Mbit'
	[[ $(qdisc cl1) == *'pfifo 1: root'*'limit 77p'* ]]
	within gw tc qdisc del dev cl1 root
	ctl reload
	is_shaped cl1
	run ctl status
	[[ $output != *'is not shaped'* ]]
	within gw tc qdisc replace dev cl1 root handle 1: pfifo
	ctl detach cl1
	[[ $(qdisc cl1) == *'pfifo 1: root'* ]]
}

@test "rate = line: rates and segments come from the tty's speed, after a restart too" {
	add_line ppp7 c3 192.168.0.102
	first=$ifindex
	policy 'rate = line'
	dial slow '{"ifname": "ppp7", "tty": "/dev/ttyS0", "speed": 33600, "pid": 1, "address": "192.168.0.102"}' \
		"{\"ifindex\": $first, \"local\": \"192.168.0.1\"}"
	is "$(of ppp7 rate speed rate_down rate_up mss)" '["line",33600,25536,26880,598]'
	is_shaped ppp7
	hears 203.0.113.1 tcp c3
	grep -q 'Flags \[S\], .*mss 598' isp.cap
	kill_masqd
	start_masqd
	is "$(of ppp7 rate_down rate_up mss)" '[25536,26880,598]'
	is_shaped ppp7
	add_line ppp8 c4 192.168.0.103
	dial unknown '{"ifname": "ppp8", "pid": 1, "address": "192.168.0.103"}' "{\"ifindex\": $ifindex, \"local\": \"192.168.0.1\"}"
	logged "has rate = line, but nobody said the line's speed: it has no limit"
	is "$(of ppp8 rate rate_down rate_up mss)" '["line",null,null,null]'
	passes c4 203.0.113.1
}

@test "segments fit through the narrowest link, both ways" {
	ip -n "$ns-gw" link set isp0 mtu 1400
	attach cl1 192.168.0.100
	capture c1 c1 eth0 tcp
	hears 203.0.113.1 tcp c1
	until_true grep -q 'Flags \[S\.\], .*mss 1360' c1.cap
	grep -q 'Flags \[S\], .*mss 1360' isp.cap
	grep -q 'Flags \[S\], .*mss 1460' c1.cap
}

# add_host NAMESPACE INTERFACE NETWORK: a host .2 on an Ethernet of its own, where the gateway is .1.
add_host()
{
	add_namespaces "$1"
	wire "$2" "$1" "$3.2/24"
	ip -n "$ns-gw" addr add "$3.1/24" dev "$2"
	ip -n "$ns-$1" route add default via "$3.1"
}

@test "a host on a network is policed both ways, and all that are not told apart together" {
	add_host c5 eth5 10.5.0
	add_host c6 eth6 10.6.0
	offers isp 300000
	conf 'policy hosts { rate-down = 1Mbit rate-up = 1Mbit }' \
		'network five { interface = "eth5" prefix = "10.5.0.0/24" policy = "hosts" }' \
		'network six { interface = "eth6" prefix = "10.6.0.0/24" policy = "hosts" hosts-max = 0 }'
	ctl reload
	passes c5 203.0.113.1
	passes c6 203.0.113.1
	ctl wait type=host --timeout 10
	for host in c5 c6; do
		loads $host
		echo "took $took ms"
		((took >= 1000))
		floods $host "$SERVER" 1000
	done
	run ! is_shaped eth5
	(($(of 10.5.0.2 drops_up | gojq '.[0]') > 0))
	(($(of eth6 drops_up | gojq '.[0]') > 0))
	is "$(of 10.5.0.2 rate_up rate_down)" '[1000000,1000000]'
}

@test "nothing of rates is in the rules while no policy has one" {
	attach cl1 192.168.0.100
	run ! in_table '@rate_'
	policy 'rate-up = 1Mbit'
	in_table 'iif @rate_up counter'
	policy ''
	run ! in_table '@rate_'
	within gw nft list ruleset >/dev/null
}
