#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Descriptors that run out, in the picture of gateway.bash. The daemons' limits are lowered while they run. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2034,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway

setup() { gateway_setup resources; }
teardown() { gateway_teardown; }

# limit PID USER LIMIT: of a running daemon's, from now on. Who may do that is its own user, even where root may not.
limit() { setpriv --reuid "$2" --regid "$2" --clear-groups prlimit --pid "$1" "--$3:"; }

# descriptors PID [LIMIT]: how many it has, of those below the limit; what it has of the shell's may be above.
descriptors() { find "/proc/$1/fd" -mindepth 1 -maxdepth 1 -printf '%f\n' | awk -v limit="${2-100}" '$1 < limit' | wc -l; }
has_none_left() { (($(descriptors "$1" "$2") == $2)); }
# spent PID: its processor time, in hundredths of a second.
spent() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

# hoard SOCKET COUNT: keeps so many connections to it.
hoard()
{
	mkfifo hoard.in
	background "$here/../faults/hoard" "$1" <>hoard.in >hoard.out
	more_connections "$2"
}

more_connections() { hoarder "open $1" opened; }
fewer_connections() { hoarder "close $1 $2" closed; }
# by NUMBER METHOD PARAMETERS: called by that connection, which is not waited for.
by() { echo "call $*" >hoard.in; }
# hoarder COMMAND ANSWER: which is waited for.
hoarder()
{
	local answers
	answers=$(grep -c "^$2" hoard.out || :)
	echo "$1" >hoard.in
	until_true has_said "^$2" $((answers + 1))
}

has_said() { (($(grep -c -- "$1" hoard.out) >= $2)); }
has_not_said() { ! grep -q -- "$1" hoard.out; }

# probe: a flow that must not notice anything, and a clock: ten packets a second.
probe()
{
	background ip netns exec "$ns-c1" ping -q -i 0.1 -s 99 $SERVER >probe.out
	probe=$last
	until_true grep -q 'echo request.* length 107' isp.cap
}

probes() { grep -c 'echo request.* length 107' isp.cap; }
has_probes() { (($(probes) >= $1)); }
# after PROBES: that many tenths of a second later.
after() { until_true has_probes $(($(probes) + $1)); }

# starves PROGRAM PID USER METHOD: it has no descriptor left, does not turn in circles for that, and says it once; who has a connection is
# served, and who comes waits.
starves()
{
	local limit begun
	limit=$(($(descriptors "$2") + 4))
	limit "$2" "$3" nofile=$limit
	more_connections 10
	until_true has_none_left "$2" $limit
	by 0 "$4" '{}'
	by 10 "$4" '{}'
	# 3 s, in which it tries some fifteen times
	begun=$(spent "$2")
	after 30
	echo "$(($(spent "$2") - begun)) of 300"
	(($(spent "$2") - begun < 30))
	until_true has_said '^0 ' 1
	has_not_said '^10 '
	is "$(grep -c "^$1: cannot accept connections" log)" 1
}

# recovers PROGRAM: when others have left, who has waited is served.
recovers()
{
	fewer_connections 1 8
	until_true has_said '^10 ' 1
	until_true logged "$1: connections are accepted again"
}

@test "no descriptor left in masqd: sessions go on, who has a connection is served, others when there is one again" {
	local ifindex opening
	add_line ppp7 c3 192.168.0.102
	attach cl1 192.168.0.100
	probe
	hoard run/socket 1
	starves masqd "$masqd" masqgate $GATEWAY.Status
	# what comes by a connection that is there is done as ever: a session opens
	by 0 $GATEWAY.Admit '{"version":"0","line":{"ifname":"ppp7","user":"dave"},"address":"192.168.0.102"}'
	until_true has_said '^0 .*"address": *"192.168.0.102"' 1
	opening=$(grep '^0 ' hoard.out | tail -n 1 | cut -d' ' -f2- |
		gojq -c ".parameters | {serial, started, address, ifindex: $ifindex, local: \"192.168.0.1\", line: {ifname: \"ppp7\"}}")
	by 0 +$GATEWAY.Open "$opening"
	until_true hears 203.0.113.1 udp c3
	# a configuration cannot be read
	kill -HUP "$masqd"
	until_true logged "$dir/masqd.conf: cannot read: Too many open files"
	lost_nothing
	# the rules are put back, and a session closes
	within gw nft flush ruleset
	until_true in_table 'chain forward'
	until_true hears 203.0.113.1 udp c3
	is "$(serials | wc -l)" 2
	fewer_connections 0 1
	until_true blocked c3
	recovers masqd
	is "$(serials)" "$(sessions id)"
	ctl reload
	passes c1 203.0.113.1
}

answered_for() { within lan arping -q -c 1 -w 5 -I eth0 "$1"; }

@test "no descriptor left in masq-arpd: it answers for who is published, who has a connection is served, others when there is one again" {
	mkdir arpd
	chown masqgate-arp arpd
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101
	probe
	printf '%s\n' "socket = \"$dir/arpd/socket\"" 'probe = no' >arpd.conf
	background ip netns exec "$ns-gw" masq-arpd -v -f "$dir/arpd.conf" 2>>log
	local arpd=$last
	until_true logged 'masq-arpd: ready'
	until_true logged 'masqd: masq-arpd tells of conflicts'
	hoard arpd/socket 1
	by 0 org.masqgate.Arp.Hold '{"holder":"hoard"}'
	by 0 org.masqgate.Arp.Publish '{"address":"192.168.0.100","interfaces":["eth0"]}'
	until_true answered_for 192.168.0.100
	: >hoard.out
	starves masq-arpd "$arpd" masqgate-arp org.masqgate.Arp.Status
	answered_for 192.168.0.100
	by 0 org.masqgate.Arp.Publish '{"address":"192.168.0.101","interfaces":["eth0"]}'
	until_true answered_for 192.168.0.101
	by 0 org.masqgate.Arp.Withdraw '{"address":"192.168.0.101"}'
	until_true not answered_for 192.168.0.101
	answered_for 192.168.0.100
	recovers masq-arpd
	ctl arp
	lost_nothing
}
