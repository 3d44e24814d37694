#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Scenario 8: who is refused is told why, and so is the operator.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

setup() { gateway_up && scripts_watch; }

teardown_file()
{
	rm -f /etc/ppp/ip-pre-up /etc/ppp/ip-up /etc/ppp/ipv6-up
	lines_down
}

refusals() { masqctl status --json | gojq .masqd.refused; }

@test "8: an unknown policy" {
	before=$(refusals)
	dial_start mallory modem5 masq-policy nosuch
	refused mallory modem5 'unknown policy'
	said masqd 'refused: mallory on ppp[0-9]+: unknown policy "nosuch"'
	[ "$(refusals)" -eq $((before + 1)) ]
	run masqctl list user=mallory
	[[ $output != *mallory* ]]
	run ! masqctl show user=mallory
	[[ $output == *mallory* ]]
}

@test "8: an address that is in use, an exhausted pool, IPv6CP or not" {
	anybox_up
	serial=$(column id user=anybox)
	dial_start twin modem5 masq-ipv6 -- +ipv6 user anybox
	refused twin modem5 "address $ANYBOX is in use by session $serial"
	said masqd "refused: anybox on ppp[0-9]+: address $ANYBOX is in use by session $serial"
	dial alice modem6 masq-policy single
	masqctl -q wait user=alice state=open
	dial_start mallory modem5 masq-policy single
	refused mallory modem5 'pool .*single.* is exhausted'
	said masqd 'refused: mallory on ppp[0-9]+: pool "single" is exhausted'
	# Who was there noticed nothing.
	[ "$(column id user=anybox)" = "$serial" ]
	pings anybox $FAR
	pings alice $FAR
	hangup alice
}

@test "8: masqd absent" {
	masqd_kill
	dial_start mallory modem5
	wait_for 120 said mallory.client 'rcvd \[CHAP Success'
	begun=${EPOCHREALTIME/./}
	wait_for 120 said mallory.client 'rcvd \[LCP TermReq'
	took=$(((${EPOCHREALTIME/./} - begun) / 1000))
	echo "the refusal was there after $took ms"
	((took < 10000))
	refused mallory modem5 'masqd is not running'
	said mallory.gw 'masqd is not running'
	run -3 masqctl list
	[[ $output == *masqd*'hint: masqd is not running'* ]]
}

@test "8: masqd absent, masq-fail-open: the line comes up closed, and is admitted later" {
	masqd_kill
	dial mallory modem5 masq-fail-open "$GATEWAY:192.168.0.115"
	said mallory.gw 'masqd is not running; the line stays closed until masqd'
	wait_for 30 grep -q 'ip-up /dev/modem5' "$WORK/scripts"
	not pings mallory $FAR 2
	knock mallory
	[ "$(seen lan "ip src 192.168.0.115")" -eq 0 ]
	masqd_start
	masqctl -q wait user=mallory state=open address=192.168.0.115
	wait_for 10 said mallory.gw 'masq: session #[0-9]+ open'
	pings mallory $FAR
	hangup mallory
}
