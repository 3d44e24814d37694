#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Scenario 7: alice has 192.168.0.130 and a server that goes on talking to her; she hangs
# up, and bob gets her address.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

SHARED=192.168.0.130
TALK='udp and src host 198.51.100.7 and src port 7'

# alice_is_talked_to PORT: alice gets the server to talk to her port for two minutes.
alice_is_talked_to()
{
	dial alice modem6 masq-policy single && has_address alice $SHARED || return
	capture_start alice any "$WORK/alice.pcap"
	echo talk | in_ns alice socat -u - "UDP:$FAR:7,sourceport=$1" || return
	wait_for 30 record_has "$WORK/alice.pcap" "$TALK"
	capture_stop "$WORK/alice.pcap"
}

# still_talking PORT: the server's packets for alice arrive at the gateway's door.
still_talking()
{
	local before
	before=$(seen isp "$TALK and dst port $1")
	wait_for 10 seen_more isp "$TALK and dst port $1" $((before + 5))
}

seen_more() { (($(seen "$1" "$2") > $3)); }

bob_watches()
{
	[[ -e /run/netns/bob ]] || ns_add bob || return
	capture_start bob any "$WORK/bob.pcap"
}

# bob_saw_nothing_of PORT
bob_saw_nothing_of()
{
	capture_stop "$WORK/bob.pcap" || return
	tcpdump -n -c 5 -r "$WORK/bob.pcap" "$TALK and dst port $1"
	[[ $(capture_count "$WORK/bob.pcap" "$TALK and dst port $1") == 0 ]]
}

# conntrack_of_alice PORT
conntrack_of_alice() { in_ns gw conntrack -L -p udp 2>/dev/null | grep -q "src=$SHARED .*sport=$1 "; }

@test "7: masqd alive: the next holder gets nothing of the last one's flow" {
	alice_is_talked_to 5000
	bob_watches
	hangup alice
	dial bob modem3 masq-policy single
	has_address bob $SHARED
	still_talking 5000
	[[ $(ask udp bob $FAR 5002) == "$(public) "* ]]
	bob_saw_nothing_of 5000
	not conntrack_of_alice 5000
	hangup bob
}

@test "7: masqd killed: nor does he, before and after its return" {
	alice_is_talked_to 5500
	masqd_kill
	bob_watches
	hangup alice
	dial bob modem3 masq-fail-open masq-policy single "$GATEWAY:$SHARED"
	has_address bob $SHARED
	conntrack_of_alice 5500
	still_talking 5500
	masqd_start
	masqctl -q wait user=bob address=$SHARED state=open
	wait_for 20 not conntrack_of_alice 5500
	still_talking 5500
	[[ $(ask udp bob $FAR 5002) == "$(public) "* ]]
	bob_saw_nothing_of 5500
	hangup bob
}
