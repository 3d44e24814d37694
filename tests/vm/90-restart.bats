#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Scenario 9: masqd is killed and started again while Anybox fetches a large page.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

BYTES=1500000

# fetched N: at least so many bytes have come.
fetched() { (($(stat -c %s "$WORK/fetch.log") >= $1)); }
wait_for_more() { wait_for 60 fetched $(($(stat -c %s "$WORK/fetch.log") + 100000)); }

@test "9: masqd is killed and comes back during a transfer; the session is the same" {
	anybox_up
	session=$(column id,started,address,policy,ifname user=anybox)
	start fetch - fetch anybox slowly $BYTES
	wait_for_more
	masqd_kill
	wait_for_more
	is_running fetch
	# What is open goes on before pppd has announced it, too.
	send_signal anybox.gw STOP
	masqd_start
	pings anybox $FAR 2
	send_signal anybox.gw CONT
	masqctl -q wait user=anybox state=open
	[ "$(column id,started,address,policy,ifname user=anybox)" = "$session" ]
	is_running fetch
	wait_for_more
	wait_for 300 has_ended fetch
	page $BYTES | cmp - "$WORK/fetch.log"
	wait_for 10 said anybox.gw 'masq: session #[0-9]+ announced again'
	pings lan $ANYBOX
	published $ANYBOX
}

@test "9: a kick after the restart reaches pppd, and its reason the peer" {
	anybox_up
	masqd_kill
	masqd_start
	masqctl -q wait user=anybox state=open
	begun=${EPOCHREALTIME/./}
	masqctl kick user=anybox --reason 'the line is needed'
	wait_for 10 said anybox.client 'rcvd \[LCP TermReq .*the line is needed'
	took=$(((${EPOCHREALTIME/./} - begun) / 1000))
	echo "the reason was there after $took ms"
	((took < 5000))
	line_ended anybox
	[ "$(exit_status anybox.gw)" -eq 5 ]
	masqctl -q wait --gone user=anybox
	said masqd 'anybox.* closed: the line is needed'
}
