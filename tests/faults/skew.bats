#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# masqd and plugins of other versions: a running pppd keeps the plugin that it has loaded, whatever is installed meanwhile. In the
# picture of gateway.bash. Needs root; BUILD is the build folder.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway

setup()
{
	gateway_setup skew
	add_line ppp7 c3 192.168.0.100
	within gw sysctl -qw net.ipv6.conf.ppp7.disable_ipv6=0
	conf 'pool dialin { range = { "192.168.0.100-192.168.0.103" } prefix = "fd00:1::/64" }' \
		'policy dialup { pool = "dialin" ipv6 = masquerade dns = { "192.0.2.53" } }'
	ctl reload
}

teardown() { gateway_teardown; }

has_said() { (($(grep -cF -- "$1" said) >= $2)); }

@test "the first version's plugin is served: opened, announced again after a restart, with IPv6, and closed" {
	local before
	mkfifo orders
	background "$BATS_TEST_DIRNAME/replay" run/socket "$BATS_TEST_DIRNAME/plugin-first" ifindex=$ifindex <>orders >said
	plugin=$last
	until_true has_said UpIpv6 1
	is "$(sessions id state ifname user address tty speed caller ipparam)" '1 open ppp7 dave 192.168.0.100 /dev/ttyS1 115200 +49301234 x'
	until_true in_table fd00:1::c3
	ctl wait pid=6915
	passes c3 203.0.113.1
	before=$(sessions id started user address)
	converse one udp c3
	answered one
	kill_masqd
	until_true has_said end 1
	answered one
	start_masqd
	echo >orders
	until_true has_said UpIpv6 2
	is "$(sessions state id started user address)" "open $before"
	logged '#1 dave on ppp7 192.168.0.100: announced again'
	until_true in_table fd00:1::c3
	answered one
	echo >orders
	until_true not in_table fd00:1::c3
	passes c3 203.0.113.1
	echo >orders
	wait "$plugin"
	logged '#1 dave on ppp7 192.168.0.100: closed: the peer asked for it'
	is "$(sessions id)" ''
	not in_table 192.168.0.100
	blocked c3
}

@test "a pppd goes on with the plugin that it has loaded, though another one is put in its place and masqd is another one" {
	cp "$BUILD/pppd-plugin/.libs/masq.so" masq.so
	background ip netns exec "$ns-gw" "$BUILD/tests/unit/fake-pppd" "$dir/masq.so" "masq-socket=$dir/run/socket" masq-ipv6 \
		+ifname=ppp7 +user=dave :dial :ipcp :ipv6cp=195 :serve >told
	pppd=$last
	until_true grep -q ip-up told
	passes c3 203.0.113.1
	until_true in_table fd00:1::c3
	# as a package's upgrade does it
	echo nonsense >masq.so.new
	mv masq.so.new masq.so
	end_process "$masqd"
	passes c3 203.0.113.1
	start_masqd
	until_true grep -q 'masq: session #1 announced again' told
	is "$(sessions id state user address)" '1 open dave 192.168.0.100'
	passes c3 203.0.113.1
	ctl kick '#1' --reason 'the line is needed'
	wait "$pppd" || :
	grep -q '^peer sees: the line is needed$' told
	blocked c3
}

# is_up: said until it is seen; tests/net/line takes one order at a time.
is_up()
{
	echo 'Up {"ifname":"ppp7","pid":77,"mtu":1400,"colour":"red"}' >one.orders
	[[ $(sessions pid) == 77 ]]
}

@test "what a newer plugin says besides is ignored, what another one leaves out has a default, and what cannot be is said in words" {
	dial one '{"ifname":"ppp7","user":"dave","modem":{"names":["x",1,null]},"retries":-1}' "{\"ifindex\":$ifindex,\"lease\":{},\"weight\":0.5}"
	is "$(reply one 2 .parameters.state)" open
	# methods and members that this masqd does not have
	echo 'UpIpv9 {"ifindex":1}' >one.orders
	until_true is_up
	is "$(sessions mtu)" 1400
	passes c3 203.0.113.1
	run -1 call $GATEWAY.UpIpv9 '{}'
	is "$(gojq -c <<<"$output")" "{\"error\":\"org.varlink.service.MethodNotFound\",\"parameters\":{\"method\":\"$GATEWAY.UpIpv9\"}}"
	run -1 call org.masqgate.Gateway2.Admit '{}'
	is "$(gojq -c <<<"$output")" '{"error":"org.varlink.service.InterfaceNotFound","parameters":{"interface":"org.masqgate.Gateway2"}}'
	# the least that can be said of a line
	call $GATEWAY.Admit '{"line":{"ifname":"ppp8"}}' >admitted
	is "$(gojq -c '.parameters | [.policy, .address]' admitted)" '["dialup","192.168.0.101"]'
	# members of another type than they are here
	run -1 call $GATEWAY.Admit '{"line":{"ifname":["ppp8"]}}'
	[[ $output == *InvalidParameter*line.ifname* ]]
	run -1 call +$GATEWAY.Open '{"line":{"ifname":"ppp8"},"serial":"7","started":1,"ifindex":1,"local":"192.168.0.1","address":"192.168.0.101"}'
	[[ $output == *InvalidParameter*serial* ]]
	run -1 call $GATEWAY.Open '{"line":{"ifname":"ppp8"},"serial":7,"started":1,"ifindex":1,"local":"192.168.0.1","address":"192.168.0.101"}'
	[[ $output == *ExpectedMore* ]]
	is "$(sessions state)" open
	passes c3 203.0.113.1
}
