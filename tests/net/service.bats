#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The daemons under a service manager that holds their sockets and watches them (tests/net/manager), in the picture of gateway.bash.

# shellcheck disable=SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

setup()
{
	gateway_setup service
	end_process "$masqd"
	mkdir arpd
	chown masqgate run
	chown masqgate-arp arpd
	echo "socket = \"$dir/arpd/socket\"" >arpd.conf
}

teardown()
{
	# masqd is the manager's, and ends with it
	end_process "$manager"
	gateway_teardown
}

# manage [OPTION...] SOCKET COMMAND...: what it says is in manager.log; log is the daemon's.
manage()
{
	background ip netns exec "$ns-gw" "$here/manager" "$@" >manager.log 2>>log
	manager=$last
}

manage_masqd() { manage "$@" "$dir/run/socket" masqd -v -f "$dir/masqd.conf"; }
manage_arpd() { manage "$@" "$dir/arpd/socket" masq-arpd -v -f "$dir/arpd.conf"; }

# said WORD TIMES: the manager did at least.
said() { (($(grep -c "^$1" manager.log || :) >= $2)); }
arpd_pid() { "$here/../varlink-call" arpd/socket org.masqgate.Arp.Status '{}' | gojq .parameters.pid; }
daemon() { sed -n 's/^started //p' manager.log | tail -n 1; }

# has_ended COMMAND...: and how is in ended.
has_ended()
{
	ended=0
	"$@" >manager.log 2>>log || ended=$?
}

@test "who calls while masqd is started again waits and is served: masqctl, and a line that dials" {
	manage_masqd
	until_true said ready 1
	attach cl1 192.168.0.100 --user alice
	passes c1 203.0.113.1
	before=$(sessions id started)
	: >stop
	kill "$(daemon)"
	until_true said ended 1
	[[ -S run/socket && $(stat -c %a run/socket) == 666 ]]
	ctl list --json --timeout 10 3>&- >list.json &
	listing=$!
	mkfifo late.orders
	background "$here/line" run/socket '{"ifname": "ppp7", "user": "bob", "tty": "/dev/ttyP7"}' <>late.orders >late.replies
	# both have connected: nobody has accepted them
	waiting() { (($(within gw ss -Hxl "src $dir/run/socket" | awk '{ print $3 }') >= $1)); }
	until_true waiting 2
	kill -0 $listing
	rm stop
	wait $listing
	until_true has_lines late.replies 1
	is "$(gojq -cr '.sessions[] | "\(.id) \(.user)"' list.json)" '1 alice'
	[[ $(reply late 1 '.parameters.serial') == 2 ]]
	is "$(sessions id started | head -n 1)" "$before"
	said started 2
	passes c1 203.0.113.1
}

# calls COMMAND...: one after the other until somebody makes the file enough, or one is not answered.
calls()
{
	until [[ -e enough ]]; do
		"$@" >>answers 2>&1 || return
		echo answered >>answers
	done
}

@test "who has called when a daemon is told to end gets the answer, of this one or of the next" {
	local i callers=() manage
	for manage in manage_masqd manage_arpd; do
		$manage
		until_true said ready 1
		callers=()
		for i in {1..4}; do
			if [[ $manage == manage_masqd ]]; then calls ctl list 3>&- & else calls ctl arp 3>&- & fi
			callers+=($!)
		done
		for i in {2..15}; do
			kill "$(daemon)"
			until_true said ready "$i"
		done
		: >enough
		for i in "${callers[@]}"; do
			wait "$i" || { tail -n 3 answers && return 1; }
		done
		(($(grep -c answered answers) > 14))
		end_process "$manager"
		rm enough answers
	done
}

@test "masqctl wait goes on with the next masqd, with and without a service manager" {
	local waiting gone code
	manage_masqd
	until_true said ready 1
	attach cl1 192.168.0.100 --user alice
	ctl wait user=bob state=open --timeout 30 3>&- &
	waiting=$!
	ctl wait --gone user=alice 3>&- &
	gone=$!
	sleep 0.5
	kill -KILL "$(daemon)"
	until_true said ready 2
	attach cl2 192.168.0.101 --user bob
	wait $waiting
	end_process "$manager"
	sleep 0.3
	start_masqd
	kill -0 $gone
	ctl detach cl1
	wait $gone
	# nobody comes back
	ctl wait --gone user=bob --timeout 2 3>&- 2>told &
	waiting=$!
	sleep 0.5
	kill_masqd
	code=0
	wait $waiting || code=$?
	is "$code" 6
	is "$(<told)" "masqctl: wait: timed out
hint: masqd has ended meanwhile; see \`systemctl status masqd\`"
}

@test "a second masqd is told that one is running, or that the service manager listens for one" {
	manage_masqd
	until_true said ready 1
	run --separate-stderr -75 within gw timeout 10 masqd -f "$dir/masqd.conf"
	[[ $stderr == "masqd: cannot listen: $dir/run/socket: another masqd is running" ]]
	: >stop
	kill "$(daemon)"
	until_true said ended 1
	run --separate-stderr -75 within gw timeout 10 masqd -f "$dir/masqd.conf"
	is "$stderr" "masqd: cannot listen: $dir/run/socket: somebody else does, as the service manager for masqd.socket
masqd: hint: systemctl stop masqd.socket masqd.service"
	rm stop
	until_true said ready 2
	is "$(sessions id)" ''
}

@test "what is not the socket of the configuration is refused, by masqd and by masq-arpd" {
	local at="masqd: cannot listen: $dir/run/socket" program
	for program in masqd masq-arpd; do
		[[ $program == masqd ]] || at="masq-arpd: cannot listen: $dir/arpd/socket"
		start() { has_ended within gw "$here/manager" "$@" $program -f "$dir/${program/masq-/}.conf"; }
		: >log
		start --datagram "${at##* }"
		is "$ended" 78
		grep -qxF "$at: what the service manager gave is no listening Unix stream socket" log
		start --twice "${at##* }"
		is "$ended" 78
		grep -qxF "$at: the service manager gave more than one socket" log
		start "$dir/run/other"
		is "$ended" 78
		grep -qxF "$at: the service manager's socket is at another path" log
		grep -qxF "$program: hint: systemctl edit $program.socket, with an empty ListenStream= and then ListenStream=${at##* }" log
	done
}

@test "a masqd that hangs is noticed and started again, and its sessions go on" {
	manage_masqd --watchdog 1
	until_true said ready 1
	attach cl1 192.168.0.100 --user alice
	converse one tcp c1
	answered one
	before=$(sessions id started)
	first=$(daemon)
	kill -STOP "$first"
	until_true said hangs 1
	answered one
	until_true said ready 2
	said 'ended -6' 1
	[[ $(daemon) != "$first" ]]
	answered one
	is "$(sessions id started)" "$before"
	passes c1 203.0.113.1
}

@test "masqd tells the watchdog that all is well only while its table is there" {
	manage_masqd --watchdog 2
	until_true said ready 1
	# Somebody who deletes the table again and again, faster than masqd repairs it: a second after the first time.
	while [[ ! -e enough ]]; do
		within gw nft delete table inet masqgate 2>/dev/null || :
		sleep 0.01
	done 3>&- &
	deleting=$!
	pids+=("$deleting")
	until_true said hangs 1
	: >enough
	wait $deleting
	logged 'cannot find the table inet masqgate: '
	until_true said ready 2
	table >/dev/null
	attach cl1 192.168.0.100
	passes c1 203.0.113.1
	run ! said hangs 2
}

@test "masq-arpd takes its socket, is watched, and is started again when it hangs" {
	manage_arpd --watchdog 1
	until_true said ready 1
	first=$(daemon)
	is "$(arpd_pid)" "$first"
	kill -STOP "$first"
	until_true said hangs 1
	until_true said ready 2
	[[ -S arpd/socket ]]
	is "$(arpd_pid)" "$(daemon)"
}
