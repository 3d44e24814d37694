#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Scenario 6 once more, over everything that the files before this one did.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

teardown_file() { gateway_down; }

@test "6: in the whole run nothing private was seen at the provider" {
	translated=0
	private="$PRIVATE or src net fc00::/7"
	for record in "$WORK"/isp*.pcap; do
		echo "$record: $(capture_count "$record") packets"
		tcpdump -n -c 10 -r "$record" "$private" || :
		[ "$(capture_count "$record" "$private")" -eq 0 ]
		((translated += $(capture_count "$record" "src net 111.222.121.212/31 and dst host $FAR"))) || :
	done
	((translated > 0))
}
