#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# On which LANs a client is found, in the picture of gateway.bash, with masq-arpd and a second LAN:
#
#      lan                     gw                          lan2
#      192.168.0.9 eth0 ── eth0    eth2 10.9.0.1 ── eth0 10.9.0.9, and 192.168.0.0/24 is on the wire for it too
#
# Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

setup()
{
	gateway_setup lans
	add_namespaces lan2
	wire eth2 lan2 10.9.0.9/24
	ip -n "$ns-gw" addr add 10.9.0.1/24 dev eth2
	ip -n "$ns-lan2" route add 192.168.0.0/24 dev eth0
	# clients are on the wire, not behind the gateway
	ip -n "$ns-lan" route del 192.168.0.100
	ip -n "$ns-lan" route del 192.168.0.101
	run_arpd
	published 'lans = { }'
	ctl wait ready
}
teardown() { gateway_teardown; }

# published LANS: policy dialup is, with this key.
published()
{
	conf 'lan office { interface = "eth0" proxy-arp = yes }' 'lan cellar { interface = "eth2" proxy-arp = yes }' \
		"policy dialup { pool = \"dialin\" proxy-arp = yes $1 }" 'policy everywhere { proxy-arp = yes lans = { "office", "cellar" } }'
	ctl reload
}

entries() { ctl arp --json | gojq -r '[.entries[] | select(.state == "published") | "\(.address) \(.interface)"] | sort | join(", ")'; }
entries_are() { [[ $(entries) == "$1" ]]; }

# found NAMESPACE ADDRESS: a host there finds it by ARP.
found()
{
	ip -n "$ns-$1" neigh flush all
	pings "$1" "$2"
}

@test "without the key a client is found on the LANs whose network has its address" {
	attach cl1 192.168.0.100
	until_true entries_are '192.168.0.100 eth0'
	found lan 192.168.0.100
	run ! found lan2 192.168.0.100
}

@test "lans: a client is found on the LANs that are named, whatever their networks are, and on no other" {
	published 'lans = { "cellar" }'
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy everywhere
	until_true entries_are '192.168.0.100 eth2, 192.168.0.101 eth0, 192.168.0.101 eth2'
	found lan2 192.168.0.100
	run ! found lan 192.168.0.100
	found lan2 192.168.0.101
	found lan 192.168.0.101
	is "$(ctl show cl1 --json | gojq -c '.sessions[0].lans')" '["cellar"]'
	ctl detach cl1
	ctl detach cl2
	until_true entries_are ''
	run ! found lan2 192.168.0.100
}

@test "lans: a user's own, a reload and masqctl set move a live client from LAN to LAN" {
	attach cl1 192.168.0.100 --user alice
	until_true entries_are '192.168.0.100 eth0'
	ctl set cl1 lans=cellar lans=office
	until_true entries_are '192.168.0.100 eth0, 192.168.0.100 eth2'
	found lan2 192.168.0.100
	# where it stays, it was never taken away
	is "$(ctl arp --json interface=eth0 | gojq '.entries[0].announced > 0')" true
	run ! grep -F 'withdrawn from eth0' arpd.log
	ctl unset cl1 lans
	until_true entries_are '192.168.0.100 eth0'
	conf 'lan office { interface = "eth0" proxy-arp = yes }' 'lan cellar { interface = "eth2" proxy-arp = yes }' \
		'policy dialup { pool = "dialin" proxy-arp = yes }' 'user alice { lans = { "cellar" } }'
	ctl reload
	until_true entries_are '192.168.0.100 eth2'
	found lan2 192.168.0.100
	run ! ctl set cl1 lans=celar
	is "$output" 'masqctl: set: lans: celar: no such lan, did you mean "cellar"?'
	ctl set cl1 proxy-arp=no
	until_true entries_are ''
	# a LAN that is not there any more is withdrawn from
	ctl set cl1 proxy-arp=yes
	until_true entries_are '192.168.0.100 eth2'
}

@test "a route that is a part of a LAN's network needs that LAN" {
	conf 'lan office { interface = "eth0" proxy-arp = yes }' 'lan cellar { interface = "eth2" proxy-arp = yes }' \
		'policy part { proxy-arp = yes lans = { "cellar" } routes = { "192.168.0.160/28" } }' \
		'policy whole { proxy-arp = yes lans = { "office" } routes = { "192.168.0.160/30" } }'
	ctl reload
	run ! attach cl1 192.168.0.100 --policy part
	is "$output" 'masqctl: attach: refused: route 192.168.0.160/28 overlaps with the network of interface eth0'
	attach cl1 192.168.0.100 --policy whole
	until_true entries_are '192.168.0.100 eth0, 192.168.0.160 eth0, 192.168.0.161 eth0, 192.168.0.162 eth0, 192.168.0.163 eth0'
}
