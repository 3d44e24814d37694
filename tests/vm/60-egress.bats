#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Scenario 6: nothing leaves with an inside address, whatever connection tracking thinks of
# it. 99-whole-run.bats looks at the whole run.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

# strays NAME [SOURCE...]: sends them, and says how many of NAME's packets the gateway got.
strays()
{
	local line file=$WORK/strays.pcap
	line=$(line_if "$1" gw)

	capture_start gw "$line" "$file" || return
	in_ns "$1" python3 "$BATS_TEST_DIRNAME/strays.py" $FAR "${@:2}" || return
	pings "$1" $GATEWAY 1 || return
	wait_for 30 record_has "$file" icmp
	capture_stop "$file" && capture_count "$file" "dst $FAR"
}

@test "6: strays of Anybox leave translated or not at all" {
	anybox_up
	before=$(seen isp "src $(public) and dst $FAR")
	run -0 strays anybox
	echo "strays that came: $output"
	[ "$output" -ge 20 ]
	[ "$(seen isp "src $(public) and dst $FAR")" -gt "$before" ]
	[ "$(seen isp "$PRIVATE")" -eq 0 ]
}

@test "6: strays with other sources do not leave" {
	anybox_up
	before=$(seen isp "dst $FAR")
	run -0 strays anybox 10.1.2.3 172.16.5.5 192.168.0.77 $LANHOST 203.0.113.9
	[ "$output" -ge 75 ]
	[ "$(seen isp "dst $FAR")" -eq "$before" ]
}
