#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# masqd aborts at each step of opening and closing a session, in a build with --enable-failpoints: what is open goes on, what is not
# stays closed, and after its return the kernel has what masqd says and nothing else. In the picture of gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway

setup() { gateway_setup fail; }
teardown() { gateway_teardown; }

LINE='{"ifname":"ppp7","user":"dave","address":"192.168.0.102"}'

# restart_with FAILPOINT: masqd is from now on one that dies there.
restart_with()
{
	end_process "$masqd"
	export MASQGATE_FAILPOINT=$1
	start_masqd
	unset MASQGATE_FAILPOINT
}

# has_aborted FAILPOINT: there, and not for another reason.
has_aborted() { logged "failpoint $1" && ! kill -0 "$masqd" 2>/dev/null; }

# The kernel's elements of clients, but for counters, and the routes and rules that are masqd's.
kernel()
{
	within gw nft -j list table inet masqgate |
		gojq -c '.nftables[] | (.map // .set // empty) | select(.name | IN("lines", "uplinks", "lans", "networks", "policies",
			"out_policies", "to_policies", "gateway_policies", "rated") | not) | select(.elem) | [.name, .elem]' |
		sed 's/"comment":"[^"]*"//g'
	ip -n "$ns-gw" route show table all proto 77
	ip -n "$ns-gw" rule show | grep -v -e local -e main -e default || :
}

# The oracle: what masqd says is what is there.
is_consistent() { [[ $(serials) == "$(sessions id)" ]]; }

# opening FAILPOINT [CONFIGURATION]: masqd dies there while dave's line comes up, who was admitted by the last one or by this one.
opening()
{
	local before
	add_line ppp7 c3 192.168.0.102
	attach cl1 192.168.0.100
	converse other udp c1
	answered other
	before=$(kernel)
	restart_with "$1"
	dial one "$LINE" "{\"ifindex\":$ifindex}" || :
	wait "$dialled" || :
	until_true has_aborted "$1"
	answered other
	start_masqd
	# the plugin that was told nothing is gone, or says it again
	until_true is_consistent
	answered other
	if [[ $2 == gone ]]; then
		ip -n "$ns-gw" link del ppp7
		until_true is_consistent
		is "$(sessions user)" null
		is "$(kernel)" "$before"
	else
		dial two "$LINE" "$(again)"
		passes c3 203.0.113.1
		is_consistent
	fi
}

# again: what the plugin says after masqd's return: the session that it was admitted as, if it has heard that.
again()
{
	reply one 1 ".parameters // {} | {ifindex: $ifindex} + if .serial then {serial, started, address} else {} end" | grep . || echo "{\"ifindex\":$ifindex}"
}

# closing FAILPOINT: masqd dies there while dave's line goes down.
closing()
{
	local before
	attach cl1 192.168.0.100
	converse other udp c1
	answered other
	before=$(kernel)
	restart_with "$1"
	add_line ppp7 c3 192.168.0.102
	dial one "$LINE" "{\"ifindex\":$ifindex}"
	converse his udp c3
	answered his
	ip -n "$ns-gw" link del ppp7
	wait "$dialled" || :
	until_true has_aborted "$1"
	answered other
	start_masqd
	until_true is_consistent
	is "$(sessions user)" null
	is "$(kernel)" "$before"
	until_true not in_conntrack 'src=192.168.0.102'
	answered other
}

@test "opening, admitted: closed or opened, and nothing is left when the line is gone" { opening admitted gone; }
@test "opening, admitted: the line that comes again is served" { opening admitted again; }
@test "opening, rules-added: closed or opened, and nothing is left when the line is gone" { opening rules-added gone; }
@test "opening, rules-added: the line that comes again is served" { opening rules-added again; }
@test "opening, elements-committed: closed or opened, and nothing is left when the line is gone" { opening elements-committed gone; }
@test "opening, elements-committed: the line that comes again is served" { opening elements-committed again; }
@test "opening, published: closed or opened, and nothing is left when the line is gone" { opening published gone; }
@test "opening, published: the line that comes again is served" { opening published again; }
@test "opening, routed: closed or opened, and nothing is left when the line is gone" { opening routed gone; }
@test "opening, routed: the line that comes again is served" { opening routed again; }
@test "opening, noted: closed or opened, and nothing is left when the line is gone" { opening noted gone; }
@test "opening, noted: the line that comes again is served" { opening noted again; }
@test "opening, opened: closed or opened, and nothing is left when the line is gone" { opening opened gone; }
@test "opening, opened: the line that comes again is served" { opening opened again; }
@test "closing, closed: nothing of the session is left" { closing closed; }
@test "closing, flushing: nothing of the session is left" { closing flushing; }
@test "closing, forgotten: nothing of the session is left" { closing forgotten; }
