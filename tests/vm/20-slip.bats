#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Scenario 2: a client behind slattach, in the shipped configuration's section serial.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

SLIPBOX=192.168.0.120

slip_up() { is_running slipbox.line || slip_dial slipbox modem4 $SLIPBOX; }

@test "2: a SLIP client is masqueraded: TCP, UDP and ICMP" {
	slip_up
	masqctl -q wait type=serial state=open
	run -0 column ifname,address,policy type=serial
	[[ $output == *sl0*$SLIPBOX*dialup* ]]
	[[ $(ask tcp slipbox $FAR) == "$(public) "* ]]
	[[ $(ask udp slipbox $FAR 5001) == "$(public) 5001" ]]
	pings slipbox $FAR
	[ "$(seen isp "$PRIVATE")" -eq 0 ]
}

@test "2: the LAN finds a SLIP client by proxy ARP, until its line is gone" {
	slip_up
	wait_for 30 published $SLIPBOX
	lan_finds $SLIPBOX
	pings lan $SLIPBOX
	pings slipbox $LANHOST
	[ "$(seen lan "icmp[icmptype] == icmp-echo and src $SLIPBOX")" -ge 3 ]
	slip_hangup slipbox
	masqctl -q wait --gone type=serial
	wait_for 30 not published $SLIPBOX
	lan_finds_nobody $SLIPBOX
}
