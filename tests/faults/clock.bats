#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# A clock on the wall that somebody sets: the daemons' and masqctl's is that of fake-clock.c. In the picture of gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway
load preload

YEAR=$((366 * 86400))

setup()
{
	preload fake-clock masqd masq-arpd masqctl
	gateway_setup clock
}

teardown() { gateway_teardown; }

clock_is_wrong_by() { tell_preloaded fake-clock "$1"; }

has_sessions() { [[ $(sessions ifname | xargs) == "$1" ]]; }

# has_sane_ages: nobody is older than the test, nor younger than he was at the last time. Both count seconds that have begun.
has_sane_ages()
{
	local age ages
	ages=$(sessions uptime)
	echo "$SECONDS s:" $ages
	for age in $ages $(ctl status --json | gojq .masqd.uptime); do
		((age <= SECONDS + 1))
	done
	(($(head -n 1 <<<"$ages") >= oldest))
	oldest=$(head -n 1 <<<"$ages")
}

@test "a clock that is set a year ahead and back ends nobody's session, neither before nor after a restart of masqd" {
	local ahead before opening oldest=0 line='{"ifname":"ppp7","user":"dave","address":"192.168.0.102"}'
	add_line short c4 192.168.0.103
	add_line ppp7 c3 192.168.0.102
	conf 'policy dialup { pool = "dialin" session-timeout = 8h idle-timeout = 30m }' \
		'policy friends { pool = "dialin" hours = { "00:00-12:00", "12:00-24:00" } idle-timeout = 1h }' \
		'policy brief { pool = "dialin" session-timeout = 2s }'
	ctl reload
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	dial one "$line" "{\"ifindex\":$ifindex}"
	opening=$(reply one 1 ".parameters | {serial, started, address, ifindex: $ifindex}")
	before=$(sessions id ifname state started)
	converse long tcp c3
	probe
	for ahead in $YEAR 0 -$YEAR 0; do
		# whose time is over in two seconds, on any clock
		attach short 192.168.0.103 --policy brief
		clock_is_wrong_by "$ahead"
		until_true has_sessions 'cl1 cl2 ppp7'
		is "$(sessions id ifname state started)" "$before"
		has_sane_ages
		answered long
		kill_masqd
		start_masqd
		dial again "$line" "$opening"
		is "$(sessions id ifname state started)" "$before"
		has_sane_ages
	done
	is "$(grep -c 'closed: ' log)" 4
	is "$(grep -c 'on short .*closed: session timeout' log)" 4
	answered long
	passes c2 203.0.113.1
	lost_nothing
}

used() { ctl show cl1 --json | gojq .sessions[0].quota_used_up; }
has_used() { (($(used) >= $1 && $(used) < $1 + 20000)); }
# pumps KILOBYTES: by pings of 1000 bytes.
pumps() { within c1 ping -q -f -c "$1" -s 996 $SERVER >/dev/null; }

@test "a clock that is set a year ahead begins one new month for a quota, and none when it is set back" {
	conf 'policy dialup { pool = "dialin" quota = 10M over-quota = deny }'
	ctl reload
	attach cl1 192.168.0.100
	pumps 200
	until_true has_used 200000
	clock_is_wrong_by $YEAR
	until_true has_used 0
	pumps 50
	until_true has_used 50000
	for ahead in 0 -$YEAR 0; do
		clock_is_wrong_by "$ahead"
		pumps 50
		until_true has_used $((used += 50000, 50000 + used))
	done
	kill_masqd
	start_masqd
	has_used 200000
}

# history_has LIST: the sessions in it, each with whether it was over before it began.
history_has()
{
	is "$(ctl history --json | gojq -r '.sessions | sort_by(.id)[] | .ifname, (.ended != null and .ended < .started)' | xargs)" "$1"
}

@test "a clock that is set a year ahead deletes no history, and nothing in it is over before it began" {
	attach cl1 192.168.0.100
	ctl detach cl1
	clock_is_wrong_by $YEAR
	kill_masqd
	start_masqd
	history_has 'cl1 false'
	attach cl2 192.168.0.101
	history_has 'cl1 false cl2 false'
	clock_is_wrong_by 0
	ctl detach cl2
	history_has 'cl1 false cl2 false'
	kill_masqd
	start_masqd
	history_has 'cl1 false cl2 false'
}

conflicts() { ctl arp conflicts -r --no-headings -o address,interface,count; }

conflicts_are() { [[ $(conflicts) == "$1" ]]; }

@test "a clock that is set a year ahead and back ends no conflict, and publishes nothing and withdraws nothing" {
	local ahead since
	run_arpd
	conf 'lan office { interface = "eth0" proxy-arp = yes }' 'policy dialup { pool = "dialin" proxy-arp = yes }'
	ctl reload
	attach cl1 192.168.0.100
	until_true within lan arping -q -c 1 -w 1 -I eth0 192.168.0.100
	since=$(ctl arp -r --no-headings -o address,state,since)
	ip -n "$ns-lan" addr add 192.168.0.100/32 dev eth0
	within lan arping -q -U -c 1 -I eth0 -s 192.168.0.100 192.168.0.100 || :
	ip -n "$ns-lan" addr del 192.168.0.100/32 dev eth0
	until_true conflicts_are '192.168.0.100 eth0 1'
	for ahead in $YEAR 0 -$YEAR 0; do
		clock_is_wrong_by "$ahead"
		# it looks once a second
		sleep 2
		conflicts_are '192.168.0.100 eth0 1'
		is "$(ctl arp -r --no-headings -o address,state,since)" "$since"
		within lan arping -q -c 1 -w 5 -I eth0 192.168.0.100
	done
}
