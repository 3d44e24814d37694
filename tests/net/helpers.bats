#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Connection tracking helpers: what they let pass, for whom, and what not. In the picture of gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

setup()
{
	gateway_setup helpers
	ftp=$BATS_TEST_DIRNAME/ftp
}

teardown() { gateway_teardown; }

serve_ftp()
{
	background ip netns exec "$ns-$1" "$ftp" serve >"ftp-$1" 2>&1
	until_true grep -q ready "ftp-$1"
}

# fetches NAMESPACE active|passive [ADDRESS[:PORT]]
fetches() { is "$(within "$1" "$ftp" "$2" "${3-$SERVER}")" "a file"; }

# With active FTP the server opens the data connection, to a private address that only a helper translates.
@test "active FTP works with the helper, for the clients of that policy only" {
	conf 'policy dialup { helpers = { "ftp" } }' 'policy friends { }'
	ctl reload
	serve_ftp isp
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	fetches c1 active
	fetches c1 passive
	fetches c2 passive
	is "$(grep -c '^port 203.0.113.1$' ftp-isp)" 1
	is "$(within c2 "$ftp" active $SERVER)" "timed out"
	# the data connection was the session's own
	is "$(within gw conntrack -L 2>/dev/null | grep -c "src=203.0.113.9 dst=203.0.113.1 .*src=192.168.0.100 .*mark=1 ")" 1
	# and nothing else was let in
	is "$(heard_as tcp isp 192.168.0.100)" -
	in_table 'ct helper ftp_tcp'
	not in_table 'irc'
	conf 'policy dialup { }'
	ctl reload
	is "$(within c1 "$ftp" active $SERVER)" "timed out"
	not in_table 'ct helper'
}

@test "rules that allow a connection allow what its helper expects, and nothing more" {
	conf 'policy dialup { helpers = { "ftp" } rules = { "allow tcp 21", "deny any" } }'
	ctl reload
	serve_ftp isp
	attach cl1 192.168.0.100
	fetches c1 passive
	fetches c1 active
	blocked c1
	conf 'policy dialup { rules = { "allow tcp 21", "deny any" } }'
	ctl reload
	run -0 within c1 "$ftp" passive $SERVER
	[[ $output != "a file" ]]
}

@test "a forwarded FTP server is reached by passive FTP" {
	conf 'policy dialup { helpers = { "ftp" } forwards = { "ftp tcp 21" } }'
	ctl reload
	serve_ftp c1
	attach cl1 192.168.0.100
	fetches isp passive 203.0.113.1
	fetches isp active 203.0.113.1
	is "$(heard_as tcp isp 203.0.113.1:22)" -
	conf 'policy dialup { forwards = { "ftp tcp 21" } }'
	ctl reload
	run -0 within isp "$ftp" passive 203.0.113.1
	[[ $output != "a file" ]]
}

@test "the end of a session ends what its helper has let in" {
	conf 'policy dialup { helpers = { "ftp" } }'
	ctl reload
	serve_ftp isp
	attach cl1 192.168.0.100
	fetches c1 active
	in_conntrack 'src=203.0.113.9 dst=203.0.113.1'
	ctl detach cl1
	until_true not in_conntrack 192.168.0.100
}

@test "every helper is assigned, and listed" {
	conf 'policy dialup { helpers = { "pptp", "ftp", "tftp", "irc", "sip" } }'
	ctl reload
	attach cl1 192.168.0.100
	for rule in 'tcp dport 21 ct helper set "ftp_tcp"' 'tcp dport 6667 ct helper set "irc_tcp"' 'udp dport 5060 ct helper set "sip_udp"' \
		'tcp dport 5060 ct helper set "sip_tcp"' 'udp dport 69 ct helper set "tftp_udp"' 'tcp dport 1723 ct helper set "pptp_tcp"'; do
		in_table "$rule"
	done
	is "$(ctl show cl1 --json | gojq -c '.sessions[0].helpers')" '["ftp","irc","sip","tftp","pptp"]'
	within gw nft list ruleset >/dev/null
}
