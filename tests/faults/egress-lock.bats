#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The second lock of the uplinks: no private address leaves though the ruleset is flushed. In the picture of gateway.bash, which
# writes down all that leaves by isp0. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2034,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway

setup() { gateway_setup lock; }
teardown() { gateway_teardown; }

locks() { within gw tc filter show dev "$1" egress; }
is_locked() { locks "$1" | grep -q 'pref 7700 bpf .*handle 0x4d direct-action'; }
uplink() { ctl uplinks --json | gojq -cr ".uplinks[] | select(.interface == \"$1\") | .egress_lock"; }
requests() { grep -c 'echo request' isp.cap; }
more_requests_than() { (($(requests) > $1)); }
# passed_since NUMBER: the capture ends with the line that has this number, but for pings of the gateway's own.
passed_since() { tail -n +$(($1 + 1)) isp.cap | grep -c "IP 203.0.113.1 > .*echo request.* length 64" || :; }

@test "I2: a flushed ruleset, a deleted table or chain lets no inside address out" {
	attach cl1 192.168.0.100
	flood c1
	for harm in 'flush ruleset' 'delete table inet masqgate' 'flush chain inet masqgate guard' 'flush ruleset' 'flush ruleset'; do
		local repaired sent
		repaired=$(repairs)
		within gw nft "$harm"
		until_true has_repairs $((repaired + 1))
		sent=$(requests)
		until_true more_requests_than "$sent"
	done
	settled
	run ! leaked
}

@test "I2: nor does it while masqd is dead, and nothing passes until it is back" {
	local before
	attach cl1 192.168.0.100
	flood c1
	kill_masqd
	within gw nft flush ruleset
	settled
	before=$(wc -l <isp.cap)
	blocked c1
	is "$(passed_since "$before")" 0
	start_masqd
	attach cl1 192.168.0.100
	passes c1 203.0.113.1
}

@test "the lock is shown, put back when somebody removes it, counted, and follows the uplink" {
	is_locked isp0
	is "$(uplink isp0)" true
	for harm in 'filter del dev isp0 egress pref 7700' 'qdisc del dev isp0 clsact'; do
		local repaired
		repaired=$(repairs)
		within gw tc $harm
		until_true has_repairs $((repaired + 1))
		is_locked isp0
	done
	logged "the second lock of an uplink was removed by somebody else, and is there again"
	# under another name it is no uplink, and one that has the name is
	ip -n "$ns-gw" link add later type veth peer name other
	run ! is_locked later
	ip -n "$ns-gw" link set isp0 down
	ip -n "$ns-gw" link set isp0 name gone
	ip -n "$ns-gw" link set later name isp0
	until_true is_locked isp0
	run -0 ctl uplinks -o name,egress-lock
	[[ $output == *yes* ]]
	ip -n "$ns-gw" link set isp0 name later
	ip -n "$ns-gw" link set gone name isp0
	ip -n "$ns-gw" link set isp0 up
}

@test "another uplink is locked by a reload, and what is none any more is not" {
	ip -n "$ns-gw" link add isp1 type veth peer name other
	run ! is_locked isp1
	conf 'uplink second { interface = "isp1" }'
	ctl reload
	is_locked isp0
	is_locked isp1
	conf
	ctl reload
	until_true not is_locked isp1
	is_locked isp0
	# what an earlier run has left
	conf 'uplink second { interface = "isp1" }'
	ctl reload
	is_locked isp1
	kill_masqd
	conf
	start_masqd
	until_true not is_locked isp1
}

@test "somebody else's filter in its place is left alone, and it is said that there is no lock" {
	mismatch_is_meant=yes
	end_process "$masqd"
	within gw tc filter del dev isp0 egress
	within gw tc filter add dev isp0 egress pref 7700 handle 77 protocol all bpf da bytecode '1,6 0 0 4294967295'
	before=$(locks isp0)
	start_masqd
	is "$(locks isp0)" "$before"
	is "$(uplink isp0)" false
	logged "cannot set the second lock of isp0: somebody else's filter has its place"
	run -1 ctl status
	[[ $output == *"warning: uplink isp: it has no second lock"* ]]
}

@test "an uplink with a private address of its own leads out by it, and by nothing else" {
	MEANT_OUTSIDE='172\.20\.1\.[129]'
	ip -n "$ns-gw" addr del 203.0.113.1/24 dev isp0
	ip -n "$ns-gw" addr add 172.20.1.1/24 dev isp0
	ip -n "$ns-isp" addr add 172.20.1.9/24 dev eth0
	attach cl1 192.168.0.100
	until_true passes c1 172.20.1.1 172.20.1.9
	kill_masqd
	# as DHCP would, with nobody alive to change the lock
	ip -n "$ns-gw" addr del 172.20.1.1/24 dev isp0
	ip -n "$ns-gw" addr add 172.20.1.2/24 dev isp0
	passes c1 172.20.1.2 172.20.1.9
	within gw nft flush ruleset
	blocked c1 172.20.1.9
	ip -n "$ns-gw" addr add 203.0.113.1/24 dev isp0
}

@test "private addresses that a policy gives out may leave where they are local" {
	MEANT_OUTSIDE='10\.99\.0\.(8|9|10|11)|10\.98\.0\.1'
	conf 'policy dialup { nat = snat snat-address = "10.99.0.8/30" pool = "dialin" }'
	ctl reload
	ip -n "$ns-gw" route add local 10.99.0.8/30 dev isp0
	ip -n "$ns-isp" route add 10.99.0.8/30 via 203.0.113.1
	attach cl1 192.168.0.100
	passes c1 "$(sessions public)"
	attach cl2 192.168.0.101 --policy friends
	ctl set cl2 nat=snat snat-address=10.98.0.1
	ip -n "$ns-gw" route add local 10.98.0.1 dev isp0
	ip -n "$ns-isp" route add 10.98.0.1 via 203.0.113.1
	passes c2 10.98.0.1
}
