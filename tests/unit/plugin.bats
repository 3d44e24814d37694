#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# masq.so in fake-pppd, which calls its hooks as pppd does, against masqd-stub.py, which answers as it is told.
# BUILD is the build folder.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2317

bats_require_minimum_version 1.5.0

setup()
{
	PLUGIN=$(realpath "${BUILD:-.}")/pppd-plugin/.libs/masq.so
	FAKE=$(realpath "${BUILD:-.}")/tests/unit/fake-pppd
	cd "$BATS_TEST_TMPDIR" || return
	: >calls
	: >told
	stub='' host=''
}

teardown()
{
	local pid signal=TERM
	# after a failure the line may wait for what never comes, and takes SIGTERM for pppd's
	[[ -n ${BATS_TEST_COMPLETED-} ]] || signal=KILL
	for pid in $stub $host; do
		kill -$signal "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
}

# until_true COMMAND...: waits at most 5 s for it.
until_true()
{
	local i
	for ((i = 0; i < 500; i++)); do
		! "$@" || return 0
		sleep 0.01
	done
	echo "never true: $*"
	cat calls told
	return 1
}

has() { grep -qF -- "$2" "$1"; }

# begin_masqd WORD...: see masqd-stub.py. Appends to the file calls.
begin_masqd()
{
	local ready
	ready=$(grep -c '^ready$' calls) || :
	"$BATS_TEST_DIRNAME/masqd-stub.py" "$PWD/sock" "$@" >>calls 3>&- &
	stub=$!
	until_true masqd_was_ready $((ready + 1))
}

masqd_was_ready() { (($(grep -c '^ready$' calls) == $1)); }

end_masqd()
{
	kill -9 "$stub"
	wait "$stub" || :
	stub=''
}

# run_pppd [-CODE] STEP...: run with fake-pppd, see there.
run_pppd()
{
	local code=()
	[[ $1 != -* ]] || { code=("$1"); shift; }
	run "${code[@]}" timeout 20 "$FAKE" "$PLUGIN" "masq-socket=$PWD/sock" "$@"
}

# begin_pppd STEP...: in the background; what happens goes to the file told.
begin_pppd()
{
	"$FAKE" "$PLUGIN" "masq-socket=$PWD/sock" "$@" >>told 3>&- &
	host=$!
}

# call METHOD: the parameters of its calls, one a line.
call() { grep '^{' calls | gojq -c "select(.method == \"org.masqgate.Gateway.$1\") | .parameters"; }

# refused CODE WORDS: pppd's last run ended with this exit status, and the peer was told why.
refused()
{
	# status and output are set by run
	# shellcheck disable=SC2154
	echo "status $status, $output"
	[[ $status == "$1" && $output == *"peer sees: $2"* && $output != *ip-up* ]]
}

# took STEP MIN MAX: the step of pppd's last run lasted so many milliseconds.
took()
{
	local ms
	ms=$(sed -n "s/^$1 took \([0-9]*\) ms$/\1/p" <<<"$output")
	echo "$1 took $ms ms"
	((ms >= $2 && ms < $3))
}

ms() { echo $(($(date +%s%N) / 1000000)); }

@test "only plugin_init and pppd_version are exported" {
	run nm -D --defined-only --format=posix "$PLUGIN"
	[[ $(cut -d' ' -f1 <<<"$output" | sort | xargs) == 'plugin_init pppd_version' ]]
}

@test "pppd loads it and takes its options" {
	local program
	program=$(command -v pppd || echo /usr/sbin/pppd)
	[[ -x $program ]]
	# 4: no PPP in this kernel. It comes after the options.
	run "$program" plugin "$PLUGIN" masq-policy p masq-timeout 100 masq-fail-open masq-ipv6 masq-socket x dryrun nodetach /dev/null
	echo "$output"
	[[ $status == 4 || $status == 0 ]]
	[[ $output == *loaded* ]]
	run -2 "$program" plugin "$PLUGIN" masq-timeout 49 nodetach /dev/null
	[[ $output == *'masq-timeout value must be between 50 and 5000'* ]]
	run -2 "$program" plugin "$PLUGIN" masq-policy "$(printf '%064d' 0)" nodetach /dev/null
	[[ $output == *'masq-policy must be 1 to 63 bytes long'* ]]
	run -2 "$program" plugin "$PLUGIN" masq-socket '' nodetach /dev/null
	[[ $output == *'masq-socket must be 1 to 107 bytes long'* ]]
}

@test "a line is admitted, opened, up and closed" {
	begin_masqd
	run_pppd -16 masq-policy=dialup +user=alice +caller=5551234 +ipparam=desk +proxyarp :dial :ipcp :hangup
	echo "$output"
	[[ $output == *'masq: session #12 admitted, policy dialup, address 192.168.0.100'* ]]
	[[ $output == *'the option proxyarp is ignored'* ]]
	[[ $output == *'ipv6: 0, proxyarp: 0'* ]]
	[[ $output == *'assigned: 192.168.0.100'*'verdict: 1'*ip-up* ]]
	until_true has calls eof
	[[ $(call Admit | gojq -c '[.address, (.line | .user, .caller, .ipparam, .tty, .speed, .ifname, .policy, .user_hex)]') == \
		'[null,"alice","5551234","desk","/dev/ttyS0",115200,"lo","dialup",null]' ]]
	[[ $(call Open | gojq -c '[.serial, .started, .ifindex, .local, .address, .line.user]') == \
		'[12,1700000000,1,"192.168.0.1","192.168.0.100","alice"]' ]]
	[[ $(call Up | gojq -c '[.ifname, .mtu, .pid > 1]') == '["lo",1496,true]' ]]
	[[ $(call Close | gojq -r .cause) == hangup ]]
	[[ $(grep '^{' calls | gojq -sc 'map([.method[21:], .more, .oneway])') == \
		'[["Admit",null,null],["Open",true,null],["Up",null,true],["Close",null,true]]' ]]
}

@test "IPv6CP stays on with masq-ipv6" {
	begin_masqd
	run_pppd masq-ipv6 :dial
	[[ $output == *'ipv6: 1'* ]]
}

@test "IPv6CP is told of while the session is open, whichever of the two came first, and only with masq-ipv6" {
	begin_masqd
	run_pppd masq-ipv6 :dial :ipv6cp=7 :ipcp :ipv6cp-down :ipv6cp=8 :hangup
	until_true has calls eof
	[[ $(call UpIpv6 | gojq -c '[.ifindex, .local, .peer]') == $'[1,"fe80::1","fe80::7"]\n[1,"fe80::1","fe80::8"]' ]]
	[[ $(grep '^{' calls | gojq -r '.method[21:]' | xargs) == 'Admit Open UpIpv6 Up DownIpv6 UpIpv6 Close' ]]
	[[ $(grep '^{' calls | gojq -c 'select(.method | endswith("Ipv6")) | .oneway' | sort -u) == true ]]
	: >calls
	run_pppd masq-ipv6 :dial :ipcp :ipv6cp=7 :ipcp-down :ipcp :hangup
	until_true has calls eof
	[[ $(grep '^{' calls | gojq -r '.method[21:]' | xargs) == 'Admit Open Up UpIpv6 Close Admit Open UpIpv6 Up Close' ]]
	: >calls
	run_pppd :dial :ipcp :ipv6cp=7 :hangup
	until_true has calls eof
	[[ -z $(call UpIpv6) ]]
}

@test "masqd dies and returns: it is told again of IPv6CP, that it is up or that it is not" {
	begin_masqd
	begin_pppd masq-ipv6 :dial :ipcp :ipv6cp=7 :await=go :ipv6cp-down :serve
	until_true has calls UpIpv6
	end_masqd
	: >calls
	begin_masqd serial=99
	until_true has calls UpIpv6
	[[ $(call UpIpv6 | gojq -r .peer) == fe80::7 ]]
	end_masqd
	touch go
	: >calls
	begin_masqd serial=199
	until_true has calls DownIpv6
	[[ -z $(call UpIpv6) ]]
}

# ipv6_modes: what the kernel was told, one after the other.
ipv6_modes() { grep '^ipv6 ' "${1-/dev/stdin}" | xargs; }

@test "IPv6 passes the line when masqd says that it is open, and not before" {
	begin_masqd ipv6=opens
	begin_pppd masq-ipv6 :dial :ipcp :ipv6cp=7 :await=go :ipcp-down :await=end :hangup
	until_true has told 'ipv6 passes'
	[[ $(ipv6_modes told) == 'ipv6 is dropped ipv6 passes' ]]
	touch go
	until_true has calls Close
	touch end
	wait "$host" || :
	[[ $(ipv6_modes told) == 'ipv6 is dropped ipv6 passes ipv6 is dropped' ]]
	host=''
	: >told
	rm go end
	# IPv6CP first
	begin_pppd masq-ipv6 :dial :ipv6cp=7 :ipcp :serve
	until_true has told 'ipv6 passes'
	[[ $(ipv6_modes told) == 'ipv6 is dropped ipv6 passes' ]]
}

@test "IPv6 that masqd does not open is dropped, also without masqd" {
	begin_masqd ipv6=closed
	begin_pppd masq-ipv6 :dial :ipcp :ipv6cp=7 :serve
	until_true has calls UpIpv6
	# what comes after the answer
	kill -USR1 "$stub"
	until_true has told 'ended by masqd'
	[[ $(ipv6_modes told) == 'ipv6 is dropped' ]]
	wait "$host" || :
	host=''
	end_masqd
	run_pppd masq-ipv6 masq-fail-open :dial :ipv6cp=7 :ipcp :hangup
	[[ $(ipv6_modes <<<"$output") == 'ipv6 is dropped' ]]
}

@test "IPv6 that is open stays so while masqd is dead, and when it is back" {
	begin_masqd ipv6=opens
	begin_pppd masq-ipv6 :dial :ipcp :ipv6cp=7 :serve
	until_true has told 'ipv6 passes'
	end_masqd
	: >calls
	begin_masqd ipv6=open serial=99
	until_true has calls UpIpv6
	[[ $(ipv6_modes told) == 'ipv6 is dropped ipv6 passes' ]]
}

@test "an older masqd says nothing of IPv6: it passes while the session is open" {
	begin_masqd
	begin_pppd masq-ipv6 :dial :ipcp :ipv6cp=7 :await=go :ipcp-down :await=end :hangup
	until_true has calls UpIpv6
	sleep 0.1
	[[ $(ipv6_modes told) == '' ]]
	touch go
	until_true has calls Close
	touch end
	wait "$host" || :
	host=''
	[[ $(ipv6_modes told) == 'ipv6 is dropped' ]]
}

@test "a user name of any bytes arrives" {
	begin_masqd
	run_pppd +user=$'al\xff"ice\n' :dial
	[[ $(call Admit | gojq -c '[.line.user == "al\ufffd\"ice\n", .line.user_hex]') == '[true,"616cff226963650a"]' ]]
}

@test "refused at Admit: the peer sees the reason, nothing was up" {
	begin_masqd 'Admit=refuse:unknown policy "gold"'
	run_pppd :dial :ipcp
	refused 11 'unknown policy "gold"'
	[[ $output != *assigned* ]]
	[[ -z $(call Open) ]]
}

@test "refused at Open: the peer sees the reason, nothing was up" {
	begin_masqd 'Open=refuse:ppp0 is no client interface'
	run_pppd :dial :ipcp :serve
	refused 11 'ppp0 is no client interface'
}

@test "a failure of masqd refuses" {
	begin_masqd 'Open=fail:out of memory'
	run_pppd :dial :ipcp :serve
	refused 11 'masqd says org.masqgate.Gateway.Failed: out of memory'
}

@test "ended before it was open" {
	begin_masqd 'Open=close:kicked'
	run_pppd :dial :ipcp :serve
	refused 11 kicked
}

@test "reasons are made printable" {
	begin_masqd $'Admit=refuse:line\e[2J'
	run_pppd :dial :ipcp
	refused 11 'line\x1b[2J'
}

@test "a peer that insists on another address is refused" {
	begin_masqd
	run_pppd :dial :ipcp=192.168.0.7 :serve
	refused 11 'the peer insists on another address than the assigned one'
	[[ -z $(call Open) ]]
}

@test "where masqd assigns no address, pppd decides" {
	begin_masqd address=none
	run_pppd +remote=10.0.0.9 :dial :ipcp :hangup
	[[ $output == *'assigned: 10.0.0.9'*'verdict: -1'*ip-up* ]]
	[[ $(call Open | gojq -r .address) == 10.0.0.9 ]]
}

@test "an assigned address does not outlive its link" {
	begin_masqd
	begin_pppd masq-fail-open +remote=10.0.0.9 :dial :ipcp :hangup :await=go :dial :ipcp :serve
	until_true has told 'hangup took'
	has told 'assigned: 192.168.0.100'
	end_masqd
	touch go
	until_true has told 'assigned: 10.0.0.9'
}

@test "the policy's name servers go before ms-dns, for their session only" {
	begin_masqd dns=192.0.2.53,192.0.2.54
	begin_pppd masq-fail-open +remote=10.0.0.9 +dns=9.9.9.9 :dial :ipcp :hangup :await=go2 :dial :ipcp :hangup \
		:await=go3 :dial :ipcp :ipcp-down :await=go4 :ipcp :hangup :await=go5 :dial :ipcp :serve
	until_true has told 'hangup took'
	has told 'dns: 192.0.2.53 192.0.2.54'
	end_masqd
	begin_masqd dns=192.0.2.55
	touch go2
	until_true has told 'dns: 192.0.2.55 192.0.2.55'
	until_true has told 'await took'
	end_masqd
	begin_masqd dns=192.0.2.56
	touch go3
	until_true has told 'dns: 192.0.2.56 192.0.2.56'
	until_true has told 'ipcp-down took'
	end_masqd
	# the same link, and a policy that has none any more
	begin_masqd
	touch go4
	until_true has told 'dns: 9.9.9.9 9.9.9.9'
	end_masqd
	: >told
	touch go5
	until_true has told 'dns: 9.9.9.9 9.9.9.9'
}

@test "name servers that are none are not taken" {
	begin_masqd dns=ns.example.net
	run_pppd +dns=9.9.9.9 :dial :ipcp
	refused 11 "masqd's answer makes no sense"
}

@test "a line without a peer address is refused" {
	begin_masqd address=none
	run_pppd :dial :ipcp :serve
	echo "$output"
	[[ $status == 11 && $output == *'a line without a peer address is not served'* ]]
}

@test "demand is refused" {
	begin_masqd
	run_pppd -1 +demand :dial
	[[ $output == *'the option demand cannot be used with masq.so'* ]]
}

@test "multilink is refused, with a bundle and without" {
	begin_masqd
	run_pppd +multilink :dial :ipcp
	refused 11 'multilink is not served'
	run_pppd +ifname= :dial :ipcp
	refused 11 'multilink is not served'
}

@test "IPCP negotiates again: a new session on the same link" {
	begin_masqd
	run_pppd -16 :dial :ipcp :ipcp-down :ipcp :hangup
	[[ $(call Open | gojq -c .serial | xargs) == '12 13' ]]
	[[ $(call Close | gojq -c .cause | xargs -d '\n') == '"the peer asked for it" "hangup"' ]]
}

@test "masqd absent: refused" {
	run_pppd :dial :ipcp
	refused 11 'masqd is not running'
}

@test "masqd hung: refused within the deadline" {
	begin_masqd Admit=hang
	run_pppd masq-timeout=300 :dial :ipcp
	refused 11 'masqd does not answer'
	took dial 290 400
}

@test "masqd hung at Open: refused within the deadline" {
	begin_masqd Open=hang
	run_pppd masq-timeout=300 :dial :ipcp :serve
	refused 11 'masqd does not answer'
	took ipcp 290 400
}

@test "masqd stopped with a full backlog: refused within the deadline" {
	begin_masqd
	kill -STOP "$stub"
	python3 - sock <<'END' 3>&- &
import socket, sys, time
held = []
while True:
    s = socket.socket(socket.AF_UNIX)
    s.setblocking(False)
    try:
        s.connect(sys.argv[1])
        held.append(s)
    except BlockingIOError:
        open("full", "w").close()
        time.sleep(60)
END
	host=$!
	until_true test -e full
	run_pppd masq-timeout=300 :dial :ipcp
	kill -CONT "$stub"
	refused 11 'masqd does not answer'
	took dial 290 400
}

@test "an answer that is no Varlink refuses" {
	begin_masqd Admit=garbage
	run_pppd :dial :ipcp
	refused 11 "masqd's answer makes no sense"
}

# interrupted_at METHOD: pppd is told to end while masqd does not answer to that.
interrupted_at()
{
	begin_masqd "$1=hang"
	begin_pppd masq-timeout=5000 :dial :ipcp :serve
	until_true has calls "Gateway.$1"
	kill "$host"
	until_true has told 'peer sees: User request'
}

@test "SIGTERM ends the wait for masqd's admission too" {
	interrupted_at Admit
	run ! has told 'does not answer'
}

@test "SIGTERM ends the wait for masqd, with pppd's own words" {
	interrupted_at Open
	has told 'verdict: 0'
	run ! has told ip-up
}

@test "fail-open: up without masqd, admitted and opened when it comes" {
	begin_pppd masq-fail-open +remote=192.168.0.100 :dial :ipcp :serve
	until_true has told ip-up
	has told 'masq: masqd is not running; the line stays closed until masqd admits it'
	begin_masqd
	until_true has calls Gateway.Up
	until_true has told 'masq: session #12 open'
	[[ $(call Admit | gojq -r .address) == 192.168.0.100 ]]
	[[ $(call Open | gojq -c '[.serial, .ifindex, .address]') == '[12,1,"192.168.0.100"]' ]]
	kill -USR1 "$stub"
	until_true has told 'peer sees: kicked by root'
}

@test "fail-open: ended with the reason if masqd refuses it later" {
	begin_pppd masq-fail-open +remote=192.168.0.7 :dial :ipcp :serve
	until_true has told ip-up
	begin_masqd 'Admit=refuse:192.168.0.7 is in use'
	until_true has told 'peer sees: 192.168.0.7 is in use'
	has told 'status: 11'
}

@test "fail-open: ended if masqd means another address for it" {
	begin_pppd masq-fail-open +remote=192.168.0.7 :dial :ipcp :serve
	until_true has told ip-up
	begin_masqd
	until_true has told 'peer sees: the line has another address than 192.168.0.100, which is meant for it'
}

@test "fail-open does not overrule a refusal" {
	begin_masqd Admit=refuse:no
	run_pppd masq-fail-open :dial :ipcp
	refused 11 no
}

@test "an answer that comes too late is never taken for another" {
	begin_masqd Admit=late:0.4
	begin_pppd masq-timeout=100 masq-fail-open +remote=192.168.0.100 :dial :ipcp :serve
	until_true has told 'masqd does not answer'
	until_true has calls Gateway.Up
	[[ $(call Open | gojq -c .serial) == 13 ]]
}

@test "masqd dies and returns: the line stays, the same session is announced again within 1 s" {
	local begun took
	begin_masqd
	begin_pppd :dial :ipcp :serve
	until_true has calls Gateway.Up
	end_masqd
	until_true has told 'masq: masqd is gone (masqd closed the connection), keeping the line'
	: >calls
	begin_masqd serial=99
	begun=$(ms)
	until_true has calls Gateway.Up
	took=$(($(ms) - begun))
	echo "took $took ms"
	((took < 1000))
	until_true has told 'masq: session #12 announced again'
	[[ -z $(call Admit) ]]
	[[ $(call Open | gojq -c '[.serial, .started, .address, .line.ifname]') == '[12,1700000000,"192.168.0.100","lo"]' ]]
	# and a hang-up still works
	kill -USR1 "$stub"
	until_true has told 'peer sees: kicked by root'
}

@test "masqd restarted between Admit and Open: the session goes on" {
	begin_masqd
	begin_pppd :dial :await=go :ipcp :serve
	until_true has told 'session #12 admitted'
	end_masqd
	begin_masqd serial=99
	touch go
	until_true has calls Gateway.Up
	[[ $(call Open | gojq -c '[.serial, .started]') == '[12,1700000000]' ]]
}

@test "masqd gone between Admit and Open: refused" {
	begin_masqd Open=drop
	run_pppd :dial :ipcp :serve
	refused 11 'masqd closed the connection'
	# once on the old connection, once on a new one
	[[ $(call Open | gojq -c .serial | xargs) == '12 12' ]]
}

@test "a session that masqd refuses after its return is ended with the reason" {
	begin_masqd
	begin_pppd :dial :ipcp :serve
	until_true has calls Gateway.Up
	end_masqd
	begin_masqd 'Open=refuse:no such policy any more'
	until_true has told 'peer sees: no such policy any more'
	has told 'status: 11'
}

@test "a session that masqd cannot take yet stays, and is tried on" {
	begin_masqd
	begin_pppd :dial :ipcp :serve
	until_true has calls Gateway.Up
	end_masqd
	begin_masqd 'Open=fail:no memory'
	until_true has told 'keeping the line and trying on'
	end_masqd
	begin_masqd
	until_true has told 'session #12 announced again'
}

@test "a kick reaches the peer within 1 s, with its reason" {
	local begun took
	begin_masqd
	begin_pppd :dial :ipcp :serve
	until_true has calls Gateway.Up
	begun=$(ms)
	kill -USR1 "$stub"
	until_true has told 'peer sees: kicked by root'
	took=$(($(ms) - begun))
	echo "took $took ms"
	((took < 1000))
	has told 'status: 5'
	wait "$host" || (($? == 5))
	host=''
}

@test "the connection is close-on-exec" {
	begin_masqd
	run_pppd :dial :fds :ipcp :fds :hangup
	[[ $(grep -c '^socket: close-on-exec$' <<<"$output") == 2 ]]
	[[ $output != *inherited* ]]
}

@test "a forked child does not hold the session" {
	begin_masqd
	begin_pppd :dial :ipcp :fork :serve
	until_true has told 'child: '
	kill -9 "$host"
	wait "$host" || :
	host=$(sed -n 's/^child: //p' told)
	until_true has calls eof
	kill -0 "$host"
}

@test "a masqd that does not answer Close delays the hang-up by 100 ms at most" {
	begin_masqd Close=hang
	run_pppd -16 :dial :ipcp :hangup
	took hangup 90 200
}
