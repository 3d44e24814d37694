#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Memory that runs out in masq-arpd while lines come and go, in the picture of gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2034,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway
load memory
load preload

LINES=100

TEST_SECONDS=240

setup()
{
	preload scarce-memory masq-arpd
	gateway_setup memory
	run_arpd
	conf 'lan office { interface = "eth0" proxy-arp = yes }' 'pool many { range = { "10.64.0.2-10.64.1.0" } }' \
		'policy dialup { pool = "many" proxy-arp = yes lans = { "office" } }'
	ctl reload
	ip -n "$ns-lan" route del 192.168.0.100
	attach cl1 192.168.0.100
	until_true answered_for 192.168.0.100
	make_lines $LINES
}

# What pppd would do with the lines.
links_up()
{
	local i
	for ((i = 0; i < LINES; i++)); do
		echo "link set ppp$i up"
		echo "route replace 10.64.0.$((i + 2)) dev ppp$i"
	done | ip -n "$ns-gw" -batch -
}

links_down()
{
	local i
	for ((i = 0; i < LINES; i++)); do
		echo "link set ppp$i down"
	done | ip -n "$ns-gw" -batch -
}

teardown() { gateway_teardown; }

# answered_for ADDRESS: on the LAN.
answered_for() { within lan arping -q -c 1 -w 5 -I eth0 "$1"; }

# lives: masq-arpd does, or comes back as its service manager would have it.
lives()
{
	kill -0 "$arpd" 2>/dev/null && return
	echo 'masq-arpd has ended, and is started again'
	background ip netns exec "$ns-gw" masq-arpd -v -f "$dir/arpd.conf" 2>>arpd.log
	arpd=$last
}

# Each session's address is published, and no other.
is_whole() { [[ $(ctl arp -r --no-headings -o address state=published | sort) == "$(sessions address | sort)" ]]; }

# kernel_has ADDRESS: as the only one that it answers for.
kernel_has() { [[ $(ip -n "$ns-gw" neigh show proxy | cut -d' ' -f1 | xargs) == "$1" ]]; }

are_alone() { [[ $(sessions address) == 192.168.0.100 ]]; }

all_are_answered()
{
	local address
	for address in $(sessions address); do
		answered_for "$address" || { echo "no answer for $address" && return 1; }
	done
}

@test "no memory left in masq-arpd: who is published stays, sessions open and end, and all are published when there is some again" {
	local room
	for room in 0 128; do
		starve "$arpd" arpd/socket $room
		links_up
		call_in 0 $LINES
		is "$called" "opened $LINES refused 0 broken 0"
		answered_for 192.168.0.100
		passes c1 203.0.113.1
		# whether that can be done is not said
		ctl arp add 192.168.0.250 eth0 || :
		ctl arp >/dev/null || :
		feed "$arpd"
		lives
		ctl arp del 192.168.0.250 || :
		until_true is_whole
		all_are_answered
		# and so it is when they go
		starve "$arpd" arpd/socket $room
		end_process "$callers" KILL
		links_down
		answered_for 192.168.0.100
		feed "$arpd"
		lives
		until_true are_alone
		until_true is_whole
		answered_for 192.168.0.100
		run ! answered_for 10.64.0.2
	done
}

@test "memory that lacks now and then in masq-arpd: sessions open and end, and in the end each of them is published and nobody else" {
	local every
	for every in 499 211 97; do
		tell_preloaded scarce-memory $every
		links_up
		call_in 0 $LINES
		is "$called" "opened $LINES refused 0 broken 0"
		tell_preloaded scarce-memory 0
		lives
		until_true is_whole
		all_are_answered
		tell_preloaded scarce-memory $every
		end_process "$callers" KILL
		links_down
		sleep 0.5
		tell_preloaded scarce-memory 0
		lives
		until_true are_alone
		until_true is_whole
		until_true kernel_has 192.168.0.100
		answered_for 192.168.0.100
	done
	passes c1 203.0.113.1
}

configured() { ctl arp -r --no-headings -o address state=published | grep -c '^10\.65\.' || :; }
all_configured() { (($(configured) == 64)); }

# reload EVERY: masq-arpd reads its configuration, one of so many allocations fails. It may refuse to, or end.
reload()
{
	tell_preloaded scarce-memory "$1"
	reloads=$(grep -c 'configuration \(not \)\?reloaded' arpd.log || :)
	kill -HUP "$arpd"
	until_true has_reloaded
	tell_preloaded scarce-memory 0
	lives
	until_true ctl arp >/dev/null
}

has_reloaded() { (($(grep -c 'configuration \(not \)\?reloaded' arpd.log) > reloads)) || ! kill -0 "$arpd" 2>/dev/null; }

@test "memory that lacks while masq-arpd reads its configuration: its addresses are published when there is some again, without another reload" {
	local every
	ip -n "$ns-gw" route add 10.65.0.0/26 dev cl2
	cp arpd.conf without.conf
	{ cat without.conf && echo 'publish "10.65.0.0/26" { interface = "eth0" }'; } >with.conf
	for every in {401..440}; do
		cp without.conf arpd.conf
		reload 0
		cp with.conf arpd.conf
		reload "$every"
		! grep -q 'cannot publish: 10.65.*out of memory' arpd.log || break
	done
	grep 'cannot publish: 10.65.*out of memory' arpd.log
	until_true all_configured
	answered_for 10.65.0.63
}
