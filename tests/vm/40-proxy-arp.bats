#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Scenario 4: hosts on the LAN find Anybox as if it were plugged in.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

@test "4: the LAN host and Anybox reach each other, with their own addresses" {
	anybox_up
	wait_for 30 published $ANYBOX
	lan_finds $ANYBOX
	run -0 masqctl arp
	[[ $output == *$ANYBOX*eth0*"$(ether_of gw eth0)"*published* ]]
	server_start anybox
	server_start lan
	[[ $(ask tcp lan $ANYBOX) == "$LANHOST "* ]]
	[[ $(ask udp lan $ANYBOX 5000) == "$LANHOST 5000" ]]
	[[ $(ask tcp anybox $LANHOST) == "$ANYBOX "* ]]
	[[ $(ask udp anybox $LANHOST 5000) == "$ANYBOX 5000" ]]
	pings lan $ANYBOX
	pings anybox $LANHOST
	stop server.anybox
	stop server.lan
	[[ $(ip -n lan neigh show $ANYBOX) == *"$(ether_of gw eth0)"* ]]
}

@test "4: the ARP entry is gone after a hang-up" {
	anybox_up
	wait_for 30 published $ANYBOX
	hangup anybox
	masqctl -q wait --gone user=anybox
	wait_for 10 not published $ANYBOX
	lan_finds_nobody $ANYBOX
}

@test "4: the ARP entry is gone after kill -9 pppd" {
	anybox_up
	wait_for 30 published $ANYBOX
	stop anybox.gw KILL
	masqctl -q wait --gone user=anybox
	said masqd 'anybox.* closed: '
	wait_for 10 not published $ANYBOX
	lan_finds_nobody $ANYBOX
	line_down anybox
}

# masqctl's own words go to the gateway's masq-arpd.
arp() { masqctl -q arp "$@"; }

@test "4: a VLAN is a LAN" {
	anybox_up
	ip -n gw link add link eth0 name eth0.5 type vlan id 5
	ip -n lan link add link eth0 name eth0.5 type vlan id 5
	host_up gw eth0.5 192.168.5.1/24
	host_up lan eth0.5 192.168.5.2/24
	in_ns gw sysctl -qw net.ipv4.conf.eth0/5.forwarding=1
	ip -n gw route add 192.168.5.100/32 dev "$(line_if anybox gw)"
	arp add 192.168.5.100 eth0.5
	wait_for 30 published 192.168.5.100
	in_ns lan arping -c 1 -w 5 -I eth0.5 192.168.5.100 | grep -qiF "[$(ether_of gw eth0.5)]"
	arp del 192.168.5.100
	wait_for 10 not published 192.168.5.100
	ip -n lan link del eth0.5
	ip -n gw link del eth0.5
}

@test "4: an address that a LAN host has is not given to a caller, who is told" {
	if line_is_up anybox; then hangup anybox; fi
	masqctl -q wait --gone user=anybox
	ip -n lan address add $ANYBOX/32 dev eth0
	scripts_watch
	dial_start anybox modem2
	refused anybox modem2 "address $ANYBOX is in use on eth0 by $(ether_of lan eth0)"
	ip -n lan address del $ANYBOX/32 dev eth0
	anybox_up
	wait_for 30 published $ANYBOX
	lan_finds $ANYBOX
}

@test "4: what a killed pppd's own proxyarp leaves is reported, and deleted when that is asked for" {
	line_down anybox
	masqctl -q wait --gone user=anybox
	PLUGIN='' dial bob modem6
	wait_for 30 published $ANYBOX
	stop bob.gw KILL
	line_down bob
	published $ANYBOX
	wait_for 60 said masq-arpd "$ANYBOX on eth0: somebody else's proxy neighbour leads nowhere"
	published $ANYBOX
	sed -i 's/^clean-foreign = no/clean-foreign = yes/' /etc/masqgate/arpd.conf
	send_signal masq-arpd HUP
	wait_for 60 not published $ANYBOX
	sed -i 's/^clean-foreign = yes/clean-foreign = no/' /etc/masqgate/arpd.conf
	send_signal masq-arpd HUP
}
