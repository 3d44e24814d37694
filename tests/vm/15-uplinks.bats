#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Scenario 15: picture one with a second provider, also by PPP, which Anybox's policy names
# after the first. Both lead to the far server, which tells them apart by the address.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

PUBLIC2=111.222.122.212

# Picture one may have been built anew.
setup()
{
	gateway_up || return
	if ! grep -q '^uplink backup' $CONF; then
		sed -i 's/^policy dialup {/&\n\tuplinks = { "isp", "backup" }/' $CONF
		echo 'uplink backup { interface = "isp1" }' >>$CONF
		masqctl reload || return
	fi
	line_is_up backup isp || backup_dial
}

teardown_file()
{
	[[ -e $WORK/stands ]] || return 0
	line_is_up uplink isp || uplink_dial $PUBLIC
	lines_down
	stop backup.isp
	write_picture_one && masqctl reload
}

# backup_dial: the gateway dials its second provider, who becomes no default route.
backup_dial()
{
	wire backup modem8 &&
		pppd_start backup.isp isp "$WORK/modem8.far" noauth noipv6 "111.222.122.1:$PUBLIC2" &&
		pppd_start backup.gw gw "$TTYS/modem8" noauth noipv6 noipdefault nodefaultroute ifname isp1 &&
		wait_for 120 line_settled backup isp && line_is_up backup isp
}

backup_hangup() { stop backup.gw && line_ended backup isp; }

# leaves_as ADDRESS: Anybox, by TCP, UDP and ICMP.
leaves_as()
{
	local protocol answer
	for protocol in tcp udp; do
		answer=$(ask $protocol anybox $FAR) || :
		[[ $answer == "$1 "* ]] || { echo "$protocol: $answer" && return 1; }
	done
	pings anybox $FAR
}

uplink_is() { [ "$(column uplink user=anybox)" = "$1" ]; }

@test "15: the first uplink, the second while that is hung up, the first again" {
	anybox_up
	uplink_is isp
	leaves_as "$(public)"
	uplink_hangup
	uplink_is backup
	leaves_as $PUBLIC2
	uplink_dial $PUBLIC
	wait_for 10 uplink_is isp
	leaves_as $PUBLIC
	[ "$(seen isp "$PRIVATE")" -eq 0 ]
}

@test "15: both hung up: Anybox is told so, nothing leaves; the second one is enough" {
	anybox_up
	backup_hangup
	uplink_hangup
	wait_for 10 uplink_is -
	in_ns anybox ping -n -c 1 -W 10 $FAR | grep -q 'From 192.168.0.1 .*Unreachable'
	run masqctl uplinks
	[[ $output == *absent*absent* ]]
	backup_dial
	wait_for 10 uplink_is backup
	leaves_as $PUBLIC2
	uplink_dial $PUBLIC
	[ "$(seen isp "$PRIVATE")" -eq 0 ]
}
