#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# What a policy allows and how long, with real pppd.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

POLICIES='
policy visitor { pool = "dialin" isolate-lan = yes gateway-services = { } rules = { "deny tcp 80", "allow any" } }
policy friend { pool = "dialin" isolate = no proxy-arp = yes }
policy brief { pool = "dialin" session-timeout = 8 }
policy quiet { pool = "dialin" idle-timeout = 6 }
policy once { pool = "dialin" sessions-per-user = 1 duplicate = replace }'

setup()
{
	gateway_up
	grep -q 'policy visitor' $CONF || {
		echo "$POLICIES" >>$CONF
		masqctl -q reload
	}
}

# address NAME: what the client got.
address() { column address user="$1"; }

@test "policies: a guest reaches the Internet by its rules, and nothing inside" {
	anybox_up
	dial alice modem6 masq-policy visitor
	pings alice $FAR
	not in_ns alice timeout 3 bash -c ": </dev/tcp/$FAR/80"
	not pings alice $LANHOST 2
	not pings alice $GATEWAY 2
	not pings alice $ANYBOX 2
	not pings anybox "$(address alice)" 2
	run -1 masqctl explain user=alice to $FAR:80
	[[ $output == *'"deny tcp 80"'* ]]
	masqctl explain user=alice to $FAR
	hangup alice
}

@test "policies: two who are not isolated reach each other, one who is does not" {
	anybox_up
	dial alice modem6 masq-policy friend
	dial bob modem5 masq-policy friend
	pings alice "$(address bob)"
	pings bob "$(address alice)"
	not pings alice $ANYBOX 2
	lan_finds "$(address bob)"
	hangup alice
	hangup bob
}

@test "policies: a session ends when its time is over, and the peer is told" {
	dial alice modem6 masq-policy brief
	wait_for 60 has_ended alice.client
	said alice.client 'rcvd \[LCP TermReq .*session timeout'
	said masqd 'alice on ppp[0-9]+ [0-9.]+: closed: session timeout'
	line_ended alice
}

@test "policies: who is silent is hung up, whatever is sent to him; who speaks stays" {
	dial alice modem6 masq-policy quiet
	dial bob modem5 masq-policy quiet
	start bob.ping bob ping -q -i 0.5 $FAR
	wait_for 60 has_ended alice.client
	said alice.client 'rcvd \[LCP TermReq .*idle timeout'
	[[ $(column state user=bob) == open ]]
	stop bob.ping
	wait_for 60 has_ended bob.client
	line_ended alice
	line_ended bob
}

@test "policies: a second session of the same user takes the first one's place" {
	dial alice modem6 masq-policy once
	dial again modem5 masq-policy once -- user alice
	wait_for 60 has_ended alice.client
	said alice.client 'rcvd \[LCP TermReq .*replaced by a new session of the same user'
	pings again $FAR
	line_ended alice
	hangup again
}
