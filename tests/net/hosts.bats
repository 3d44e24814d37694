#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The HOWTO's second picture: A-box (h1, 10.1.0.2), B-box (h2, .3) and C-box (h3, .4) on one Ethernet behind the gateway, each
# of them a client of its own without being listed. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

setup()
{
	gateway_setup hosts
	add_network
	claim=$BATS_TEST_DIRNAME/claim
}

teardown() { gateway_teardown; }

# network KEY...: the Ethernet is one of clients, with these further keys.
network()
{
	conf "${HOME_NETWORK%\}} $* }"
	ctl reload
}

hosts() { ctl list --json type=host | gojq -cr '.sessions | sort_by(.address)[] | .address'; }
hosts_are() { [[ $(hosts | xargs) == "$*" ]]; }
appears() { until_true hosts_include "$1"; }
hosts_include() { hosts | grep -qxF "$1"; }
mac_of() { ip -n "$ns-$1" -j link show eth0 | gojq -r '.[0].address'; }
# host ADDRESS MEMBER...: of this host, in one line.
host()
{
	local members
	printf -v members '.%s, ' "${@:2}"
	ctl list --json -o all type=host | gojq -cr --arg address "$1" ".sessions[] | select(.address == \$address) | [${members%, }] | map(tostring) | join(\" \")"
}

@test "a host appears when it is first seen, with its MAC, and nothing of it is lost" {
	network
	is "$(sessions type address)" 'network 10.1.0.0/24'
	# each packet of its very first ping, which ARP precedes
	within h1 ping -q -c 3 -i 0.05 -W 1 $SERVER
	appears 10.1.0.2
	hosts_are 10.1.0.2
	is "$(host 10.1.0.2 type state ifname user policy mac)" "host open eth1 home dialup $(mac_of h1)"
	pings h3 10.1.0.1
	appears 10.1.0.4
	pings h2
	appears 10.1.0.3
	is "$(sessions type address)" $'network 10.1.0.0/24\nhost 10.1.0.2\nhost 10.1.0.4\nhost 10.1.0.3'
	for host in h1 h2 h3; do
		passes $host 203.0.113.1
	done
	run -0 ctl list -o id,address,mac type=host
	[[ $output == *"$(mac_of h1)"* ]]
	run -0 ctl show 10.1.0.3
	[[ $output == *"mac: $(mac_of h2)"* ]]
	# the gateway is not its own client
	run ! hosts_include 10.1.0.1
}

@test "each host has its own counters: what it sent and got, to the byte" {
	network
	pings h1 && pings h2
	appears 10.1.0.2
	appears 10.1.0.3
	read -r rx1 tx1 < <(host 10.1.0.2 rx tx)
	read -r rx2 tx2 < <(host 10.1.0.3 rx tx)
	within h1 ping -q -c 10 -i 0.02 -s 1000 $SERVER
	within h2 ping -q -c 3 -i 0.02 -s 200 10.1.0.1
	is "$(host 10.1.0.2 rx tx)" "$((rx1 + 10280)) $((tx1 + 10280))"
	is "$(host 10.1.0.3 rx tx)" "$((rx2 + 684)) $((tx2 + 684))"
	# what does not reach it is not counted
	within isp ip route add 10.1.0.0/24 via 203.0.113.1
	run ! pings isp 10.1.0.2
	is "$(host 10.1.0.2 rx tx)" "$((rx1 + 10280)) $((tx1 + 10280))"
	# a changed policy does not begin a new count
	conf "$HOME_NETWORK" 'policy dialup { idle-timeout = 1h }'
	ctl reload
	is "$(host 10.1.0.2 rx tx)" "$((rx1 + 10280)) $((tx1 + 10280))"
}

@test "a masqd killed and started again finds its hosts, and no flow and no byte is lost" {
	network
	pings h1 && pings h2
	appears 10.1.0.2
	appears 10.1.0.3
	converse one tcp h1
	answered one
	before=$(sessions id type address started)
	read -r rx tx < <(host 10.1.0.2 rx tx)
	kill_masqd
	within h1 ping -q -c 10 -i 0.02 -s 1000 $SERVER
	answered one
	start_masqd
	answered one
	is "$(sessions id type address started)" "$before"
	is "$(host 10.1.0.2 mac)" "$(mac_of h1)"
	read -r rx_after tx_after < <(host 10.1.0.2 rx tx)
	((rx_after >= rx + 10280 && tx_after >= tx + 10280))
	# a flushed ruleset takes what was counted since the last look, not more
	within gw nft flush ruleset
	until_true in_table '#2 host'
	read -r rx tx < <(host 10.1.0.2 rx tx)
	((rx >= rx_after && tx >= tx_after))
	answered one
	within h1 ping -q -c 10 -i 0.02 -s 1000 $SERVER
	((10280 + rx <= $(host 10.1.0.2 rx)))
}

@test "a flow that began before its host was seen goes on" {
	network
	kill_masqd
	converse one tcp h1
	answered one
	start_masqd
	appears 10.1.0.2
	answered one
	converse two tcp h1
	answered two
	is "$(host 10.1.0.2 flows)" 1
}

@test "a flow that began before its host was seen ends with the host: the next one does not get its packets" {
	network host-timeout = 1s
	kill_masqd
	converse one udp h3
	answered one
	start_masqd
	appears 10.1.0.4
	answered one
	in_conntrack 'src=10.1.0.4 '
	ip -n "$ns-h0" link set h3 down
	until_true not hosts_include 10.1.0.4
	until_true not in_conntrack 'src=10.1.0.4 '
}

@test "somebody who answers for every address gets no more sessions than hosts-max, and the others are served" {
	network hosts-max = 5
	pings h2
	appears 10.1.0.3
	within h1 "$claim" eth0 10.1.0.1 10.1.0.20 200
	until_true logged 'it has 5 hosts, as hosts-max says'
	is "$(hosts | wc -l)" 5
	hosts_include 10.1.0.3
	passes h3 203.0.113.1
	run ! hosts_include 10.1.0.4
	is "$(grep -c 'as hosts-max says' log)" 1
	ctl status --json | gojq -e '.masqd.warnings | map(.text) | index("network home: it has 5 hosts, as hosts-max says: others are not told apart")'
	# room for those who are there already
	network hosts-max = 300
	appears 10.1.0.4
	# none of its own for anybody
	network hosts-max = 0
	ip -n "$ns-gw" neigh flush dev eth1
	pings h3
	passes h3 203.0.113.1
}

@test "a silent host that ARP does not find any more ends; one that is there does not" {
	network host-timeout = 1s
	for host in h1 h2 h3; do
		pings $host
	done
	background ip netns exec "$ns-h1" ping -q -i 0.2 $SERVER
	until_true hosts_are 10.1.0.2 10.1.0.3 10.1.0.4
	before=$(host 10.1.0.3 id started)
	gone=$(host 10.1.0.4 id)
	converse one udp h3
	answered one
	in_conntrack "mark=$gone "
	ip -n "$ns-h0" link set h3 down
	until_true hosts_are 10.1.0.2 10.1.0.3
	logged '10.1.0.4: closed: silent, and not found by ARP'
	not in_table '. 10.1.0.4'
	until_true not in_conntrack "mark=$gone "
	is "$(host 10.1.0.3 id started)" "$before"
	# whoever comes back is somebody new, and served
	ip -n "$ns-h0" link set h3 up
	until_true pings h3
	appears 10.1.0.4
	passes h3 203.0.113.1
}

@test "hosts follow the configuration, and go with their network or its interface" {
	network
	for host in h1 h2 h3; do
		pings $host
	done
	until_true hosts_are 10.1.0.2 10.1.0.3 10.1.0.4
	converse one tcp h1
	answered one
	conf "$HOME_NETWORK" 'policy dialup { rules = { "deny udp" } }'
	ctl reload
	answered one
	is "$(heard_as udp h1)" -
	conf "${HOME_NETWORK/dialup/plain}"
	is "$(ctl reload)" 'reloaded; sessions changed: 4'
	is "$(host 10.1.0.2 policy nat)" 'plain none'
	blocked h2
	# smaller
	conf "${HOME_NETWORK/10.1.0.0\/24/10.1.0.2\/31}"
	ctl reload
	until_true hosts_are 10.1.0.2 10.1.0.3
	passes h1 203.0.113.1
	blocked h3
	network
	until_true hosts_are 10.1.0.2 10.1.0.3 10.1.0.4
	ip -n "$ns-gw" link del eth1
	until_true hosts_are
	is "$(sessions type)" ''
	not in_table '. 10.1.0.'
	conf
	ctl reload
	not in_table '. 10.1.0.'
}

@test "a host that moves to another MAC is told of, and goes on" {
	network
	pings h1
	appears 10.1.0.2
	before=$(host 10.1.0.2 id started)
	# past the time in which the kernel does not believe it, arp(7): locktime
	within gw sysctl -qw net.ipv4.neigh.eth1.locktime=0
	ip -n "$ns-h1" link set eth0 down
	ip -n "$ns-h1" link set eth0 address 02:00:00:00:00:77 up
	ip -n "$ns-h1" route replace default via 10.1.0.1
	passes h1 203.0.113.1
	until_true is "$(host 10.1.0.2 mac)" 02:00:00:00:00:77
	is "$(host 10.1.0.2 id started)" "$before"
	logged 'its MAC address is 02:00:00:00:00:77 now'
}

@test "a host is not kicked, but told how it ends" {
	network
	pings h1
	appears 10.1.0.2
	run ! ctl kick 10.1.0.2
	[[ $output == *"is a host of a network"* ]]
	passes h1 203.0.113.1
}

@test "only those of the prefix are hosts, and none that is there by hand is asked" {
	network host-timeout = 1s
	ip -n "$ns-gw" neigh replace 10.1.0.9 lladdr 02:00:00:00:00:09 nud permanent dev eth1
	appears 10.1.0.9
	pings h1
	appears 10.1.0.2
	ip -n "$ns-gw" addr add 10.9.0.1/24 dev eth1
	within h1 "$claim" eth0 10.9.0.1 10.9.0.2 3
	within h1 "$claim" eth0 10.1.0.1 10.1.0.255 1
	ip -n "$ns-h0" link set h1 down
	until_true hosts_are 10.1.0.9
	[[ $(ip -n "$ns-gw" neigh show 10.1.0.9) == *PERMANENT* ]]
	ip -n "$ns-gw" neigh del 10.1.0.9 dev eth1
	until_true hosts_are
}

@test "isolate keeps hosts from lines and other networks, whether they were seen or not" {
	add_namespaces n2
	wire eth2 n2 10.2.0.2/24
	ip -n "$ns-gw" addr add 10.2.0.1/24 dev eth2
	ip -n "$ns-n2" route add default via 10.2.0.1
	attic='network attic { interface = "eth2" prefix = "10.2.0.0/24" policy = "friends" }'
	serve n2
	serve c1
	serve h1
	attach cl1 192.168.0.100 --policy friends
	for max in 0 1024; do
		conf "${HOME_NETWORK/\"dialup\" \}/\"friends\" hosts-max = $max \}}" "${attic/%\}/hosts-max = $max \}}"
		ctl reload
		passes h1 10.1.0.2 10.2.0.2
		passes n2 10.2.0.2 10.1.0.2
		passes h1 10.1.0.2 192.168.0.100
		passes c1 192.168.0.100 10.1.0.2
		conf "${HOME_NETWORK/%\}/hosts-max = $max \}}" "${attic/%\}/hosts-max = $max \}}"
		ctl reload
		blocked h1 10.2.0.2
		blocked n2 10.1.0.2
		blocked h1 192.168.0.100
		blocked c1 10.1.0.2
		passes h1 203.0.113.1
		passes n2 203.0.113.1
		passes c1 192.168.0.100 10.2.0.2
	done
}

@test "what is set for one host holds for it and all its flows, and not for its network" {
	network
	kill_masqd
	converse early udp h1
	answered early
	start_masqd
	pings h1 && pings h2
	appears 10.1.0.2
	appears 10.1.0.3
	ctl set 10.1.0.2 'rules=deny udp' flows=1
	is "$(ask early "too late")" -
	is "$(heard_as udp h1)" -
	hears 203.0.113.1 udp h2
	converse one tcp h1
	answered one
	is "$(heard_as tcp h1)" -
	hears 203.0.113.1 tcp h2
	kill_masqd
	start_masqd
	ctl unset 10.1.0.2 rules flows
	passes h1 203.0.113.1
}

@test "a host whose quota is used up is closed, with all its flows, and the others are not" {
	conf "$HOME_NETWORK" 'policy dialup { quota = 100K }'
	ctl reload
	kill_masqd
	converse early udp h1
	answered early
	start_masqd
	appears 10.1.0.2
	pings h2
	appears 10.1.0.3
	until_true host_has 10.1.0.2 quota_state under
	within h1 ping -q -f -c 60 -s 1400 $SERVER
	until_true host_has 10.1.0.2 quota_state over
	is "$(ask early "too late")" -
	blocked h1
	run ! pings h1 10.1.0.1
	passes h2 203.0.113.1
	is "$(host 10.1.0.3 quota_state)" under
	kill_masqd
	blocked h1
	start_masqd
	until_true host_has 10.1.0.2 quota_state over
	blocked h1
	ctl reset-quota 10.1.0.2
	until_true host_has 10.1.0.2 quota_state under
	passes h1 203.0.113.1
}

host_has() { [[ $(host "$1" "$2") == "$3" ]]; }

@test "each host has its own rate: what one takes is not missing to another" {
	conf "$HOME_NETWORK" 'policy dialup { rate-down = 200Kbit rate-up = 200Kbit }'
	ctl reload
	pings h1 && pings h2
	appears 10.1.0.2
	appears 10.1.0.3
	background ip netns exec "$ns-h1" ping -q -f -s 1400 $SERVER
	until_true drops 10.1.0.2
	run -0 within h2 ping -q -c 10 -i 0.2 -W 2 $SERVER
	[[ $output == *' 0% packet loss'* ]]
	not drops 10.1.0.3
}

drops() { (($(host "$1" drops_up) > 0)); }

@test "each host has its own number of flows" {
	conf "$HOME_NETWORK" 'policy dialup { flows = 2 }'
	ctl reload
	# seen by what is no flow of theirs
	for host in h1 h2; do
		within $host arping -q -c 1 -w 2 -I eth0 10.1.0.1
	done
	until_true hosts_are 10.1.0.2 10.1.0.3
	converse one tcp h1
	answered one
	converse two tcp h1
	answered two
	is "$(heard_as tcp h1)" -
	converse three tcp h2
	answered three
	is "$(host 10.1.0.2 flows)" 2
	is "$(host 10.1.0.3 flows)" 1
}

@test "a thousand hosts that appear at once" {
	HOME_NETWORK=${HOME_NETWORK/10.1.0.0\/24/10.1.0.0\/21}
	ip -n "$ns-gw" addr flush dev eth1
	ip -n "$ns-gw" addr add 10.1.0.1/21 dev eth1
	network hosts-max = 2000
	within h1 "$claim" eth0 10.1.0.1 10.1.1.0 900
	until_true has_hosts 900
	passes h1 203.0.113.1
	network hosts-max = 2000 host-timeout = 1s
	within h1 "$claim" eth0 10.1.0.1 10.1.1.0 900
	conf
	ctl reload
	is "$(hosts)" ''
	not in_table '. 10.1.'
}

has_hosts() { (($(hosts | wc -l) >= $1)); }
