#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# As whom clients appear outside, seen there, in the picture of gateway.bash: addresses, and blocks of ports. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

setup() { gateway_setup nat; }
teardown() { gateway_teardown; }

# public ADDRESS...: the uplink has these too.
public()
{
	local address
	for address; do
		ip -n "$ns-gw" addr add "$address/24" dev isp0
	done
}

# from PROTOCOL NAMESPACE [PORT]: as whom the server hears a flow from that port (5555): ADDRESS PORT.
from()
{
	local answer
	answer=$(within "$2" socat -t 0.2 - "$1:$SERVER:80,sourceport=${3-5555}" <<<hello 2>/dev/null) || :
	echo "${answer% hello}"
}

# in_block FIRST-LAST ADDRESS PORT: the port is one of these.
in_block() { ((${1%-*} <= $3 && $3 <= ${1#*-})) || { echo "$2:$3 is not of $1" && return 1; }; }

# ping_from NAMESPACE: as whom a ping arrives that has the identifier 5555: ADDRESS IDENTIFIER.
ping_from()
{
	local seen
	seen=$(wc -l <isp.cap)
	within "$1" ping -q -c 1 -W 2 -e 5555 -s 900 $SERVER >/dev/null
	until_true seen_ping $seen
	cat ping
}

seen_ping()
{
	tail -n +$(($1 + 1)) isp.cap | sed -nE 's/.* IP ([0-9.]+) > .* echo request, id ([0-9]+), .* length 908$/\1 \2/p' >ping
	[[ -s ping ]]
}

# has_block NAMESPACE ADDRESS FIRST-LAST: all that it sends comes from there, so many flows that luck is out of question.
has_block()
{
	local protocol port
	for protocol in TCP UDP; do
		for port in 1024 5555 40000; do
			run -0 from $protocol $1 $((port + SRANDOM % 4000))
			[[ $output == "$2 "* ]]
			in_block $3 $output
		done
	done
	run -0 ping_from $1
	[[ $output == "$2 "* ]]
	in_block $3 $output
}

@test "snat: TCP, UDP and ICMP leave with the policy's address, and are answered" {
	public 203.0.113.50
	conf 'policy dialup { nat = snat snat-address = "203.0.113.50" }'
	ctl reload
	attach cl1 192.168.0.100
	passes c1 203.0.113.50
	attach cl2 192.168.0.101 --policy friends
	passes c2 203.0.113.1
	is "$(sessions ifname nat public ports)" "cl1 snat 203.0.113.50 null"$'\n'"cl2 masquerade 203.0.113.1 null"
	is "$(ctl policies --json name=dialup | gojq -c '.policies[0] | [.nat, .snat_address, .port_block]')" '["snat",["203.0.113.50"],null]'
}

@test "snat: of several addresses a user always has the same, after a restart too" {
	public 203.0.113.50 203.0.113.51 203.0.113.52 203.0.113.53
	conf 'policy dialup { nat = snat snat-address = "203.0.113.50-203.0.113.53" }'
	ctl reload
	attach cl1 192.168.0.100 --user alice
	attach cl2 192.168.0.101 --user bob
	was=$(sessions public)
	passes c1 ${was%$'\n'*}
	passes c2 ${was#*$'\n'}
	isnt_same ${was/$'\n'/ }
	kill_masqd
	passes c1 ${was%$'\n'*}
	start_masqd
	is "$(sessions public)" "$was"
	ctl detach cl1
	attach cl1 192.168.0.102 --user alice
	is "$(sessions public | tail -n 1)" ${was%$'\n'*}
}

isnt_same() { [[ $1 != "$2" ]]; }

@test "snat: an address that the uplink has not is not let out; a prefix that is local there is" {
	conf 'policy dialup { nat = snat snat-address = "198.51.100.8/30" }'
	ctl reload
	attach cl1 192.168.0.100
	address=$(sessions public)
	blocked c1
	logged "nothing of it can leave: $address is not an uplink's"
	logged "hint: ip route add local $address dev isp0"
	run -1 ctl status
	[[ $output == *"warning: policy dialup: snat-address $address is no uplink's: nothing can leave with it"$'\n'"hint: ip route add local $address dev isp0"* ]]
	run -1 ctl explain cl1 to $SERVER
	[[ $output == *"$address, which policy dialup gives it, is not an address of isp0"* ]]
	ip -n "$ns-gw" route add local 198.51.100.8/30 dev isp0
	passes c1 $address
	run -0 ctl explain cl1 to $SERVER
	[[ $output == *"leaves as $address"* ]]
	run ctl status
	[[ $output != *snat-address* ]]
	settled
	run ! leaked
}

@test "port-block: all of a client's TCP, UDP and ICMP is in its block, and nothing of another's" {
	conf 'policy dialup { pool = "dialin" port-block = 1024 }' 'policy friends { pool = "dialin" port-block = 256 }'
	ctl reload
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	is "$(sessions ifname nat public ports)" "cl1 masquerade 203.0.113.1 10240-11263"$'\n'"cl2 masquerade 203.0.113.1 11264-11519"
	has_block c1 203.0.113.1 10240-11263
	has_block c2 203.0.113.1 11264-11519
	ctl detach cl1
	ctl detach cl2
	attach cl2 192.168.0.101
	is "$(sessions ports)" 11264-12287
	is "$(ctl policies --json name=dialup | gojq -c '.policies[0].port_block')" 1024
}

@test "port-block with snat; who has no block stays out of the blocks; other protocols have the address only" {
	public 203.0.113.50
	conf 'policy dialup { nat = snat snat-address = "203.0.113.50" port-block = 4096 }' \
		'policy friends { }' 'policy plain { nat = snat snat-address = "203.0.113.50" }'
	ctl reload
	attach cl1 192.168.0.100
	run -0 sessions ports
	has_block c1 203.0.113.50 $output
	attach cl2 192.168.0.101 --policy friends
	has_block c2 203.0.113.1 1024-9999
	ctl detach cl2
	attach cl2 192.168.0.101 --policy plain
	has_block c2 203.0.113.50 1024-9999
	within c1 python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 47).sendto(b"\0\0\x08\0" + b"gre" * 9, ("'$SERVER'", 0))'
	settled
	grep -q '203.0.113.50 > 203.0.113.9: GRE' isp.cap
}

@test "port-block: an uplink with another address changes that and not the block, without masqd too" {
	conf 'policy dialup { pool = "dialin" port-block = 1024 }'
	ctl reload
	attach cl1 192.168.0.100
	has_block c1 203.0.113.1 10240-11263
	for state in running killed; do
		[[ $state == running ]] || kill_masqd
		ip -n "$ns-gw" addr flush dev isp0
		ip -n "$ns-gw" addr add 203.0.113.${#state}/24 dev isp0
		ip -n "$ns-isp" neigh flush dev eth0
		has_block c1 203.0.113.${#state} 10240-11263
	done
	start_masqd
	is "$(sessions public ports)" "203.0.113.6 10240-11263"
}

@test "port-block: when all are in use a line is refused; a block comes back, and a restart gives none twice" {
	add_line ppp7 c3 192.168.0.102
	index=$ifindex
	add_line ppp8 c4 192.168.0.103
	conf 'policy dialup { pool = "dialin" port-block = 16384 }'
	ctl reload
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101
	dial third '{"ifname": "ppp7", "user": "carol", "pid": 1}' "{\"ifindex\": $index, \"local\": \"192.168.0.1\"}"
	blocks=$(sessions ports)
	is "$(sort <<<"$blocks")" $'16384-32767\n32768-49151\n49152-65535'
	refused "all port blocks are in use" '{"ifname": "ppp8", "user": "dave", "pid": 1}'
	run ctl status
	[[ $output == *"warning: policy dialup: all port blocks are in use"* ]]
	is "$(ctl policies --json name=dialup | gojq '.policies[0].port_blocks_free')" 0
	kill_masqd
	start_masqd
	is "$(sessions ports)" "$blocks"
	refused "all port blocks are in use" '{"ifname": "ppp8", "user": "dave", "pid": 1}'
	run -1 attach ppp8 192.168.0.103
	within gw ip link del ppp7
	ctl wait --gone ifname=ppp7
	dial fourth '{"ifname": "ppp8", "user": "dave", "pid": 1}' "{\"ifindex\": $ifindex, \"local\": \"192.168.0.1\"}"
	is "$(sessions ports | sort)" "$(sort <<<"$blocks")"
	has_block c4 203.0.113.1 "$(ctl list --json user=dave | gojq -r '.sessions[0].ports')"
}

@test "port-block: a reload changes live clients' blocks and their flows; who keeps his keeps his flows" {
	conf 'policy dialup { pool = "dialin" port-block = 1024 }' 'policy friends { pool = "dialin" port-block = 2048 }'
	ctl reload
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	converse first tcp c1
	converse second tcp c2
	answered first
	answered second
	conf 'policy dialup { pool = "dialin" port-block = 512 }' 'policy friends { pool = "dialin" port-block = 2048 rules = { "deny tcp 81" } }'
	ctl reload
	answered second
	is "$(sessions ports)" $'10240-10751\n12288-14335'
	is "$(ask first "too late")" -
	has_block c1 203.0.113.1 10240-10751
	in_table 'chain ports_10240_10751'
	run ! in_table 'chain ports_10240_11263'
	conf 'policy dialup { nat = none }' 'policy friends { pool = "dialin" }'
	ctl reload
	run ! in_table 'chain ports_'
	blocked c1
	passes c2 203.0.113.1
}

# owners WORD...: what masqctl who says, a line each.
owners() { ctl who "$@" --json | gojq -r '.owners[] | "\(.id) \(.user) \(.address) \(.ports) \(.by)"'; }

# public_of NAME PROTOCOL NAMESPACE: begins a flow of this name; the address and port at the server are in public.
public_of()
{
	local words
	converse "$1" "$2" "$3"
	words=$(ask "$1" "who am I")
	[[ $words == *"who am I" ]]
	words=${words% who am I}
	public=${words/ /:}
}

@test "who: a port of a block is its client's, whether a connection has it or not" {
	conf 'policy dialup { pool = "dialin" port-block = 1024 }'
	ctl reload
	attach cl1 192.168.0.100 --user alice
	attach cl2 192.168.0.101 --user $'b\eb'
	is "$(owners 203.0.113.1:10240)" '1 alice 192.168.0.100 10240-11263 block'
	is "$(owners 203.0.113.1:11263 --proto icmp)" '1 alice 192.168.0.100 10240-11263 block'
	[[ $(owners 203.0.113.1:11264) == "2 b"*" 192.168.0.101 11264-12287 block" ]]
	public_of flow tcp c1
	is "$(owners "$public")" '1 alice 192.168.0.100 10240-11263 block'
	run -4 ctl who 203.0.113.1:9999
	[[ $output == "masqctl: who: 203.0.113.1:9999: nobody's" ]]
	run -4 ctl who 203.0.113.77:10240
	run -0 ctl who 203.0.113.1:11264
	[[ $output == *'#2 b\x1bb'* ]]
}

@test "who: without blocks the connection says it, also the gateway's own; a routed client has its address" {
	public 203.0.113.50
	conf 'policy friends { nat = snat snat-address = "203.0.113.50" }'
	ctl reload
	attach cl1 192.168.0.100 --user alice
	attach cl2 192.168.0.101 --user bob --policy friends
	public_of tcp tcp c1
	is "$(owners "$public")" '1 alice 192.168.0.100 null connection'
	is "$(owners "$public" --proto tcp)" '1 alice 192.168.0.100 null connection'
	run -4 ctl who "$public" --proto udp
	public_of udp udp c2
	[[ $public == 203.0.113.50:* ]]
	is "$(owners "$public" --proto udp)" '2 bob 192.168.0.101 null connection'
	read -r _ identifier < <(ping_from c1)
	is "$(owners "203.0.113.1:$identifier" --proto icmp)" '1 alice 192.168.0.100 null connection'
	within gw python3 -c 'import socket; s = socket.create_connection(("'$SERVER'", 80), source_address=("", 4321)); s.recv(1)' &
	until_true in_conntrack 'sport=4321'
	run -0 owners 203.0.113.1:4321
	end_process $!
	is "$output" 'null null null null connection'
	ctl detach cl2
	route_client cl2 198.51.100.77
	attach cl2 198.51.100.77 --user bob --policy plain
	is "$(owners 198.51.100.77:25)" '3 bob 198.51.100.77 null address'
}

@test "who --at and history: what was, also over a restart, another address of the uplink, and when nobody knows for certain" {
	local now
	conf 'policy dialup { pool = "dialin" port-block = 1024 }'
	ctl reload
	attach cl1 192.168.0.100 --user alice
	attach cl2 192.168.0.101 --user bob --policy friends
	is "$(owners 203.0.113.1:10500 --at 0s)" '1 alice 192.168.0.100 10240-11263 block'
	is "$(owners 203.0.113.1:5000 --at 0s)" '2 bob 192.168.0.101 null shared'
	ip -n "$ns-gw" addr flush dev isp0
	ip -n "$ns-gw" addr add 203.0.113.7/24 dev isp0
	ip -n "$ns-isp" neigh flush dev eth0
	until_true owner_is 203.0.113.7:10500 '1 alice 192.168.0.100 10240-11263 block'
	kill_masqd
	start_masqd
	passes c1 203.0.113.7
	during=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	ctl detach cl1
	run -4 ctl who 203.0.113.7:10500
	is "$(owners 203.0.113.7:10500 --at "$during")" '1 alice 192.168.0.100 10240-11263 block'
	run -4 ctl who 203.0.113.7:10500 --at 1h
	run -4 ctl who 203.0.113.7:10500 --at 2001-01-01
	is "$(history_of user=alice)" '1 alice 192.168.0.100 203.0.113.7 10240-11263 detached'
	is "$(history_of --until 1h)" ''
	is "$(history_of --since 1h | cut -d ' ' -f 1-5)" $'2 bob 192.168.0.101 203.0.113.7 null\n1 alice 192.168.0.100 203.0.113.7 10240-11263'
	now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	is "$(history_of --since "$now" ended= | cut -d ' ' -f 1)" 2
	is "$(ctl history --json id=1 | gojq -r '.sessions[0] | [.rx > 0, .tx >= 0, .started <= .ended, .nat, .policy, .type] | map(tostring) | join(" ")')" \
		'true true true masquerade dialup attached'
	run -2 ctl who 203.0.113.7:10500 --at yesterday
	run -2 ctl who 203.0.113.7
	run -2 ctl history --at 1h
}

owner_is() { [[ $(owners "$1" --at 0s) == "$2" ]]; }
history_of() { ctl history --json "$@" | gojq -r '.sessions[] | "\(.id) \(.user) \(.address) \(.public) \(.ports) \(.reason)"'; }

@test "history does not grow without end while an uplink comes and goes" {
	attach cl1 192.168.0.100
	python3 - state/masqgate.db <<-'END'
		import sqlite3, sys
		db = sqlite3.connect(sys.argv[1])
		for row in 500, 2000000:
		    db.execute("INSERT INTO history_public (rowid, serial, address, port_first, port_last, since, until)"
		               " VALUES (?, 1, '203.0.113.5', 0, 0, 1, 2)", (row,))
		db.commit()
	END
	ip -n "$ns-gw" addr flush dev isp0
	ip -n "$ns-gw" addr add 203.0.113.7/24 dev isp0
	until_true rows_are $'2000000\n2000001'
}

# rows_are TEXT: the numbers of those of history_public.
rows_are()
{
	is "$(python3 -c 'import sqlite3
for row in sqlite3.connect("state/masqgate.db").execute("SELECT rowid FROM history_public ORDER BY rowid"): print(row[0])')" "$1"
}

@test "history: what ended while masqd was away is over; without a file nothing else is different" {
	attach cl1 192.168.0.100 --user alice
	kill_masqd
	within gw nft delete table inet masqgate
	start_masqd
	is "$(history_of)" '1 alice 192.168.0.100 203.0.113.1 null over before masqd was started again'
	kill_masqd
	rm state/masqgate.db*
	mkdir state/masqgate.db
	start_masqd
	attach cl1 192.168.0.100 --user alice
	passes c1 203.0.113.1
	is "$(history_of)" ''
	run -4 ctl who 203.0.113.1:5000 --at 0s
	ctl detach cl1
}
