#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# A port of the public address leads to Anybox while it is online, from outside and from inside.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

setup()
{
	gateway_up
	grep -q 'policy served' $CONF || {
		echo 'policy served { pool = "dialin" forward web { protocol = tcp port = 2222 to-port = 80 } }' >>$CONF
		masqctl -q reload
	}
}

served_up()
{
	line_is_up served || dial served modem5 masq-policy served || return
	masqctl -q wait user=served state=open
	is_running server.served || server_start served
}

# reaches NS [ADDRESS]: the server there, by the public port; prints whom it sees.
reaches() { ask tcp "$1" "${2-$PUBLIC}:2222"; }

@test "forward: closed before, open while it is online, closed after" {
	not reaches isp
	served_up
	[[ $(reaches isp) == "$ISP "* ]]
	not ask tcp isp $PUBLIC:80
	hangup served
	not reaches isp
}

@test "forward: itself, another caller and a LAN host use the public address too, and are seen as the gateway" {
	served_up
	anybox_up
	for from in served anybox lan; do
		[[ $(reaches $from) == "$(column local user=served) "* ]]
	done
	[[ $(ask tcp anybox $FAR) == "$PUBLIC "* ]]
	[ "$(seen isp "$PRIVATE")" -eq 0 ]
}

@test "forward: follows the uplink's address and the client's, and a killed masqd does not close it" {
	served_up
	masqd_kill
	[[ $(reaches isp) == "$ISP "* ]]
	masqd_start
	masqctl -q wait user=served state=open
	uplink_hangup
	# An interface that is new forwards once masqd has seen it, and not without it.
	uplink_dial 111.222.121.214
	[[ $(reaches isp 111.222.121.214) == "$ISP "* ]]
	hangup served
	stop server.served
	dial served modem5 masq-policy served
	masqctl -q wait user=served state=open
	server_start served
	[[ $(reaches isp 111.222.121.214) == "$ISP "* ]]
	[[ $(reaches lan 111.222.121.214) != "" ]]
	hangup served
	uplink_hangup
	uplink_dial $PUBLIC
}
