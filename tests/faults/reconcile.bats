#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# masqctl reconcile: what somebody has changed behind masqd's back is found, named and put right. In the picture of gateway.bash.
# Needs root; BUILD is the build folder.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2034,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway

setup()
{
	gateway_setup reconcile
	conf 'policy fast { flows = 100 new-flows = 50 rate-up = 1Mbit rate-down = 2Mbit routes = { "10.9.0.0/24" } }' \
		'policy balanced { uplinks = { "isp" } }'
	ctl reload
	attach cl1 192.168.0.100 --policy fast
	attach cl2 192.168.0.101 --policy balanced
	no_mismatch
}

teardown() { gateway_teardown; }

# mismatches [OPTION]...: type, object, name, key, serial, wanted and found, a line each.
mismatches()
{
	ctl reconcile "$@" --json | gojq -r '.mismatches[] | "\(.type) \(.object) \(.name) \(.key) \(.id) \(.wanted) \(.found)"' | sort
}

# unseen ARGUMENT...: nft under masqd's name, whose transactions masqd takes for its own: otherwise it would repair them at once.
unseen()
{
	[[ -e masqd ]] || ln -s "$(type -P nft)" masqd
	ip netns exec "$ns-gw" ./masqd "$@"
}

# the kernel's elements, but for what they have counted
elements()
{
	within gw nft -j -s list ruleset | gojq '[.nftables[] | (.set, .map) | select(. and .table == "masqgate") | {name, elem}]' |
		sed -E '/"(expires|handle)":/d'
}

@test "nothing differs: nothing is said to, and nothing changes" {
	local before
	before=$(within gw nft -a list table inet masqgate)
	run -0 ctl reconcile --dry-run
	is "$output" 'mismatches: 0'
	run -0 ctl reconcile
	is "$output" 'mismatches: 0'
	diff <(echo "$before") <(within gw nft -a list table inet masqgate)
	is "$(repairs)" 0
}

@test "elements that are missing, extra or others are named, with set, key and serial" {
	local before
	before=$(elements)
	unseen -f - <<-'END'
		delete element inet masqgate serial { "cl1" . 192.168.0.100 }
		add element inet masqgate translated { 77 }
		delete element inet masqgate owner { "cl2" . 192.168.0.101 . 2 }
		add element inet masqgate owner { "cl2" . 192.168.0.101 . 2 : 5 }
		delete element inet masqgate flow_limit { 1 }
		add element inet masqgate flow_limit { 1 ct count over 7 }
	END
	run -1 ctl reconcile --dry-run
	[[ ${lines[0]} == TYPE* && ${lines[-1]} == 'mismatches: 4' ]]
	mismatches --dry-run >found
	cat found
	grep -qx 'missing element serial cl1 . 192.168.0.100 1 #1 comment ".*" null' found
	grep -qx 'extra element translated #77 77 null null' found
	grep -qEx 'differs element owner cl2 . 192.168.0.101 . #2 2 [0-9]+ 5' found
	grep -qx 'differs element flow_limit #1 1 ct count over 100 ct count over 7' found
	is "$(wc -l <found)" 4
	# as nft says
	not diff <(echo "$before") <(elements) >/dev/null
	run -0 ctl reconcile
	[[ ${lines[-1]} == 'mismatches: 4, put right but for 0' ]]
	no_mismatch
	diff <(echo "$before") <(elements)
	passes c1 203.0.113.1
	logged 'reconciled: 4 mismatches, 0 left'
}

@test "a rule, a chain, a set of the configuration, and a table that is switched off" {
	unseen add rule inet masqgate guard counter
	unseen add chain inet masqgate mine
	unseen delete element inet masqgate uplinks '{ "isp0" }'
	unseen add table inet masqgate '{ flags dormant; }'
	mismatches --dry-run >found
	cat found
	grep -q '^differs chain guard ' found
	grep -q '^extra chain mine ' found
	grep -q '^differs set uplinks ' found
	grep -q '^differs table masqgate ' found
	run -0 ctl reconcile
	no_mismatch
	not in_table 'chain mine'
	not in_table 'flags dormant'
	passes c1 203.0.113.1
}

@test "forwarding, shaping, routes of clients and locks, of which nobody tells or which come back later" {
	within gw sysctl -q net.ipv4.conf.cl1.forwarding=0
	within gw sysctl -q net.ipv4.conf.isp0.forwarding=0
	within gw tc class change dev cl1 parent 4d47: classid 4d47:1 htb rate 1mbit
	mismatches --dry-run >found
	cat found
	grep -q '^differs forwarding cl1 null 1 1 0' found
	grep -q '^differs forwarding isp0 null null 1 0' found
	grep -q '^differs qdisc cl1 null 1 ' found
	run -0 ctl reconcile
	no_mismatch
	is "$(within gw cat /proc/sys/net/ipv4/conf/{cl1,isp0}/forwarding | xargs)" '1 1'
	within gw tc class show dev cl1 | grep -q 'rate 2Mbit'
	within gw tc qdisc del dev cl1 root
	within gw ip route add 10.99.0.0/24 dev cl2 proto 77
	mismatches --dry-run >found
	cat found
	grep -q '^differs qdisc cl1 null 1 ' found
	grep -q '^extra route cl2 10.99.0.0/24 null ' found
	run -0 ctl reconcile
	no_mismatch
	within gw tc qdisc show dev cl1 root | grep -q htb
	is "$(within gw ip route show 10.99.0.0/24)" ''
	# it is put back at once, and at the latest a second later
	lock_is_missed()
	{
		within gw tc filter del dev isp0 egress pref 7700
		mismatches --dry-run | grep -q '^missing lock isp0 '
	}
	until_true lock_is_missed
	run -0 ctl reconcile
	no_mismatch
	# and so are the rules of the uplinks
	rule_is_missed()
	{
		within gw ip rule del pref 7701
		mismatches --dry-run | grep -q '^missing rule '
	}
	until_true rule_is_missed
	run -0 ctl reconcile
	no_mismatch
	passes c1 203.0.113.1
}

@test "filters, columns and JSON of reconcile are those of the other tables" {
	mismatch_is_meant=yes
	unseen add element inet masqgate translated '{ 77, 78 }'
	is "$(ctl reconcile --dry-run --no-headings -o key name=translated key='#77' | head -n 1 | xargs)" '#77'
	is "$(ctl reconcile --dry-run --json=lines | gojq -c .id | sort | xargs)" '77 78'
	is "$(ctl reconcile --dry-run --json | gojq -c '[.schema, .dry_run, .found, .left, (.mismatches | length)]')" \
		'["org.masqgate.reconcile",true,2,2,2]'
	is "$(call +$GATEWAY.Reconcile '{"dry_run":true}' | gojq -r '.parameters | .mismatch.key // .left' | sort | xargs)" '#77 #78 2'
	run -2 --separate-stderr ctl list --dry-run
	[[ $stderr == *'--dry-run'* ]]
	run -1 call +$GATEWAY.Reconcile '{"dry_run":"x"}'
	[[ $output == *InvalidParameter*dry_run* ]]
}

@test "more mismatches than anybody reads are counted, and put right" {
	unseen add element inet masqgate translated "{ $(seq -s, 1000 3499) }"
	ctl reconcile --dry-run --json >out || :
	is "$(gojq -c '[.found, (.mismatches | length)]' out)" '[2500,1000]'
	run -0 ctl reconcile -n 1
	[[ ${lines[-1]} == 'mismatches: 2500, put right but for 0' ]]
	no_mismatch
}
