#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# A thousand lines when something breaks: bench/lines has an interface and a plugin's connection for each. In the picture of
# gateway.bash. Needs root; BUILD is the build folder.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway

setup()
{
	gateway_setup thousand
	conf 'pool many { range = { "10.64.0.2-10.64.9.0" } }' 'policy dialup { pool = "many" }'
	ctl reload
	attach cl1 192.168.0.100
	mkfifo lines.in
	background ip netns exec "$ns-gw" "$BUILD/bench/lines" "$dir/run/socket" 10.64.0.2 10.64.255.1 <>lines.in >lines.out
	many=$last
	say 'make 1000'
	say 'open 0 1000 64 pool'
	say 'up 0 1000'
	probe
}

teardown() { gateway_teardown; }

# say COMMAND: to bench/lines, which has done it then.
say()
{
	local answers
	answers=$(wc -l <lines.out)
	echo "$1" >lines.in
	until_true has_lines lines.out $((answers + 1))
}

is_consistent() { [[ $(serials) == "$(sessions id)" ]]; }
has_sessions() { [[ $(sessions state | sort | uniq -c | xargs) == "$1" ]]; }

@test "kill -9 of masqd with a thousand sessions: no packet lost, all found again with their serials and ages" {
	local before
	has_sessions '1001 open'
	before=$(sessions id started address ifname)
	kill_masqd
	echo 'resume 20' >lines.in
	start_masqd
	until_true has_sessions '1001 open'
	is "$(sessions id started address ifname)" "$before"
	is_consistent
	until_true logged 'recovered 1001, lost 0'
	lost_nothing
}

@test "masqd stopped while a thousand lines vanish: what is left is what the kernel has, two seconds after it goes on" {
	local begun
	kill -STOP "$masqd"
	# some with their interface only: their pppd hangs
	say 'kill 0 900'
	printf 'link del ppp%d\n' {900..999} | ip -n "$ns-gw" -batch -
	kill -CONT "$masqd"
	begun=$(date +%s%N)
	until_true has_sessions '1 open'
	echo "$((($(date +%s%N) - begun) / 1000000)) ms"
	is_consistent
	passes c1 203.0.113.1
	lost_nothing
}

@test "a thousand pppds that hang while masqd is started again: closed and shown after ten seconds, open again when they go on" {
	local before
	before=$(sessions id started address ifname)
	kill -STOP "$many"
	kill_masqd
	start_masqd
	has_sessions '1 open 1000 orphaned'
	until_true logged 'recovered 1, lost 1000' || until_true logged 'recovered 1, lost 1000'
	has_sessions '1 open 1000 orphaned'
	is "$(serials)" "$(sessions id state | sed -n 's/ open$//p')"
	is "$(ctl status --json | gojq -r '.masqd.warnings[] | select(.hint == "masqctl list state=orphaned").text')" \
		'1000 sessions are orphaned and closed: not announced again by their pppd'
	kill -CONT "$many"
	echo 'resume 20' >lines.in
	until_true has_sessions '1001 open'
	is "$(sessions id started address ifname)" "$before"
	is_consistent
	lost_nothing
}

# grow COUNT FILE: waits until it has so many lines more.
grow() { until_true has_lines "$2" $(($(wc -l <"$2") + $1)); }

@test "masqd stopped for long: who is connected goes on, a new line is closed, and afterwards it knows what has happened" {
	local end begun
	attach cl2 192.168.0.101
	has_sessions '1002 open'
	kill -STOP "$masqd"
	end=$((SECONDS + ${FAULT_STOP_SECONDS:-20}))
	add_line ppp7000 c3 192.168.0.102
	# as a default of the host's may be: it is closed by the rules, also to the LAN, where no guard is
	within gw sysctl -qw net.ipv4.conf.ppp7000.forwarding=1
	capture lan lan eth0 not arp
	background "$here/line" run/socket '{"ifname":"ppp7000","user":"dave","address":"192.168.0.102","policy":"friends"}' \
		"{\"ifindex\":$ifindex}" </dev/null >dave.replies
	blocked c3
	blocked c3 192.168.0.9
	ip -n "$ns-gw" link del cl2
	say 'kill 0 100'
	# a quarter of a second at a time, and all the time it must go on
	while ((SECONDS < end)); do
		grow 50 isp.cap
	done
	blocked c3
	blocked c3 192.168.0.9
	pings gw 192.168.0.9
	until_true grep -q 'echo reply' lan.cap
	run ! grep '192.168.0.102[.0-9]* >' lan.cap
	kill -CONT "$masqd"
	begun=$(date +%s%N)
	until_true has_sessions '902 open'
	echo "$((($(date +%s%N) - begun) / 1000000)) ms"
	until_true is_consistent
	until_true passes c3 203.0.113.1
	passes c1 203.0.113.1
	lost_nothing
}

# elements: interface, address and serial of each that the kernel has.
elements()
{
	within gw nft -j list map inet masqgate serial |
		gojq -r '.nftables[].map.elem[]? | "\(.[0] | (.elem.val? // .).concat | join(" ")) \(.[1])"' | sort
}
has_all_elements() { [[ $(elements) == "$(sessions ifname address id | sort)" ]]; }
addresses() { sessions address "$@" | sort; }

# answers TO COMMAND: of bench/lines
answers()
{
	say "$2"
	is "$(tail -n 1 lines.out)" "$1"
}

# far ORDER: to the echo server, which has done it then.
far()
{
	local orders
	orders=$(wc -l <far.out)
	echo "$1" >far.in
	until_true has_lines far.out $((orders + 1))
}

@test "I3: all hang up and come again with each other's addresses: no element is lost, and nobody hears what was for another" {
	local before holders
	mkfifo far.in
	background ip netns exec "$ns-isp" python3 -B "$here/../../bench/gateway_programs.py" echo $SERVER 4001 4002 <>far.in >far.out
	far 'peers 4001'
	answers 'right=1000 wrong=0' "talk $SERVER 4001 8000"
	has_all_elements
	before=$(addresses) holders=$(addresses ifname)
	say 'close 0 1000'
	say 'open 0 1000 64 3'
	say 'up 0 1000'
	until_true has_sessions '1001 open'
	has_all_elements
	is "$(addresses)" "$before"
	# hardly anybody has his own again
	(($(comm -12 <(echo "$holders") <(addresses ifname) | wc -l) < 50))
	# the far side goes on with those who had them
	far 'again 4001'
	answers 'right=0 wrong=0' 'listen 500'
	answers 'right=1000 wrong=0' "talk $SERVER 4002 8000"
	far 'again 4001'
	answers 'right=0 wrong=0' 'listen 500'
	is_consistent
	lost_nothing
}

@test "a reader that stops in the middle of a thousand sessions costs nothing, and may go on" {
	mkfifo go
	background python3 - "$dir/run/socket" <<-'END' >reader.out
		import json, socket, sys
		sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		sock.connect(sys.argv[1])
		sock.sendall(b'{"method":"org.masqgate.Gateway.List","parameters":{},"more":true}\0')
		data = sock.recv(4096)
		print("begun", flush=True)
		open("go").read()
		while True:
		    got = sock.recv(65536)
		    data += got
		    if not got or b'"session":null' in data:
		        break
		serials = [reply["parameters"]["session"]["serial"] for reply in map(json.loads, data.split(b"\0")[:-1])
		           if reply["parameters"]["session"]]
		print(len(serials), len(set(serials)), json.loads(data.split(b"\0")[-2]).get("continues"))
	END
	# the half of them end meanwhile, everybody else is served; and as nothing was made for the reader that it does not read, those
	# are not in what it reads in the end
	until_true grep -q begun reader.out
	say 'close 500 500'
	until_true has_sessions '501 open'
	echo >go
	wait "$last"
	cat reader.out
	read -r count different continues < <(tail -n 1 reader.out)
	((count == different && count >= 501 && count < 1001))
	is "$continues" None
	lost_nothing
}

@test "what masqd is asked to list must be members and serials" {
	run -1 call +$GATEWAY.List '{"fields":["nonsense"]}'
	[[ $output == *InvalidParameter*fields* ]]
	run -1 call +$GATEWAY.List '{"serials":["x"]}'
	[[ $output == *InvalidParameter*serials* ]]
	is "$(ctl list --json=lines -o id,user | wc -l)" 1001
	is "$(ctl list --json=lines -o id,user | head -n 1 | gojq -c 'keys')" '["id","user","user_hex"]'
}
