#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# What the kernel answers to masqd's transactions, in the picture of gateway.bash. A masqd that lived would repair what is done there.
# Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

setup()
{
	gateway_setup transactions
	kill_masqd
}

teardown() { gateway_teardown; }

transactions() { within gw "$BUILD/tests/net/transactions" "$@"; }

@test "all of a transaction is in force, or nothing" {
	is "$(transactions add 1 3)" 'ok: 1 2 3'
	is "$(transactions del 1 1 add 4 1)" 'ok: 2 3 4'
	is "$(transactions move 2 1 del 3 1)" 'ok: 4'
}

@test "whatever place an error has, it is said and nothing is in force" {
	local missing='No such file or directory' exists='File exists'
	is "$(transactions add 1 1 , del 2 1 add 3 1 , add 3 1 del 2 1 , add 3 1 del 2 1 add 4 1 , add 3 1)" \
		"ok: 1"$'\n'"$missing: 1"$'\n'"$missing: 1"$'\n'"$missing: 1"$'\n'"ok: 1 3"
	# what is there already is no error, something else under its key is
	is "$(transactions add 1 1 , move 3 1 , add 3 1 add 4 1 , add 4 1 add 3 1 , add 1 1 add 4 1)" \
		"ok: 1 3"$'\n'"ok: 1"$'\n'"$exists: 1"$'\n'"$exists: 1"$'\n'"ok: 1 4"
}

@test "nothing to do is no error" {
	is "$(transactions add 1 1 , , del 1 0)" $'ok: 1\nok: 1\nok: 1'
}

@test "thousands of sessions, and thousands of errors, are one transaction's" {
	is "$(transactions add 1 20000 , del 1 20000)" $'ok: 1 2 3 4 5 6 7 8 9\nok:'
	is "$(transactions del 1 20000 , add 1 1)" $'No such file or directory:\nok: 1'
}

@test "without a table nothing is in force" {
	within gw nft delete table inet masqgate
	is "$(transactions add 1 1)" 'No such file or directory:'
}
