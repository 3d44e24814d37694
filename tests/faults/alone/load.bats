#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# More than there is room for: in the kernel's queues and in its table of connections. In the picture of gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2016,SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../../net/lib
load ../../net/gateway

# Much has to be made before there is too much of it.
setup_file() { export BATS_TEST_TIMEOUT=300; }
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
		wanted+="$(ip -n "$ns-gw" -j link show "$name" | gojq '.[0].ifindex') $name open"$'\n'
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

# connections WHAT...: of nobody, in the gateway's table
connections() { within gw "$BATS_TEST_DIRNAME/../connections" "$@"; }

@test "a full table of connections: capped clients fail first, who is connected goes on, sessions open and end, and it is warned of" {
	conf 'policy dialup { flows = 20 pool = "dialin" }'
	ctl reload
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	run ! logged 'connection table is nearly full'
	connections fill 81
	add_line cl3 c3 192.168.0.102
	# it is looked at once a second at most, when a session opens
	opens_and_warns()
	{
		ctl detach cl3 || :
		attach cl3 192.168.0.102 --policy friends
		logged "the kernel's connection table is nearly full: "
	}
	until_true opens_and_warns
	run -1 ctl status
	[[ $output == *"warning: the kernel's connection table is nearly full: "* ]]
	# there is room for whom nothing is capped
	is "$(opened 30 c1)" 20
	is "$(opened 30 c2)" 30
	# the kernel would throw them out for others, since they have not lasted
	connections clear 1
	connections clear 2
	converse one tcp c1
	converse two tcp c2
	answered one
	answered two
	connections fill 100
	is "$(opened 5 c1)" 0
	is "$(opened 5 c2)" 0
	answered one
	answered two
	# what masqd does needs no connections
	add_line cl4 c4 192.168.0.103
	attach cl4 192.168.0.103 --policy friends
	ctl detach cl2
	is "$(sessions ifname state | sort | xargs)" 'cl1 open cl3 open cl4 open'
	is "$(grep -c 'connection table is nearly full' log)" 1
	connections clear
	passes c3 203.0.113.1
	passes c4 203.0.113.1
	answered one
}

# begin_flows COUNT NAMESPACE: begins so many flows, by a datagram each, as fast as it can.
begin_flows()
{
	background ip netns exec "$ns-$2" python3 - "$1" <<-'END'
		import socket, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		for number in range(int(sys.argv[1])):
		    s.sendto(b"", (f"203.0.113.{9 + number // 50000}", 1000 + number % 50000))
	END
}

# heard_by_isp: how many of them have come out.
heard_by_isp() { within isp nft -j list counters | gojq '.nftables[] | .counter? // empty | .packets'; }

flows_of() { within gw conntrack -L -s "$1" 2>/dev/null | wc -l; }

@test "100 000 flows of one client: no more than its cap, and others' new ones succeed meanwhile" {
	within gw sysctl -qw net.netfilter.nf_conntrack_udp_timeout=600
	within isp nft -f - <<-'END'
		table ip far { counter heard { }
			chain in { type filter hook prerouting priority raw; udp dport 1000-51000 counter name heard; }
		}
	END
	ip -n "$ns-isp" addr add 203.0.113.10/24 dev eth0
	conf 'policy dialup { flows = 100 pool = "dialin" }'
	ctl reload
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	converse one tcp c1
	answered one
	begin_flows 100000 c1
	flooder=$last
	# most of them have come when others begin theirs
	while kill -0 "$flooder" 2>/dev/null; do
		is "$(opened 20 c2)" 20
		answered one
	done
	wait "$flooder"
	is "$(heard_by_isp)" 99
	is "$(flows_of 192.168.0.100)" 100
	is "$(opened 20 c2)" 20
	answered one
	# the kernel's own count of what it has dropped, and masqd's
	refused=$(within gw nft -j list set inet masqgate flow_refused | gojq '.nftables[].set.elem[]?.elem.counter.packets')
	((refused > 90000))
	is "$(ctl list --json --columns all ifname=cl1 | gojq '.sessions[0].flows_refused')" "$refused"
}
