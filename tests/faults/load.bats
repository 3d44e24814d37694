#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# More than there is room for: in the kernel's queues and in its table of connections. In the picture of gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2016,SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway

setup() { gateway_setup load; }
teardown() { gateway_teardown; }

# each COMMAND: for ip, with & for the number of each of 5000 links.
each()
{
	seq 5000 | sed "s/.*/$1/" >commands.ip
	within gw ip -batch commands.ip
}

# lost: how many notifications masqd has not got, since nothing more fits into its queue of those of links (group 1) and addresses.
lost() { within gw awk '$2 == 0 && $4 == "00000111" { print $9 }' /proc/net/netlink; }

# open_on NAME...: the sessions there are, are open and on just these interfaces, by the kernel's names and indices.
open_on()
{
	local name wanted=
	for name; do
		wanted+="$(ip -n "$ns-gw" -j link show "$name" | jq '.[0].ifindex') $name open"$'\n'
	done
	[[ $(sessions ifindex ifname state | sort) == "$(sort <<<"${wanted%?}")" ]]
}

@test "I6: 5000 links flap while masqd is stopped, more than the kernel keeps for it: one resync, and its state is the kernel's" {
	add_line cl3 c3 192.168.0.102
	becomes_slip
	conf 'serial slip { interface = "sl0" address = "192.168.0.100" policy = "dialup" }'
	ctl reload
	attach cl2 192.168.0.101
	attach cl3 192.168.0.102
	each 'tuntap add ppp& mode tun'
	until_true open_on sl0 cl2 cl3
	kill -STOP "$masqd"
	each 'link set ppp& up'
	# the last of theirs that is not lost, far behind what is read at a time
	for interface in sl0 cl2 cl3; do
		ip -n "$ns-gw" link set $interface down
	done
	until (($(lost))); do
		each 'link set ppp& down'
		each 'link set ppp& up'
	done
	ip -n "$ns-gw" link set sl0 up
	route_client sl0 192.168.0.100
	ip -n "$ns-gw" link del cl2
	ip -n "$ns-gw" link set cl3 name renamed
	ip -n "$ns-gw" link set renamed up
	route_client renamed 192.168.0.102
	kill -CONT "$masqd"
	until_true open_on sl0 renamed
	is "$(grep -c 'lost notifications of links, read them all again' log)" 1
	passes c1 203.0.113.1
	passes c3 203.0.113.1
	open_on sl0 renamed
}
