#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Scenario 3: picture two. A-box, B-box and C-box are on an Ethernet behind the gateway,
# which keeps its uplink and for this file has no other LAN.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

setup_file()
{
	gateway_up && lines_down && ip -n gw address flush dev eth0 && ip -n gw link set eth0 down &&
		boxes_up || return
	cat >$CONF <<'CONF'
uplink isp { interface = "isp0" }
policy home { nat = masquerade  isolate = no }
network home {
	interface = "eth1"
	prefix = "192.168.0.0/24"
	policy = "home"
}
CONF
	masqctl reload
}

teardown_file()
{
	local box
	[[ -e $WORK/stands ]] || return 0
	for box in abox bbox cbox switch; do
		ip netns delete $box
	done
	host_up gw eth0 $GATEWAY/24 && write_picture_one && masqctl reload
}

setup() { masqctl -q wait type=network state=open; }

@test "3: A-box, B-box and C-box are masqueraded: TCP, UDP and ICMP" {
	run -0 column ifname,address,policy type=network
	[[ $output == *eth1*192.168.0.0/24*home* ]]
	for box in abox bbox cbox; do
		[[ $(ask tcp $box $FAR) == "$(public) "* ]]
		[[ $(ask udp $box $FAR) == "$(public) "* ]]
		pings $box $FAR
	done
	[ "$(seen isp "$PRIVATE")" -eq 0 ]
}

@test "3: three boxes with the same source port each get their own answers" {
	answers=()
	for box in abox bbox cbox; do
		answers+=("$(ask udp $box $FAR 6000)")
	done
	[ "$(printf '%s\n' "${answers[@]}" | grep -cF "$(public) ")" -eq 3 ]
	[ "$(printf '%s\n' "${answers[@]}" | sort -u | wc -l)" -eq 3 ]
}

@test "3: the boxes reach the gateway and each other; strangers on their Ethernet reach nothing" {
	pings abox $GATEWAY
	pings abox 192.168.0.4
	ip -n bbox address add 10.0.0.3/32 dev lo
	before=$(seen isp "icmp and host $FAR")
	not in_ns bbox ping -q -n -I 10.0.0.3 -c 2 -i 0.2 -W 1 $FAR
	[ "$(seen isp "icmp and host $FAR")" -eq "$before" ]
}

# hosts COLUMNS: of the boxes that have been seen, by address.
hosts() { column "$1" type=host --sort address | sed -E 's/ +/ /g; s/ $//'; }

@test "3: A-box, B-box and C-box are listed, each with its own counters, without being configured" {
	for box in abox bbox cbox; do
		pings $box $FAR
	done
	for number in 2 3 4; do
		masqctl -q wait type=host address=192.168.0.$number state=open
	done
	[ "$(hosts address,mac)" = "192.168.0.2 $(ether_of abox eth0)
192.168.0.3 $(ether_of bbox eth0)
192.168.0.4 $(ether_of cbox eth0)" ]
	[ "$(hosts policy | sort -u)" = home ]
	mapfile -t before < <(hosts tx)
	fetch abox bytes 200000 | cmp - <(page 200000)
	mapfile -t after < <(hosts tx)
	((after[0] - before[0] >= 200000))
	((after[1] - before[1] < 100000 && after[2] - before[2] < 100000))
}

@test "3: the boxes are the same ones, with their counters, after kill -9" {
	boxes=$(hosts id,address,mac,started) counted=$(hosts tx | head -n 1)
	masqd_kill
	[[ $(ask tcp bbox $FAR) == "$(public) "* ]]
	masqd_start
	[ "$(hosts id,address,mac,started)" = "$boxes" ]
	(($(hosts tx | head -n 1) >= counted))
}
