#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Lines whose plugins do not come back after a restart of masqd, while their interfaces are still there. In the picture of
# gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway

setup()
{
	gateway_setup orphans
	add_line ppp7 c3 192.168.0.102
	dial one '{"ifname":"ppp7","user":"dave","address":"192.168.0.102"}' "{\"ifindex\":$ifindex}"
	attach cl1 192.168.0.100
	converse his udp c3
	converse other udp c1
	answered his
	answered other
}

teardown() { gateway_teardown; }

# restart: after which nobody speaks for dave's line.
restart()
{
	kill_masqd
	wait "$dialled" || :
	start_masqd
}

# until_closed [TIMES]: the grace time is as long as until_true waits.
until_closed() { until_true is_closed "${1-1}" || until_true is_closed "${1-1}"; }
is_closed() { (($(grep -c ': #1 dave on ppp7 192.168.0.102: closed: not announced again after a restart of masqd' log) == $1)); }

@test "a line whose plugin is gone is closed after ten seconds, and shown as orphaned until its interface is gone" {
	conf 'policy dialup { pool = "dialin" sessions-per-user = 1 }'
	ctl reload
	restart
	is "$(sessions state user)" $'orphaned dave\nopen null'
	answered his
	run -1 ctl kick '#1'
	[[ $output == *'not been announced again yet'* ]]
	background ip netns exec "$ns-c1" ping -q -i 0.02 -s 100 $SERVER >probe.out
	probe=$last
	until_closed
	until_true logged 'recovered 1, lost 1'
	# nothing of it is in the kernel, and nothing of it arrives
	not in_table 192.168.0.102
	until_true not in_conntrack 'mark=1 '
	forget_outside
	blocked c3
	[[ $(ask his question) == - ]]
	run ! pings c3 192.168.0.1
	settled
	is "$(grep -vc ' length \(108\|1010\)$' isp.cap)" 0
	# an operator sees it, and why
	is "$(sessions id state user address ifname)" $'1 orphaned dave 192.168.0.102 ppp7\n2 open null 192.168.0.100 cl1'
	is "$(ctl status --json | gojq -c .masqd.sessions)" '{"admitted":0,"open":1,"orphaned":1}'
	ctl status --json | gojq -e '.masqd.warnings[] | select(.hint == "masqctl list state=orphaned" and (.text | startswith("1 session is orphaned")))'
	run ctl explain '#1'
	[[ $output == *'orphaned, and closed'* ]]
	# the address stays its own, which its interface has; but its user is not locked out
	refused 'address 192.168.0.102 is in use by session #1' '{"ifname":"ppp8","user":"eve","address":"192.168.0.102"}'
	dial two '{"ifname":"ppp8","user":"dave"}'
	is "$(reply two 1 .parameters.address)" 192.168.0.101
	end_process "$dialled"
	ip -n "$ns-gw" link del ppp7
	ctl wait --gone id=1
	logged '#1 dave on ppp7 192.168.0.102: closed: link-gone'
	dial three '{"ifname":"ppp9","user":"eve","address":"192.168.0.102"}'
	is "$(reply three 1 .parameters.address)" 192.168.0.102
	answered other
	kill -INT "$probe"
	wait "$probe" || :
	cat probe.out
	grep -q ' 0% packet loss' probe.out
}

@test "a plugin that speaks again after that has its session back, and one that was kicked meanwhile too" {
	local before again
	before=$(sessions id started user address | head -n 1)
	again=$(reply one 1 ".parameters | {ifindex: $ifindex, address, serial, started}")
	restart
	until_closed
	blocked c3
	dial two '{"ifname":"ppp7","user":"dave","address":"192.168.0.102"}' "$again"
	is "$(reply two 1 .parameters.state)" open
	passes c3 203.0.113.1
	is "$(sessions state | sort -u)" open
	is "$(sessions id started user address | head -n 1)" "$before"
	is "$(ctl status --json | gojq .masqd.sessions.orphaned)" 0
	# an administrator may end what nobody else will
	restart
	until_closed 2
	ctl kick '#1'
	is "$(sessions id)" 2
	blocked c3
	dial three '{"ifname":"ppp7","user":"dave","address":"192.168.0.102"}' "$again"
	passes c3 203.0.113.1
	is "$(sessions id started user address | head -n 1)" "$before"
	answered other
}

# unannounced: what is said of lines without a session.
unannounced() { ctl status --json | gojq -r '.masqd.warnings[].text | select(test("without a session"))'; }

@test "a line that is up without a session is named: without our plugin, or forgotten after a second restart" {
	within gw ip address add 192.168.0.1 peer 192.168.0.102 dev ppp7 noprefixroute
	add_line ppp8 c4 192.168.0.103
	is "$(unannounced)" ''
	within gw ip address add 192.168.0.1 peer 192.168.0.103 dev ppp8 noprefixroute
	until_true not is_announced
	is "$(unannounced)" '1 line is up without a session, and closed: ppp8'
	restart
	until_closed
	restart
	is "$(sessions ifname)" cl1
	is "$(unannounced | sed 's/ppp[78],/ppp*,/')" '2 lines are up without a session, and closed: ppp*, ...'
	blocked c3
	ctl attach ppp8 --address 192.168.0.103
	until_true passes c4 203.0.113.1
	is "$(unannounced)" '1 line is up without a session, and closed: ppp7'
	ip -n "$ns-gw" link del ppp7
	until_true is_announced
}

is_announced() { [[ -z $(unannounced) ]]; }
