#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# What other programs, and the administrator, do to the gateway meanwhile. In the picture of gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway

setup() { gateway_setup others; }
teardown() { gateway_teardown; }

# flush_and_flush: as a firewall does that takes itself for the only one, again and again.
flush_and_flush()
{
	cat >firewall.nft <<-'END'
		flush ruleset
		table inet firewall {
			chain forward {
				type filter hook forward priority 10; policy accept;
				tcp dport 25 drop
			}
		}
	END
	while [[ ! -e enough ]]; do
		within gw nft -f firewall.nft
	done
}

# rules TABLE: without what counts.
rules() { within gw nft -sy list table inet "$1"; }
are_rules() { [[ $(rules masqgate 2>&1) == "$1" ]]; }

# cpu_ms PID: what it has used, its threads included.
cpu_ms() { awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print int(($12 + $13) * 1000 / hz) }' "/proc/$1/stat"; }

@test "somebody who keeps flushing the ruleset: masqd backs off, nothing private leaves, and all is there when he has stopped" {
	local before cpu begun took repaired
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101
	flood c1
	before=$(rules masqgate)
	cpu=$(cpu_ms "$masqd") begun=${EPOCHREALTIME/./}
	background flush_and_flush
	until_true has_repairs 5
	repaired=$(repairs)
	took=$(((${EPOCHREALTIME/./} - begun) / 1000)) cpu=$(($(cpu_ms "$masqd") - cpu))
	echo "$repaired repairs in $took ms, $cpu ms of them at work"
	# one a second, and the first at once
	((repaired <= took / 1000 + 2 && cpu < took / 2))
	settled
	run ! leaked
	touch enough
	wait "$last"
	until_true are_rules "$before"
	is "$(grep -c 'table inet masqgate was changed by somebody else' log)" "$(repairs)"
	is "$(rules firewall | tr -d '\t')" "$(sed 1d firewall.nft)"
	is "$(sessions id ifname state | xargs)" '1 cl1 open 2 cl2 open'
	passes c1 203.0.113.1
	passes c2 203.0.113.1
}
