#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# How many connections, and when: shown with packets, in the picture of gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

setup() { gateway_setup limits; }
teardown() { gateway_teardown; }

# session IFNAME MEMBER...
session() { ctl show "$1" --json | gojq -cr ".sessions[0] | [.${2//,/, .}] | map(tostring) | join(\" \")"; }

@test "flows: no more at a time, by whomever they are opened, and answers to the others go on" {
	conf 'policy dialup { flows = 3 }'
	ctl reload
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	converse one tcp c1
	answered one
	is "$(opened 4 c1)" 2
	answered one
	is "$(opened 4 c2)" 4
	is "$(session cl1 flows,flow_limit,flows_refused)" '3 3 2'
	is "$(session cl2 flow_limit,flows_refused)" 'null null'
	run -0 ctl show cl1
	[[ $output == *"flow-limit: 3"* && $output == *"flows-refused: 2"* ]]
}

@test "flows opened from the LAN and to the gateway itself count too" {
	conf 'policy dialup { flows = 2 gateway-services = { "tcp 80" } }'
	ctl reload
	serve c1
	serve gw
	attach cl1 192.168.0.100
	is "$(opened 1 lan 192.168.0.100)" 1
	converse one tcp c1 192.168.0.1
	answered one
	is "$(opened 1 c1)" 0
	is "$(opened 1 lan 192.168.0.100)" 0
	is "$(session cl1 flows,flows_refused)" '2 2'
}

@test "a place is free again when a connection has ended" {
	conf 'policy dialup { flows = 1 }'
	ctl reload
	attach cl1 192.168.0.100
	is "$(opened 2 c1)" 1
	run ! pings c1
	within gw conntrack -D -p udp --orig-src 192.168.0.100 >/dev/null
	until_true pings c1
}

@test "flows of a live client: at once, without a lost packet, and nothing of it where no policy has it" {
	attach cl1 192.168.0.100
	in_table 'flow_limit {'
	run ! in_table 'limit_flows'
	converse one tcp c1
	answered one
	conf 'policy dialup { flows = 2 }'
	ctl reload
	answered one
	is "$(opened 4 c1)" 2
	conf 'policy dialup { flows = 3 isolate = no }'
	ctl reload
	answered one
	conf 'policy dialup { }'
	ctl reload
	run ! in_table 'limit_flows'
	answered one
	is "$(opened 9 c1)" 9
}

@test "another change of the policy leaves the count of flows alone" {
	conf 'policy dialup { flows = 2 }'
	ctl reload
	attach cl1 192.168.0.100
	is "$(opened 4 c1)" 2
	conf 'policy dialup { flows = 2 rules = { "deny tcp 25" } }'
	ctl reload
	is "$(opened 1 c1)" 0
	is "$(session cl1 flows_refused)" 3
}

@test "new-flows: so many a second, and as many again a second later" {
	conf 'policy dialup { new-flows = 5 }'
	ctl reload
	attach cl1 192.168.0.100
	heard=$(opened 40 c1)
	((heard >= 5 && heard < 12))
	refused=$(session cl1 flows_refused)
	is "$refused" $((40 - heard))
	until_true pings c1
}

@test "limits hold after a restart, and know who has what already" {
	conf 'policy dialup { flows = 2 new-flows = 100 }'
	ctl reload
	attach cl1 192.168.0.100
	is "$(opened 4 c1)" 2
	kill_masqd
	is "$(opened 1 c1)" 0
	start_masqd
	is "$(session cl1 flow_limit,new_flows,flows_refused)" '2 100 3'
	is "$(opened 4 c1)" 0
	within gw conntrack -D -p udp --orig-src 192.168.0.100 >/dev/null
	is "$(opened 4 c1)" 2
}

@test "limits know who has what already when somebody else's change is undone" {
	conf 'policy dialup { flows = 2 }'
	ctl reload
	attach cl1 192.168.0.100
	is "$(opened 4 c1)" 2
	within gw nft add element inet masqgate translated '{ 77 }'
	until_true has_repairs 1
	not in_table 0x0000004d
	is "$(session cl1 flows_refused)" 2
	is "$(opened 4 c1)" 0
}

@test "hours: outside, a line is refused with the time when they begin" {
	add_line ppp7 c3 192.168.0.102
	end_process "$masqd"
	conf 'policy dialup { pool = "dialin" hours = { "13:00-14:00", "22:00-04:00" } }'
	clock_shows 12:00:00
	start_masqd
	refused "outside the hours of policy dialup, which begin $(LC_ALL=C date +%a) 13:00" '{"ifname": "ppp7", "user": "alice", "pid": 1}'
	is "$(ctl policies --json name=dialup | gojq -c '.policies[0].hours')" '["13:00-14:00","22:00-04:00"]'
}

@test "hours: who is there at their end is hung up with that reason" {
	end_process "$masqd"
	conf 'policy dialup { hours = { "10:00-12:00" } }'
	clock_shows 11:59:55
	start_masqd
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	hears 203.0.113.1 udp c1
	ctl wait --gone ifname=cl1 --timeout 15
	logged 'closed: outside the hours of policy dialup, which begin'
	blocked c1
	is "$(sessions ifname)" cl2
}

@test "hours: a section's line is closed until they begin" {
	becomes_slip
	end_process "$masqd"
	conf 'policy dialup { hours = { "10:00-12:00" } }' 'serial slip { interface = "sl0" address = "192.168.0.100" policy = "dialup" }'
	clock_shows 09:59:52
	start_masqd
	run ! pings c1
	run -1 ctl explain sl0 to $SERVER
	[[ $output == *"outside the hours of policy dialup"* ]]
	until_true pings c1
	is "$(sessions ifname state)" "sl0 open"
}

@test "hours that are changed hold at once" {
	attach cl1 192.168.0.100
	pings c1
	conf "policy dialup { hours = { \"$(LC_ALL=C date -d '+3 days' +%a) 08:00-09:00\" } }"
	ctl reload
	ctl wait --gone ifname=cl1 --timeout 10
}
