#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# A hostile client, and those who must not notice: another client, a host on the LAN, the far side, and the gateway. In the picture of
# gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2034,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway

setup()
{
	gateway_setup clients
	hostile=$BATS_TEST_DIRNAME/hostile
	# an administrator who has let source routes in: the rules do not rely on that switch, nor
	# on the reverse path filter, nor on the kernel's sending an error a second at most
	within gw sysctl -qw net.ipv4.conf.{all,cl1}.accept_source_route=1 net.ipv4.conf.{all,cl1,isp0,eth0}.rp_filter=0 net.ipv4.icmp_ratelimit=0
	ip -n "$ns-gw" route add default via $SERVER
	conf 'policy neighbour { pool = "dialin" }'
	ctl reload
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy neighbour
	mac=$(ip -n "$ns-gw" -j link show cl1 | gojq -r '.[0].address')
	background ip netns exec "$ns-gw" "$hostile" ear 224.0.0.251@cl1 224.0.0.252@cl1 239.255.255.250@cl1 >heard
	until_true grep -q ready heard
	capture lan lan eth0 not arp
	capture c2 c2 eth0 not arp
	background ip netns exec "$ns-c2" ping -q -i 0.02 -s 100 $SERVER >probe.out
	probe=$last
	until_true grep -q 'echo reply.* length 108' isp.cap
}

teardown() { gateway_teardown; }

# sends SOURCES DESTINATIONS: the hostile client, of every kind.
sends() { within c1 "$hostile" send eth0 "$mac" "$@"; }

# arrived NAME: at this capture, but for the neighbour's probes and our own marks, until now.
arrived()
{
	local to=$SERVER
	case $1 in
	lan) to=192.168.0.9 ;;
	c2) to=192.168.0.101 ;;
	esac
	within gw ping -q -c 1 -W 2 -s 200 $to >/dev/null
	until_true grep -q 'echo reply.* length 208' "$1.cap"
	grep -v 'ICMP echo re.* id .* length [12]08$' "$1.cap" || :
}

# who might be believed: the neighbour, nobody of the pool, the LAN's host, the gateway, the uplink, the far side, anybody; and martians
SPOOFED=192.168.0.101,192.168.0.103,192.168.0.9,192.168.0.1,203.0.113.1,203.0.113.9,198.51.100.7,10.1.1.1
MARTIANS=0.0.0.0,255.255.255.255,127.0.0.1,224.0.0.1,192.168.0.255,169.254.1.1,240.0.0.1
INSIDE=192.168.0.101,192.168.0.9,192.168.0.1,203.0.113.1
GROUPS_AND_ALL=224.0.0.1,224.0.0.251,224.0.0.252,239.255.255.250,255.255.255.255,192.168.0.255,127.0.0.1,0.0.0.0

@test "spoofed and martian sources reach nobody, whatever the protocol, fragment, option or way" {
	sends $SPOOFED,$MARTIANS $SERVER,198.51.100.99,$INSIDE,$GROUPS_AND_ALL
	is "$(arrived isp)" ''
	is "$(arrived lan)" ''
	is "$(arrived c2)" ''
	is "$(<heard)" ready
	lost_nothing
}

@test "from its own address a client reaches nobody but whom its policy says, by whatever protocol, fragment, option or way" {
	local routes
	conf 'policy dialup { pool = "dialin" isolate-lan = yes rules = { "allow udp 9", "deny any" } }' 'policy neighbour { pool = "dialin" }'
	ctl reload
	serve gw
	background ip netns exec "$ns-gw" socat TCP-LISTEN:5353,fork,reuseaddr -
	routes=$(ip -n "$ns-gw" route show table all; ip -n "$ns-gw" route get 192.168.0.101; ip -n "$ns-gw" route get $SERVER)
	forget_outside
	sends 192.168.0.100 $SERVER,198.51.100.99,$INSIDE,$GROUPS_AND_ALL
	is "$(arrived isp)" ''
	is "$(arrived lan)" ''
	is "$(arrived c2)" ''
	# of the gateway a ping, at whatever of its addresses
	is "$(cut -d' ' -f1,2,4 heard | sort -u)" $'1 192.168.0.100 0800\nready'
	# no redirect was believed
	is "$(ip -n "$ns-gw" route show table all; ip -n "$ns-gw" route get 192.168.0.101; ip -n "$ns-gw" route get $SERVER)" "$routes"
	[[ $(within c1 "$talk" -w 0.7 tcp 192.168.0.1 <<<hello) == - ]]
	[[ $(within c1 "$talk" -w 0.7 udp 203.0.113.1 <<<hello) == - ]]
	lost_nothing
}

@test "what a policy lets out leaves as the gateway's own, by whatever protocol, fragment, option or way" {
	forget_outside
	# of each kind something is there, with nobody's address but the gateway's
	all_kinds_arrive()
	{
		local kind
		sends 192.168.0.100 $SERVER,198.51.100.99
		arrived isp >seen
		for kind in 'UDP, length 8' 'Flags \[S\]' 'echo request.* length 16' GREv 'ESP(' 'AH(' ip-proto-99 'ip-proto-17$'; do
			grep -q "$kind" seen || return 1
		done
	}
	until_true all_kinds_arrive
	is "$(grep -v ' IP 203\.0\.113\.\(1[. ]\|9[.0-9]* > 203\.0\.113\.1[.:]\)' seen)" ''
	run ! grep '192\.168\.' seen
	is "$(arrived lan)" ''
	is "$(arrived c2)" ''
	lost_nothing
}

@test "IPv6 that was not opened reaches nobody, whatever its source, headers or way, and nobody is answered for it" {
	local name net interface
	within gw sysctl -qw net.ipv6.conf.{cl1,cl2,isp0,eth0}.disable_ipv6=0 net.ipv6.conf.all.forwarding=1 net.ipv6.icmp.ratelimit=0
	for name in 1:isp:isp0 2:lan:eth0 3:c2:cl2 4:c1:cl1; do
		IFS=: read -r net name interface <<<"$name"
		within $name sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0
		ip -n "$ns-gw" addr add 2001:db8:$net::1/64 dev $interface nodad
		ip -n "$ns-$name" addr add 2001:db8:$net::9/64 dev eth0 nodad
		ip -n "$ns-$name" -6 route add default via 2001:db8:$net::1
	done
	# between those who are no clients it is none of masqd's business
	until_true within lan ping -6 -q -c 1 -W 1 2001:db8:1::9
	# all of that has been written down
	arrived isp >/dev/null
	arrived lan >/dev/null
	: >isp.cap
	: >lan.cap
	within c1 "$hostile" send6 eth0 "$mac" 2001:db8:4::9,2001:db8:1::9,2001:db8:2::9,2001:db8:3::9,2001:db8:1::1,2001:db8:9::9,::,ff02::1,::1 \
		2001:db8:1::9,2001:db8:2::9,2001:db8:3::9,2001:db8:1::1,2001:db8:4::1,2001:db8:8::8,ff02::1
	for name in isp lan c2; do
		is "$(arrived $name | grep -v "ICMP6, \(neighbor\|router\)\|HBH ICMP6, multicast")" ''
	done
	lost_nothing
}
