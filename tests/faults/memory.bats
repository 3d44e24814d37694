#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Memory that runs out in masqd while lines come and go, in the picture of gateway.bash; bench/lines has the lines. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2034,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway
load memory
load preload

TEST_SECONDS=240

# Where memory lacks, a library may use what it has not got, at address 0: that is masqd's end, and may be. Nothing else may.
allowed_findings='DEADLYSIGNAL|SEGV on unknown address 0x0{10}|SUMMARY: AddressSanitizer: SEGV|AddressSanitizer can not provide'

setup()
{
	preload scarce-memory masqd
	gateway_setup memory
	conf 'pool many { range = { "10.64.0.2-10.64.15.0" } }' 'policy dialup { pool = "many" }'
	ctl reload
	attach cl1 192.168.0.100
	make_lines 600
	probe
}

teardown() { gateway_teardown; }

# lives: masqd does, or comes back as its service manager would have it.
lives() { kill -0 "$masqd" 2>/dev/null || start_masqd; }

# in_kernel NAME FILTER: the serials in a map or set of the table that is in the file kernel.
in_kernel() { gojq -r ".nftables[] | (.map // .set // empty) | select(.name == \"$1\") | .elem[]? | $2" kernel | sort -n; }
serials() { in_kernel serial '.[1] | if type == "object" then .elem else . end'; }
owners() { in_kernel owner 'if type == "object" then .elem.val else .[0] end | if type == "object" then .concat[2] else . end'; }
translated() { in_kernel translated 'if type == "object" then .elem.val else . end'; }

# look: at one moment of it.
look() { within gw nft -j list table inet masqgate >kernel; }

# is_whole: who has a serial is an owner and is translated, and nobody else.
is_whole()
{
	look
	is "$(owners)" "$(serials)"
	is "$(translated)" "$(serials)"
}


# is_alone: no session is open but cl1's. Those of callers whose masqd has ended stay orphaned, since their interfaces stay.
is_alone() { look && [[ $(sessions ifname state | grep -v ' orphaned$') == 'cl1 open' && $(serials) == "$(sessions id state | sed -n 's/ open$//p')" ]]; }

# runs_out KIBIBYTES: memory does. Half calls take what there is, and hundreds of lines call in.
runs_out()
{
	starve "$masqd" run/socket "$1"
	call_in 0 600
	is_whole
}

# is_back: there is memory again, and the hoard and the callers are gone; what they had is not.
is_back()
{
	end_process "$callers" KILL
	[[ ! -e hoard.in ]] || feed "$masqd"
	tell_preloaded scarce-memory 0
	lives
	# of a masqd that has ended since, the kernel may remember what it was to forget
	ctl detach cl2 || :
	# who is not announced again has ten seconds
	until_true is_alone || until_true is_alone
	is_whole
}

@test "no memory left in masqd: lines are refused, each session is there or is not, and all that was opened is closed again" {
	for room in 0 128; do
		attach cl2 192.168.0.101 --policy friends
		runs_out $room
		[[ $called != 'opened 600 '* ]]
		end_process "$callers" KILL
		ctl detach cl2 || :
		is_whole
		is_back
	done
	passes c1 203.0.113.1
	lost_nothing
}

@test "no memory left in masqd: what needs more is done or not, by masqd or by its end, and no flow notices" {
	runs_out 0
	# whether any of this can be done is not said
	ctl list >/dev/null || :
	ctl set cl1 rate-down=1mbit rate-up=1mbit || :
	is_whole
	lives
	limit "$masqd" 0
	kill -HUP "$masqd"
	ctl reload || :
	is_whole
	# if it has not ended by itself
	kill_masqd
	is_whole
	is_back
	ctl reload
	passes c1 203.0.113.1
	lost_nothing
}

# what_can_be: calls of every kind; whether they can be answered is not said. But no reload: where libconfuse gets no memory it writes
# to what it has not got, and that is masqd's end.
what_can_be()
{
	attach cl2 192.168.0.101 --policy friends || :
	ctl set cl1 rate-down=1mbit rate-up=1mbit || :
	! ctl list --json >listed || is_list_whole
	ctl unset cl1 || :
	ctl detach cl2 || :
}

# is_list_whole: who gets one gets all of it.
is_list_whole()
{
	look
	is "$(gojq '.sessions[] | select(.state == "open") | .id' listed | sort -n)" "$(serials)"
}

@test "memory that lacks now and then in masqd: each session is there or is not, and what was asked is done or not" {
	local every
	for every in 997 211 101; do
		tell_preloaded scarce-memory $every
		call_in 0 200
		is_whole
		tell_preloaded scarce-memory 0
		lives
		ctl list --json >listed
		is_list_whole
		# they go while it lacks, too
		tell_preloaded scarce-memory $every
		end_process "$callers" KILL
		sleep 0.5
		is_back
		tell_preloaded scarce-memory $every
		what_can_be
		is_whole
		is_back
		passes c1 203.0.113.1
	done
	lost_nothing
}

# publishes LINE...: these are the addresses that are published.
publishes() { [[ $(ctl arp -r --no-headings -o address state=published | sort | xargs) == "$*" ]]; }

@test "memory that lacks now and then in masqd: what it cannot tell masq-arpd it tells later" {
	local every
	run_arpd
	conf 'lan office { interface = "eth0" proxy-arp = yes }' 'policy friends { pool = "dialin" proxy-arp = yes }'
	ctl reload
	ctl set cl1 proxy-arp=yes
	until_true publishes 192.168.0.100
	for every in {70..370..3}; do
		attach cl2 192.168.0.101 --policy friends
		until_true publishes 192.168.0.100 192.168.0.101
		tell_preloaded scarce-memory $every
		ctl detach cl2 || :
		tell_preloaded scarce-memory 0
		lives
		ctl detach cl2 || :
		until_true publishes 192.168.0.100
		! logged 'no memory for a call' || return 0
	done
	false
}
