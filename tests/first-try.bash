# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# For tests that BATS tries once more (BATS_TEST_RETRIES): of a first try that failed it keeps nothing.

# tell_first_try COMMAND: with what that prints; by a teardown, if the test has failed and is tried again. ./check repeats all but that in
# its summary.
tell_first_try()
{
	local trace=()
	[[ -z ${BATS_TEST_COMPLETED-} ]] || return 0
	((BATS_TEST_TRY_NUMBER <= ${BATS_TEST_RETRIES-0})) || return 0
	bats_get_failure_stack_trace trace
	{
		echo "# first try failed: $BATS_TEST_DESCRIPTION"
		bats_print_stack_trace "${trace[@]}"
		bats_print_failed_command "${trace[@]}"
		"$@" | sed 's/^/# /'
	} >&3
}
