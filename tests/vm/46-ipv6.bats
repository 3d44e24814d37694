#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# IPv6 of a caller: IPv6CP, the shipped configuration of radvd, and his address on the LAN or behind the uplink's.
#
#      lan 2001:db8:1::9 ── eth0 ::1  gw  isp0 2001:db8:f::1 ══ isp 2001:db8:f::9

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

INSIDE6=2001:db8:1 OUTSIDE6=2001:db8:f PRIVATE6=fd00:1:2:3

setup()
{
	gateway_up && lines_down && ipv6_on || return
	grep -q 'policy proxied' $CONF || {
		cat >>$CONF <<-CONF
			pool proxied { range = { "192.168.0.140" }  prefix = "$INSIDE6::/64" }
			pool private { range = { "192.168.0.141" }  prefix = "$PRIVATE6::/64" }
			policy proxied { pool = "proxied"  ipv6 = proxy }
			policy private { pool = "private"  ipv6 = masquerade }
		CONF
		masqctl -q reload
	}
}

teardown_file()
{
	[[ -e $WORK/stands ]] || return 0
	lines_down && stop radvd && in_ns gw sysctl -qw net.ipv6.conf.all.forwarding=0 &&
		ip -n gw -6 address flush dev eth0 scope global &&
		ip -n lan -6 address flush dev eth0 scope global
}

# Both pppd of the uplink know nothing of IPv6, but their interfaces carry it.
ipv6_on()
{
	local isp
	isp=$(line_if uplink isp)
	in_ns gw sysctl -qw net.ipv6.conf.all.forwarding=1 &&
		in_ns isp sysctl -qw net.ipv6.conf.all.forwarding=1 &&
		ip -n gw -6 address replace $INSIDE6::1/64 dev eth0 nodad &&
		ip -n lan -6 address replace $INSIDE6::9/64 dev eth0 nodad &&
		ip -n lan -6 route replace default via $INSIDE6::1 &&
		ip -n gw -6 address replace $OUTSIDE6::1 peer $OUTSIDE6::9 dev isp0 &&
		ip -n isp -6 address replace $OUTSIDE6::9 peer $OUTSIDE6::1 dev "$isp" &&
		ip -n gw -6 route replace default dev isp0 &&
		ip -n isp -6 route replace $INSIDE6::/64 dev "$isp"
}

# advertise PREFIX: the shipped file, with that prefix in the place of its own.
advertise()
{
	stop radvd && sed "s|$INSIDE6::/64|$1::/64|" "$TOP/conf/radvd.conf.example" >"$WORK/radvd.conf" &&
		start radvd gw radvd -n -C "$WORK/radvd.conf" -p "$WORK/radvd.pidfile" -m stderr
}

address6() { column address6 user=anybox; }
is_closed6() { [[ -z $(address6) || $(address6) == - ]]; }
is_open6() { [[ $(address6) == "$1":* ]]; }
# The client has made it for itself.
has_own6() { ip -n anybox -6 address show scope global dynamic | grep -qF "inet6 $(address6)/64"; }
has_router() { ip -n anybox -6 route show default | grep -q 'proto ra'; }
pings6() { in_ns "$1" ping -6 -q -n -c 3 -i 0.2 -W 10 "${@:2}"; }
elements6() { in_ns gw nft list map inet masqgate serial6; }

dial6() { dial anybox modem2 masq-ipv6 masq-policy "$@" -- +ipv6; }

@test "proxied: radvd gives Anybox its address; it reaches a LAN host and the far side with it, and the LAN reaches it" {
	advertise $INSIDE6
	dial6 proxied
	wait_for 60 is_open6 $INSIDE6
	wait_for 60 has_own6
	wait_for 60 has_router
	wait_for 30 published "$(address6)"
	pings6 anybox $INSIDE6::9
	pings6 anybox $OUTSIDE6::9
	pings6 lan "$(address6)"
	pings6 anybox $INSIDE6::1
	(($(seen isp "src $(address6)") > 0))
	[[ $(masqctl show user=anybox) == *"address6: $(address6)"*"ipv6: proxy"* ]]
	[[ $(ip -n gw -6 route show proto 77) == "$(address6) dev "* ]]
	# another address of the same prefix is nobody's
	ip -n anybox -6 address add $INSIDE6::77/128 dev "$(line_if anybox client)"
	not in_ns anybox ping -6 -q -n -c 2 -W 2 -I $INSIDE6::77 $INSIDE6::9
	[[ $(seen lan "src $INSIDE6::77") == 0 ]]
	own=$(address6)
	hangup anybox
	masqctl -q wait --gone user=anybox
	wait_for 10 not published "$own"
	[[ $(elements6) != *elements* && -z $(ip -n gw -6 route show proto 77) ]]
}

@test "masqueraded: the far side sees the gateway's address only" {
	advertise $PRIVATE6
	dial6 private
	wait_for 60 is_open6 $PRIVATE6
	wait_for 60 has_own6
	wait_for 60 has_router
	pings6 anybox $OUTSIDE6::9
	[[ $(seen isp "src net $PRIVATE6::/64") == 0 ]]
	pings anybox $FAR
	# killed, and nothing is lost; back, and it is told again of IPv6CP
	masqd_kill
	pings6 anybox $OUTSIDE6::9
	masqd_start
	masqctl -q wait user=anybox state=open
	wait_for 30 is_open6 $PRIVATE6
	pings6 anybox $OUTSIDE6::9
	hangup anybox
}

@test "IPv6CP is up before masqd is there, and without any rules: closed, and open when it is" {
	masqd_kill
	in_ns gw nft delete table inet masqgate
	advertise $PRIVATE6
	before=$(seen isp "net $PRIVATE6::/64 or net $OUTSIDE6::/64")
	before_lan=$(seen lan "src $INSIDE6::77")
	dial6 private masq-fail-open "$GATEWAY:$ANYBOX"
	wait_for 60 said anybox.gw 'remote +LL address'
	# a private one would be stopped by the uplink's lock
	ip -n anybox -6 address add $INSIDE6::77/128 dev "$(line_if anybox client)"
	ip -n anybox -6 route add default dev "$(line_if anybox client)" metric 5000
	not in_ns anybox ping -6 -q -n -c 3 -W 1 -I $INSIDE6::77 $OUTSIDE6::9
	not in_ns anybox ping -6 -q -n -c 3 -W 1 -I $INSIDE6::77 $INSIDE6::9
	[[ $(seen lan "src $INSIDE6::77") == "$before_lan" ]]
	ip -n anybox -6 address del $INSIDE6::77/128 dev "$(line_if anybox client)"
	[[ $(seen isp "net $PRIVATE6::/64 or net $OUTSIDE6::/64") == "$before" ]]
	masqd_start
	wait_for 60 is_open6 $PRIVATE6
	wait_for 60 has_own6
	pings6 anybox -I "$(address6)" $OUTSIDE6::9
	[[ $(seen isp "src net $PRIVATE6::/64") == 0 ]]
	# open is open while masqd is dead; what a live policy closes is closed in pppd, too
	masqctl -q set user=anybox ipv6=no
	wait_for 10 is_closed6
	ip -n anybox -6 address add $INSIDE6::77/128 dev "$(line_if anybox client)"
	masqd_kill
	in_ns gw nft delete table inet masqgate
	not in_ns anybox ping -6 -q -n -c 3 -W 1 -I $INSIDE6::77 $INSIDE6::9
	[[ $(seen lan "src $INSIDE6::77") == "$before_lan" ]]
	hangup anybox
	masqd_start
}
