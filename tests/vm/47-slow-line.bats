#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Scenario 47: a line that really is slow. What goes to it waits in our queue, where an interactive packet overtakes a download.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

SPEED=38400

# The one line is paced, the others are what they are.
eval "fast_$(declare -f wire)"
wire()
{
	[[ $1 == slowbox ]] || { fast_wire "$@" && return; }
	start "$1.line" - "$BATS_TEST_DIRNAME/paced-line" $SPEED "$TTYS/$2" "$WORK/$2.far" &&
		wait_for 20 test -e "$TTYS/$2" -a -e "$WORK/$2.far"
}

slowbox_up()
{
	grep -q 'policy cable' $CONF || {
		echo 'policy cable { pool = "single"  rate = line }' >>$CONF
		masqctl reload
	}
	line_is_up slowbox || { line_down slowbox && LINE_SPEED=$SPEED dial slowbox modem7 noccp masq-policy cable -- noccp; } || return
	masqctl -q wait user=slowbox state=open
}

# backlog: bytes that wait for the line.
backlog() { in_ns gw tc -j -s qdisc show dev "$(line_if slowbox gw)" | gojq '.[] | select(.root) | .backlog'; }
waits() { (($(backlog) >= $1)); }

# came: bytes that have come over the line.
came() { ip -n slowbox -j -s link show "$(line_if slowbox)" | gojq '.[0].stats64.rx.bytes'; }

@test "47: the tty's speed says the rates, and segments are short" {
	slowbox_up
	run -0 column speed,rate-down,rate-up,mss user=slowbox
	read -ra got <<<"$output"
	[[ ${got[*]} == "$SPEED 29184 30720 689" ]]
	run -0 in_ns gw tc qdisc show dev "$(line_if slowbox gw)"
	[[ $output == *'htb 4d47: root'*fq_codel* ]]
	[[ $(ask tcp slowbox $FAR) == "$(public) "* ]]
}

@test "47: an interactive packet overtakes the download" {
	slowbox_up
	for n in 1 2 3; do
		start bulk.$n slowbox bash -c "exec 4<>/dev/tcp/$FAR/80; printf 'GET /bytes/1000000 HTTP/1.0\r\n\r\n' >&4; exec cat <&4"
	done
	wait_for 60 waits 8000
	waiting=$(backlog)
	before=$(came)
	pings slowbox $FAR 1
	after=$(came)
	echo "waiting before $waiting, came meanwhile $((after - before))"
	((after - before < waiting))
	for n in 1 2 3; do
		stop bulk.$n
	done
	line_down slowbox
}

@test "47: what a client sends above its rate is dropped, and counted" {
	grep -q 'policy trickle' $CONF || {
		echo 'policy trickle { pool = "dialin"  rate-up = 64kbit }' >>$CONF
		masqctl reload
	}
	dial pusher modem6 masq-policy trickle
	in_ns pusher bash -c "for ((i = 0; i < 300; i++)); do printf '%500d' 0 >/dev/udp/$FAR/9; done"
	arrived=$(seen isp "udp dst port 9 and src host $(public)")
	dropped=$(column drops-up user=pusher)
	echo "arrived $arrived, dropped $dropped"
	((arrived > 0 && dropped > 0 && arrived + dropped == 300))
	pings pusher $FAR
	hangup pusher
}
