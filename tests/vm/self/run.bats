#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The virtual machine's promises to the machine that starts it. (The files one folder up
# run inside.)

setup() { run_vm=$BATS_TEST_DIRNAME/../run; }

@test "vm: output and exit code are the script's, nothing is written back" {
	# shellcheck disable=SC2016
	run "$run_vm" -- bash -c 'echo "one  two"; echo three >&2; : >"$1/left"; exit 7' - "$BATS_TEST_TMPDIR"
	[ "$output" = $'one  two\nthree' ]
	[ "$status" -eq 7 ]
	[ ! -e "$BATS_TEST_TMPDIR/left" ]
}

@test "vm: a share is writable" {
	"$run_vm" --share "$BATS_TEST_TMPDIR" -- bash -c 'echo result >/mnt/out/file'
	[ "$(<"$BATS_TEST_TMPDIR/file")" = result ]
}

# long enough for a boot on a busy machine
@test "vm: a hang ends, and says so" {
	run "$run_vm" --timeout 45 -- bash -c 'echo begun; read -r <> <(:)'
	[ "$status" -eq 124 ]
	[[ $output == *begun*"ended after 45 s"*hint:* ]]
}
