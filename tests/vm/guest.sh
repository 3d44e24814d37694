# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The HOWTO's two pictures, built from network namespaces and real pppd pairs on pty
# pairs, for scripts and BATS files that run inside the machine of tests/vm/run.
#
#  one:  isp ══ PPP modem1 ══ gw ══ PPP (or SLIP) modem2, modem3 ... ══ anybox, ...
#        111.222.121.1        isp0 111.222.121.212                     192.168.0.100
#        far server           eth0 192.168.0.1/24 ── lan eth0 192.168.0.2
#        198.51.100.7
#
#  two:  isp ══ PPP modem1 ══ gw eth1 192.168.0.1/24 ── switch ─┬─ abox .2
#                                                               ├─ bbox .3
#                                                               └─ cbox .4
#
# Everything returns a status and explains a failure on stderr. $WORK holds, for each
# process NAME: NAME.log (what it said), NAME.pid, and, once it ended, NAME.status.
# A line to anybox is three processes: anybox.gw and anybox.client (the two pppd)
# and anybox.line (the wire).
#
# PLUGIN  what the gateway's pppd loads (masq.so); empty: nothing, plain pppd
# WORK    folder for logs (a new temporary one)
# TTYS    folder where the gateway's lines appear (/dev)

: "${PLUGIN=masq.so}" "${TTYS:=/dev}" "${WORK:=$(mktemp -d)}"
export WORK
here_guest=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

GATEWAY=192.168.0.1
ISP=111.222.121.1
PUBLIC=111.222.121.212
FAR=198.51.100.7

# ---- waiting and processes

# not COMMAND...: for wait_for.
not() { ! "$@"; }

# wait_for SECONDS COMMAND...: until COMMAND succeeds; says what did not come true.
wait_for()
{
	local limit=$1 end=$((SECONDS + $1))
	shift

	until "$@" >/dev/null 2>&1; do
		if ((SECONDS >= end)); then
			echo "wait_for: not true within $limit s: $*" >&2
			return 1
		fi
		sleep 0.1
	done
}

# in_ns NS COMMAND...
in_ns()
{
	local ns=$1
	shift
	ip netns exec "$ns" "$@"
}

# close_others: all files but the first three. BATS waits for whoever has its own.
close_others()
{
	local fd
	for fd in /proc/"$BASHPID"/fd/*; do
		fd=${fd##*/}
		((fd <= 2)) || exec {fd}>&-
	done
}

# start NAME NS COMMAND...: in the background, under a name; NS "-" is where we are.
start()
{
	local name=$1 ns=$2 status=0
	shift 2

	[[ $ns == - ]] || set -- ip netns exec "$ns" "$@"
	rm -f "$WORK/$name.pid" "$WORK/$name.status"
	(
		close_others
		"$@" &
		echo $! >"$WORK/$name.pid"
		wait $! || status=$?
		echo $status >"$WORK/$name.status"
	) </dev/null >"$WORK/$name.log" 2>&1 &
	wait_for 20 test -s "$WORK/$name.pid"
}

has_ended() { [[ -s $WORK/$1.status ]]; }
is_running() { [[ -s $WORK/$1.pid ]] && ! has_ended "$1"; }

# exit_status NAME: prints it, once the process has ended.
exit_status() { wait_for 30 has_ended "$1" && cat "$WORK/$1.status"; }

# send_signal NAME SIGNAL
send_signal() { kill -s "$2" "$(<"$WORK/$1.pid")"; }

# stop NAME [SIGNAL]: and wait for its end.
stop()
{
	is_running "$1" || return 0
	send_signal "$1" "${2-TERM}" 2>/dev/null || :
	wait_for 30 has_ended "$1"
}

# said NAME PATTERN: whether the process has said it (extended regular expression).
said() { grep -qaE -e "$2" "$WORK/$1.log"; }

# ---- networks

ns_add()
{
	ip netns add "$1" && ip -n "$1" link set lo up
}

# veth NS IF NS IF
veth() { ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"; }

# host_up NS IF ADDRESS/LEN [GATEWAY]
host_up()
{
	ip -n "$1" address add "$3" dev "$2" && ip -n "$1" link set "$2" up || return
	[[ -z ${4-} ]] || ip -n "$1" route add default via "$4"
}

# net_up_isp: the namespaces isp, with the far server's address, and gw, a router.
net_up_isp()
{
	ns_add isp && ns_add gw || return
	ip -n isp address add $FAR/32 dev lo
	in_ns gw sysctl -qw net.ipv4.ip_forward=1
}

# lan_up: the LAN of picture one, with the host lan.
lan_up()
{
	ns_add lan && veth gw eth0 lan eth0 || return
	host_up gw eth0 $GATEWAY/24 && host_up lan eth0 192.168.0.2/24 $GATEWAY
}

# boxes_up: the Ethernet of picture two, with abox, bbox and cbox on a switch.
boxes_up()
{
	local box port=2

	ns_add switch && ip -n switch link add br0 type bridge && ip -n switch link set br0 up &&
		veth gw eth1 switch gw && ip -n switch link set gw master br0 up &&
		host_up gw eth1 $GATEWAY/24 || return
	for box in abox bbox cbox; do
		ns_add $box && veth $box eth0 switch $box &&
			ip -n switch link set $box master br0 up &&
			host_up $box eth0 192.168.0.$port/24 $GATEWAY || return
		port=$((port + 1))
	done
}

# net_down: ends every process that start started, and removes all namespaces.
net_down()
{
	local file ns

	for file in "$WORK"/*.pid; do
		[[ -e $file ]] || continue
		file=${file##*/}
		stop "${file%.pid}" KILL || :
	done
	for ns in $(ip netns list | awk '{ print $1 }'); do
		ip netns delete "$ns"
	done
}

# ---- lines

# wire NAME TTY: a pty pair; the gateway's end is $TTYS/TTY, the other $WORK/TTY.far.
# Two names: pppd's lock is by the last part of the path.
wire()
{
	start "$1.line" - socat "PTY,link=$TTYS/$2,raw,echo=0" "PTY,link=$WORK/$2.far,raw,echo=0" &&
		wait_for 20 test -e "$TTYS/$2" -a -e "$WORK/$2.far"
}

# pppd_start NAME NS TTY OPTION... At LINE_SPEED bit/s (115200). What one end says before the other listens is lost, and
# pppd would try again after three seconds only.
pppd_start()
{
	local name=$1 ns=$2 tty=$3
	shift 3
	start "$name" "$ns" pppd "$tty" "${LINE_SPEED-115200}" nodetach local debug nocrtscts lcp-restart 1 "$@"
}

# has_address NS ADDRESS
has_address() { ip -n "$1" -4 -o address show | grep -qF " inet $2"; }

# uplink_dial [ADDRESS]: the gateway dials its provider and gets ADDRESS on isp0.
uplink_dial()
{
	local address=${1-$PUBLIC}

	wire uplink modem1 &&
		pppd_start uplink.isp isp "$WORK/modem1.far" noauth noipv6 "$ISP:$address" &&
		pppd_start uplink.gw gw "$TTYS/modem1" noauth noipv6 noipdefault \
			defaultroute ifname isp0 &&
		wait_for 120 line_settled uplink isp && line_is_up uplink isp
}

# uplink_hangup: the gateway hangs up; isp0 is gone afterwards.
uplink_hangup() { stop uplink.gw && line_ended uplink isp; }

# secret USER: a CHAP secret that both ends know.
secret()
{
	grep -qF "\"$1\" gw " /etc/ppp/chap-secrets ||
		printf '"%s" gw "secret of %s" *\n' "$1" "$1" >>/etc/ppp/chap-secrets
}

# line_is_up NAME [FAR-END]
line_is_up()
{
	local end
	for end in gw "${2-client}"; do
		is_running "$1.$end" && said "$1.$end" 'remote IP address' || return
	done
}

# line_settled NAME [FAR-END]: up at both ends, or given up by one.
line_settled()
{
	line_is_up "$@" || has_ended "$1.gw" || has_ended "$1.${2-client}"
}

# line_if NAME gw|client: the interface of that end.
line_if()
{
	sed -nE 's/^(Using interface|Renamed interface .* to) ([^ ]+)$/\2/p' "$WORK/$1.$2.log" |
		tail -n 1
}

# dial_start NAME TTY [GATEWAY-OPTION...] [-- CLIENT-OPTION...]: NAME (a namespace, made
# when missing) dials in on the gateway's line TTY as user NAME.
dial_start()
{
	local name=$1 tty=$2 gw=("$GATEWAY:" auth require-chap name gw)
	shift 2

	if [[ -n $PLUGIN ]]; then
		gw+=(plugin "$PLUGIN")
	else
		gw=("$GATEWAY:192.168.0.100" noipv6 proxyarp "${gw[@]:1}")
	fi
	while (($#)) && [[ $1 != -- ]]; do
		gw+=("$1") && shift
	done
	[[ ${1-} != -- ]] || shift
	[[ -e /run/netns/$name ]] || ns_add "$name" || return
	secret "$name"
	wire "$name" "$tty" &&
		pppd_start "$name.gw" gw "$TTYS/$tty" "${gw[@]}" &&
		pppd_start "$name.client" "$name" "$WORK/$tty.far" noauth noipdefault defaultroute \
			user "$name" remotename gw "$@"
}

# dial ...: as dial_start, then waits; success is a line that is up.
dial()
{
	dial_start "$@" && wait_for 120 line_settled "$1" && line_is_up "$1"
}

# line_ended NAME [FAR-END]: waits until both ends and the wire are gone.
line_ended()
{
	wait_for 60 has_ended "$1.gw" && wait_for 60 has_ended "$1.${2-client}" &&
		stop "$1.line"
}

# hangup NAME: the client hangs up, as it should.
hangup() { stop "$1.client" && line_ended "$1"; }

# slip_dial NAME TTY ADDRESS: NAME becomes a SLIP client of the gateway, whose end of
# the line gets the name that the kernel gave it: sl0, sl1 ...
slip_dial()
{
	local name=$1 tty=$2 address=$3 gw client

	[[ -e /run/netns/$name ]] || ns_add "$name" || return
	wire "$name" "$tty" || return
	slip_end gw "$name.gw" "$TTYS/$tty" && gw=$slip_interface || return
	slip_end "$name" "$name.client" "$WORK/$tty.far" && client=$slip_interface || return
	ip -n gw address add $GATEWAY peer "$address" dev "$gw" && ip -n gw link set "$gw" up &&
		ip -n "$name" address add "$address" peer $GATEWAY dev "$client" &&
		ip -n "$name" link set "$client" up &&
		ip -n "$name" route add default via $GATEWAY
}

# slip_end NS PROCESS TTY: slattach; the kernel makes its interface in the first
# namespace, whoever asks, so it is moved. Sets slip_interface.
slip_end()
{
	start "$2" - slattach -p slip -s 115200 -L "$3" && wait_for 30 slip_found || return
	slip_interface=$(slip_found)
	ip link set "$slip_interface" netns "$1"
}

slip_found() { ip -o link show | grep -oE '\bsl[0-9]+\b' | head -n 1 | grep .; }

# slip_hangup NAME
slip_hangup() { stop "$1.client" && stop "$1.gw" && stop "$1.line"; }

# ---- looking and talking

# capture_start NS IF FILE [FILTER]: the packets' beginnings; tcpdump runs when this returns.
# IF "any" also follows interfaces that come later.
capture_start()
{
	local name
	name=capture.$(basename "$3")

	start "$name" "$1" tcpdump -Z root -n -s 128 -U --immediate-mode -i "$2" -w "$3" ${4:+"$4"} &&
		wait_for 30 said "$name" 'listening on'
}

# capture_stop FILE
capture_stop() { stop "capture.$(basename "$1")" INT; }

# capture_count FILE [FILTER]: prints how many packets match.
capture_count() { tcpdump -n -r "$1" ${2:+"$2"} 2>/dev/null | grep -c '' || :; }

# server_start NS [ADDRESS]: TCP 80 and UDP 7 say whom they see; see server.py.
server_start()
{
	start "server.$1" "$1" python3 "$here_guest/server.py" ${2:+"$2"} &&
		wait_for 60 said "server.$1" '^ready'
}

# shellcheck disable=SC2016
# ask tcp|udp NS SERVER[:PORT] [SOURCE-PORT]: prints "ADDRESS PORT" as the server saw us.
ask()
{
	local from=${4:+,sourceport=$4} to=${3%:*} port=${3#"${3%:*}"}

	case $1 in
	tcp) printf 'GET / HTTP/1.0\r\n\r\n' |
		in_ns "$2" socat -t 20 -T 20 - "TCP:$to${port:-:80},reuseaddr,connect-timeout=20$from" |
		tail -n 1 | grep . ;;
	udp) in_ns "$2" socat -t 0 -T 10 "UDP:$to${port:-:7},reuseaddr$from" \
		'SYSTEM:echo; read -r seen && echo "$seen" >&2' 2>&1 | grep '^[0-9]' ;;
	esac
}

# pings NS ADDRESS [COUNT]: all of them answered.
pings()
{
	local said
	said=$(in_ns "$1" ping -n -i 0.2 -W 10 -c "${3-3}" "$2" 2>&1)
	[[ $said == *' 0% packet loss'* ]] || { echo "$said" >&2 && return 1; }
}
