#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# masqctl explain against what the packets do, in the picture of gateway.bash: each step is broken, must be named as the first
# that stops a packet, and the hint's command must mend it. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

setup()
{
	gateway_setup explain
	ip -n "$ns-gw" route add default via $SERVER
	attach cl1 192.168.0.100 --user anybox
}
teardown() { gateway_teardown; }

# steps WORD...: "step verdict" a line.
steps() { { ctl explain --json "$@" || (($? == 1)); } | gojq -r '.steps[] | "\(.step) \(.verdict)"'; }

# stopped_by STEP WORD...: it is dropped, there, with a hint, and by the exit code.
stopped_by()
{
	run -1 ctl explain "${@:2}"
	echo "$output"
	[[ $output == *'result: dropped' ]]
	is "$(grep -c ' NO ' <<<"$output")" 1
	grep -qE "^ *[0-9]+ $1 +NO " <<<"$output"
	tail -n 2 <<<"$output" | grep -q '^    hint: '
}

# by_hint: types what the last hint says, in the gateway.
by_hint()
{
	local command
	command=$(sed -n 's/^    hint: //p' <<<"$output")
	case $command in
	masqctl*) eval "ctl ${command#masqctl}" ;;
	*) within gw $command ;;
	esac
}

@test "a packet that gets through: every step says yes, with what is so" {
	pings c1
	run -0 ctl explain 192.168.0.100 to $SERVER:443/tcp
	echo "$output"
	[[ ${lines[0]} == "session #1 anybox on cl1 (ifindex "*"), policy dialup ($dir/masqd.conf:"*"), chosen by: default-policy"* ]]
	grep -qE '^ +[0-9]+ translation +yes +leaves as 203.0.113.1$' <<<"$output"
	grep -qE '^ +[0-9]+ route +yes +isp0' <<<"$output"
	grep -qE '^ +[0-9]+ answers +yes +those with mark 1 are delivered on cl1' <<<"$output"
	[[ ${lines[-1]} == 'result: translated' ]]
	run -0 ctl explain '#1' to 192.168.0.9
	[[ ${lines[-1]} == 'result: forwarded' ]]
	run -0 ctl explain cl1 to 192.168.0.1
	[[ ${lines[-1]} == 'result: delivered' ]]
	run -0 ctl explain user=anybox
	[[ ${lines[-1]} == 'result: translated' ]]
}

@test "JSON: an object with all steps" {
	ctl explain 192.168.0.100 to $SERVER:80 --json >answer
	gojq -e '.schema == "org.masqgate.explanation" and .result == "translated" and .session.serial == 1 and
		.choice.policy == "dialup" and (.choice.line | type == "number") and
		([.steps[] | keys == ["hint", "step", "text", "verdict"]] | all)' answer
}

@test "nobody has the address" {
	stopped_by session 192.168.0.77 to $SERVER
	[[ $output == *'no session has 192.168.0.77'* ]]
}

@test "its interface is down" {
	within gw ip link set cl1 down
	stopped_by interface 192.168.0.100 to $SERVER
	by_hint
	route_client cl1 192.168.0.100
	ctl explain 192.168.0.100 to $SERVER
	until_true pings c1
}

@test "forwarding is off on its interface" {
	within gw sysctl -qw net.ipv4.conf.cl1.forwarding=0
	run ! pings c1
	stopped_by forwarding 192.168.0.100 to $SERVER
	by_hint
	ctl explain 192.168.0.100 to $SERVER
	pings c1
}

@test "forwarding is off on the uplink: answers do not come back" {
	within gw sysctl -qw net.ipv4.conf.isp0.forwarding=0
	run ! pings c1
	stopped_by answers 192.168.0.100 to $SERVER
	by_hint
	ctl explain 192.168.0.100 to $SERVER
	pings c1
}

@test "there is no route out" {
	within gw ip route del default
	run ! pings c1 198.51.100.7
	stopped_by route 192.168.0.100 to 198.51.100.7:443
	ctl explain 192.168.0.100 to $SERVER
}

@test "the reverse path filter stops it" {
	within gw sysctl -qw net.ipv4.conf.cl1.rp_filter=1
	within gw ip route replace 192.168.0.100/32 dev eth0
	run ! pings c1
	stopped_by route 192.168.0.100 to $SERVER
	[[ $output == *'reverse path filter of cl1'* ]]
	by_hint
	pings c1
}

@test "answers are routed elsewhere" {
	within gw ip route replace 192.168.0.100/32 dev eth0
	stopped_by answers 192.168.0.100 to $SERVER
	[[ $output == *'go to eth0'* ]]
	by_hint
	ctl explain 192.168.0.100 to $SERVER
	pings c1
}

@test "the uplink is down, or has no address" {
	within gw ip link set isp0 down
	stopped_by route 192.168.0.100 to $SERVER
	within gw ip link set isp0 up
	within gw ip addr flush dev isp0
	within gw ip route replace $SERVER/32 dev isp0
	stopped_by uplink 192.168.0.100 to $SERVER
	[[ $output == *'isp0 has no address'* ]]
	within gw ip addr add 203.0.113.1/24 dev isp0
	ctl explain 192.168.0.100 to $SERVER
	until_true pings c1
}

@test "a rule of its policy, with its line" {
	conf 'policy dialup { rules = { "allow tcp 80", "deny tcp" } }'
	ctl reload
	local line
	line=$(grep -n 'deny tcp' masqd.conf | cut -d: -f1)
	stopped_by rule 192.168.0.100 to $SERVER:443
	[[ $output == *"\"deny tcp\" ($dir/masqd.conf:$line)"* ]]
	ctl explain 192.168.0.100 to $SERVER:80
	ctl explain 192.168.0.100 to $SERVER:443/udp
	by_hint
	ctl explain 192.168.0.100 to $SERVER:443
	is "$(ctl show '#1' --json | gojq -c '.sessions[0].rules')" \
		'["allow tcp 443 to 203.0.113.9","allow tcp 80","deny tcp"]'
}

@test "all connections that it may have are in use" {
	conf 'policy dialup { flows = 1 }'
	ctl reload
	pings c1
	run ! pings c1
	stopped_by flows 192.168.0.100 to $SERVER
	[[ $output == *'1 of 1 connections are in use'* ]]
	by_hint
	ctl explain 192.168.0.100 to $SERVER
	pings c1
}

@test "its quota is used up" {
	ctl detach cl1
	becomes_slip
	conf 'policy dialup { quota = 20K }' 'serial slip { interface = "sl0" address = "192.168.0.100" policy = "dialup" }'
	ctl reload
	ctl wait ifname=sl0 --timeout 10
	ctl explain 192.168.0.100 to $SERVER
	within c1 ping -q -c 20 -i 0.02 -s 1000 $SERVER
	until_true not ctl explain 192.168.0.100 to $SERVER
	run ! pings c1
	stopped_by session 192.168.0.100 to $SERVER
	by_hint
	until_true pings c1
}

@test "the gateway's services" {
	stopped_by rule 192.168.0.100 to 192.168.0.1:22
	[[ $output == *'gateway-services of policy dialup'* ]]
	by_hint
	ctl explain 192.168.0.100 to 192.168.0.1:22
	ctl explain 192.168.0.100 to 192.168.0.1
	ctl unset '#1' gateway-services
	conf 'policy dialup { gateway-services = { "tcp 22" } }'
	ctl reload
	ctl explain 192.168.0.100 to 192.168.0.1:22
	stopped_by rule 192.168.0.100 to 192.168.0.1
}

@test "isolation, on either side" {
	attach cl2 192.168.0.101 --policy friends
	stopped_by isolation 192.168.0.100 to 192.168.0.101
	[[ $output == *'#1 is isolated'* ]]
	stopped_by isolation 192.168.0.101 to 192.168.0.100
	[[ $output == *'#1 is isolated'* ]]
	by_hint
	ctl explain 192.168.0.101 to 192.168.0.100
	pings c2 192.168.0.100
}

@test "a guest does not reach the LAN" {
	conf 'policy dialup { isolate-lan = yes }'
	ctl reload
	stopped_by isolation 192.168.0.100 to 192.168.0.9
	ctl explain 192.168.0.100 to $SERVER
	by_hint
	pings c1 192.168.0.9
}

@test "a private address that is not translated" {
	ctl detach cl1
	attach cl1 192.168.0.100 --policy plain
	run ! pings c1
	stopped_by translation 192.168.0.100 to $SERVER
	run -0 ctl explain 192.168.0.100 to 192.168.0.9
	[[ $output == *'eth0 is no uplink'* ]]
}

@test "another firewall's dropping chain is pointed at" {
	within gw nft -f - <<<'table ip docker { chain forward { type filter hook forward priority filter; policy drop; }; }'
	run ! pings c1
	run -0 ctl explain 192.168.0.100 to $SERVER
	[[ $output == *'table ip docker drops what its own rules do not accept'* ]]
}

@test "usage: what cannot be explained" {
	local words
	for words in '192.168.0.100 to 1.2.3' '192.168.0.100 to 1.2.3.4:0' '192.168.0.100 to 1.2.3.4:80/icmp' '192.168.0.100 to 1.2.3.4/tcp' \
		'192.168.0.100 to 1.2.3.4:80/ipx' '192.168.0.100 from 1.2.3.4' '192.168.0.100 to'; do
		run -2 ctl explain $words
		echo "$output"
	done
	run -4 ctl explain '#99'
}
