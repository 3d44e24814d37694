#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# masqd in network namespaces: what passes and what does not is seen at the far side. Needs root.
#
# The picture is that of gateway.bash.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

setup() { gateway_setup masqd; }
teardown() { gateway_teardown; }

@test "a client is masqueraded, by TCP, UDP and ICMP" {
	attach cl1 192.168.0.100 --user alice
	passes c1 203.0.113.1
	is "$(sessions type state ifname user address policy nat isolate)" "attached open cl1 alice 192.168.0.100 dialup masquerade true"
	pings c1 192.168.0.1
}

@test "two clients with the same source port get their own answers" {
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101
	from_port() { within "$1" socat -t 0.5 - "$2:$SERVER:80,sourceport=5555" <<<"$1"; }
	for protocol in UDP TCP; do
		run -0 from_port c1 $protocol
		[[ $output == "203.0.113.1 5555 c1" ]]
		run -0 from_port c2 $protocol
		[[ $output == "203.0.113.1 "*" c2" ]]
	done
}

@test "what was never attached is not judged, but does not leave untranslated; what was detached is closed" {
	within gw sysctl -qw net.ipv4.conf.cl1.forwarding=1
	serve lan
	passes c1 192.168.0.100 192.168.0.9
	blocked c1
	attach cl1 192.168.0.100
	passes c1 203.0.113.1
	ctl detach cl1
	capture lan lan eth0 not arp
	blocked c1
	blocked c1 192.168.0.9
	run ! grep '192.168.0.100[.0-9]* >' lan.cap
	serve c1
	blocked lan 192.168.0.100
	run ! pings c1 192.168.0.1
	run ! pings gw 192.168.0.100
	is "$(sessions id)" ''
	settled
	run ! leaked
}

@test "a line is closed before masqd knows it, and without masqd" {
	add_line ppp7 c3 192.168.0.103
	within gw sysctl -qw net.ipv4.conf.ppp7.forwarding=1
	serve lan
	serve c3
	capture c3 c3 eth0 not arp
	capture lan lan eth0 not arp
	for state in running killed; do
		[[ $state == running ]] || kill_masqd
		blocked c3
		blocked c3 192.168.0.9
		blocked lan 192.168.0.103
		run ! pings c3 192.168.0.1
	done
	pings gw 192.168.0.9
	until_true grep -q 'echo reply' lan.cap
	run ! grep '192.168.0.103[.0-9]* >' lan.cap
	# nothing was for it, not even from the gateway, but what had asked the gateway
	run ! grep '> 192.168.0.103' c3.cap
}

@test "spoofed sources go nowhere" {
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	passes c1 203.0.113.1
	capture lan lan eth0 not arp
	capture c2 c2 eth0 not arp
	forget_outside
	for source in 192.168.0.101 192.168.0.102 192.168.0.9 192.168.0.1 203.0.113.1 203.0.113.77 198.51.100.7 10.1.1.1 127.0.0.1 224.0.0.1; do
		within c1 python3 "$strays" $SERVER $source || :
	done
	for destination in 192.168.0.9 192.168.0.101 192.168.0.1; do
		within c1 python3 "$strays" $destination 192.168.0.102
		within c1 python3 "$strays" $destination $SERVER
	done
	settled
	is "$(grep -c ' length 1010' isp.cap)" 2
	is "$(grep -vc ' length 1010' isp.cap)" 0
	pings gw 192.168.0.9
	until_true grep -q 'echo reply' lan.cap
	is "$(grep -vc 'ICMP echo re.* id' lan.cap)" 0
	pings gw 192.168.0.101
	until_true grep -q 'echo reply' c2.cap
	is "$(grep -vc 'ICMP echo re.* id' c2.cap)" 0
	passes c1 203.0.113.1
}

@test "the LAN and a client reach each other as they are" {
	attach cl1 192.168.0.100
	serve lan
	serve c1
	passes c1 192.168.0.100 192.168.0.9
	passes lan 192.168.0.9 192.168.0.100
	passes c1 203.0.113.1
}

@test "clients reach each other if both may" {
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101
	serve c1
	serve c2
	serve lan
	blocked c1 192.168.0.101
	ctl detach cl2
	attach cl2 192.168.0.101 --policy friends
	blocked c1 192.168.0.101
	capture c1 c1 eth0 not arp
	blocked c2 192.168.0.100
	pings gw 192.168.0.100
	until_true grep -q 'echo reply' c1.cap
	run ! grep '192.168.0.101[.0-9]* >' c1.cap
	ctl detach cl1
	attach cl1 192.168.0.100 --policy friends
	passes c1 192.168.0.100 192.168.0.101
	passes c2 192.168.0.101 192.168.0.100
	passes c1 203.0.113.1
	passes c2 192.168.0.101 192.168.0.9
	passes lan 192.168.0.9 192.168.0.100
}

@test "without nat only public addresses leave, as they are" {
	attach cl1 192.168.0.100 --policy plain
	serve lan
	blocked c1
	passes c1 192.168.0.100 192.168.0.9
	ip -n "$ns-c2" addr replace 198.51.100.7/32 dev eth0
	ip -n "$ns-c2" addr del 192.168.0.101/32 dev eth0
	route_client cl2 198.51.100.7
	attach cl2 198.51.100.7 --policy plain
	passes c2 198.51.100.7
}

@test "three boxes on an Ethernet are masqueraded, found again, and follow the configuration" {
	add_network
	conf "$HOME_NETWORK"
	ctl reload
	is "$(sessions type state ifname address user)" 'network open eth1 10.1.0.0/24 home'
	in_table '"#1 network '
	for host in h1 h2 h3; do
		passes $host 203.0.113.1
		pings $host 10.1.0.1
	done
	serve h2
	passes h1 10.1.0.2 10.1.0.3
	serve lan
	passes h3 10.1.0.4 192.168.0.9
	passes lan 192.168.0.9 10.1.0.3
	# a source that is not of the prefix
	ip -n "$ns-h3" addr add 10.1.1.4/32 dev eth0
	ip -n "$ns-gw" route add 10.1.1.0/24 dev eth1
	ip -n "$ns-h3" route replace default via 10.1.0.1 src 10.1.1.4
	blocked h3
	run ! pings h3 192.168.0.1
	# from outside
	ip -n "$ns-isp" route add 10.1.0.0/24 via 203.0.113.1
	blocked isp 10.1.0.3
	converse one tcp h1
	answered one
	before=$(sessions id started)
	kill_masqd
	answered one
	start_masqd
	answered one
	is "$(sessions id started)" "$before"
	conf "$HOME_NETWORK" 'policy dialup { nat = none }'
	# the network and its hosts
	is "$(ctl reload)" 'reloaded; sessions changed: 4'
	blocked h2
	passes h1 10.1.0.2 192.168.0.9
	conf
	is "$(ctl reload)" 'reloaded; sessions changed: 4'
	is "$(sessions id)" ''
	not in_table '"#1 network '
}

@test "a network and a client reach each other as the client's policy says" {
	add_network
	conf "$HOME_NETWORK" 'policy dialup { isolate = no }'
	ctl reload
	attach cl1 192.168.0.100
	serve c1
	serve h1
	passes h1 10.1.0.2 192.168.0.100
	passes c1 192.168.0.100 10.1.0.2
	passes c1 203.0.113.1
	passes h1 203.0.113.1
}

@test "a serial line is open while its interface is up" {
	add_line sl0 c3 192.168.0.102
	conf 'serial slip0 { interface = "sl0" address = "192.168.0.102" policy = "friends" }'
	ctl reload
	is "$(sessions id type state ifname address user policy)" '1 serial open sl0 192.168.0.102 slip0 friends'
	passes c3 203.0.113.1
	ip -n "$ns-gw" link set sl0 down
	ctl wait --gone type=serial
	logged '#1 slip0 on sl0 192.168.0.102: closed: link down'
	not in_table 192.168.0.102
	ip -n "$ns-gw" link set sl0 up
	ctl wait type=serial state=open
	is "$(sessions id)" 2
	route_client sl0 192.168.0.102
	passes c3 203.0.113.1
	# its address is not somebody else's
	run ! attach cl1 192.168.0.102
	ip -n "$ns-gw" link del sl0
	ctl wait --gone type=serial
	logged '#2 slip0 on sl0 192.168.0.102: closed: link'
}

@test "nobody outside opens a flow to a client" {
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy plain
	serve c1
	serve c2
	ip -n "$ns-isp" route add 192.168.0.0/24 via 203.0.113.1
	capture c1 c1 eth0 not arp
	capture c2 c2 eth0 not arp
	for client in 192.168.0.100 192.168.0.101; do
		blocked isp $client
		within isp python3 "$strays" $client $SERVER
	done
	for client in c1 c2; do
		pings gw 192.168.0.10"$((${client#c} - 1))"
		until_true grep -q 'echo reply' $client.cap
		run ! grep -F $SERVER $client.cap
	done
}

@test "IPv6 of a client goes nowhere" {
	attach cl1 192.168.0.100
	within gw sysctl -qw net.ipv6.conf.{cl1,isp0,eth0}.disable_ipv6=0 net.ipv6.conf.all.forwarding=1
	for there in isp lan c1; do
		within $there sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0
	done
	ip -n "$ns-gw" addr add 2001:db8:1::1/64 dev isp0 nodad
	ip -n "$ns-gw" addr add 2001:db8:2::1/64 dev cl1 nodad
	ip -n "$ns-gw" addr add 2001:db8:3::1/64 dev eth0 nodad
	ip -n "$ns-isp" addr add 2001:db8:1::9/64 dev eth0 nodad
	ip -n "$ns-isp" route add default via 2001:db8:1::1
	ip -n "$ns-lan" addr add 2001:db8:3::9/64 dev eth0 nodad
	ip -n "$ns-lan" route add default via 2001:db8:3::1
	ip -n "$ns-c1" addr add 2001:db8:2::2/64 dev eth0 nodad
	# neither side has to find the other: only the rules are in the way
	address_of() { ip -n "$ns-$1" -j link show "$2" | gojq -r '.[0].address'; }
	ip -n "$ns-c1" neigh add 2001:db8:2::1 dev eth0 lladdr "$(address_of gw cl1)" nud permanent
	ip -n "$ns-gw" neigh add 2001:db8:2::2 dev cl1 lladdr "$(address_of c1 eth0)" nud permanent
	ip -n "$ns-c1" route add default via 2001:db8:2::1
	capture lan lan eth0 ip6 and host 2001:db8:2::2
	capture c1 c1 eth0 ip6 and not host 2001:db8:2::2
	# between the uplink and the LAN it is none of masqd's business
	until_true within lan ping -q -c 1 -W 1 2001:db8:1::9
	for there in 2001:db8:1::9 2001:db8:3::9 2001:db8:2::1 2001:db8:1::1; do
		run ! within c1 ping -q -c 2 -i 0.1 -W 0.5 $there
	done
	settled
	run ! grep 2001:db8:2::2 isp.cap
	run ! grep . lan.cap
	passes c1 203.0.113.1
}

# tick_to NAME PROTOCOL NAMESPACE: a flow on which the server goes on talking.
tick_to()
{
	converse "$@"
	[[ $(ask "$1" tick) == *' tick' ]]
}

# How many "tick N" were seen in NAMESPACE.cap; an answer is longer.
ticks() { grep -c "$SERVER.80 > .* length [789]\(:\|$\)" "$1.cap"; }
has_ticks() { (($(ticks "$1") >= $2)); }

@test "the next holder of an address gets nothing of the last one's flows" {
	attach cl1 192.168.0.100 --user alice
	capture c1 c1 eth0 not arp
	tick_to one udp c1
	tick_to two tcp c1
	until_true has_ticks c1 6
	# the same interface, another session
	ctl detach cl1
	attach cl1 192.168.0.100 --user bob
	: >c1.cap
	passes c1 203.0.113.1
	is "$(ticks c1)" 0
	# another interface
	ip -n "$ns-gw" link del cl1
	ctl wait --gone user=bob
	ip -n "$ns-c2" addr replace 192.168.0.100/32 dev eth0
	ip -n "$ns-c2" addr del 192.168.0.101/32 dev eth0
	route_client cl2 192.168.0.100
	attach cl2 192.168.0.100 --user carol
	capture c2 c2 eth0 not arp
	: >isp.cap
	until_true has_ticks isp 2
	settled
	pings gw 192.168.0.100
	until_true grep -q 'echo reply' c2.cap
	is "$(ticks c2)" 0
	passes c2 203.0.113.1
	# what was the last one's is not only kept from him, but gone
	until_true not in_conntrack 'mark=1 '
}

@test "the next holder of an address gets nothing of the last one's flows though masqd was dead" {
	attach cl1 192.168.0.100 --user alice
	capture c1 c1 eth0 not arp
	tick_to one udp c1
	tick_to two tcp c1
	until_true has_ticks c1 6
	kill_masqd
	ip -n "$ns-gw" link del cl1
	add_line ppp7 c3 192.168.0.100
	within gw sysctl -qw net.ipv4.conf.ppp7.forwarding=1
	capture c3 c3 eth0 not arp
	in_conntrack 'src=192.168.0.100 .*mark=1 '
	start_masqd
	is "$(sessions id)" ''
	dial two '{"ifname":"ppp7","user":"carol","address":"192.168.0.100"}' "{\"ifindex\":$ifindex}"
	passes c3 203.0.113.1
	: >isp.cap
	until_true has_ticks isp 2
	settled
	is "$(ticks c3)" 0
	until_true not in_conntrack 'mark=1 '
}

@test "what is not flushed yet belongs to its own session only" {
	attach cl1 192.168.0.100
	capture c1 c1 eth0 not arp
	tick_to one udp c1
	until_true has_ticks c1 2
	# as a former holder's flow stands in the kernel
	within gw conntrack -U -s 192.168.0.100 -m 77
	in_conntrack 'mark=77'
	: >c1.cap
	forget_outside
	[[ $(ask one question) == - ]]
	until_true has_ticks isp 2
	is "$(grep -c 'IP 203.0.113.1' isp.cap)" 0
	is "$(ticks c1)" 0
	run ! grep '> 192.168.0.100' c1.cap
	passes c1 203.0.113.1
	# and with its own mark it is its own
	within gw conntrack -U -s 192.168.0.100 -m 1
	until_true has_ticks c1 2
}

@test "a masqd killed and started again finds its sessions, and no flow notices" {
	add_line ppp7 c3 192.168.0.102
	add_line sl0 c4 192.168.0.103
	ip -n "$ns-c3" addr replace 198.51.100.7/32 dev eth0
	ip -n "$ns-c3" addr del 192.168.0.102/32 dev eth0
	route_client ppp7 198.51.100.7
	conf 'serial slip0 { interface = "sl0" address = "192.168.0.103" policy = "friends" }'
	ctl reload
	ppp7=$(ip -n "$ns-gw" -j link show ppp7 | gojq '.[0].ifindex')
	# its policy comes from its tty, and is not the default
	line='{"ifname":"ppp7","user":"dave\u001b[1m","user_hex":"64617665ff0a22","tty":"/dev/ttyP0","address":"198.51.100.7"}'
	dial one "$line" "{\"ifindex\":$ppp7}"
	attach cl1 192.168.0.100 --user 'alice "%s"'
	attach cl2 192.168.0.101 --policy friends
	for client in c1 c2 c4; do
		converse u-$client udp $client
		converse t-$client tcp $client
		answered u-$client && answered t-$client
	done
	converse u-c3 udp c3
	[[ $(ask u-c3 hello) == '198.51.100.7 '* ]]
	before=$(sessions id started user policy address ifname)
	is "$(sessions id | wc -l)" 4
	kill_masqd
	for flow in u-c1 t-c1 u-c2 t-c2 u-c3 u-c4 t-c4; do
		answered $flow
	done
	passes c1 203.0.113.1
	start_masqd
	for flow in u-c1 t-c1 u-c2 t-c2 u-c3 u-c4 t-c4; do
		answered $flow
	done
	is "$(sessions id started user policy address ifname)" "$before"
	is "$(sessions state | sort | uniq -c | xargs)" '3 open 1 orphaned'
	run ! ctl kick ppp7
	dial again "$line" "$(reply one 1 ".parameters | {ifindex: $ppp7, address, serial, started}")"
	is "$(sessions id started user policy address ifname)" "$before"
	is "$(sessions state | sort -u)" open
	answered u-c3
	ctl kick ppp7 --reason 'the line is needed'
	until_true grep -q 'the line is needed' again.replies
	# the next serial is a new one
	ctl detach cl1
	attach cl1 192.168.0.100
	is "$(sessions id | tail -n 1)" 5
}

@test "a start changes only those elements that are not right" {
	conf 'policy dialup { flows = 9 new-flows = 50 rate-up = 800000 isolate = no port-block = 1024 }'
	ctl reload
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	within gw nft -s list table inet masqgate >before
	kill_masqd
	background ip netns exec "$ns-gw" nft monitor elements >changes
	monitor=$last
	until_true grep -q . <(within gw ss -f netlink | grep nft)
	start_masqd
	within gw nft -s list table inet masqgate | diff before -
	run ! grep -E 'delete element|add element' <(grep -vE 'uplink_addresses|attached|inet masqgate (lines|uplinks|lans|networks|policies|[a-z]*_policies|rated) ' changes)
	end_process "$monitor"
	kill_masqd
	within gw nft delete element inet masqgate owner "{ cl1 . 192.168.0.100 . 1 }"
	within gw nft add element inet masqgate owner "{ cl1 . 192.168.0.77 . 1 : 9 }"
	within gw nft delete element inet masqgate flow_limit "{ 1 }"
	within gw nft add element inet masqgate flow_limit "{ 1 ct count over 77 }"
	start_masqd
	within gw nft -s list table inet masqgate | diff before -
}

@test "a reload changes a policy on the fly" {
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101
	serve c2
	passes c1 203.0.113.1
	blocked c1 192.168.0.101
	conf 'policy dialup { isolate = no }'
	is "$(ctl reload)" 'reloaded; sessions changed: 2'
	passes c1 192.168.0.100 192.168.0.101
	passes c1 203.0.113.1
	is "$(ctl reload)" 'reloaded; sessions changed: 0'
	conf 'policy dialup { nat = none }'
	is "$(ctl reload)" 'reloaded; sessions changed: 2'
	blocked c1
	blocked c1 192.168.0.101
	conf
	kill -HUP "$masqd"
	until_true logged 'configuration read again, 2 sessions changed'
	until_true not logged 'cannot'
	passes c1 203.0.113.1
}

@test "a flow goes on through reloads" {
	attach cl1 192.168.0.100
	converse one tcp c1
	answered one
	for isolate in no yes no yes; do
		conf "policy dialup { isolate = $isolate }"
		ctl reload
		answered one
	done
	# what is not translated any more stays what it was until it ends; what now is begins anew
	conf 'policy dialup { nat = none }'
	ctl reload
	answered one
	conf
	ctl reload
	answered one
}

@test "public addresses that are to be translated from now on begin anew" {
	ip -n "$ns-c1" addr replace 198.51.100.7/32 dev eth0
	ip -n "$ns-c1" addr del 192.168.0.100/32 dev eth0
	route_client cl1 198.51.100.7
	attach cl1 198.51.100.7 --policy plain
	converse one udp c1
	[[ $(ask one hello) == '198.51.100.7 '* ]]
	conf 'policy plain { nat = masquerade }'
	ctl reload
	from_gateway() { [[ $(ask one hello) == '203.0.113.1 '* ]]; }
	until_true from_gateway
}

@test "a pool does not have addresses of an uplink's network" {
	attach cl1 192.168.0.100
	conf 'pool dialin { range = { "203.0.113.50-203.0.113.60" } }'
	run -7 ctl reload
	[[ $output == *"$dir/masqd.conf:"*': pool "dialin": 203.0.113.50-203.0.113.60: overlaps with the network of uplink "isp" (203.0.113.0-203.0.113.255 on isp0)'* ]]
	pings c1
}

@test "a bad file changes nothing" {
	attach cl1 192.168.0.100
	before=$(table)
	for line in 'policy x { nat = maybe }' 'policy dialup { pool = "none" }' 'uplink isp { interface = "ppp0" }' 'policy "a b" { }' '{' '"'; do
		conf "$line"
		run ! ctl reload
		[[ $output == *masqd.conf:* ]]
		kill -HUP "$masqd"
	done
	rm masqd.conf
	run ! ctl reload
	mkdir masqd.conf
	run ! ctl reload
	is "$(table)" "$before"
	passes c1 203.0.113.1
	until_true logged 'configuration not taken over, the old one stays in force'
}

@test "a policy that is gone ends its sessions" {
	add_line ppp7 c3 192.168.0.102
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	dial one '{"ifname":"ppp7","policy":"friends","address":"192.168.0.102"}' "{\"ifindex\":$ifindex}"
	conf
	sed -i /friends/d masqd.conf
	is "$(ctl reload)" 'reloaded; sessions changed: 2'
	is "$(sessions ifname)" cl1
	is "$(reply one 3 .parameters)" '{"reason":"unknown policy \"friends\"","state":"closed"}'
	blocked c2
	blocked c3
	passes c1 203.0.113.1
	not in_table policy_friends
	within gw nft list table inet masqgate
	run ! attach cl2 192.168.0.101 --policy friends
}

@test "a policy that went while masqd was dead takes its sessions along" {
	add_line ppp7 c3 192.168.0.102
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	dial one '{"ifname":"ppp7","policy":"friends","address":"192.168.0.102"}' "{\"ifindex\":$ifindex}"
	kill_masqd
	sed -i /friends/d masqd.conf
	start_masqd
	is "$(sessions ifname)" cl1
	blocked c2
	blocked c3
	passes c1 203.0.113.1
	refused 'unknown policy "friends"' '{"ifname":"ppp7","policy":"friends"}' \
		"{\"ifindex\":$ifindex,\"serial\":3,\"started\":1,\"address\":\"192.168.0.102\"}"
	blocked c3
}

@test "a second masqd is refused and does no harm" {
	attach cl1 192.168.0.100
	converse one tcp c1
	answered one
	run --separate-stderr -75 within gw timeout 10 masqd -f "$dir/masqd.conf"
	[[ $stderr == "masqd: cannot listen: $dir/run/socket: another masqd is running" ]]
	answered one
	is "$(sessions ifname)" cl1
	ctl detach cl1
}

@test "a foreign table of our name is refused with words" {
	end_process "$masqd"
	within gw nft delete table inet masqgate
	within gw nft add table inet masqgate
	within gw nft add chain inet masqgate mine
	run --separate-stderr -71 within gw timeout 10 masqd -f "$dir/masqd.conf"
	[[ $stderr == *'table inet masqgate: it is there already and is not this version'* ]]
	[[ $stderr == *'hint: see '*'nft list table inet masqgate'* ]]
	within gw nft list chain inet masqgate mine
	run ! within gw nft list chain inet masqgate forward
}

@test "other tables are left alone, and a flushed or broken one is made whole" {
	within gw nft 'add table ip other; add chain ip other c { type filter hook input priority 0; }; add rule ip other c counter'
	before=$(within gw nft -s list table ip other)
	attach cl1 192.168.0.100
	converse one tcp c1
	answered one
	for harm in 'delete table inet masqgate' 'flush chain inet masqgate forward' 'flush map inet masqgate owner' \
		'flush set inet masqgate translated' 'flush map inet masqgate serial'; do
		local repaired
		repaired=$(repairs)
		within gw nft "$harm"
		until_true has_repairs $((repaired + 1))
		until_true answered one
	done
	passes c1 203.0.113.1
	is "$(within gw nft -s list table ip other)" "$before"
	end_process "$masqd"
	is "$(within gw nft -s list table ip other)" "$before"
}

@test "what an older masqd has left of its chains is taken out" {
	attach cl1 192.168.0.100
	kill_masqd
	within gw nft -f - <<-'END'
		table inet masqgate {
			chain accepted { type filter hook forward priority 1; tcp dport 80 drop; }
			chain policy_gone { accept; }
			chain from_network { goto policy_gone; }
		}
	END
	start_masqd
	run ! in_table 'chain accepted'
	run ! in_table 'chain from_network'
	run ! in_table 'policy_gone'
	converse one tcp c1
	answered one
}

@test "one uplink is named in the rules, several are a set" {
	in_table 'oifname "isp0" meta mark set iif'
	conf 'uplink other { interface = "isp1" }'
	ctl reload
	in_table 'oifname @uplinks meta mark set iif'
	run ! in_table '"isp0" jump'
	attach cl1 192.168.0.100
	converse one tcp c1
	answered one
}

@test "strays never leave with a private source" {
	attach cl1 192.168.0.100
	passes c1 203.0.113.1
	within c1 python3 "$strays" $SERVER
	ctl detach cl1
	within c1 python3 "$strays" $SERVER 192.168.0.100
	within gw sysctl -qw net.ipv4.conf.cl2.forwarding=1
	within c2 python3 "$strays" $SERVER 192.168.0.101
	within lan python3 "$strays" $SERVER 192.168.0.9
	run ! within gw ping -q -c 1 -W 0.5 -I 192.168.0.1 $SERVER
	kill_masqd
	within c1 python3 "$strays" $SERVER 192.168.0.100
	settled
	run ! leaked
	# what has the gateway's own source did arrive
	grep -q '203.0.113.1.* > 203.0.113.9.*80: Flags' isp.cap
}

@test "an interface that vanishes takes its session and all its elements along" {
	add_line ppp7 c3 192.168.0.102
	dial one '{"ifname":"ppp7","user":"dave","address":"192.168.0.102"}' "{\"ifindex\":$ifindex}"
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	before=$(table | grep -c 192.168.0.10)
	is "$before" 7
	for name in ppp7 cl1 cl2; do
		ip -n "$ns-gw" link del $name
	done
	until_true not in_table 192.168.0.10
	is "$(sessions id)" ''
	is "$(reply one 3 .parameters)" '{"reason":"link-gone","state":"closed"}'
	logged '#2 on cl1 192.168.0.100: closed: link-gone'
	within gw nft -j list set inet masqgate attached | gojq -e '.nftables[1].set.elem == null'
	within gw nft -j list set inet masqgate translated | gojq -e '.nftables[1].set.elem == null'
}

@test "a detached interface that vanishes is forgotten" {
	attach cl1 192.168.0.100
	ctl detach cl1
	in_attached() { within gw nft -j list set inet masqgate attached | gojq -e '.nftables[1].set.elem != null'; }
	in_attached
	ip -n "$ns-gw" link del cl1
	until_true not in_attached
}

@test "an interface that is renamed takes its session along, as long as the rules judge it" {
	add_line ppp7 c3 192.168.0.102
	dial one '{"ifname":"ppp7","user":"dave","address":"192.168.0.102"}' "{\"ifindex\":$ifindex}"
	attach cl1 192.168.0.100
	rename() { ip -n "$ns-gw" link set "$1" down && ip -n "$ns-gw" link set "$1" name "$2" && ip -n "$ns-gw" link set "$2" up; }
	rename ppp7 ppp-dave
	rename cl1 some
	ctl wait ifname=some
	ctl wait ifname=ppp-dave
	route_client ppp-dave 192.168.0.102
	route_client some 192.168.0.100
	passes c1 203.0.113.1
	passes c3 203.0.113.1
	rename ppp-dave eth7
	until_true grep -q closed one.replies
	is "$(reply one 3 .parameters.reason)" "its interface's new name does not fit client-interfaces"
}

forwarding() { within gw sysctl -n "net.ipv4.conf.$1.forwarding"; }
is_forwarding() { [[ $(forwarding "$1") == 1 ]]; }

@test "an uplink that comes back with another address just works" {
	attach cl1 192.168.0.100
	passes c1 203.0.113.1
	is_absent() { [[ $(ctl uplinks --json | gojq -r '.uplinks[0].state') == absent ]]; }
	ip -n "$ns-gw" link del isp0
	until_true is_absent
	wire isp0 isp 203.0.113.9/24
	ip -n "$ns-gw" addr add 203.0.113.55/24 dev isp0
	capture isp isp eth0 not arp
	until_true is_forwarding isp0
	passes c1 203.0.113.55
	is "$(ctl uplinks --json | gojq -cr '.uplinks[0].addresses')" '["203.0.113.55"]'
	ip -n "$ns-gw" addr del 203.0.113.55/24 dev isp0
	ip -n "$ns-gw" addr add 203.0.113.56/24 dev isp0
	passes c1 203.0.113.56
	is "$(ctl uplinks --json | gojq -cr '.uplinks[0].addresses')" '["203.0.113.56"]'
}

@test "forwarding is switched on where it is needed, and nowhere else" {
	attach cl1 192.168.0.100
	passes c1 203.0.113.1
	is "$(forwarding all) $(forwarding default) $(forwarding isp0) $(forwarding eth0) $(forwarding cl1) $(forwarding cl2)" '0 0 1 1 1 0'
	add_line sl0 c3 192.168.0.102
	conf 'serial slip0 { interface = "sl0" address = "192.168.0.102" policy = "friends" }'
	ctl reload
	passes c3 203.0.113.1
	is "$(forwarding sl0)" 1
}

@test "it runs without root, with one capability" {
	end_process "$masqd"
	rm -r run state
	PATH=$BUILD/masqd:$PATH start_masqd
	status=$(grep -E '^(Uid|Gid|Groups|Cap...|NoNewPrivs):' "/proc/$masqd/status" | tr -s '\t ' ' ')
	id=$(id -u masqgate) gid=$(id -g masqgate)
	is "$status" "Uid: $id $id $id $id
Gid: $gid $gid $gid $gid
Groups: 
CapInh: 0000000000000000
CapPrm: 0000000000001000
CapEff: 0000000000001000
CapBnd: 0000000000000000
CapAmb: 0000000000000000
NoNewPrivs: 1"
	is "$(stat -c '%U %a' state/last-serial)" 'masqgate 644'
	attach cl1 192.168.0.100
	end_process "$masqd"
	[[ ! -e run/socket ]]
}

@test "the serial after the last one is the first that no session has" {
	attach cl1 192.168.0.100
	kill_masqd
	echo 4294967294 >state/last-serial
	start_masqd
	attach cl2 192.168.0.101
	is "$(sessions id ifname)" $'1 cl1\n4294967295 cl2'
	ctl detach cl2
	attach cl2 192.168.0.101
	is "$(sessions id ifname)" $'1 cl1\n2 cl2'
	passes c1 203.0.113.1
	passes c2 203.0.113.1
}

@test "it describes its interface by the file itself" {
	call org.varlink.service.GetInterfaceDescription "{\"interface\":\"$GATEWAY\"}" | gojq -rj .parameters.description >description
	cmp description "$BATS_TEST_DIRNAME/../../masqd/$GATEWAY.varlink"
	is "$(call org.varlink.service.GetInfo '{}' | gojq -c '.parameters | [.product, .interfaces]')" \
		"[\"masqd\",[\"org.varlink.service\",\"$GATEWAY\"]]"
}

# varlink-call holds every reply against the description; here are those that have most in them.
@test "every reply is as the interface's description says, whatever a session is and has" {
	local method
	add_network
	add_line ppp7 c3 192.168.0.102
	conf 'network home { interface = "eth1" prefix = "10.1.0.0/24" policy = "home" }' 'policy home { quota = 1G flows = 5 rate-up = 1Mbit }' 'uplink spare { interface = "eth9" }' 'policy slow { rate-down = 64kbit rate-up = 64kbit burst-up = 32k }' \
		'policy dialup { pool = "dialin" port-block = 1024 dns = { "192.0.2.53" } routes = { "10.9.0.0/24" } flows = 99 new-flows = 9
		hours = { "00:00-24:00" } quota = 1G over-quota = "policy slow" forwards = { "ssh tcp 2222 to 22" } helpers = { "ftp" }
		uplinks = { "isp", "spare" } idle-timeout = 1h sessions-per-user = 2 }' \
		'group all { users = { "*" } routes = {} port-block = 64 }' 'redial-backoff = 1m'
	ctl reload
	attach cl1 192.168.0.100 --user alice
	attach cl2 192.168.0.101 --policy slow
	dial one '{"ifname":"ppp7","user":"dave","tty":"/dev/ttyS1","speed":115200,"pid":77}' "{\"ifindex\":$ifindex}"
	is "$(reply one 2 .parameters.state)" open
	pings h1 10.1.0.1
	ctl wait type=host
	ctl set cl1 rate-down=1Mbit 'rules=deny tcp 25'
	for method in Status +List Policies Uplinks +History +Reconcile; do
		call "${method%%[A-Z]*}$GATEWAY.${method#+}" '{}' >replies
	done
	call +$GATEWAY.List '{"fields":null}' | gojq -s '[.[].parameters.session.type] | sort | unique' -c >types
	is "$(<types)" '[null,"attached","host","network","ppp"]'
	call $GATEWAY.Explain '{"address":"192.168.0.100"}' $GATEWAY.Explain '{"address":"10.1.0.2","to":"203.0.113.9","protocol":6,"port":25}' \
		$GATEWAY.Who '{"address":"203.0.113.1","port":10001}' $GATEWAY.Unset '{"serials":[2],"keys":["rate-down"]}'
	call $GATEWAY.Admit '{"line":{"ifname":"ppp8","user":"eve","tty":"/dev/ttyS2"},"address":null}'
	run -1 call $GATEWAY.Admit '{"line":{"ifname":"ppp9","user":"eve","policy":"none"},"address":null}'
	echo 'policy dialup { flows = 98 }' >>masqd.conf
	run -1 call +$GATEWAY.Diff '{}'
	run -1 call $GATEWAY.Reload '{}'
	run -1 call $GATEWAY.Set '{"serials":[2],"settings":[{"key":"flows","values":["none"]}]}'
	run -1 call $GATEWAY.Kick '{"serials":[99]}'
	run -1 call $GATEWAY.Detach '{"ifname":"cl9"}'
	conf 'policy dialup { flows = 98 }'
	call +$GATEWAY.Diff '{}' $GATEWAY.Reload '{"confirm":60}' $GATEWAY.Rollback '{}' $GATEWAY.Reload '{"confirm":60}' $GATEWAY.Confirm '{}' \
		$GATEWAY.Kick '{"serials":[4]}' $GATEWAY.Detach '{"ifname":"cl1"}' +$GATEWAY.History '{}'
}

@test "what the kernel holds can be read, by people and by nft" {
	add_network
	conf "$HOME_NETWORK"
	ctl reload
	attach cl1 192.168.0.100 --user alice
	table | grep -qE '"cl1" \. 192\.168\.0\.100 comment "#2 attached [0-9]{10}/[0-9]+ 0 = = = alice" : 0x00000002'
	table >listed
	within gw nft -c -f "$dir/listed"
	within gw nft -j list table inet masqgate | gojq -e . >/dev/null
	within gw nft list ruleset >/dev/null
}

HOSTILE=$'";table ip x;\x27}\n\r\x1b[2J%s\\'

@test "a hostile name is harmless in the log, in nft and in JSON" {
	add_line ppp7 c3 192.168.0.102
	attach cl1 192.168.0.100 --user "$HOSTILE"
	hex=$(printf '%s\xff\xfe\xc0\x80' "$HOSTILE" | od -An -v -tx1 | tr -d ' \n')
	dial one "{\"ifname\":\"ppp7\",\"user\":\"nonsense\",\"user_hex\":\"$hex\",\"tty\":\"/dev/\\u001b]0;x\\u0007\\\"\",\
		\"caller\":\"\\n\\\"\\u0007\",\"ipparam\":\"\\u009b\",\"address\":\"192.168.0.102\"}" "{\"ifindex\":$ifindex}"
	reply one 2 .
	passes c1 203.0.113.1
	passes c3 203.0.113.1
	is "$(within gw nft list tables)" 'table inet masqgate'
	table >listed
	within gw nft -c -f "$dir/listed"
	run ! grep -P '[^\x20-\x7e\t]' listed
	is "$(ctl list --json ifname=cl1 | gojq -r '.sessions[0].user')" "$HOSTILE"
	is "$(ctl list --json ifname=ppp7 | gojq -r '.sessions[0].user')" "$HOSTILE"$'\ufffd\ufffd\ufffd\ufffd'
	is "$(call +$GATEWAY.List '{}' | gojq -r 'select(.parameters.session.ifname == "ppp7").parameters.session.user_hex')" "$hex"
	iconv -f UTF-8 -t UTF-8 <(ctl list --json) >/dev/null
	ctl list >shown
	run ! grep -P '[\x00-\x08\x0b-\x1f\x7f]' shown
	kill_masqd
	start_masqd
	is "$(ctl list --json ifname=cl1 | gojq -r '.sessions[0].user')" "$HOSTILE"
	is "$(call +$GATEWAY.List '{}' | gojq -r 'select(.parameters.session.ifname == "ppp7").parameters.session.user_hex')" "$hex"
	# shellcheck disable=SC2016 # gojq's
	refused "unknown policy \"$HOSTILE\"" "$(gojq -cn --arg policy "$HOSTILE" '{ifname: "ppp8", $policy}')"
	# reasons are cut to a length, but not out of JSON
	dial long "$(gojq -cn '{ifname: "ppp8", policy: ("x" + "ü" * 200)}')"
	is "$(reply long 1 '.parameters.reason | .[:20]')" 'unknown policy "xüüü'
	run ! attach "$(printf 'ü%.0s' {1..200})" 192.168.0.103
	[[ $output == *'there is no interface üü'* ]]
	run ! grep -P '[\x00-\x08\x0b-\x1f\x7f]' log
	run ! grep -vE '^masqd: ' log
}

@test "a line is admitted, opened, up and closed" {
	add_line ppp7 c3 192.168.0.100
	background "$BATS_TEST_DIRNAME/../varlink-call" run/socket +$GATEWAY.Monitor '{}' >monitor 2>&1
	until_true grep -q ready monitor
	dial one '{"ifname":"ppp7","user":"dave","tty":"/dev/ttyS1","speed":115200,"caller":"+49 30 1234","ipparam":"x","pid":77}'
	is "$(reply one 1 '.parameters | del(.started)')" '{"address":"192.168.0.100","dns":[],"policy":"dialup","serial":1}'
	(($(reply one 1 .parameters.started) > 1000000000))
	is "$(sessions state ifname ifindex address policy user tty speed caller ipparam pid)" \
		'admitted ppp7 null 192.168.0.100 dialup dave /dev/ttyS1 115200 +49 30 1234 x 77'
	blocked c3
	end_process "$dialled"
	ctl wait --gone user=dave
	dial one '{"ifname":"ppp7","user":"dave"}' "{\"ifindex\":$ifindex}"
	is "$(reply one 2 '.parameters, .continues' | xargs)" '{ipv6:false,reason:null,state:open} true'
	passes c3 203.0.113.1
	is "$(sessions state ifname ifindex local)" "open ppp7 $ifindex 192.168.0.1"
	echo "Up {\"ifname\":\"ppp7\",\"pid\":78,\"mtu\":1400}" >one.orders
	ctl wait pid=78
	is "$(sessions mtu)" 1400
	echo 'Close {"cause":"User request"}' >one.orders
	wait "$dialled"
	is "$(reply one 3 .)" '{"parameters":{"reason":"User request","state":"closed"}}'
	is "$(sessions id)" ''
	blocked c3
	is "$(gojq -r '[.parameters.event, .parameters.session.serial, .parameters.reason] | join(" ")' monitor)" \
		$'ready  \nadmitted 1 \nclosed 1 link-gone\nadmitted 2 \nopen 2 \nchanged 2 \nclosed 2 User request'
}

@test "a connection that breaks is the end of its session" {
	add_line ppp7 c3 192.168.0.100
	dial one '{"ifname":"ppp7","user":"dave"}' "{\"ifindex\":$ifindex}"
	passes c3 203.0.113.1
	end_process "$dialled" KILL
	until_true logged '#1 dave on ppp7 192.168.0.100: closed: link-gone'
	blocked c3
	not in_table 192.168.0.100
}

@test "a kick answers the open call with its reason" {
	add_line ppp7 c3 192.168.0.100
	dial one '{"ifname":"ppp7","user":"dave"}' "{\"ifindex\":$ifindex}"
	ctl kick ppp7 --reason $'go "home"\n\u00fc'
	wait "$dialled"
	is "$(reply one 3 .)" '{"parameters":{"reason":"go \"home\"\nü","state":"closed"}}'
	blocked c3
	dial two '{"ifname":"ppp7","user":"dave"}'
	is "$(reply two 1 .parameters.serial)" 2
	# not that one, and all or nothing
	run -1 call $GATEWAY.Kick '{"serials":[4294967298]}'
	run -1 call $GATEWAY.Kick '{"serials":[2,3]}'
	is "$(gojq -c <<<"$output")" "{\"error\":\"$GATEWAY.NoSuchSession\",\"parameters\":{\"serial\":3}}"
	run -1 call $GATEWAY.Kick '{"serials":["2"]}'
	is "$(sessions id)" 2
	call $GATEWAY.Kick '{"serials":[2,2]}'
	is "$(sessions id)" ''
}

@test "what is refused, and why" {
	add_line ppp7 c3 192.168.0.102
	open="{\"ifindex\":$ifindex}"
	refused 'unknown policy "nosuch"' '{"ifname":"ppp7","policy":"nosuch"}'
	refused 'interface isp0 is an uplink'"'"'s' '{"ifname":"isp0"}'
	refused 'interface eth0 does not fit client-interfaces' '{"ifname":"eth0"}'
	refused 'interface cl1 does not fit client-interfaces' '{"ifname":"cl1"}'
	refused 'address 192.168.0.1 is the gateway'"'"'s own' '{"ifname":"ppp7","policy":"plain","address":"192.168.0.1"}'
	refused 'address 203.0.113.1 is the gateway'"'"'s own' '{"ifname":"ppp7","policy":"plain","address":"203.0.113.1"}'
	refused 'address 192.168.0.255 is a broadcast address' '{"ifname":"ppp7","policy":"plain","address":"192.168.0.255"}'
	refused 'address 192.168.0.0 is a broadcast address' '{"ifname":"ppp7","policy":"plain","address":"192.168.0.0"}'
	refused 'address 127.0.0.1 is a loopback address' '{"ifname":"ppp7","policy":"plain","address":"127.0.0.1"}'
	refused 'address 224.0.0.5 is a multicast address' '{"ifname":"ppp7","policy":"plain","address":"224.0.0.5"}'
	refused 'address 255.255.255.255 is the broadcast address' '{"ifname":"ppp7","policy":"plain","address":"255.255.255.255"}'
	refused 'address 192.168.0.104 is not in pool "dialin"' '{"ifname":"ppp7","address":"192.168.0.104"}'
	attach cl1 192.168.0.100
	refused 'address 192.168.0.100 is in use by session #'"$(sessions id)" '{"ifname":"ppp7","address":"192.168.0.100"}'
	refused 'address 192.168.0.102 is not the one assigned' '{"ifname":"ppp7","address":"192.168.0.101"}' \
		"{\"ifindex\":$ifindex,\"address\":\"192.168.0.102\"}"
	refused 'address 192.168.0.1 is the gateway'"'"'s own' '{"ifname":"ppp7","policy":"plain"}' \
		"{\"ifindex\":$ifindex,\"address\":\"192.168.0.1\"}"
	eth0=$(ip -n "$ns-gw" -j link show eth0 | gojq '.[0].ifindex')
	refused 'interface eth0 does not fit client-interfaces' '{"ifname":"ppp7"}' "{\"ifindex\":$eth0}"
	refused 'there is no interface with index 9999' '{"ifname":"ppp7"}' '{"ifindex":9999}'
	dial one '{"ifname":"ppp7","user":"dave"}' "$open"
	refused 'interface ppp7 has session #'"$(reply one 1 .parameters.serial)" '{"ifname":"ppp7"}' "$open"
	refused 'session #'"$(reply one 1 .parameters.serial) is somebody else's" '{"ifname":"ppp7"}' \
		"{\"ifindex\":$ifindex,\"serial\":$(reply one 1 .parameters.serial),\"started\":1,\"address\":\"192.168.0.101\"}"
	is "$(sessions ifname)" $'cl1\nppp7'
	is "$(ctl status --json | gojq .masqd.refused)" 19
	is "$(grep -c ': refused: ' log)" 19
	for wrong in '{"ifname":""}' '{"ifname":"0123456789abcdef"}' '{"ifname":17}' '{}'; do
		run -1 call $GATEWAY.Admit "{\"line\":$wrong}"
		[[ $output == *InvalidParameter*line.ifname* ]]
	done
	run -1 call $GATEWAY.Admit '{"line":{"ifname":"ppp7"},"address":"1.2.3"}'
	[[ $output == *InvalidParameter*address* ]]
	# what attach refuses besides
	run ! attach eth0 192.168.0.103
	[[ $output == *'interface eth0 is lan "office"'* ]]
	run ! attach isp0 192.168.0.103
	run ! attach cl1 192.168.0.103
	[[ $output == *'interface cl1 has session #'* ]]
	passes c1 203.0.113.1
}

@test "a pool gives every address once, to a returning user his last, and then no more" {
	local address
	for address in 100 101 102 103; do
		dial "u$address" "{\"ifname\":\"ppp$address\",\"user\":\"user$address\"}"
		is "$(reply "u$address" 1 .parameters.address)" "192.168.0.$address"
		eval "pid_$address=$dialled"
	done
	refused 'pool "dialin" is exhausted' '{"ifname":"ppp9","user":"late"}'
	end_process "$pid_102"
	end_process "$pid_101"
	ctl wait --gone user=user101
	ctl wait --gone user=user102
	dial back '{"ifname":"ppp101","user":"user101"}'
	is "$(reply back 1 .parameters.address)" 192.168.0.101
	dial next '{"ifname":"ppp9","user":"late"}'
	is "$(reply next 1 .parameters.address)" 192.168.0.102
}

@test "a user's own address is kept for that user, and a serial line's for it" {
	conf 'user alice { address = "192.168.0.100" }' 'serial slip0 { interface = "sl0" address = "192.168.0.101" policy = "friends" }'
	ctl reload
	dial one '{"ifname":"ppp1","user":"bob"}'
	is "$(reply one 1 .parameters.address)" 192.168.0.102
	dial two '{"ifname":"ppp2","user":"alice"}'
	is "$(reply two 1 .parameters.address)" 192.168.0.100
	refused 'address 192.168.0.101 is not this user'"'"'s' '{"ifname":"ppp3","user":"alice","address":"192.168.0.101"}'
	refused 'address 192.168.0.100 is in use by session #2' '{"ifname":"ppp3","user":"alice"}'
}

@test "half a call and answers that nobody reads are given up, and others are served meanwhile" {
	cat >peers.py <<-'END'
		import socket, sys, time
		half, deaf = [socket.socket(socket.AF_UNIX) for _ in range(2)]
		half.connect(sys.argv[1])
		deaf.connect(sys.argv[1])
		deaf.setblocking(False)
		call = b'{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"org.masqgate.Gateway"}}\0'
		began, ends, sent = time.monotonic(), {}, 0
		half.sendall(b'{"meth')
		half.settimeout(0.2)
		while len(ends) < 2 and time.monotonic() - began < 20:
		    if "deaf" not in ends:
		        try:
		            deaf.send(call)
		        except BlockingIOError:
		            pass
		        except OSError:
		            ends["deaf"] = time.monotonic() - began
		    if "half" not in ends:
		        try:
		            half.sendall(b' ')
		            if half.recv(1) == b"":
		                ends["half"] = time.monotonic() - began
		        except TimeoutError:
		            pass
		        except OSError:
		            ends["half"] = time.monotonic() - began
		print("ended" if len(ends) == 2 and 8 < ends["half"] < 14 else ends)
	END
	background python3 peers.py run/socket >ended
	peers=$last
	while kill -0 "$peers" 2>/dev/null; do
		SECONDS=0
		ctl list --json >/dev/null
		((SECONDS <= 1))
	done
	is "$(<ended)" ended
}
