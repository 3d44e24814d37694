#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# What a policy says to pppd and to the routing table: name servers, and a network behind a client.
#
#      isp ══ gw ══ alice ── 10.1.0.0/24 ── shop .5

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

setup()
{
	gateway_up
	grep -q 'policy branch' $CONF || {
		echo 'policy branch { pool = "dialin" dns = { "192.0.2.53", "192.0.2.54" } routes = { "10.1.0.0/24" } }' >>$CONF
		masqctl -q reload
	}
}

# shop_up: the host behind alice.
shop_up()
{
	[[ ! -e /run/netns/shop ]] || return 0
	ns_add shop && veth alice lan0 shop eth0 && host_up alice lan0 10.1.0.1/24 && host_up shop eth0 10.1.0.5/24 10.1.0.1 &&
		in_ns alice sysctl -qw net.ipv4.ip_forward=1
}

route() { ip -n gw route show 10.1.0.0/24; }
has_route() { [[ $(route) == *"via $1 "*"proto 77"* ]]; }

@test "dns: a peer that asks is told of its policy's name servers, not of ms-dns" {
	dial alice modem6 masq-policy branch ms-dns 192.0.2.99 -- usepeerdns
	said alice.client 'primary +DNS address 192\.0\.2\.53'
	said alice.client 'secondary DNS address 192\.0\.2\.54'
	hangup alice
	dial bob modem6 ms-dns 192.0.2.99 -- usepeerdns
	said bob.client 'primary +DNS address 192\.0\.2\.99'
	hangup bob
}

@test "routes: a host behind a caller reaches the far server translated, and the LAN as itself" {
	dial alice modem6 masq-policy branch
	masqctl -q wait user=alice state=open
	shop_up
	wait_for 30 has_route "$(column address user=alice)"
	[[ $(ask tcp shop $FAR) == "$PUBLIC "* ]]
	pings shop $FAR
	server_start shop
	[[ $(ask tcp lan 10.1.0.5) == "$LANHOST "* ]]
	stop server.shop
	# Another source, by the same line.
	ip -n shop address add 10.2.0.5/24 dev eth0
	ip -n alice route add 10.2.0.0/24 dev lan0
	not in_ns shop ping -q -c 2 -W 2 -I 10.2.0.5 $FAR
	not in_ns shop ping -q -c 2 -W 2 -I 10.2.0.5 $LANHOST
	[[ $(seen isp "$PRIVATE") == 0 ]]
	[[ $(seen lan "src 10.2.0.5") == 0 ]]
}

@test "routes: gone with the line, and with a killed pppd" {
	line_is_up alice || dial alice modem6 masq-policy branch
	shop_up
	wait_for 30 has_route "$(column address user=alice)"
	stop alice.gw KILL
	masqctl -q wait --gone user=alice
	[[ -z $(route) ]]
	line_down alice
}
