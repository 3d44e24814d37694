#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# What masqctl prints, in what form, and how it exits, against daemons that answer as they are told. What it makes the real
# ones do is in masqctl.bats.

# shellcheck disable=SC2154 # run sets stderr
bats_require_minimum_version 1.5.0

setup()
{
	export TZ=UTC LC_ALL=C.UTF-8
	unset NO_COLOR
	gateway=$BATS_TEST_TMPDIR/gateway arp=$BATS_TEST_TMPDIR/arp pids=()
	mkdir "$gateway" "$arp"
	sessions=$gateway/List
	{
		session serial=14 ifname=ppp2 user=carol address=192.168.0.9 uptime=86400 rx=1073741824 tx=0 flows=0 policy=night
		session serial=12 ifname=ppp0 user=alice@example.net address=192.168.0.100 uptime=11049 rx=1288490189 tx=146800640 flows=57
		session serial=13 ifname=ppp1 user=bob address=192.168.0.101 uptime=12 rx=9216 tx=4096 flows=3 state=admitted
		session serial=15 type=network ifname=eth1 address=10.1.0.0/16 uptime=90061 nat=none
		echo '{"parameters":{}}'
	} >"$sessions"
	echo '{"parameters":{}}' >"$gateway/Kick"
	status arpd=connected >"$gateway/Status"
	cat >"$arp/Status" <<-'END'
		{"parameters":{"version":"0.1.0","pid":71,"started":1760000000,"uptime":61,"configuration":"/etc/masqgate/arpd.conf","entries":{"published":2,"waiting":0},"repairs":0,"warnings":[]}}
	END
	start "$gateway"
	start "$arp"
}

teardown()
{
	local pid
	for pid in "${pids[@]}"; do
		kill "$pid"
		wait "$pid" || :
	done
}

# start FOLDER: a stub that is listening.
start()
{
	"$BATS_TEST_DIRNAME/stub-daemon" "$1" 3>&- >"$1/log" 2>&1 &
	pids+=($!)
	until [[ -S $1/socket ]]; do
		kill -0 $!
		sleep 0.02
	done
}

# session MEMBER=VALUE...: one reply of List.
session()
{
	local pair
	for pair in type=ppp state=open policy=dialup nat=masquerade proxy_arp=true isolate=true started=1760000000 "$@"; do
		case $pair in
		*=true | *=null | serial=* | started=* | uptime=* | rx=* | tx=* | flows=*) printf '"%s":%s\n' "${pair%%=*}" "${pair#*=}" ;;
		*) printf '"%s":"%s"\n' "${pair%%=*}" "${pair#*=}" ;;
		esac
	done | gojq -csR '"{" + (rtrimstr("\n") | gsub("\n"; ",")) + "}" | fromjson | {parameters: {session: .}, continues: true}'
}

# status arpd=STATE [WARNING]: the reply of Status.
status()
{
	# shellcheck disable=SC2016 # gojq's
	gojq -cn --arg arpd "${1#*=}" --argjson warnings "${2-[]}" '{parameters: {version: "0.1.0", pid: 70, started: 1760000000,
		uptime: 3725, configuration: "/etc/masqgate/masqd.conf", sessions: {open: 2, admitted: 1, orphaned: 0}, refused: 4,
		uplinks: [{name: "isp", interface: "ppp9", state: "up", ifindex: 9, addresses: ["111.222.121.212"], rx: 5, tx: 6, gateway: null, problem: null, sessions: 2}],
		arpd: $arpd, conntrack_count: 60, conntrack_max: 1000, repairs: 0, warnings: $warnings}}'
}

ctl() { masqctl --socket "$gateway/socket" --arp-socket "$arp/socket" "$@"; }

# ends CODE COMMAND...: it exits with that code; its output is in $output, its complaints in $stderr.
ends()
{
	local wanted=$1
	shift
	run --separate-stderr -- "$@"
	[[ $status -eq $wanted ]] || {
		printf 'exit %s instead of %s\n%s\n%s\n' "$status" "$wanted" "$output" "$stderr"
		return 1
	}
}

is()
{
	[[ $1 == "$2" ]] || {
		diff <(printf '%s\n' "$2") <(printf '%s\n' "$1")
		return 1
	}
}

ids() { ctl list --json "$@" | gojq -r '[.sessions[].id] | join(" ")'; }

@test "list is a table" {
	ends 0 ctl list
	is "$output" "\
ID  IFNAME USER              ADDRESS       POLICY STATE    UPTIME   RX   TX FLOWS
#14 ppp2   carol             192.168.0.9   night  open      1d00h   1G    0     0
#12 ppp0   alice@example.net 192.168.0.100 dialup open      3h04m 1.2G 140M    57
#13 ppp1   bob               192.168.0.101 dialup admitted    12s   9K   4K     3
#15 eth1   -                 10.1.0.0/16   dialup open      1d01h    -    -     -"
}

@test "list --raw is in base units" {
	ends 0 ctl list --raw --no-headings -o id,uptime,rx,started id=12
	is "$output" '#12 11049 1288490189 2025-10-09T08:53:20Z'
}

@test "columns are chosen, added and listed" {
	ends 0 ctl list -o IfName,user --no-headings user=bob
	is "$output" 'ppp1 bob'
	ends 0 ctl list -o +nat,proxy_arp user=bob
	[[ $output == *FLOWS*NAT*PROXY-ARP*masquerade*yes ]]
	ends 0 ctl arp -o help
	[[ $output == *'* HOLDERS '* ]]
	ends 2 ctl list -o id,stat
	is "$stderr" $'masqctl: --columns: unknown column "stat"\nhint: did you mean "state"?'
}

@test "rows are sorted by what the column means, the absent last" {
	is "$(ids --sort address)" '15 14 12 13'
	is "$(ids --sort rx)" '13 14 12 15'
	is "$(ids --sort -rx)" '12 14 13 15'
	is "$(ids --sort user)" '12 13 14 15'
	is "$(ids --sort policy)" '12 13 15 14'
	is "$(ids -s -uptime -n 2)" '15 14'
	ends 2 ctl list --sort upteim
	is "$stderr" $'masqctl: --sort: unknown column "upteim"\nhint: did you mean "uptime"?'
}

@test "filters" {
	is "$(ids address=192.168.0.0/24)" '14 12 13'
	is "$(ids address=10.0.0.0/8)" '15'
	is "$(ids address!=192.168.0.0/24)" '15'
	is "$(ids 'address=192.168.0.10*')" '12 13'
	is "$(ids 'address>192.168.0.50' 'uptime<5m')" '13'
	is "$(ids 'user=*@example.net')" '12'
	is "$(ids 'user~^(bob|carol)$')" '14 13'
	is "$(ids user=)" '15'
	is "$(ids user!=)" '14 12 13'
	is "$(ids 'rx>=1G')" '14 12'
	is "$(ids 'rx=1G')" '14'
	is "$(ids 'uptime>3h4m' type!=network)" '14 12'
	is "$(ids 'id>#12' state=open)" '14 15'
	is "$(ids proxy-arp=yes nat=none)" '15'
	is "$(ids user=nobody)" ''
	ends 0 ctl list user=nobody
}

@test "wrong filters are explained" {
	ends 2 ctl list usr=bob
	is "$stderr" $'masqctl: filter: unknown key "usr"\nhint: did you mean "user"?'
	ends 2 ctl list address=10.0.0.0/33
	is "$stderr" 'masqctl: filter: address: "10.0.0.0/33": prefix length must be 0 to 32'
	ends 2 ctl list 'rx>10X'
	is "$stderr" 'masqctl: filter: rx: "10X": must be a size, like 10M'
	ends 2 ctl list 'user>bob'
	ends 2 ctl list bob
	ends 2 ctl list 'user~('
}

@test "flows are counted only where they are wanted" {
	ctl list -o id
	ctl list -o id user=bob
	run ! grep '"flows"' "$gateway/calls"
	ctl list -o id 'flows>3'
	ctl list
	ctl list --json
	ctl list -o id --sort flows
	[[ $(grep -c '"flows"' "$gateway/calls") -eq 4 ]]
	ctl list -o id,user 'rx>0' --sort mtu
	is "$(tail -n 1 "$gateway/calls" | gojq -c .parameters.fields)" '["serial","user","user_hex","mtu","rx"]'
}

@test "keys of the policy are in JSON when they are asked for" {
	is "$(ctl list --json id=12 | gojq -c '.sessions[0] | has("nat")')" false
	is "$(ctl list --json -o all id=12 | gojq -c '.sessions[0] | [.nat, .proxy_arp, .mtu]')" '["masquerade",true,null]'
	ends 0 ctl list -o all id=12
	[[ ${lines[0]} == *NAT*STARTED ]]
}

@test "JSON is an object with an array and nothing missing" {
	ends 0 ctl list --json user=nobody
	is "$(gojq -c 'del(.generated)' <<<"$output")" '{"schema":"org.masqgate.sessions","sessions":[],"version":1}'
	gojq -e '.generated | fromdate | now - . < 60' <<<"$output"
	ends 0 ctl show '#15' -j
	is "$(gojq -c '.sessions[0] | [.id, .user, .user_hex, .rx, .started, .proxy_arp, .uptime]' <<<"$output")" \
		'[15,null,null,null,"2025-10-09T08:53:20Z",true,90061]'
	[[ $(gojq -c '[.sessions[0] | keys[]] | length' <<<"$output") -ge 32 ]]
	ends 0 ctl list --json=lines -o id,user
	is "${lines[1]}" '{"id":12,"user":"alice@example.net","user_hex":null}'
	[[ ${#lines[@]} -eq 4 ]]
	[[ $(ctl list --json=pretty | wc -l) -gt 50 ]]
}

@test "errors are JSON with --json" {
	ends 4 ctl --json show ppp7
	is "$(gojq -c 'del(.generated)' <<<"$stderr")" \
		'{"error":"show: no session matches \"ppp7\"","exit_code":4,"hint":"did you mean \"ppp2\"?","schema":"org.masqgate.error","version":1}'
	[[ -z $output ]]
}

@test "bytes of peers are escaped" {
	{
		session serial=1 ifname=ppp0 'user=\u001b[2Jx\u009b1m\n\\x41' caller='\u0007'
		session serial=2 ifname=ppp1 user='caf\ufffd' user_hex=636166e9
		session serial=3 ifname=ppp2 user='café'
		session serial=4 ifname=ppp3 user='日\u202eab\u0378'
		echo '{"parameters":{}}'
	} >"$sessions"
	ends 0 ctl list --no-headings -o user,caller
	is "$(tr -s ' ' <<<"$output")" '\x1b[2Jx\xc2\x9b1m\x0a\x5cx41 \x07
caf\xe9 -
café -
日\xe2\x80\xaeab\xcd\xb8 -'
	LC_ALL=C ends 0 ctl list --no-headings -o user id=3
	is "$output" 'caf\xc3\xa9'
	ends 0 ctl show 'user=caf\xe9' --raw
	[[ $output == *'user: caf\xe9'* ]]
	ends 0 ctl show '#1'
	run ! grep -P '[\x00-\x09\x0b-\x1f\x7f]' <<<"$output"
	is "$(ctl show '#2' --json | gojq -c '.sessions[0] | [.user, .user_hex]')" $'["caf\ufffd","636166e9"]'
	ends 4 ctl show $'user=\e[31m'
	is "$stderr" 'masqctl: show: no session matches "\x1b[31m"'
}

@test "JSON has no byte that a terminal obeys" {
	{
		session serial=1 ifname=ppp0 $'user=a\u007fb\u009b2J\u00e9'
		echo '{"parameters":{}}'
	} >"$sessions"
	for style in pretty compact lines; do
		ends 0 ctl list --json=$style -o user
		[[ $output == *'a\u007fb\u009b2Jé'* ]]
	done
	echo '{"error":"org.masqgate.Gateway.Failed","parameters":{"reason":"x\u007f\u0085"}}' >"$gateway/Confirm"
	ends 1 ctl confirm --json
	[[ $stderr == *'x\u007f\u0085'* ]]
}

@test "a daemon that gives no reason does not make masqctl fail in silence" {
	echo '{"error":"org.masqgate.Gateway.InvalidSettings","parameters":{"errors":"flows"}}' >"$gateway/Set"
	ends 2 ctl set '#12' flows=1
	is "$stderr" 'masqctl: set: no reason given'
	printf '%s\n' '{"continues":true,"parameters":{"session":{"serkal":12,"ifname":"ppp0"}}}' '{"parameters":{}}' >"$sessions"
	ends 8 ctl kick ppp0
	[[ $stderr == *'not a Varlink reply'* ]]
}

@test "show is a block" {
	ends 0 ctl show 192.168.0.101
	is "$output" "\
session: #13
  ifname: ppp1
  user: bob
  address: 192.168.0.101
  policy: dialup
  state: admitted
  uptime: 12s
  rx: 9K
  tx: 4K
  flows: 3
  type: ppp
  nat: masquerade
  proxy-arp: yes
  isolate: yes
  started: 2025-10-09 08:53:20"
	is "$(ctl show 13)" "$output"
	is "$(ctl show '#13')" "$output"
	is "$(ctl show ppp1)" "$output"
	is "$(ctl show user=bob)" "$output"
	ends 0 ctl show 'user=*b*' --json
	is "$(gojq -c '[.sessions[].id]' <<<"$output")" '[13]'
	ends 4 ctl show bobb
	is "$stderr" $'masqctl: show: no session matches "bobb"\nhint: did you mean "user=bob"?'
	ends 4 ctl show 10.1.0.0
	ends 0 ctl show 10.1.0.0/16
}

@test "colours are for terminals" {
	local e=$'\e'
	ends 0 ctl list
	[[ $output != *$e* ]]
	ends 0 ctl list --color=always
	[[ $output == *"${e}[32mopen"*"${e}[33madmitted"* ]]
	on_terminal() { script -qec "$1 masqctl --socket $gateway/socket list" /dev/null; }
	[[ $(TERM=xterm on_terminal '') == *"${e}[32m"* ]]
	[[ $(TERM=xterm on_terminal NO_COLOR=1) != *"${e}["* ]]
	[[ $(TERM=dumb on_terminal '') != *"${e}["* ]]
}

@test "kick names the serials and the reason" {
	ends 0 ctl kick ppp0 '#13' user=bob --reason 'line is needed'
	is "$output" $'kicked #12\nkicked #13'
	is "$(grep Kick "$gateway/calls" | gojq -c .parameters)" '{"reason":"line is needed","serials":[12,13]}'
	ends 0 ctl kick 14 -q
	is "$output" ''
	ends 0 ctl kick 14 --json
	is "$(gojq -c .kicked <<<"$output")" '[14]'
}

@test "kick does not guess" {
	ends 2 ctl kick 'user=*'
	is "$stderr" $'masqctl: kick: "user=*" matches 4 sessions\nhint: add --all to act on all of them, or use a serial number of `masqctl list`'
	ends 4 ctl kick user=bobb
	is "$stderr" $'masqctl: kick: no session matches "bobb"\nhint: did you mean "bob"?'
	ends 2 ctl kick 'ppp0' 'user='
	run ! grep Kick "$gateway/calls"
	ends 0 ctl kick --all 'user=*o*'
	is "$output" $'kicked #14\nkicked #13'
	ends 9 ctl kick ppp0 ppp8
	is "$output" 'kicked #12'
}

@test "kick goes on without a session that ended meanwhile" {
	echo '{"error":"org.masqgate.Gateway.NoSuchSession","parameters":{"serial":12}}' >"$gateway/Kick"
	echo '{"parameters":{}}' >"$gateway/Kick.next"
	ends 9 ctl kick ppp0 ppp1
	is "$stderr" 'masqctl: kick: no session #12'
	is "$output" 'kicked #13'
	echo '{"error":"org.masqgate.Gateway.NoSuchSession","parameters":{"serial":12}}' >"$gateway/Kick"
	ends 4 ctl kick ppp0
}

@test "attach, detach and reload" {
	echo '{"parameters":{"serial":16}}' | tee "$gateway/Attach" >"$gateway/Detach"
	echo '{"parameters":{"sessions_changed":2}}' >"$gateway/Reload"
	ends 0 ctl attach veth1 --address 192.168.0.7 --user dora
	is "$output" 'attached #16'
	is "$(grep Attach "$gateway/calls" | gojq -c .parameters)" '{"address":"192.168.0.7","ifname":"veth1","user":"dora"}'
	ends 0 ctl detach veth1 --json
	is "$(gojq -c 'del(.generated)' <<<"$output")" '{"id":16,"schema":"org.masqgate.detach","version":1}'
	ends 0 ctl reload
	is "$output" 'reloaded; sessions changed: 2'
	ends 2 ctl attach veth1
	ends 2 ctl attach veth1 --address 192.168.0
	is "$stderr" 'masqctl: attach: --address: "192.168.0": must be an IPv4 address'
	echo '{"error":"org.masqgate.Gateway.Refused","parameters":{"reason":"192.168.0.7 is ppp0'"'"'s"}}' >"$gateway/Attach"
	ends 1 ctl attach veth1 --address 192.168.0.7
	is "$stderr" "masqctl: attach: refused: 192.168.0.7 is ppp0's"
	echo '{"error":"org.masqgate.Gateway.NoSuchInterface","parameters":{"ifname":"veth1"}}' >"$gateway/Attach"
	ends 4 ctl attach veth1 --address 192.168.0.7
	echo '{"error":"org.masqgate.Gateway.InvalidConfiguration","parameters":{"errors":["masqd.conf:3: a","masqd.conf:9: b"]}}' >"$gateway/Reload"
	ends 7 ctl reload
	is "${stderr_lines[1]}" 'masqctl: masqd.conf:9: b'
}

@test "each failure of a call has its code" {
	echo '{"error":"org.varlink.service.PermissionDenied","parameters":{}}' >"$gateway/Kick"
	ends 5 ctl kick ppp0
	rm "$gateway/Kick"
	ends 8 ctl kick ppp0
	[[ $stderr == *'masqd does not know org.masqgate.Gateway.Kick'* ]]
	echo '{"error":"org.masqgate.Gateway.Failed","parameters":{"reason":"no buffer space available"}}' >"$gateway/Kick"
	ends 1 ctl kick ppp0
	: >"$gateway/Kick"
	ends 6 ctl kick ppp0 --timeout 1
	echo 'hello' >"$gateway/Kick"
	ends 8 ctl kick ppp0
	ends 3 masqctl --socket "$gateway/none" list
	is "$stderr" "masqctl: cannot connect to $gateway/none: no such file or directory"$'\nhint: masqd is not running; see `systemctl status masqd`'
	kill -9 "${pids[0]}"
	wait "${pids[0]}" || :
	pids=("${pids[1]}")
	ends 3 ctl list
	is "${stderr_lines[0]}" "masqctl: cannot connect to $gateway/socket: connection refused"
}

@test "a socket out of reach is a matter of permission" {
	chmod 700 "$BATS_TEST_TMPDIR" "$gateway"
	ends 5 setpriv --reuid 65534 --regid 65534 --clear-groups -- "$(type -P masqctl)" --socket "$gateway/socket" list
	[[ $stderr == *'permission denied'*hint:* ]]
}

@test "the command line is checked before anything is done" {
	ends 2 ctl lst
	is "$stderr" $'masqctl: unknown command "lst"\nhint: did you mean "list"?'
	ends 2 ctl list --reason x
	is "$stderr" 'masqctl: list: does not take --reason'
	ends 2 ctl list --colums id
	is "${stderr_lines[1]}" 'hint: did you mean "--columns"?'
	ends 2 ctl show
	ends 2 ctl show a b
	ends 2 ctl kick
	ends 2 ctl list --limit x
	ends 2 ctl list --color=sometimes
	ends 2 ctl wait --gone
	ends 2 ctl list $'user=\xff'
	ends 0 ctl -V
	ends 0 masqctl --help
	[[ $output == *'kick'*'--reason TEXT'* ]]
	[[ ! -e $gateway/calls ]]
}

@test "a full disk is no empty list" {
	ends 1 bash -c 'exec masqctl "$@" >/dev/full' - --socket "$gateway/socket" list
}

# arp_is MEMBERS WANTED: what status says of a masq-arpd whose answer has these members too.
arp_is()
{
	sed -i "s/\"repairs\":.*\"warnings\"/\"repairs\":0,$1,\"warnings\"/" "$arp/Status"
	is "$(ctl | sed -n 4p)" "arp        $2"
}

@test "status: healthy" {
	ends 0 ctl
	is "$output" "\
masqd      running for 1h02m, pid 70, version 0.1.0, /etc/masqgate/masqd.conf
masq-arpd  running for 1m01s, pid 71, version 0.1.0, /etc/masqgate/arpd.conf
sessions   1 admitted, 2 open; 4 refused
arp        2 published
uplinks    isp  ppp9  up  111.222.121.212
conntrack  60 of 1000 entries (6%)
repairs    0"
	arp_is '"conflicts":1,"engine":"kernel"' '2 published; by engine kernel; 1 conflict, see masqctl arp conflicts'
	arp_is '"conflicts":12,"engine":"bpf"' '2 published; by engine bpf; 12 conflicts, see masqctl arp conflicts'
	arp_is '"conflicts":0' '2 published'
	status arpd=connected | sed 's/"repairs":0/"repairs":0,"store_failures":3/' >"$gateway/Status"
	ends 0 ctl
	is "${lines[-1]}" 'store      3 failures'
	ends 0 ctl status --json
	is "$(gojq -c '[.schema, .state, .masqd.pid, .masqd.started, .masqd.uplinks[0].name, .arpd.entries.published]' <<<"$output")" \
		'["org.masqgate.status","healthy",70,"2025-10-09T08:53:20Z","isp",2]'
	ends 0 ctl status -q
	is "$output" ''
}

@test "status: degraded" {
	status arpd=unreachable >"$gateway/Status"
	ends 1 ctl status
	status arpd=connected '[{"text":"conntrack is nearly full","hint":"sysctl net.netfilter.nf_conntrack_max=262144"}]' >"$gateway/Status"
	ends 1 ctl status
	[[ $output == *$'warning: conntrack is nearly full\nhint: sysctl net.netfilter.nf_conntrack_max=262144' ]]
	status arpd=connected | sed 's/"state":"up"/"state":"down"/' >"$gateway/Status"
	ends 1 ctl status
	status arpd=connected >"$gateway/Status"
	ends 1 masqctl --socket "$gateway/socket" --arp-socket "$arp/none" status
	[[ $output == *'masq-arpd  not running (no such file or directory)'* ]]
	ends 1 masqctl --socket "$gateway/socket" --arp-socket "$arp/none" status --json
	is "$(gojq -c '[.state, .arpd]' <<<"$output")" '["degraded",null]'
}

@test "status: not running" {
	ends 3 masqctl --socket "$gateway/none" --arp-socket "$arp/socket" status
	[[ $output == $'masqd      not running\nmasq-arpd  running for 1m01s'* ]]
	ends 3 masqctl --socket "$gateway/none" --arp-socket "$arp/socket" status --json
	is "$(gojq -c '[.state, .masqd, .arpd.pid]' <<<"$output")" '["stopped",null,71]'
}

@test "uplinks and arp" {
	gojq -c '{parameters: {uplinks: (.parameters.uplinks + [{name: "b", interface: "eth9", state: "absent", addresses: [], problem: "absent", sessions: 0}])}}' \
		"$gateway/Status" >"$gateway/Uplinks"
	ends 0 ctl uplinks
	is "$output" "\
NAME INTERFACE STATE  ADDRESSES       GATEWAY PROBLEM SESSIONS RX TX
isp  ppp9      up     111.222.121.212 -       -              2  5  6
b    eth9      absent -               -       absent         0  -  -"
	is "$(ctl uplinks --json state=absent | gojq -c '.uplinks[0] | [.name, .addresses, .ifindex]')" '["b",[],null]'
	cat >"$arp/List" <<-'END'
		{"parameters":{"entry":{"address":"192.168.0.100","interface":"eth0","mac":"02:00:00:00:00:01","holders":["masqd","configuration"],"state":"published","engine":"kernel","since":1760000000,"announced":3}},"continues":true}
		{"parameters":{"entry":{"address":"2001:db8::9","interface":"eth0","mac":null,"holders":["administrator"],"state":"conflict","engine":null,"since":1760000000,"announced":0}},"continues":true}
		{"parameters":{}}
	END
	ends 0 ctl arp
	is "$output" "\
ADDRESS       INTERFACE MAC               STATE     ENGINE HOLDERS             SINCE
192.168.0.100 eth0      02:00:00:00:00:01 published kernel masqd,configuration 2025-10-09 08:53:20
2001:db8::9   eth0      -                 conflict  -      administrator       2025-10-09 08:53:20"
	is "$(ctl arp --json address=192.168.0.0/24 | gojq -c '.entries[0] | [.holders, .engine, .announced]')" '[["masqd","configuration"],"kernel",3]'
	is "$(ctl arp --json --sort -address state!=published | gojq -c '[.entries[] | .address]')" '["2001:db8::9"]'
	is "$(ctl arp --json --sort -address address~: | gojq -c '[.entries[] | .mac]')" '[null]'
	is "$(ctl arp --no-headings -o address --sort -address)" $'2001:db8::9\n192.168.0.100'
}

@test "arp conflicts" {
	echo '{"parameters":{"conflict":null}}' >"$arp/Conflicts"
	ends 0 ctl arp conflicts --json
	is "$(gojq -c 'del(.generated)' <<<"$output")" '{"conflicts":[],"schema":"org.masqgate.arp-conflicts","version":1}'
	cat >"$arp/Conflicts" <<-'END'
		{"parameters":{"conflict":{"address":"192.168.0.100","interface":"eth0","mac":"52:54:00:12:34:56","count":7,"first":1760000000,"last":1760000060,"defended":2}},"continues":true}
		{"parameters":{"conflict":{"address":"2001:db8::9","interface":"eth1","mac":"52:54:00:12:34:57","count":1,"first":1760000000,"last":1760000000,"defended":0}},"continues":true}
		{"parameters":{"conflict":null}}
	END
	ends 0 ctl arp conflicts
	is "$output" "\
ADDRESS       INTERFACE MAC               COUNT DEFENDED FIRST               LAST
192.168.0.100 eth0      52:54:00:12:34:56     7        2 2025-10-09 08:53:20 2025-10-09 08:54:20
2001:db8::9   eth1      52:54:00:12:34:57     1        0 2025-10-09 08:53:20 2025-10-09 08:53:20"
	ends 0 ctl arp conflicts --json address=2001:db8::/32
	is "$(gojq -c '.conflicts' <<<"$output")" '[{"address":"2001:db8::9","count":1,"defended":0,"first":"2025-10-09T08:53:20Z","interface":"eth1","last":"2025-10-09T08:53:20Z","mac":"52:54:00:12:34:57"}]'
	ends 0 ctl arp conflicts --no-headings -o address 'count>1'
	is "$output" 192.168.0.100
	ends 0 ctl arp conflicts --columns help
	[[ $output == *'* DEFENDED '* ]]
	ends 2 ctl arp conflicts cuont=1
	is "$stderr" $'masqctl: filter: unknown key "cuont"\nhint: did you mean "count"?'
}

@test "arp add and arp del" {
	echo '{"parameters":{}}' | tee "$arp/Add" >"$arp/Del"
	ends 0 ctl arp add 192.168.0.48/28 eth0 eth1
	is "$output" 'added 192.168.0.48/28 on eth0, eth1'
	is "$(grep Add "$arp/calls" | gojq -c .parameters)" '{"address":"192.168.0.48/28","interfaces":["eth0","eth1"]}'
	ends 0 ctl arp del 2001:db8::9 --json
	is "$(gojq -c 'del(.generated)' <<<"$output")" '{"address":"2001:db8::9","interfaces":[],"schema":"org.masqgate.arp-del","version":1}'
	is "$(grep Del "$arp/calls" | gojq -c .parameters)" '{"address":"2001:db8::9","interfaces":[]}'
	ends 0 ctl -q arp del 192.168.0.48/28 eth1
	is "$output" ''
}

@test "what arp add and arp del cannot do is explained" {
	ends 2 ctl arp add 192.168.0 eth0
	is "$stderr" 'masqctl: arp add: "192.168.0": must be an IPv4 address or prefix'
	ends 2 ctl arp add 192.168.0.48
	is "$stderr" 'masqctl: arp add: ADDRESS IFNAME… is missing'
	ends 2 ctl arp del
	ends 2 ctl arp add 192.168.0.48 eth0 --columns id
	is "$stderr" 'masqctl: arp add: does not take --columns'
	ends 2 ctl arp conflict
	is "$stderr" $'masqctl: arp: "conflict" is neither a filter nor conflicts, add or del\nhint: did you mean "conflicts"?'
	ends 2 ctl arp ad 192.168.0.48 eth0
	is "${stderr_lines[1]}" 'hint: did you mean "add"?'
	[[ ! -e $arp/calls ]]
	echo '{"error":"org.masqgate.Arp.Refused","parameters":{"reason":"192.168.0.1 is an address of this host"}}' >"$arp/Add"
	ends 1 ctl arp add 192.168.0.1 eth0
	is "$stderr" 'masqctl: arp add: refused: 192.168.0.1 is an address of this host'
	echo '{"error":"org.varlink.service.PermissionDenied","parameters":{}}' >"$arp/Add"
	ends 5 ctl arp add 192.168.0.48 eth0
	is "${stderr_lines[0]}" 'masqctl: arp add: permission denied'
	rm "$arp/Add"
	ends 8 ctl arp add 192.168.0.48 eth0
	ends 3 masqctl --socket "$gateway/socket" --arp-socket "$arp/none" arp add 192.168.0.48 eth0
	[[ $stderr == *$'\nhint: masq-arpd is not running; see `systemctl status masq-arpd`' ]]
}

@test "arp del says what there is instead" {
	echo '{"error":"org.masqgate.Arp.NotFound","parameters":{}}' >"$arp/Del"
	cat >"$arp/List" <<-'END'
		{"parameters":{"entry":{"address":"192.168.0.100","interface":"eth0","mac":null,"holders":["masqd"],"state":"published","engine":"kernel","since":1,"announced":3}},"continues":true}
		{"parameters":{"entry":{"address":"192.168.0.48","interface":"eth0","mac":null,"holders":["administrator"],"state":"published","engine":"kernel","since":1,"announced":3}},"continues":true}
		{"parameters":{}}
	END
	ends 4 ctl arp del 192.168.0.84
	is "$stderr" $'masqctl: arp del: 192.168.0.84: was not added by masqctl arp add\nhint: did you mean "192.168.0.48"?'
	ends 4 ctl arp del 192.168.0.48 eth1
	is "$stderr" $'masqctl: arp del: 192.168.0.48: was not added there by masqctl arp add\nhint: it was added on eth0'
	ends 4 ctl arp del 192.168.0.96/28
	is "$stderr" $'masqctl: arp del: 192.168.0.96/28: was not added there by masqctl arp add\nhint: it is masqd that wants it published on eth0'
	ends 4 ctl arp del 10.0.0.1
	is "$stderr" 'masqctl: arp del: 10.0.0.1: was not added by masqctl arp add'
}

@test "wait ends when a session matches" {
	echo '{"parameters":{"event":"ready"},"continues":true}' >"$gateway/Monitor"
	ends 0 ctl wait user=bob state=admitted
	ends 6 ctl wait user=bob state=open --timeout 1
	is "$stderr" 'masqctl: wait: timed out'
	mkfifo "$gateway/Monitor.later"
	ctl wait user=bob state=open --json 3>&- >"$BATS_TEST_TMPDIR/found" &
	until grep -q List "$gateway/calls"; do sleep 0.05; done
	session serial=13 user=bob >"$sessions.new"
	echo '{"parameters":{}}' >>"$sessions.new"
	mv "$sessions.new" "$sessions"
	echo '{"parameters":{"event":"open"},"continues":true}' >"$gateway/Monitor.later"
	wait $!
	[[ $(gojq -c '[.sessions[].id]' "$BATS_TEST_TMPDIR/found") == '[13]' ]]
}

@test "wait --gone, and conditions that move without an event" {
	echo '{"parameters":{"event":"ready"},"continues":true}' >"$gateway/Monitor"
	ends 0 ctl wait --gone user=nobody
	ends 6 ctl wait --gone user=bob --timeout 1
	timeout 10 masqctl --socket "$gateway/socket" wait --timeout 60 'flows>100' 3>&- &
	until grep -q List "$gateway/calls"; do sleep 0.05; done
	session serial=13 flows=101 >"$sessions.new"
	echo '{"parameters":{}}' >>"$sessions.new"
	mv "$sessions.new" "$sessions"
	wait $!
}

@test "wait ready" {
	ends 0 ctl wait ready
	status arpd=unreachable >"$gateway/Status"
	ends 6 ctl wait ready --timeout 1
	masqctl --socket "$gateway/socket" --arp-socket "$BATS_TEST_TMPDIR/late/socket" wait ready 3>&- &
	local waiting=$!
	status arpd=connected >"$gateway/Status"
	mkdir "$BATS_TEST_TMPDIR/late"
	cp "$arp/Status" "$BATS_TEST_TMPDIR/late"
	start "$BATS_TEST_TMPDIR/late"
	wait $waiting
}

@test "check asks the daemon's own parser" {
	cat >"$BATS_TEST_TMPDIR/masqd" <<-'END'
		#!/bin/bash
		echo "args: $*"
		echo 'masqd: /x:14: pool "a": bad' >&2
		exit "${CODE:-0}"
	END
	chmod +x "$BATS_TEST_TMPDIR/masqd"
	local stub=$BATS_TEST_TMPDIR/masqd
	MASQD=$stub ends 0 masqctl check
	is "$output" $'args: -n\nconfiguration valid'
	MASQD=$stub ends 0 masqctl check -v /x
	is "$output" 'args: -n -v -f /x'
	MASQD=$stub CODE=78 ends 7 masqctl check /x
	is "$stderr" 'masqd: /x:14: pool "a": bad'
	MASQD=$stub CODE=66 ends 1 masqctl check /x
	MASQD=/nonexistent ends 1 masqctl check
}

@test "check --json has nothing but JSON" {
	printf '#!/bin/bash\necho '\''masqd: /x:14: pool "a": bad'\'' >&2\nexit 78\n' >"$BATS_TEST_TMPDIR/masqd"
	chmod +x "$BATS_TEST_TMPDIR/masqd"
	MASQD=$BATS_TEST_TMPDIR/masqd ends 7 masqctl check /x --json
	is "$(gojq -c '[.valid, .errors]' <<<"$output")" '[false,["masqd: /x:14: pool \"a\": bad"]]'
}
