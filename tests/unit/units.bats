#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The units, as systemd-analyze(1) judges them. Needs BUILD.

bats_require_minimum_version 1.5.0

setup() { cd "$BUILD/conf" || return; }

@test "systemd knows every line of the units, and finds what they name" {
	cp ./*.service ./*.socket "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR"
	# Not installed yet: the programs of the build folder.
	sed -i -e "s|^ExecStart=.*/masqd\$|ExecStart=$BUILD/masqd/masqd|" -e "s|^ExecStart=.*/masq-arpd\$|ExecStart=$BUILD/arpd/masq-arpd|" ./*.service
	[[ $(grep -hc "^ExecStart=$BUILD" ./*.service) == $'1\n1' ]]
	run -0 systemd-analyze verify --man=no ./*.service ./*.socket
	[[ $output == '' ]]
}

@test "the units leave the daemons little to reach: an exposure of 1.5 at most" {
	for unit in masqd masq-arpd; do
		run systemd-analyze security --offline=yes --threshold=15 "$PWD/$unit.service"
		echo "$output"
		[[ $status == 0 && $output == *"Overall exposure level for $unit.service: "[01].* ]]
	done
}

@test "each service has its socket, where it and masqctl look for it" {
	local unit
	for unit in masqd:masqgate/masqd masq-arpd:masq-arpd/arpd; do
		grep -qxF "Sockets=${unit%:*}.socket" "${unit%:*}.service"
		grep -qE "^ListenStream=/.*/${unit#*:}.sock\$" "${unit%:*}.socket"
	done
	[[ $(sed -n 's/^ListenStream=//p' masqd.socket) == "$(masqd -nv -f "$BATS_TEST_DIRNAME/../../conf/masqd.conf" | sed -n 's/^socket = "\(.*\)"/\1/p')" ]]
}
