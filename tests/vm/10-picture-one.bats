#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Scenario 1: picture one as drawn. The uplink is PPP, Anybox dials in and proves its name
# by CHAP.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

@test "1: Anybox dials in, gets its address and is listed" {
	dial anybox modem2
	said anybox.gw 'rcvd \[CHAP Response'
	has_address anybox $ANYBOX
	[ "$(public)" = $PUBLIC ]
	masqctl -q wait user=anybox state=open
	run -0 column user,address,policy,state,ifname,tty
	[[ $output == *anybox*$ANYBOX*dialup*open*"$(line_if anybox gw)"*modem2* ]]
	run -0 masqctl uplinks
	[[ $output == *isp*isp0*up*$PUBLIC* ]]
}

@test "1: TCP, UDP and ICMP, both ways; the server sees only the gateway" {
	anybox_up
	[[ $(ask tcp anybox $FAR) == "$PUBLIC "* ]]
	[[ $(ask udp anybox $FAR 5000) == "$PUBLIC 5000" ]]
	pings anybox $FAR
	fetch anybox bytes 300000 >"$WORK/page"
	page 300000 | cmp - "$WORK/page"
	[ "$(seen isp "icmp[icmptype] == icmp-echo and src $PUBLIC")" -ge 3 ]
	[ "$(seen isp "$PRIVATE")" -eq 0 ]
	not grep -Ev "^ready|^(tcp|udp) ${PUBLIC//./\\.} " "$WORK/server.isp.log"
}

@test "1: nobody outside reaches Anybox unasked" {
	anybox_up
	ip -n isp route replace 192.168.0.0/24 dev "$(line_if uplink isp)"
	capture_start anybox any "$WORK/unasked.pcap"
	not pings isp $ANYBOX 2
	ip -n isp route delete 192.168.0.0/24
	capture_stop "$WORK/unasked.pcap"
	[ "$(capture_count "$WORK/unasked.pcap" icmp)" -eq 0 ]
}

@test "1: two clients with the same source port each get their own answers" {
	anybox_up
	dial bob modem3
	masqctl -q wait user=bob state=open
	for kind in udp tcp; do
		ask $kind anybox $FAR 6000 >"$WORK/answer.anybox" &
		ask $kind bob $FAR 6000 >"$WORK/answer.bob"
		wait $!
		a=$(<"$WORK/answer.anybox") b=$(<"$WORK/answer.bob")
		echo "$kind: anybox $a, bob $b"
		[[ $a == "$PUBLIC "* && $b == "$PUBLIC "* && $a != "$b" ]]
	done
	hangup bob
}

@test "1: the uplink redials and gets another address; new flows have it" {
	anybox_up
	uplink_hangup
	uplink_dial 111.222.121.213
	wait_for 30 masqctl -q uplinks state=up
	[[ $(ask tcp anybox $FAR) == "111.222.121.213 "* ]]
	[[ $(ask udp anybox $FAR 5000) == "111.222.121.213 5000" ]]
	pings anybox $FAR
	[ "$(seen isp "$PRIVATE")" -eq 0 ]
}
