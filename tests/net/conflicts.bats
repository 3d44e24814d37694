#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Addresses that a host on a LAN has already: masqd asks before it gives one away, and hears of it later. In the picture of
# gateway.bash, with a masq-arpd that says what it is told, and, at the end, with the real one. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

MAC=52:54:00:12:34:56

setup()
{
	gateway_setup conflicts
	stub=$dir/arpd
	mkdir "$stub"
	chown masqgate-arp "$stub"
	policies
	ctl reload
	start_stub
}
teardown() { gateway_teardown; }

# policies [LINE]...: who refuses and who moves.
policies()
{
	conf 'lan office { interface = "eth0" proxy-arp = yes }' 'policy dialup { pool = "dialin" proxy-arp = yes port-block = 16384 }' \
		'policy mover { pool = "dialin" proxy-arp = yes port-block = 16384 address-conflict = move }' \
		'policy hidden { pool = "dialin" }' 'user fixed { policy = "mover" address = "192.168.0.120" }' "$@"
}

start_stub()
{
	local listening
	listening=$(grep -c 'tells of conflicts' log || :)
	rm -f "$stub/socket" "$stub/say"
	background "$BATS_TEST_DIRNAME/stub-arpd" "$stub" 2>>log
	arpd=$last
	until_true test -S "$stub/socket"
	until_true listens $((listening + 1))
	until_true sweeps
}
listens() { (($(grep -c 'tells of conflicts' log || :) >= $1)); }
sweeps() { grep -q '^Sweep' "$stub/calls"; }

in_use() { printf "%s eth0 $MAC\n" "$@" >"$stub/in-use"; }
probes() { grep '^Probe' "$stub/calls" | gojq -Rr 'ltrimstr("Probe ") | fromjson | "\(.address)@\(.interfaces | join(","))"' | paste -sd ' '; }
given() { reply "$1" 1 .parameters.address; }
# shellcheck disable=SC2016 # gojq's
says() { gojq -cn --arg what "$1" --arg address "$2" --arg mac "${3-$MAC}" '{$address, interface: "eth0", $mac, $what}' >"$stub/say"; }
list_is() { is "$(sessions address state)" "$1"; }
blocks() { ctl policies --json | gojq '.policies[] | select(.name == "dialup").port_blocks_free'; }
warnings() { ctl status --json | gojq -c '[.masqd.warnings[] | select(.hint == "masqctl arp conflicts").text]'; }
warned() { [[ $(warnings) == "$1" ]]; }
times() { grep -cF -- "$1" log || :; }

@test "an address is asked for on the LANs on which it will be published, and given away when nobody has it" {
	dial a '{"user": "alice"}'
	is "$(given a)" 192.168.0.100
	is "$(probes)" '192.168.0.100@eth0'
	list_is '192.168.0.100 admitted'
	# not where it will not be published, nor where nobody gives it away
	dial b '{"user": "bob", "policy": "hidden"}'
	is "$(given b)" 192.168.0.101
	attach cl1 192.168.0.102
	is "$(probes)" '192.168.0.100@eth0'
	logged 'alice on ppp0 192.168.0.100: admitted: policy dialup'
}

@test "refuse: the peer is told who has the address, and nothing is left of the attempt" {
	local free
	free=$(blocks)
	in_use 192.168.0.100
	refused "address 192.168.0.100 is in use on eth0 by $MAC" '{"user": "alice"}'
	logged "refused: alice on ppp0: address 192.168.0.100 is in use on eth0 by $MAC"
	run ! logged 'admitted: policy'
	is "$(ctl status --json | gojq .masqd.refused)" 1
	list_is ''
	is "$(blocks)" "$free"
	# the next caller is not given what was just found to be in use
	dial b '{"user": "bob"}'
	is "$(given b)" 192.168.0.101
	is "$(probes)" '192.168.0.100@eth0 192.168.0.101@eth0'
}

@test "an address in conflict is given away again when it is said to be resolved, or when there is no other" {
	policies 'pool dialin { range = { "192.168.0.100-192.168.0.101" } }'
	ctl reload
	in_use 192.168.0.100
	refused "address 192.168.0.100 is in use on eth0 by $MAC" '{"user": "alice"}'
	dial b '{"user": "bob"}'
	is "$(given b)" 192.168.0.101
	refused "address 192.168.0.100 is in use on eth0 by $MAC" '{"user": "carol"}'
	: >"$stub/in-use"
	dial d '{"user": "dora"}'
	is "$(given d)" 192.168.0.100
}

@test "move: another address of the pool is asked for, at most three" {
	in_use 192.168.0.100 192.168.0.101
	dial a '{"user": "alice", "policy": "mover"}'
	is "$(given a)" 192.168.0.102
	is "$(reply a 1 .parameters.policy)" mover
	is "$(probes)" '192.168.0.100@eth0 192.168.0.101@eth0 192.168.0.102@eth0'
	list_is '192.168.0.102 admitted'
	# its ports are those of its place in the pool, as if it had got it at once
	is "$(sessions ports)" 49152-65535
	# what was in use is avoided
	dial b '{"user": "bob", "policy": "mover"}'
	is "$(given b)" 192.168.0.103
	# until it is free again
	in_use 192.168.0.100
	says resolved 192.168.0.101
	until_true freed 192.168.0.101
}
freed()
{
	dial c '{"user": "carol", "policy": "mover"}'
	[[ $(reply c 1 '.parameters.address // .error') == "$1" ]]
}

@test "move: who finds three addresses in use is refused" {
	in_use 192.168.0.10{0,1,2}
	refused "address 192.168.0.102 is in use on eth0 by $MAC" '{"user": "alice", "policy": "mover"}'
	is "$(ctl status --json | gojq .masqd.refused)" 1
	list_is ''
	dial b '{"user": "bob", "policy": "mover"}'
	is "$(given b)" 192.168.0.103
}

@test "move: a user's own address and a line's stay what they are" {
	in_use 192.168.0.120 192.168.0.101
	refused "address 192.168.0.120 is in use on eth0 by $MAC" '{"user": "fixed"}'
	refused "address 192.168.0.101 is in use on eth0 by $MAC" '{"user": "alice", "policy": "mover", "address": "192.168.0.101"}'
	list_is ''
}

@test "no line waits longer than 300 ms for masq-arpd, nor at all if it is not there" {
	local from
	touch "$stub/silent"
	from=${EPOCHREALTIME/./}
	dial a '{"user": "alice"}'
	is "$(given a)" 192.168.0.100
	((${EPOCHREALTIME/./} - from >= 300000))
	logged 'alice on ppp0 192.168.0.100: masq-arpd has not said in 300 ms whether its address is free'
	end_process "$arpd"
	until_true logged 'lost the connection'
	dial b '{"user": "bob", "ifname": "ppp1"}'
	is "$(given b)" 192.168.0.101
	is "$(times 'has not said')" 1
}

# says_at_once SECONDS [CALL]...: a plugin that asks for admission, says this too, and waits so long for answers.
says_at_once()
{
	local line='"line":{"version":"0","pid":1,"ifname":"ppp0","user":"alice"}'
	printf '%s\0' "{\"method\":\"$GATEWAY.Admit\",\"parameters\":{$line}}" "${@:2}" | socat -t "$1" - "UNIX-CONNECT:run/socket" | tr '\0' '\n'
}

@test "a plugin that goes while masq-arpd is asked leaves nothing" {
	local free
	free=$(blocks)
	touch "$stub/silent"
	is "$(says_at_once 0)" ''
	until_true logged '#1 alice on ppp0 192.168.0.100: closed: link-gone'
	list_is ''
	is "$(blocks)" "$free"
	rm "$stub/silent"
	dial b '{"user": "bob"}'
	is "$(given b)" 192.168.0.100
	run ! logged 'alice on ppp0 192.168.0.100: admitted'
}

@test "whatever ends a session that waits is the answer to its plugin" {
	touch "$stub/silent"
	says_at_once 2 "{\"method\":\"$GATEWAY.Close\",\"parameters\":{\"cause\":\"not today\"},\"oneway\":true}" >replies
	is "$(gojq -r '"\(.error) \(.parameters.reason)"' replies)" "$GATEWAY.Refused not today"
	list_is ''
}

@test "a line can neither open what is not admitted yet, nor wait without hearing of it" {
	touch "$stub/silent"
	local line='"line":{"version":"0","pid":1,"ifname":"ppp0","user":"alice"}'
	call "-$GATEWAY.Admit" "{$line}" "+$GATEWAY.Open" "{$line,\"serial\":1,\"started\":1,\"ifindex\":1,\"local\":\"192.168.0.1\",\"address\":\"192.168.0.100\"}" >replies || :
	is "$(gojq -r .parameters.reason replies)" 'the session is not admitted yet'
	until_true list_is ''
}

@test "a conflict seen later is logged once, warned of, shown, and taken back; the session goes on" {
	add_line ppp0 l0 192.168.0.100
	dial a '{"user": "alice"}' "{\"ifindex\": $ifindex}"
	is "$(warnings)" '[]'
	says conflict 192.168.0.100
	until_true warned "[\"#1 on ppp0: address 192.168.0.100 is in use on eth0 by $MAC too\"]"
	says conflict 192.168.0.100
	says conflict 192.168.0.109
	is "$(ctl show ppp0 --json | gojq -c '.sessions[0].conflicts')" "[\"192.168.0.100 is in use on eth0 by $MAC\"]"
	ctl show ppp0 | grep -qF "conflicts: 192.168.0.100 is in use on eth0 by $MAC"
	run ctl status
	[[ $status -eq 1 && $output == *$'too\nhint: masqctl arp conflicts'* ]]
	passes l0 203.0.113.1
	# nor can a host that says it is many fill the log
	says conflict 192.168.0.100 52:54:00:00:00:99
	until_true warned '["#1 on ppp0: address 192.168.0.100 is in use on eth0 by 52:54:00:00:00:99 too"]'
	is "$(times '#1 alice on ppp0 192.168.0.100: address 192.168.0.100 is in use on eth0 by')" 1
	# it is none where the client is not published any more
	policies 'lan cellar { interface = "eth9" proxy-arp = yes }'
	ctl reload
	ctl set ppp0 lans=cellar
	is "$(warnings)" '[]'
	ctl unset ppp0
	warned '["#1 on ppp0: address 192.168.0.100 is in use on eth0 by 52:54:00:00:00:99 too"]'
	says resolved 192.168.0.100
	until_true warned '[]'
	logged '#1 alice on ppp0 192.168.0.100: address 192.168.0.100 is its alone again on eth0'
	is "$(ctl show ppp0 --json | gojq -c '.sessions[0].conflicts')" '[]'
	list_is '192.168.0.100 open'
}

# real_arpd: takes the stub's place, with a LAN on which .100 is in use.
real_arpd()
{
	local listening
	end_process "$arpd"
	rm -f "$stub/socket"
	listening=$(grep -c 'tells of conflicts' log || :)
	printf '%s\n' "socket = \"$stub/socket\"" >arpd.conf
	background ip netns exec "$ns-gw" masq-arpd -v -f "$dir/arpd.conf" 2>>log
	arpd=$last
	until_true listens $((listening + 1))
	ip -n "$ns-lan" route del 192.168.0.100
	ip -n "$ns-lan" addr add 192.168.0.100/24 dev eth0
	mac=$(ip -n "$ns-lan" -j link show eth0 | gojq -r '.[0].address')
}

@test "the real masq-arpd: refused with the host's MAC, or moved, in time" {
	real_arpd
	refused "address 192.168.0.100 is in use on eth0 by $mac" '{"user": "alice"}'
	policies 'pool dialin { range = { "192.168.0.100" , "192.168.0.103" } }'
	# which has no address to avoid
	kill_masqd
	start_masqd
	until_true listens 3
	dial b '{"user": "bob", "policy": "mover"}'
	is "$(given b)" 192.168.0.103
	logged "bob on ppp0 192.168.0.100: address 192.168.0.100 is in use on eth0 by $mac: looking for another one"
	run ! logged 'has not said'
}

@test "what masq-arpd knows is asked for after a restart of either" {
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101
	printf '%s\n' "192.168.0.100 eth0 $MAC $(date +%s)" "192.168.0.101 eth0 $MAC 1700000000" "192.168.0.111 eth0 $MAC $(date +%s)" >"$stub/known"
	kill_masqd
	start_masqd
	until_true warned "[\"#1 on cl1: address 192.168.0.100 is in use on eth0 by $MAC too\"]"
	: >"$stub/known"
	end_process "$arpd"
	start_stub
	until_true warned '[]'
}
