#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# What other programs, and the administrator, do to the gateway meanwhile. In the picture of gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway

setup() { gateway_setup others; }
teardown() { gateway_teardown; }

# flush_and_flush: as a firewall does that takes itself for the only one, again and again.
flush_and_flush()
{
	cat >firewall.nft <<-'END'
		flush ruleset
		table inet firewall {
			chain forward {
				type filter hook forward priority 10; policy accept;
				tcp dport 25 drop
			}
		}
	END
	while [[ ! -e enough ]]; do
		within gw nft -f firewall.nft
	done
}

# rules TABLE: without what counts.
rules() { within gw nft -sy list table inet "$1"; }
are_rules() { [[ $(rules masqgate 2>&1) == "$1" ]]; }

# cpu_ms PID: what it has used, its threads included.
cpu_ms() { awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print int(($12 + $13) * 1000 / hz) }' "/proc/$1/stat"; }

@test "somebody who keeps flushing the ruleset: masqd backs off, nothing private leaves, and all is there when he has stopped" {
	local before cpu begun took repaired
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101
	flood c1
	before=$(rules masqgate)
	cpu=$(cpu_ms "$masqd") begun=${EPOCHREALTIME/./}
	background flush_and_flush
	until_true has_repairs 5
	repaired=$(repairs)
	took=$(((${EPOCHREALTIME/./} - begun) / 1000)) cpu=$(($(cpu_ms "$masqd") - cpu))
	echo "$repaired repairs in $took ms, $cpu ms of them at work"
	# one a second, and the first at once
	((repaired <= took / 1000 + 2 && cpu < took / 2))
	settled
	run ! leaked
	touch enough
	wait "$last"
	until_true are_rules "$before"
	# the last of them a second later
	counts_what_it_says() { (($(grep -c 'table inet masqgate was changed by somebody else' log) == $(repairs))); }
	until_true counts_what_it_says
	is "$(rules firewall | tr -d '\t')" "$(sed 1d firewall.nft)"
	is "$(sessions id ifname state | xargs)" '1 cl1 open 2 cl2 open'
	passes c1 203.0.113.1
	passes c2 203.0.113.1
}

# begins_flows SECONDS: c3 begins UDP flows for so long, and then goes on with all of them for 5 s; says how many have no answer.
begins_flows()
{
	within c3 python3 - "$1" $SERVER <<-'END'
		import select, socket, sys, time
		socks = set()
		end = time.monotonic() + float(sys.argv[1])
		while time.monotonic() < end:
		    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		    s.connect((sys.argv[2], 80))
		    s.send(b"hello\n")
		    socks.add(s)
		    time.sleep(0.001)
		count = len(socks)
		end = time.monotonic() + 5
		while socks and time.monotonic() < end:
		    for s in socks:
		        s.send(b"again\n")
		    time.sleep(0.2)
		    socks -= set(select.select(socks, [], [], 0)[0])
		print(count, "flows, unanswered:", len(socks))
	END
}

# A firewall that tracks connections, as most do.
firewall()
{
	within gw nft -f - <<-'END'
		flush ruleset
		table inet firewall {
			chain forward {
				type filter hook forward priority 10; policy accept;
				ct state established accept
			}
		}
	END
}

@test "a flow that a client begins while the ruleset is flushed has an answer when it is whole again" {
	local repaired
	add_line ppp7 c3 192.168.0.102
	dial one '{"ifname":"ppp7","address":"192.168.0.102"}' "{\"ifindex\":$ifindex}"
	hears 203.0.113.1 udp c3
	begins_flows 0.5 >flows &
	sleep 0.1
	repaired=$(repairs)
	firewall
	wait $!
	has_repairs $((repaired + 1))
	cat flows
	grep ' flows, unanswered: 0$' flows
}

# rename NAME OTHER
rename()
{
	ip -n "$ns-gw" link set "$1" down
	ip -n "$ns-gw" link set "$1" name "$2"
	ip -n "$ns-gw" link set "$2" up
}

are_sessions() { [[ $(sessions ifname state) == "$1" ]]; }

# move NAME NAMESPACE OTHER: from one into the other.
move() { ip -n "$ns-$2" link set "$1" netns "$ns-$3"; }

@test "a client's interface is renamed: his session goes along with its rules and limits, and a restart of masqd finds it by the new name" {
	conf 'policy dialup { flows = 5 pool = "dialin" }'
	ctl reload
	attach cl1 192.168.0.100
	rename cl1 other
	route_client other 192.168.0.100
	until_true are_sessions 'other open'
	passes c1 203.0.113.1
	within gw conntrack -F 2>/dev/null
	is "$(opened 9 c1)" 5
	ip -n "$ns-c1" addr add 192.168.0.103/32 dev eth0
	run ! within c1 ping -q -c 1 -W 0.7 -I 192.168.0.103 $SERVER
	# somebody else's interface with the old name is nobody's
	add_namespaces c3
	add_client cl1 c3 192.168.0.102
	blocked c3
	kill_masqd
	start_masqd
	is "$(sessions id ifname state)" '1 other open'
	within gw conntrack -F 2>/dev/null
	passes c1 203.0.113.1
	blocked c3
}

@test "a client's interface is moved into another namespace: his session ends, and when it is back it is closed until opened" {
	add_line ppp7 c3 192.168.0.102
	dial one '{"ifname":"ppp7","user":"dave","address":"192.168.0.102"}' "{\"ifindex\":$ifindex}"
	attach cl1 192.168.0.100
	passes c1 203.0.113.1
	passes c3 203.0.113.1
	in_conntrack 192.168.0.102
	move ppp7 gw lan
	move cl1 gw lan
	until_true are_sessions ''
	is "$(reply one 3 .parameters.reason)" link-gone
	logged '#2 on cl1 192.168.0.100: closed: link-gone'
	run ! in_table 192.168.0.10
	until_true not in_conntrack 192.168.0.10
	# the kernel lets it keep its index
	move ppp7 lan gw
	move cl1 lan gw
	for interface in ppp7 cl1; do
		ip -n "$ns-gw" link set $interface up
	done
	route_client ppp7 192.168.0.102
	route_client cl1 192.168.0.100
	# as a default of the host's may be: a line is closed by the rules, also to the LAN, where no guard is
	within gw sysctl -qw net.ipv4.conf.ppp7.forwarding=1
	capture lan lan eth0 not arp
	blocked c3
	blocked c3 192.168.0.9
	blocked c1
	pings gw 192.168.0.9
	until_true grep -q 'echo reply' lan.cap
	run ! grep '192.168.0.102[.0-9]* >' lan.cap
	ifindex=$(ip -n "$ns-gw" -j link show ppp7 | gojq '.[0].ifindex')
	dial two '{"ifname":"ppp7","user":"dave","address":"192.168.0.102"}' "{\"ifindex\":$ifindex}"
	attach cl1 192.168.0.100
	passes c3 203.0.113.1
	passes c1 203.0.113.1
}

uplink_state() { ctl uplinks --json | gojq -r '.uplinks[0].state'; }
is_uplink() { [[ $(uplink_state) == "$1" ]]; }

@test "an uplink is renamed: nothing leaves by it until it has its name again" {
	attach cl1 192.168.0.100
	flood c1
	rename isp0 wan
	until_true is_uplink absent
	blocked c1
	settled
	run ! leaked
	run -1 ctl status
	[[ $output == *'warning: uplink isp: interface isp0 is absent'* ]]
	# nor when it is a new masqd's, who has never seen it by its name
	kill_masqd
	start_masqd
	blocked c1
	settled
	run ! leaked
	logged 'wan keeps the second lock of an uplink, while interface isp0 of one is absent: it may be the same, renamed'
	rename wan isp0
	until_true is_uplink up
	until_true passes c1 203.0.113.1
	is "$(sessions id ifname state)" '1 cl1 open'
}

# published: what masq-arpd has given the kernel to answer for, and where.
published() { ip -n "$ns-gw" -json neigh show proxy | gojq -r '.[] | "\(.dst) \(.dev)"'; }
is_published() { [[ $(published) == "$1" ]]; }

@test "a LAN's interface is renamed: its clients are not published by another name, and are again when it has its own" {
	conf 'lan office { interface = "eth0" proxy-arp = yes }' 'policy dialup { pool = "dialin" proxy-arp = yes }'
	ctl reload
	mkdir arpd
	chown masqgate-arp arpd
	printf '%s\n' "socket = \"$dir/arpd/socket\"" 'probe = no' 'engine = kernel' >arpd.conf
	background ip netns exec "$ns-gw" masq-arpd -v -f "$dir/arpd.conf" 2>>log
	ip -n "$ns-lan" route del 192.168.0.100
	attach cl1 192.168.0.100
	until_true is_published '192.168.0.100 eth0'
	pings lan 192.168.0.100
	rename eth0 office
	until_true is_published ''
	ip -n "$ns-lan" neigh flush dev eth0
	run ! pings lan 192.168.0.100
	run -1 ctl status
	[[ $output == *'warning: lan office: interface eth0 is absent'* ]]
	passes c1 203.0.113.1
	rename office eth0
	until_true is_published '192.168.0.100 eth0'
	until_true pings lan 192.168.0.100
}
