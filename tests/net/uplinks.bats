#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Which uplink a policy's clients leave by, shown at the far side, in the picture of gateway.bash with a second provider and
# a server that both lead to:
#
#      isp      203.0.113.9 eth0 ──── isp0 203.0.113.1   gw
#      isp1     192.0.2.9   eth0 ──── isp1 192.0.2.1
#      both     100.64.7.7 lo
#
# The gateway itself sends by isp0. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

FAR=100.64.7.7
VIA_ISP=203.0.113.1
VIA_BACKUP=192.0.2.1

ISP='uplink isp { interface = "isp0" gateway = "203.0.113.9" }'
BACKUP='uplink backup { interface = "isp1" gateway = "192.0.2.9" }'
FIRST='policy dialup { uplinks = { "isp", "backup" } }'
SECOND='policy friends { isolate = no uplinks = { "backup", "isp" } }'

setup()
{
	gateway_setup uplinks
	add_namespaces isp1
	wire isp1 isp1 192.0.2.9/24
	ip -n "$ns-gw" addr add 192.0.2.1/24 dev isp1
	ip -n "$ns-isp" addr add $FAR/32 dev lo
	ip -n "$ns-isp1" addr add $FAR/32 dev lo
	plug isp 203.0.113.0/24
	plug isp1 192.0.2.0/24
	ip -n "$ns-gw" route add default via 203.0.113.9
	within gw sysctl -qw net.ipv4.conf.isp1.rp_filter=0 net.ipv4.conf.isp0.rp_filter=0 net.ipv4.conf.all.rp_filter=0
	capture isp1 isp1 eth0 not arp
	serve isp1
	conf "$ISP" "$BACKUP" "$FIRST" "$SECOND"
	ctl reload
}

# plug NAMESPACE PREFIX: its link comes up, and what it answers comes from the far server, also by UDP.
plug()
{
	ip -n "$ns-$1" link set eth0 up
	ip -n "$ns-$1" route change "$2" dev eth0 src $FAR
}

teardown()
{
	local leaks
	leaks=$(grep -E '^[^ ]+ IP (10\.|172\.(1[6-9]|2[0-9]|3[01])\.|192\.168\.)' isp1.cap || :)
	gateway_teardown || return
	is "$leaks" ''
}

# leaves_by ADDRESS NAMESPACE: new connections to the far server come from there.
leaves_by()
{
	[[ $(heard_as tcp "$2" $FAR) == "$1" && $(heard_as udp "$2" $FAR) == "$1" ]] && pings "$2" $FAR
}

# rules, routes: what of ours the gateway's kernel has.
rules() { ip -n "$ns-gw" rule | grep 'proto 77' || :; }
routes() { ip -n "$ns-gw" route show table all proto 77; }
uplink_of() { ctl list --json "ifname=$1" | gojq -r '.sessions[].uplink'; }
uses() { [[ $(uplink_of "$1") == "$2" ]]; }

# unreachable NAMESPACE: and it is told so.
unreachable() { within "$1" ping -c 1 -W 1 $FAR | grep -q 'Destination Net Unreachable\|Destination Host Unreachable'; }

@test "uplinks: the first of the list, of each policy its own, at the same time" {
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	leaves_by $VIA_ISP c1
	leaves_by $VIA_BACKUP c2
	is "$(uplink_of cl1) $(uplink_of cl2)" 'isp backup'
	is "$(ctl uplinks --json | gojq -c '.uplinks[] | [.name, .gateway, .problem, .sessions]')" \
		$'["isp","203.0.113.9",null,1]\n["backup","192.0.2.9",null,1]'
	is "$(ctl policies --json name=friends | gojq -c '.policies[].uplinks')" '["backup","isp"]'
	is "$(ctl list --json | gojq -c '.sessions[] | [.public]')" $'["203.0.113.1"]\n["192.0.2.1"]'
	run ctl explain 192.168.0.101 to $FAR:80
	[[ $output == *'isp1 via 192.0.2.9'*'leaves as 192.0.2.1'* ]]
	conf "$ISP" "$BACKUP" 'policy dialup { uplinks = { "backup" } }' 'policy friends { isolate = no }'
	ctl reload
	leaves_by $VIA_BACKUP c1
	leaves_by $VIA_ISP c2
	is "$(uplink_of cl2)" isp
}

@test "uplinks: the LAN is reached as it is, also by a client that may use no uplink" {
	serve lan
	attach cl2 192.168.0.101 --policy friends
	ip -n "$ns-gw" link set isp0 down
	ip -n "$ns-gw" link set isp1 down
	hears 192.168.0.101 tcp c2 192.168.0.9
	pings c2 192.168.0.1
	ip -n "$ns-gw" link set isp0 up
}

@test "fail-over: link down, carrier lost, address lost, interface deleted and back under its name" {
	attach cl1 192.168.0.100
	leaves_by $VIA_ISP c1
	ip -n "$ns-gw" link set isp0 down
	until_true uses cl1 backup
	leaves_by $VIA_BACKUP c1
	ip -n "$ns-gw" link set isp0 up
	until_true leaves_by $VIA_ISP c1
	ip -n "$ns-isp" link set eth0 down
	until_true uses cl1 backup
	leaves_by $VIA_BACKUP c1
	plug isp 203.0.113.0/24
	until_true leaves_by $VIA_ISP c1
	ip -n "$ns-gw" addr del 203.0.113.1/24 dev isp0
	until_true uses cl1 backup
	leaves_by $VIA_BACKUP c1
	is "$(ctl uplinks --json name=isp | gojq -r '.uplinks[].problem')" 'no address'
	ip -n "$ns-gw" addr add 203.0.113.55/24 dev isp0
	until_true leaves_by 203.0.113.55 c1
	ip -n "$ns-gw" link del isp0
	until_true uses cl1 backup
	leaves_by $VIA_BACKUP c1
	wire isp0 isp 203.0.113.9/24
	plug isp 203.0.113.0/24
	capture isp isp eth0 not arp
	ip -n "$ns-gw" addr add 203.0.113.1/24 dev isp0
	until_true leaves_by $VIA_ISP c1
	is "$(ctl status --json | gojq .masqd.repairs)" 0
}

@test "fail-over is the kernel's own when the daemon is dead, and is found again" {
	attach cl1 192.168.0.100
	leaves_by $VIA_ISP c1
	kill_masqd
	leaves_by $VIA_ISP c1
	ip -n "$ns-gw" link set isp0 down
	leaves_by $VIA_BACKUP c1
	start_masqd
	leaves_by $VIA_BACKUP c1
	is "$(uplink_of cl1)" backup
	ip -n "$ns-gw" link set isp0 up
	until_true leaves_by $VIA_ISP c1
}

@test "flows that last: those of the lost uplink do not keep their ports from the new one" {
	attach cl1 192.168.0.100
	converse flow udp c1 $FAR
	[[ $(ask flow one) == "$VIA_ISP "* ]]
	ip -n "$ns-isp" link set eth0 down
	until_true uses cl1 backup
	heard_from() { [[ $(ask flow "again $((++tries))") == "$1 "* ]]; }
	tries=0
	until_true heard_from $VIA_BACKUP
	plug isp 203.0.113.0/24
	until_true heard_from $VIA_ISP
}

@test "all uplinks down: nothing leaves, not by another one either, and the client is told" {
	ip -n "$ns-gw" link add isp2 type veth peer name eth1 netns "$ns-isp1"
	ip -n "$ns-gw" link set isp2 up
	ip -n "$ns-isp1" link set eth1 up
	ip -n "$ns-gw" addr add 198.18.0.1/24 dev isp2
	conf 'uplink third { interface = "isp2" }' "$ISP" "$BACKUP" "$FIRST"
	ctl reload
	attach cl1 192.168.0.100
	ip -n "$ns-gw" link set isp0 down
	ip -n "$ns-gw" link set isp1 down
	ip -n "$ns-gw" route replace default dev isp2
	capture isp2 isp1 eth1 not arp
	until_true uses cl1 null
	logged 'uplinks isp, backup: none can be used'
	run ctl explain 192.168.0.100 to $FAR:80
	[[ $output == *'none of the uplinks of policy dialup can be used'*'hint: masqctl uplinks'* ]]
	run ctl explain 192.168.0.100 to 198.18.0.9:80
	[[ $output == *'isp2 is not among the uplinks of policy dialup ('* ]]
	unreachable c1
	blocked c1 $FAR
	# neither into the third one's own network
	run ! pings c1 198.18.0.9
	within gw ping -q -c 1 -W 0.3 198.18.0.9 || :
	is "$(grep -c ' IP 192\.168\| IP 198.18.0.1 ' isp2.cap || :)" 0
	ip -n "$ns-gw" link set isp0 up
	until_true leaves_by $VIA_ISP c1
}

@test "network clients have uplinks too" {
	add_namespaces box
	wire eth1 box 10.64.0.2/16
	ip -n "$ns-gw" addr add 10.64.0.1/16 dev eth1
	ip -n "$ns-box" route add default via 10.64.0.1
	conf "$ISP" "$BACKUP" "$SECOND" 'network home { interface = "eth1" prefix = "10.64.0.0/16" policy = "friends" }'
	ctl reload
	leaves_by $VIA_BACKUP box
	ip -n "$ns-gw" link set isp1 down
	is "$(ctl list --json type=host | gojq -r ".sessions[].uplink")" isp
	leaves_by $VIA_ISP box
}

@test "a gateway is learned from the system's own routes; without one an Ethernet cannot be used" {
	conf "$ISP" 'uplink backup { interface = "isp1" }' "$SECOND"
	ctl reload
	attach cl2 192.168.0.101 --policy friends
	leaves_by $VIA_ISP c2
	is "$(ctl uplinks --json name=backup | gojq -r '.uplinks[].problem')" 'no gateway'
	run ctl status
	[[ $output == *'warning: uplink backup: cannot be used: no gateway'* ]]
	ip -n "$ns-gw" route add default via 192.0.2.9 metric 100
	until_true leaves_by $VIA_BACKUP c2
	is "$(ctl uplinks --json name=backup | gojq -r '.uplinks[].gateway')" 192.0.2.9
	ip -n "$ns-gw" route del default via 192.0.2.9 metric 100
	until_true leaves_by $VIA_ISP c2
}

@test "a gateway that cannot be one keeps only its uplink from being used" {
	attach cl2 192.168.0.101 --policy friends
	for gateway in 192.0.2.1 192.0.2.255; do
		conf "$ISP" "uplink backup { interface = \"isp1\" gateway = \"$gateway\" }" "$SECOND"
		ctl reload
		leaves_by $VIA_ISP c2
		is "$(ctl uplinks --json name=backup | gojq -r '.uplinks[].problem')" 'bad gateway'
	done
	conf "$ISP" "$BACKUP" "$SECOND"
	ctl reload
	leaves_by $VIA_BACKUP c2
}

@test "a strict reverse path filter is warned of" {
	within gw sysctl -qw net.ipv4.conf.isp1.rp_filter=1
	run ctl status
	[[ $output == *'warning: uplink backup: the reverse path filter of isp1 drops what comes in'* ]]
	[[ $output == *'hint: sysctl -w net/ipv4/conf/all/rp_filter=0 net/ipv4/conf/isp1/rp_filter=0'* ]]
	within gw sysctl -w net/ipv4/conf/all/rp_filter=0 net/ipv4/conf/isp1/rp_filter=0
	run ctl status
	[[ $output != *'reverse path filter'* ]]
}

@test "kill -9: rules, routes and flows stay, and are the next one's" {
	attach cl2 192.168.0.101 --policy friends
	converse flow tcp c2 $FAR
	answered flow
	had_rules=$(rules) had_routes=$(routes)
	kill_masqd
	answered flow
	start_masqd
	answered flow
	leaves_by $VIA_BACKUP c2
	is "$(rules)" "$had_rules"
	is "$(routes)" "$had_routes"
	is "$(ctl status --json | gojq .masqd.repairs)" 0
}

@test "what somebody deletes comes back, and nothing leaves by the wrong uplink until then" {
	attach cl2 192.168.0.101 --policy friends
	had_rules=$(rules) had_routes=$(routes)
	is "$(wc -l <<<"$had_rules")" 4
	until_rules() { [[ $(rules) == "$had_rules" && $(routes) == "$had_routes" ]]; }
	while ip -n "$ns-gw" rule del pref 7701; do :; done
	until_true until_rules
	table=$(sed -nE 's/.*default via 192.0.2.9 .*table ([0-9]+) metric 1 .*|.*default via 192.0.2.9 .*table ([0-9]+) .*metric 1.*/\1\2/p' <<<"$had_routes")
	ip -n "$ns-gw" route flush table "$table"
	until_true until_rules
	ip -n "$ns-gw" route replace default via 203.0.113.9 metric 1 table "$table"
	until_true until_rules
	leaves_by $VIA_BACKUP c2
	logged 'the routes of the uplinks were changed by somebody else, and are repaired'
	repaired() { (($(ctl status --json | gojq .masqd.repairs) >= 3)); }
	until_true repaired
}

@test "without the rules, the daemon dead: the system's routes do not lead out by an uplink that is not listed" {
	conf "$ISP" "$BACKUP" 'policy dialup { uplinks = { "backup" } }'
	ctl reload
	attach cl1 192.168.0.100
	leaves_by $VIA_BACKUP c1
	kill_masqd
	while ip -n "$ns-gw" rule del pref 7701; do :; done
	blocked c1 $FAR
	start_masqd
	leaves_by $VIA_BACKUP c1
}

@test "foreign rules and routes stay, ours go when no policy needs them, and with the daemon dead the next one sweeps" {
	ip -n "$ns-gw" rule add pref 7700 fwmark 5 lookup 5 protocol 99
	ip -n "$ns-gw" rule add pref 100 from 10.9.9.9 lookup 770001
	ip -n "$ns-gw" route add 10.9.9.0/24 dev isp1 table 5 proto 77
	ip -n "$ns-gw" route add default dev isp1 table 770001 proto static
	foreign() { ip -n "$ns-gw" rule | grep -v 'fwmark 0xb'; ip -n "$ns-gw" route show table 5; ip -n "$ns-gw" route show table 770001; }
	had=$(foreign)
	conf "$ISP" "$BACKUP" "$SECOND"
	ctl reload
	without_first() { (($(rules | wc -l) == 2 && $(routes | grep -c '^default.*table 77') == 2)); }
	until_true without_first
	is "$(foreign)" "$had"
	kill_masqd
	conf "$ISP" "$BACKUP"
	start_masqd
	swept() { [[ -z $(rules) ]] && ! routes | grep -q 'table 77'; }
	until_true swept
	is "$(foreign)" "$had"
	not in_table 'chain route_marks'
}

@test "uplinks of one user: his list has a table of its own, which goes with him" {
	conf "$ISP" "$BACKUP" "$FIRST" "$SECOND" 'user alice { policy = "dialup" uplinks = { "backup" } }'
	ctl reload
	had=$(rules)
	attach cl1 192.168.0.100 --user alice
	attach cl2 192.168.0.101 --user bob
	leaves_by $VIA_BACKUP c1
	leaves_by $VIA_ISP c2
	is "$(uplink_of cl1) $(uplink_of cl2)" 'backup isp'
	is "$(rules | wc -l)" 6
	ctl set cl2 uplinks=backup uplinks=isp
	leaves_by $VIA_BACKUP c2
	ctl unset cl2 uplinks
	leaves_by $VIA_ISP c2
	run ! ctl set cl2 uplinks=bakcup
	[[ $output == *'did you mean "backup"'* ]]
	ctl detach cl1
	unused_gone() { [[ $(rules) == "$had" ]]; }
	until_true unused_gone
	leaves_by $VIA_ISP c2
}
