#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Networks behind clients, in the picture of gateway.bash, with hosts behind the first client:
#
#      b1                        c1                               gw
#      10.1.0.5 eth0 ─── lan0 10.1.0.1   eth0 192.168.0.100 ── cl1
#
# Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

setup()
{
	gateway_setup routes
	add_namespaces b1
	ip -n "$ns-c1" link add lan0 type veth peer name eth0 netns "$ns-b1"
	ip -n "$ns-c1" link set lan0 up
	ip -n "$ns-c1" addr add 10.1.0.1/24 dev lan0
	within c1 sysctl -qw net.ipv4.ip_forward=1
	ip -n "$ns-b1" link set eth0 up
	ip -n "$ns-b1" addr add 10.1.0.5/24 dev eth0
	ip -n "$ns-b1" route add default via 10.1.0.1
	conf "$branch"
	ctl reload
}
teardown() { gateway_teardown; }

branch='policy branch { pool = "dialin" routes = { "10.1.0.0/24" } }'

routes() { ip -n "$ns-gw" route show proto 77; }
is_routed() { is "$(routes | sed 's/ *$//')" "10.1.0.0/24 via 192.168.0.100 dev cl1 onlink"; }
elements() { table | grep -o '10\.1\.[0-9./]*' | sort | uniq -c | tr -s ' ' | sed 's/^ //'; }

@test "hosts behind a client: routed, translated, found by the LAN, and gone with the session" {
	serve b1
	attach cl1 192.168.0.100 --policy branch
	is_routed
	passes b1 203.0.113.1
	serve lan
	hears 10.1.0.5 tcp b1 192.168.0.9
	hears 10.1.0.5 udp b1 192.168.0.9
	hears 192.168.0.9 tcp lan 10.1.0.5
	hears 192.168.0.9 udp lan 10.1.0.5
	pings lan 10.1.0.5
	pings b1 192.168.0.1
	pings gw 10.1.0.5
	passes c1 203.0.113.1
	ctl explain 10.1.0.5 to "$SERVER:80" | grep -q 'result: translated'
	is "$(elements)" '2 10.1.0.0/24'
	ctl detach cl1
	is "$(routes)" ''
	is "$(elements)" ''
	blocked b1
	run ! pings lan 10.1.0.5
}

@test "nothing but the route is allowed as a source, and only by its client's interface" {
	attach cl1 192.168.0.100 --policy branch
	attach cl2 192.168.0.101
	passes b1 203.0.113.1
	ip -n "$ns-b1" addr add 10.2.0.5/24 dev eth0
	ip -n "$ns-b1" route replace default via 10.1.0.1 src 10.2.0.5
	ip -n "$ns-c1" route add 10.2.0.0/24 dev lan0
	blocked b1
	ip -n "$ns-c2" addr add 10.1.0.77/32 dev eth0
	ip -n "$ns-c2" route replace default via 192.168.0.1 src 10.1.0.77
	blocked c2
	ip -n "$ns-c2" route replace default via 192.168.0.1 src 192.168.0.101
	passes c2 203.0.113.1
}

@test "isolation and rules are those of the client" {
	serve b1
	serve c2
	attach cl1 192.168.0.100 --policy branch
	attach cl2 192.168.0.101 --policy friends
	is "$(heard_as tcp b1 192.168.0.101)" -
	is "$(heard_as tcp c2 10.1.0.5)" -
	conf 'policy branch { isolate = no pool = "dialin" routes = { "10.1.0.0/24" } rules = { "deny tcp to 203.0.113.0/24" } }'
	ctl reload
	hears 10.1.0.5 tcp b1 192.168.0.101
	hears 192.168.0.101 tcp c2 10.1.0.5
	is "$(heard_as tcp b1)" -
	hears 203.0.113.1 udp b1
}

@test "routes of a live client come and go with the configuration, and its flows stay" {
	attach cl1 192.168.0.100
	converse flow tcp c1
	answered flow
	blocked b1
	conf 'policy dialup { pool = "dialin" routes = { "10.1.0.0/24" } }'
	ctl reload
	is_routed
	passes b1 203.0.113.1
	conf 'policy dialup { pool = "dialin" routes = { "10.1.0.0/25", "10.2.0.0/16" } }'
	ctl reload
	is "$(routes | cut -d' ' -f1 | xargs)" '10.1.0.0/25 10.2.0.0/16'
	passes b1 203.0.113.1
	conf 'policy dialup { pool = "dialin" }'
	ctl reload
	is "$(routes)" ''
	blocked b1
	answered flow
}

@test "a route that a reload gives to another live client is his, and published" {
	conf 'user "bob" { routes = { "10.1.0.0/24" } }'
	ctl reload
	attach cl1 192.168.0.100 --user alice
	attach cl2 192.168.0.101 --user bob
	is "$(routes | cut -d' ' -f1-5)" '10.1.0.0/24 via 192.168.0.101 dev cl2'
	conf 'user "alice" { routes = { "10.1.0.0/24" } }'
	ctl reload
	is_routed
	passes b1 203.0.113.1
}

@test "a route that somebody deletes is put back, and comes back with the interface; nobody else's is touched" {
	attach cl1 192.168.0.100 --policy branch
	ip -n "$ns-gw" route add 10.7.0.0/24 dev cl1
	ip -n "$ns-gw" route del 10.1.0.0/24
	until_true is_routed
	ip -n "$ns-gw" link set cl1 down
	is "$(routes)" ''
	ip -n "$ns-gw" link set cl1 up
	route_client cl1 192.168.0.100
	until_true is_routed
	passes b1 203.0.113.1
	ip -n "$ns-gw" route add 10.7.0.0/24 dev cl1
	ctl detach cl1
	is "$(routes)" ''
	[[ -n $(ip -n "$ns-gw" route show 10.7.0.0/24) ]]
}

@test "kill -9: hosts behind a client go on; what nobody wants any more is swept" {
	attach cl1 192.168.0.100 --policy branch
	converse flow tcp b1
	answered flow
	kill_masqd
	answered flow
	passes b1 203.0.113.1
	ip -n "$ns-gw" route add 10.9.0.0/24 via 192.168.0.101 dev cl2 onlink proto 77
	ip -n "$ns-gw" route add 10.8.0.0/24 dev cl2
	start_masqd
	is_routed
	[[ -n $(ip -n "$ns-gw" route show 10.8.0.0/24) ]]
	answered flow
	ctl detach cl1
	is "$(routes)" ''
}

@test "a network that is somewhere else is refused, in words" {
	local route
	add_line ppp7 c3 192.168.0.102
	attach cl1 192.168.0.100 --policy branch
	attach cl2 10.55.0.1 --policy plain
	run -1 attach cl2 10.1.0.9 --policy plain
	[[ $output == *'address 10.1.0.9 is behind session #1'* ]]
	while read -r route; do
		conf "$branch" "policy other { routes = { \"${route%% *}\" } }"
		ctl reload
		refused "route $route" '{"ifname": "ppp7", "user": "eve", "policy": "other", "pid": 1}'
	done <<-END
		10.1.0.128/25 is behind session #1
		10.55.0.0/16 has the address of session #2
		192.168.0.0/26 has an address of the gateway's own
		192.168.0.64/28 overlaps with the network of interface eth0
		203.0.113.64/27 overlaps with the network of interface isp0
	END
	is_routed
	is "$(sessions id)" $'1\n2'
}

@test "proxy-arp: a part of the LAN's own network can be behind a client" {
	mkdir arpd
	chown masqgate-arp arpd
	echo "socket = \"$dir/arpd/socket\"" >arpd.conf
	background ip netns exec "$ns-gw" masq-arpd -f "$dir/arpd.conf" 2>arpd.log
	until_true test -S arpd/socket
	ip -n "$ns-b1" addr add 192.168.0.82/28 dev eth0
	ip -n "$ns-c1" addr add 192.168.0.81/28 dev lan0
	ip -n "$ns-lan" route del default
	conf 'lan office { interface = "eth0" proxy-arp = yes }' \
		'policy branch { proxy-arp = yes routes = { "192.168.0.80/28", "10.1.0.0/24" } }' \
		'policy wide { proxy-arp = yes routes = { "192.168.0.128/25" } }' \
		'policy large { proxy-arp = yes routes = { "172.16.8.0/23" } }'
	ip -n "$ns-gw" addr add 172.16.0.1/16 dev eth0
	ctl reload
	run -1 attach cl1 192.168.0.100 --policy large
	[[ $output == *'route 172.16.8.0/23 is in the network of interface eth0 and has more than 256 addresses to publish'* ]]
	run -1 attach cl1 192.168.0.100 --policy wide
	[[ $output == *'route 192.168.0.128/25 has the broadcast address of interface eth0'* ]]
	attach cl1 192.168.0.100 --policy branch
	until_true is_published 192.168.0.95
	is "$(ip -n "$ns-gw" neigh show proxy | grep -c '^192\.168\.0\.')" 17
	until_true pings lan 192.168.0.82
	conf 'lan office { interface = "eth0" proxy-arp = yes }' 'policy branch { proxy-arp = yes routes = { "192.168.0.80/30" } }'
	ctl reload
	until_true not is_published 192.168.0.95
	is "$(ip -n "$ns-gw" neigh show proxy | grep -c '^192\.168\.0\.')" 5
	pings lan 192.168.0.82
	ctl detach cl1
	until_true not is_published 192.168.0.82
}

is_published() { ip -n "$ns-gw" neigh show proxy | grep -q "^$1 "; }
