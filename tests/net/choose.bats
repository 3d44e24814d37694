#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Who gets which policy, in the picture of gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

setup() { gateway_setup choose; }
teardown() { gateway_teardown; }

# dial_as NAME LINE: the picture's third client comes in on ppp7.
dial_as() { dial "$1" "{\"ifname\": \"ppp7\", \"pid\": 1, $2}" "{\"ifindex\": $ifindex, \"local\": \"192.168.0.1\"}"; }

@test "group and caller: each kind in its turn, with packets" {
	add_line ppp7 c3 192.168.0.102
	conf 'pool dialin { range = { "192.168.0.102" } }' 'policy closed { rules = { "deny any" } pool = "dialin" }' \
		'caller "+49*" { policy = "friends" }' 'caller "+4*" { policy = "closed" }' \
		'group staff { users = { "bob", "*@office.example" } policy = "closed" }' \
		'user "eve@*" { policy = "friends" }'
	ctl reload
	dial_as first '"user": "carol@office.example", "caller": "+49301234"'
	is "$(sessions policy caller)" "closed +49301234"
	run ! pings c3
	ctl kick ppp7
	dial_as second '"user": "carol", "caller": "+49301234"'
	is "$(sessions policy)" friends
	pings c3
	ctl kick ppp7
	dial_as third '"user": "eve@office.example", "caller": "+431"'
	is "$(sessions policy)" friends
	logged 'admitted: policy friends (user "eve@*", line '
}

@test "who was chosen by his number is so after a restart, before his line is announced again" {
	add_line ppp7 c3 192.168.0.102
	conf 'pool dialin { range = { "192.168.0.102" } }' 'policy closed { rules = { "deny any" } pool = "dialin" }' 'caller "+49*" { policy = "friends" }' 'default-policy = "closed"'
	ctl reload
	dial_as first '"user": "carol", "caller": "+49301234"'
	pings c3
	kill_masqd
	start_masqd
	is "$(sessions state policy caller)" "orphaned friends +49301234"
	pings c3
}

@test "dns: the line is told of its policy's name servers" {
	add_line ppp7 c3 192.168.0.102
	conf 'policy dialup { pool = "dialin" dns = { "192.0.2.53", "192.0.2.54" } }'
	ctl reload
	dial_as first '"user": "carol"'
	is "$(reply first 1 .parameters.dns)" '["192.0.2.53","192.0.2.54"]'
	is "$(ctl show ppp7 --json | gojq -c '.sessions[0].dns')" '["192.0.2.53","192.0.2.54"]'
	ctl kick ppp7
	conf 'policy dialup { pool = "dialin" }'
	ctl reload
	dial_as second '"user": "carol"'
	is "$(reply second 1 .parameters.dns)" '[]'
}

# held_back: who is, on which line, after how many failures.
held_back() { ctl status --json | gojq -r '.masqd.held_back[] | "\(.user) \(.tty) \(.failures)"'; }
attempt() { dial attempt '{"ifname": "ppp7", "pid": 1, "user": "eve", "tty": "/dev/ttyS7"}'; }

# hangs_up: is let in, and gone at once.
hangs_up()
{
	attempt
	grep -q error attempt.replies && return 1
	end_process "$dialled" KILL
	ctl wait --gone user=eve --timeout 10
}

@test "redial-backoff: who fails again and again has to wait, on that line; and comes in after it" {
	add_line ppp7 c3 192.168.0.102
	conf 'redial-backoff = 1m'
	ctl reload
	hangs_up
	until_true hangs_up
	until_true hangs_up
	is "$(held_back)" 'eve /dev/ttyS7 3'
	attempt
	[[ $(reply attempt 1 .parameters.reason) == 'too many attempts, wait '[1-4]' s' ]]
	run ctl status
	[[ $output == *'held back'*' for 3 failures: eve on /dev/ttyS7'* ]]
	dial other '{"ifname": "ppp7", "pid": 1, "user": "eve", "tty": "/dev/ttyS8"}'
	is "$(sessions tty state)" '/dev/ttyS8 admitted'
	end_process "$dialled"
	until_true hangs_up
	conf
	ctl reload
	attempt
	is "$(held_back)" ''
	is "$(reply attempt 1 .parameters.policy)" dialup
}

@test "a user's own address: kept for him, in no pool or in one; not when it is somebody else's" {
	local alice='{"ifname": "ppp7", "pid": 1, "user": "alice"}'
	add_line ppp7 c3 192.168.0.102
	conf 'pool dialin { range = { "192.168.0.102-192.168.0.103" } }' 'user "alice" { address = "192.168.0.102" }' \
		'user "bob" { address = "172.31.0.7" }' 'user "own" { address = "192.168.0.1" }' 'user "last" { address = "192.168.0.255" }' \
		'user "net" { address = "203.0.113.0" }'
	ctl reload
	dial bob '{"ifname": "ppp7", "pid": 1, "user": "bob"}'
	is "$(reply bob 1 .parameters.address)" 172.31.0.7
	dial eve '{"ifname": "ppp7", "pid": 1, "user": "eve"}'
	is "$(reply eve 1 .parameters.address)" 192.168.0.103
	refused 'pool "dialin" is exhausted' '{"ifname": "ppp7", "pid": 1, "user": "mallory"}'
	dial alice "$alice"
	is "$(reply alice 1 .parameters.address)" 192.168.0.102
	refused "address 192.168.0.102 is in use by session #$(reply alice 1 .parameters.serial)" "$alice"
	refused "address 192.168.0.101 is not this user's" '{"ifname": "ppp7", "pid": 1, "user": "bob", "address": "192.168.0.101"}'
	refused "address 192.168.0.1 is the gateway's own" '{"ifname": "ppp7", "pid": 1, "user": "own"}'
	refused "address 192.168.0.255 is a broadcast address" '{"ifname": "ppp7", "pid": 1, "user": "last"}'
	refused "address 203.0.113.0 is a broadcast address" '{"ifname": "ppp7", "pid": 1, "user": "net"}'
}
