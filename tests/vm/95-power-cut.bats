#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The gateway loses its power while Anybox is dialled in, and boots again: nobody has said goodbye, and of what was there only the files
# are left.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

# power_cut: every process dies at once, and with the namespaces all that the kernel had.
power_cut()
{
	local file pids=()
	for file in "$WORK"/*.pid; do
		# the number of one that has ended may be another's by now
		! is_running "$(basename "$file" .pid)" || pids+=("$(<"$file")")
	done
	kill -KILL "${pids[@]}" 2>/dev/null || :
	gateway_down
	rm -rf /run/masqgate /run/masq-arpd
}

past() { masqctl history --json id="$1" | gojq -r '.sessions[] | "\(.user) \(.ended != null) \(.reason)"'; }

@test "after a power cut: the old session is over in the history, its number is never used again, and the address is served anew" {
	anybox_up
	start fetch - fetch anybox slowly 1500000
	old=$(column id user=anybox)
	power_cut
	gateway_up
	[ -z "$(column id)" ]
	[ "$(past "$old")" = 'anybox true over before masqd was started again' ]
	anybox_up
	new=$(column id user=anybox)
	new=${new#'#'}
	((new > ${old#'#'}))
	[ "$(column address user=anybox)" = $ANYBOX ]
	pings anybox $FAR
	lan_finds $ANYBOX
	masqctl reconcile --dry-run
	[ "$(seen isp "$PRIVATE")" -eq 0 ]
}
