#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Scenario 5: a line that masqd has not opened is closed, whatever pppd does. The client
# offers IPv6CP and knocks from the moment it dials.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

EVE=192.168.0.116
INSIDE6=fd00:0:0:1 OUTSIDE6=fd00:0:0:2

# The worst case: the kernel forwards on every interface, also IPv6, so that nothing but our
# rules is in the way.
setup()
{
	gateway_up && lines_down || return
	[[ -e /run/netns/eve ]] || ns_add eve || return
	in_ns gw sysctl -qw net.ipv4.conf.default.forwarding=1 net.ipv6.conf.all.forwarding=1 &&
		ip -n gw -6 address replace $INSIDE6::1/64 dev eth0 nodad &&
		ip -n lan -6 address replace $INSIDE6::2/64 dev eth0 nodad &&
		ip -n lan -6 route replace default via $INSIDE6::1
}

teardown_file()
{
	[[ -e $WORK/stands ]] || return 0
	lines_down && installed_sysctl && in_ns gw sysctl -qw net.ipv6.conf.all.forwarding=0 &&
		ip -n gw -6 address flush dev eth0 scope global &&
		ip -n lan -6 address flush dev eth0 scope global
}

# What the outside sees of eve or for eve, but masq-arpd's question whether a LAN host has the address. Nobody else talks with
# the far server here, so also what was translated counts.
count_outside()
{
	local isp lan
	isp=$(seen isp "host $FAR") && lan=$(seen lan "ip host $EVE or net $OUTSIDE6::/64") &&
		echo $((isp + lan))
}

# Knocks until knock_off.
knock_on() { : >"$WORK/knocking" && start knocking - knock_while; }
# shellcheck disable=SC2016
knock_while()
{
	in_ns eve bash -c 'while [[ -e $1 ]]; do
		for to in $2 $3; do echo knock >/dev/udp/$to/7; done
		read -r -t 0.3 <> <(:)
	done' - "$WORK/knocking" $FAR $LANHOST
}

knock_off() { rm -f "$WORK/knocking" && wait_for 30 has_ended knocking; }

# dial_eve GATEWAY-OPTION... [-- CLIENT-OPTION...]: with the address that masqd would give.
dial_eve()
{
	[[ " $* " == *" -- "* ]] || set -- "$@" --
	dial_start eve modem5 "$GATEWAY:$EVE" "$@" +ipv6
}

eve_is_up() { line_settled eve && line_is_up eve; }

# Eve sends on her line all she can, by IPv6 too when the line has it.
knock_all()
{
	knock eve
	if said eve.gw 'remote +LL address'; then
		ip -n eve -6 address add $OUTSIDE6::2/128 dev "$(line_if eve client)"
		ip -n eve -6 route add default dev "$(line_if eve client)"
		ip -n gw -6 route add $OUTSIDE6::2/128 dev "$(line_if eve gw)"
		not in_ns eve ping -q -n -c 3 -i 0.2 -W 1 $INSIDE6::2
	fi
}

@test "5: masqd killed, masq-fail-open, IPv6CP up: nothing passes; masqd back: it opens" {
	masqd_kill
	before=$(count_outside)
	knock_on
	dial_eve masq-fail-open masq-ipv6
	wait_for 120 eve_is_up
	wait_for 60 said eve.gw 'remote +LL address'
	knock_all
	knock_off
	[ "$(count_outside)" -eq "$before" ]
	not pings eve $GATEWAY 2
	masqd_start
	masqctl -q wait user=eve state=open
	[[ $(ask udp eve $FAR) == "$(public) "* ]]
	# Only IPv4 was opened.
	before=$(seen lan "net $OUTSIDE6::/64")
	not in_ns eve ping -q -n -c 3 -i 0.2 -W 1 $INSIDE6::2
	[ "$(seen lan "net $OUTSIDE6::/64")" -eq "$before" ]
	hangup eve
}

@test "5: masqd hung, masq-fail-open, without masq-ipv6: no IPv6CP, and nothing passes" {
	send_signal masqd STOP
	before=$(count_outside)
	knock_on
	dial_eve masq-fail-open
	wait_for 120 eve_is_up
	knock_all
	knock_off
	[ "$(count_outside)" -eq "$before" ]
	said eve.client 'sent \[IPV6CP ConfReq'
	not said eve.gw 'sent \[IPV6CP|LL address'
	hangup eve
	send_signal masqd CONT
}

@test "5: masqd refuses, with and without IPv6CP: nothing passes" {
	for option in masq-ipv6 noipv6; do
		before=$(count_outside)
		knock_on
		dial_eve masq-policy nosuch $option
		wait_for 120 has_ended eve.gw
		line_ended eve
		[ "$(exit_status eve.gw)" -eq 11 ]
		knock_off
		[ "$(count_outside)" -eq "$before" ]
	done
}

@test "5: IPv6CP up and IPCP never, with an address of the client's own: nothing passes" {
	before=$(count_outside)
	dial_eve masq-ipv6 -- noip
	wait_for 120 said eve.client 'remote +LL address'
	ip -n eve address add $EVE peer $GATEWAY dev "$(line_if eve client)"
	ip -n eve route replace default via $GATEWAY
	knock_all
	[ "$(count_outside)" -eq "$before" ]
	[[ $(column state user=eve) == admitted ]]
	hangup eve
}

@test "5: no rules at all, as before masqd's first start: a new line does not forward" {
	masqd_kill
	in_ns gw nft delete table inet masqgate
	installed_sysctl
	before=$(count_outside)
	dial_eve masq-fail-open
	wait_for 120 eve_is_up
	knock_all
	[ "$(count_outside)" -eq "$before" ]
	hangup eve
	masqd_start
}
