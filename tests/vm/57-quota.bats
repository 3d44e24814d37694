#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Quotas with real pppd: what a user has used is his over redials and a restart of masqd, and what is used up ends the line.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

POLICIES='
policy counted { pool = "dialin" quota = 10M }
policy metered { pool = "dialin" quota-up = 60K quota-period = month }'

setup()
{
	gateway_up && scripts_watch
	grep -q 'policy metered' $CONF || {
		echo "$POLICIES" >>$CONF
		masqctl -q reload
	}
}

teardown_file()
{
	rm -f /etc/ppp/ip-pre-up /etc/ppp/ip-up /etc/ppp/ipv6-up
	lines_down
}

used() { column quota-used-up user="$1"; }
has_used() { (($(used "$1") >= $2)); }

# pumps NAME PACKETS: of 1000 bytes each.
pumps() { in_ns "$1" ping -q -n -i 0.05 -c "$2" -s 972 $FAR >/dev/null; }

@test "quota: what is used is kept over a redial and a killed masqd, and nothing counts twice" {
	dial alice modem6 masq-policy counted
	pumps alice 20
	wait_for 30 has_used alice 20000
	masqd_kill
	pumps alice 20
	masqd_start
	masqctl -q wait user=alice state=open
	wait_for 30 has_used alice 40000
	hangup alice
	masqctl -q wait --gone user=alice
	dial alice modem5 masq-policy counted
	masqctl -q wait user=alice state=open
	has_used alice 40000
	not has_used alice 60000
	hangup alice
}

@test "quota: used up, the line is hung up with the reason and refused, until it is reset" {
	dial bob modem6 masq-policy metered
	pumps bob 80 || :
	wait_for 60 has_ended bob.client
	said bob.client 'rcvd \[LCP TermReq .*the quota is used up until [0-9-]+ 00:00'
	line_ended bob
	masqd_kill
	masqd_start
	scripts_watch
	dial_start bob modem5 masq-policy metered
	refused bob modem5 'the quota is used up until'
	said masqd 'refused: bob on ppp[0-9]+: the quota is used up until'
	masqctl -q reset-quota bob
	dial bob modem6 masq-policy metered
	pings bob $FAR
	hangup bob
}
