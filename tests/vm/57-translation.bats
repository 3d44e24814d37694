#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# As whom clients appear outside, with real pppd on both sides of the gateway: an address that their policy
# chooses, blocks of ports, and who it was.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

CHOSEN=111.222.121.220
POLICIES="
policy chosen { nat = snat snat-address = \"$CHOSEN\" pool = \"dialin\" }
policy block { port-block = 1024 pool = \"dialin\" }"

setup()
{
	gateway_up
	grep -q 'policy chosen' $CONF || {
		echo "$POLICIES" >>$CONF
		masqctl -q reload
	}
}

# comes_from NAME ADDRESS FIRST-LAST: by TCP, UDP and ping, from these ports.
comes_from()
{
	local kind answer first=${3%-*} last=${3#*-} before
	for kind in tcp udp; do
		answer=$(ask $kind "$1" $FAR)
		echo "$1, $kind: $answer"
		[[ $answer == "$2 "* ]] && ((first <= ${answer#* } && ${answer#* } <= last)) || return
	done
	before=$(seen isp "src $2 and icmp[icmptype] == icmp-echo and icmp[4:2] >= $first and icmp[4:2] <= $last")
	pings "$1" $FAR && (($(seen isp "src $2 and icmp[icmptype] == icmp-echo and icmp[4:2] >= $first and icmp[4:2] <= $last") >= before + 3))
}

ports() { column ports user="$1"; }
whose() { masqctl who "$@" --no-headings -o user,ports,by | tr -s ' '; }

@test "translation: an address that the policy chooses, once the uplink has it" {
	dial alice modem6 masq-policy chosen
	ip -n isp route replace $CHOSEN dev "$(line_if uplink isp)"
	not pings alice $FAR 2
	run masqctl status
	[[ $output == *"snat-address $CHOSEN is no uplink's"*"hint: ip route add local $CHOSEN dev isp0"* ]]
	in_ns gw ip route add local $CHOSEN dev isp0
	comes_from alice $CHOSEN 1-65535
	[ "$(seen isp "$PRIVATE")" -eq 0 ]
	hangup alice
}

@test "translation: two clients with a block each, and who is who now and later" {
	local bob
	dial alice modem6 masq-policy block
	dial bob modem5 masq-policy block
	bob=$(ports bob)
	[[ $(ports alice) == *-* && $bob == *-* && $bob != "$(ports alice)" ]]
	comes_from alice $PUBLIC "$(ports alice)"
	comes_from bob $PUBLIC "$bob"
	[[ $(whose $PUBLIC:"${bob%-*}") == "bob $bob block" ]]
	# who has no block keeps out of them
	anybox_up
	comes_from anybox $PUBLIC 1024-9999
	hangup bob
	masqctl -q wait --gone user=bob
	not masqctl who $PUBLIC:"${bob%-*}"
	run -0 masqctl history --no-headings -o user,public,ports user=bob
	[[ $(tr -s ' ' <<<"${lines[0]}") == "bob $PUBLIC $bob" ]]
	dial bob modem5 masq-policy block
	[[ $(ports bob) == "$bob" ]]
	hangup bob
	hangup alice
}

@test "translation: the block is the same over a killed masqd and another address of the uplink" {
	local block
	dial alice modem6 masq-policy block
	block=$(ports alice)
	masqd_kill
	comes_from alice "$(public)" "$block"
	masqd_start
	masqctl -q wait user=alice state=open
	uplink_hangup
	uplink_dial 111.222.121.213
	comes_from alice 111.222.121.213 "$block"
	[[ $(ports alice) == "$block" && $(column public user=alice) == 111.222.121.213 ]]
	[[ $(whose 111.222.121.213:"${block%-*}") == "alice $block block" ]]
	comes_from alice 111.222.121.213 "$block"
	hangup alice
	uplink_hangup
	uplink_dial $PUBLIC
}
