# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# What the scenarios share: picture one of guest.sh with masq-arpd and masqd on the gateway,
# the shipped configuration in force, and everything recorded that the far server's side and
# the LAN see. It is built by the first test that needs it and stands for all files, since
# dialling is slow; a test that fails takes it down, and the next one builds it anew.

bats_require_minimum_version 1.5.0
# BATS notes where it is before each command, which takes long in an emulated machine. So it does when one fails.
set +T
eval "usual_$(declare -f bats_error_trap)"
bats_error_trap()
{
	local status=$?
	[[ -n ${BATS_DEBUG_LAST_STACK_TRACE_IS_VALID-} ]] || bats_capture_stack_trace
	(exit $status) || usual_bats_error_trap
}

# One place for all files: processes are known by their files in it.
export WORK=$BATS_SUITE_TMPDIR/gateway
mkdir -p "$WORK"
# shellcheck source=tests/vm/guest.sh disable=SC1091
. "$BATS_TEST_DIRNAME/guest.sh"
load ../first-try

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
CONF=/etc/masqgate/masqd.conf
ANYBOX=192.168.0.100
LANHOST=192.168.0.2
# Sources that must not be seen outside.
PRIVATE='src net 10.0.0.0/8 or src net 172.16.0.0/12 or src net 192.168.0.0/16'

# Seconds are long in an emulated machine, and several pppd wait for each other: what fails is tried once more, from nothing.
# Both are told, with the logs, and what was recorded is looked at in the end whatever has become of the scenario.
setup_file() { export BATS_TEST_RETRIES=1; }

setup() { gateway_up; }

teardown()
{
	[[ -z ${BATS_TEST_COMPLETED-} ]] || return 0
	show_logs
	tell_first_try show_logs
	gateway_down
}

teardown_file() { lines_down; }

show_logs()
{
	local log
	masqctl list || :
	for log in "$WORK"/*.log; do
		[[ $log != */fetch.log ]] || continue
		echo "---- ${log##*/}"
		tail -n 40 "$log"
	done
}

# ---- the gateway

# The shipped configuration is picture one; the rest is for lines that ask for it.
write_picture_one()
{
	cp "$TOP/conf/masqd.conf" $CONF
	cat >>$CONF <<'CONF'
pool single { range = { "192.168.0.130" } }
policy single { proxy-arp = yes  pool = "single" }
CONF
}

masqd_start()
{
	start masqd gw masqd -v && wait_for 60 masqd_settled && is_running masqd
}
masqd_settled() { has_ended masqd || masqctl -q wait ready --timeout 1; }
masqd_kill() { stop masqd KILL; }
arpd_start() { start masq-arpd gw masq-arpd -v && wait_for 30 said masq-arpd ready; }

# What an installation has in sysctl.d: interfaces that are still to come do not forward.
installed_sysctl() { in_ns gw sysctl -qp "$TOP/conf/60-masqgate.conf"; }

records_start()
{
	local ns
	for ns in isp lan; do
		[[ ! -e $WORK/$ns.pcap ]] || mv "$WORK/$ns.pcap" "$WORK/$ns.before-$SRANDOM.pcap"
		capture_start $ns any "$WORK/$ns.pcap" || return
	done
}

gateway_up()
{
	if [[ ! -e $WORK/stands ]]; then
		mkdir -p /etc/masqgate && cp "$TOP/conf/arpd.conf" /etc/masqgate/ && write_picture_one &&
			net_up_isp && lan_up && installed_sysctl && records_start && server_start isp $FAR &&
			arpd_start && masqd_start && uplink_dial $PUBLIC && : >"$WORK/stands"
		return
	fi
	is_running masq-arpd || arpd_start || return
	is_running masqd || masqd_start || return
	line_is_up uplink isp || uplink_dial $PUBLIC
}

gateway_down()
{
	rm -f "$WORK/stands"
	net_down
}

# public: the gateway's address at its provider now.
public() { ip -n gw -4 -o address show dev isp0 | awk '{ print $4 }'; }

# ether_of NS IF
ether_of() { ip -n "$1" -o link show dev "$2" | sed -E 's/.*link\/ether ([^ ]+).*/\1/'; }

# ---- lines

# line_down NAME: whatever of it is there.
line_down() { stop "$1.client" && stop "$1.gw" && stop "$1.line"; }

# All lines but the uplink.
lines_down()
{
	local file name
	for file in "$WORK"/*.line.pid; do
		[[ -e $file ]] || continue
		name=${file##*/} name=${name%.line.pid}
		[[ $name == uplink ]] || line_down "$name" || return
	done
}

# Anybox is there, as the shipped configuration has it.
anybox_up()
{
	line_is_up anybox || { line_down anybox && dial anybox modem2; } || return
	masqctl -q wait user=anybox state=open
}

# column NAME FILTER...: of the sessions that match.
column() { masqctl list --no-headings --raw -o "$@"; }

# refused NAME TTY PATTERN: the peer was told this before any network protocol, pppd ended
# with 11, and no script was told that a line is up.
refused()
{
	wait_for 120 has_ended "$1.gw" && line_ended "$1" || return
	said "$1.client" "rcvd \[LCP TermReq .*$3" || { echo "the peer was not told: $3" && return 1; }
	not said "$1.client" '(IPCP|IPV6CP) Conf(Ack|Nak)' || { echo "a network protocol has begun" && return 1; }
	[[ $(exit_status "$1.gw") == 11 ]] || { echo "exit status $(exit_status "$1.gw")" && return 1; }
	not grep "/$2" "$WORK/scripts" || { echo "scripts have run" && return 1; }
}

# scripts_watch: from now on $WORK/scripts has a line for each script of pppd, "NAME TTY".
scripts_watch()
{
	local name
	for name in ip-pre-up ip-up ipv6-up; do
		printf '#!/bin/sh\necho "%s $%d" >>%q\n' $name 2 "$WORK/scripts" >/etc/ppp/$name
		chmod 755 /etc/ppp/$name
	done
	: >"$WORK/scripts"
}

# ---- looking

# seen isp|lan FILTER: prints how many such packets were seen there since the record began.
# A ping of the gateway's, behind all that it has sent there, and a packet of our own, behind
# all that has come, show that the record is complete.
seen()
{
	local file=$WORK/$1.pcap port=$((20000 + SRANDOM % 40000)) to=$LANHOST

	[[ $1 == lan ]] || to=$ISP
	pings gw $to 1 || return
	echo >"$WORK/mark"
	in_ns "$1" socat -u "$WORK/mark" "UDP:127.0.0.1:$port" || return
	wait_for 30 record_has "$file" "udp dst port $port and dst host 127.0.0.1" &&
		capture_count "$file" "$2"
}

record_has() { [[ $(capture_count "$1" "$2") != 0 ]]; }

# knock NS: packets of every kind to the far server, the LAN and beyond; whether they are
# answered does not matter.
knock()
{
	local to
	for to in $FAR $LANHOST; do
		in_ns "$1" ping -q -n -c 2 -i 0.2 -W 1 "$to" || :
		in_ns "$1" timeout 1 bash -c "echo knock >/dev/udp/$to/7; : </dev/tcp/$to/80" || :
	done >/dev/null 2>&1
}

# fetch NS bytes|slowly BYTES: a page of so many bytes from the far server, as it came.
fetch()
{
	printf 'GET /%s/%d HTTP/1.0\r\n\r\n' "$2" "$3" | in_ns "$1" socat -t 300 -T 60 - TCP:$FAR:80
}

# page BYTES: what fetch prints.
page()
{
	printf 'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n'
	yes 0123456789abcde | head -c "$1"
}

# ---- a LAN host

# lan_finds ADDRESS: by ARP, at the gateway's Ethernet address.
lan_finds()
{
	in_ns lan arping -c 1 -w 5 -I eth0 "$1" | grep -qiF "[$(ether_of gw eth0)]"
}

# lan_finds_nobody ADDRESS: nobody answers.
lan_finds_nobody() { in_ns lan arping -c 2 -w 2 -I eth0 "$1" | grep -q 'Received 0 '; }

# published ADDRESS: in the gateway's kernel.
published() { ip -n gw neigh show proxy | grep -qF "$1 "; }
