#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# masqctl with the real masqd and masq-arpd, in network namespaces: what it makes them do, and that what it says is so.
# Needs root.
#
#     LAN host ──── eth0 gateway isp0 ──── isp
#                      cl1, cl2 ──── client        (attached, no pppd)

# shellcheck disable=SC2154 # run sets stderr
bats_require_minimum_version 1.5.0
load lib

setup()
{
	export TZ=UTC LC_ALL=C.UTF-8
	gw=ctl-$$-$BATS_TEST_NUMBER-gw
	far=ctl-$$-$BATS_TEST_NUMBER-far
	dir=$(mktemp -d)
	chmod 755 "$dir"
	mkdir "$dir/masqd" "$dir/arpd"
	chown masqgate "$dir" "$dir/masqd"
	chown masqgate-arp "$dir/arpd"
	cd "$dir" || return
	masqd="" arpd=""
	ip netns add "$gw"
	ip netns add "$far"
	ip -n "$gw" link set lo up
	add_link isp0 203.0.113.1/24
	add_link eth0 192.168.0.1/24
	add_link cl1
	add_link cl2
	conf
	start_arpd
	start_masqd
	ctl wait ready
}

teardown()
{
	stop "$masqd"
	stop "$arpd"
	ip netns del "$gw"
	ip netns del "$far"
	[[ -n ${BATS_TEST_COMPLETED-} ]] || cat "$dir"/*.log
	cd / || return
	rm -rf "$dir"
}

# add_link NAME [ADDRESS]: an interface of the gateway, its other end far away.
add_link()
{
	ip -n "$gw" link add "$1" type veth peer name "$1" netns "$far"
	ip -n "$gw" link set "$1" up
	ip -n "$far" link set "$1" up
	[[ -z ${2-} ]] || ip -n "$gw" addr add "$2" dev "$1"
	ip netns exec "$gw" sysctl -qw "net.ipv4.conf.$1.forwarding=1"
}

# conf [LINE]...: masqd's configuration, with further lines
conf()
{
	cat >"$dir/masqd.conf" - <(printf '%s\n' "$@") <<-END
		client-interfaces = { "cl*" }
		default-policy = "dialup"
		uplink isp { interface = "isp0" }
		lan office { interface = "eth0" proxy-arp = yes }
		pool dialin { range = { "192.168.0.100-192.168.0.119" } }
		policy dialup { nat = masquerade proxy-arp = yes isolate = yes pool = "dialin" }
		policy plain { nat = none proxy-arp = no isolate = no }
		socket = "$dir/masqd/socket"
		arpd-socket = "$dir/arpd/socket"
		state-directory = "$dir/state"
	END
}

start_masqd()
{
	ip netns exec "$gw" masqd -f "$dir/masqd.conf" 3>&- >>"$dir/masqd.log" 2>&1 &
	masqd=$!
}

start_arpd()
{
	echo "socket = \"$dir/arpd/socket\"" >"$dir/arpd.conf"
	ip netns exec "$gw" masq-arpd -f "$dir/arpd.conf" 3>&- >>"$dir/arpd.log" 2>&1 &
	arpd=$!
}

# stop PID
stop()
{
	if [[ -n $1 ]]; then
		kill "$1" 2>/dev/null || :
		wait "$1" || :
	fi
}

ctl() { masqctl --socket "$dir/masqd/socket" --arp-socket "$dir/arpd/socket" "$@"; }

nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups -- "$(type -P masqctl)" --socket "$dir/masqd/socket" --arp-socket "$dir/arpd/socket" "$@"; }

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

# member FILTER: of the sessions in JSON on standard input.
member() { gojq -c ".sessions[] | $1"; }

in_kernel() { ip netns exec "$gw" nft list table inet masqgate | grep -F "$1"; }

@test "an empty gateway is healthy" {
	ends 0 ctl
	[[ ${lines[0]} == 'masqd      running for '* ]]
	[[ $output == *$'\nsessions   none; 0 refused\n'* ]]
	[[ $output == *$'\nuplinks    isp  isp0  up  203.0.113.1\n'* ]]
	ends 0 ctl list --json -o all
	is "$(gojq -c .sessions <<<"$output")" '[]'
	ends 0 ctl uplinks --json
	is "$(gojq -c '.uplinks[] | [.name, .interface, .state, .addresses]' <<<"$output")" '["isp","isp0","up",["203.0.113.1"]]'
}

is_published()
{
	[[ $(ctl arp --json | gojq -c '.entries[] | [.address, .interface, .state, .engine, .holders]') == \
		'["192.168.0.100","eth0","published","kernel",["masqd"]]' ]]
}

@test "attach, list, show, arp, detach" {
	# as pppd would have it
	ip -n "$gw" route add 192.168.0.100/32 dev cl1
	ends 0 ctl attach cl1 --address 192.168.0.100 --user alice
	[[ $output =~ ^attached\ #([0-9]+)$ ]]
	local id=${BASH_REMATCH[1]}
	ctl wait user=alice state=open
	ends 0 ctl list --json -o all
	is "$(member '[.id, .ifname, .user, .address, .policy, .state, .type, .nat, .proxy_arp, .isolate]' <<<"$output")" \
		"[$id,\"cl1\",\"alice\",\"192.168.0.100\",\"dialup\",\"open\",\"attached\",\"masquerade\",true,true]"
	is "$(member .ifindex <<<"$output")" "$(ip -n "$gw" -j link show cl1 | gojq '.[0].ifindex')"
	in_kernel 192.168.0.100
	for sel in "#$id" "$id" cl1 192.168.0.100 user=alice 'user=al*'; do
		ends 0 ctl show "$sel"
		[[ $output == "session: #$id"* ]]
	done
	until_true is_published
	ip -n "$gw" neigh show proxy | grep -F 192.168.0.100
	ends 0 ctl
	[[ $output == *$'\nsessions   1 open; 0 refused\narp        1 published; by engine kernel\n'* ]]
	ends 0 ctl detach cl1
	is "$output" "detached #$id"
	ctl wait --gone user=alice
	run ! in_kernel 192.168.0.100
	ends 4 ctl show user=alice
}

arp_entries() { ctl arp --json "$@" | gojq -r '[.entries[] | "\(.address) \(.interface) \(.state) \(.holders | join(","))"] | sort | join("; ")'; }
arp_is() { [[ $(arp_entries) == "$1" ]]; }

@test "arp add, arp del" {
	ip -n "$gw" route add 192.168.0.48/30 dev cl1
	ip -n "$gw" route add 192.168.0.100/32 dev cl1
	ctl attach cl1 --address 192.168.0.100
	ends 0 ctl arp add 192.168.0.48/30 eth0
	is "$output" 'added 192.168.0.48/30 on eth0'
	until arp_is '192.168.0.100 eth0 published masqd; 192.168.0.48 eth0 published administrator; 192.168.0.49 eth0 published administrator; 192.168.0.50 eth0 published administrator; 192.168.0.51 eth0 published administrator'; do sleep 0.1; done
	is "$(ip -n "$gw" neigh show proxy | grep -c '192.168.0.4[89]\|192.168.0.5[01]')" 4
	ends 0 ctl
	[[ $output == *$'\narp        5 published; by engine kernel\n'* ]]
	ends 0 ctl arp add 192.168.0.100 eth0
	until arp_entries address=192.168.0.100 | grep -q administrator; do sleep 0.1; done
	ends 0 ctl arp del 192.168.0.48/30
	ends 0 ctl arp del 192.168.0.100 eth0
	until arp_is '192.168.0.100 eth0 published masqd'; do sleep 0.1; done
	ends 4 ctl arp del 192.168.0.100
	is "$stderr" $'masqctl: arp del: 192.168.0.100: was not added there by masqctl arp add\nhint: it is masqd that wants it published on eth0'
	ends 1 ctl arp add 127.0.0.1 eth0
	[[ $stderr == 'masqctl: arp add: refused: 127.0.0.1 '* ]]
	ends 1 ctl arp add 192.168.0.1 eth0
	[[ $stderr == 'masqctl: arp add: refused: '*192.168.0.1* ]]
	ends 5 nobody arp add 192.168.0.50 eth0
	ends 5 nobody arp del 192.168.0.100
	ends 0 nobody arp conflicts
}

@test "arp conflicts: a host on the LAN that takes a client's address" {
	local mac
	ip -n "$gw" route add 192.168.0.100/32 dev cl1
	ctl attach cl1 --address 192.168.0.100 --user alice
	until arp_is '192.168.0.100 eth0 published masqd'; do sleep 0.1; done
	ends 0 ctl arp conflicts --json
	is "$(gojq -c .conflicts <<<"$output")" '[]'
	ip -n "$far" addr add 192.168.0.100/24 dev eth0
	mac=$(ip -n "$far" -j link show eth0 | gojq -r '.[0].address')
	ip netns exec "$far" ping -q -c 1 -W 1 -I eth0 192.168.0.1 || :
	until ctl arp conflicts --json | gojq -e '.conflicts | length == 1'; do sleep 0.1; done
	ends 0 ctl arp conflicts --json
	is "$(gojq -c '.conflicts[] | [.address, .interface, .mac, .defended]' <<<"$output")" "[\"192.168.0.100\",\"eth0\",\"$mac\",1]"
	until [[ $(ctl show user=alice --json | gojq -r '.sessions[0].conflicts[0]') == "192.168.0.100 is in use on eth0 by $mac" ]]; do sleep 0.1; done
	ends 1 ctl status
	[[ $output == *'; 1 conflict, see masqctl arp conflicts'*"cl1: address 192.168.0.100 is in use on eth0 by $mac too"$'\nhint: masqctl arp conflicts'* ]]
	is "$(ctl list --json | member .state)" '"open"'
	ctl detach cl1
	until ctl status; do sleep 0.1; done
}

@test "counters and flows are the kernel's" {
	ctl attach cl1 --address 192.168.0.100
	ctl wait ifname=cl1 state=open
	ip -n "$far" addr add 192.168.0.100/32 dev cl1
	ip -n "$far" route add 192.168.0.1/32 dev cl1 src 192.168.0.100
	ip netns exec "$far" ping -q -c 3 -i 0.2 -s 1000 -W 2 192.168.0.1 || :
	ends 0 ctl list --json 'rx>3000'
	is "$(member .ifname <<<"$output")" '"cl1"'
	is "$(member '.flows | type' <<<"$output")" '"number"'
	ends 0 ctl list --raw --no-headings -o rx
	((output >= 3000))
}

@test "kick ends what it names and nothing else" {
	ctl attach cl1 --address 192.168.0.100 --user alice
	ctl attach cl2 --address 192.168.0.101 --user bob --policy plain
	ctl wait user=bob state=open
	ends 4 ctl kick user=bobb
	is "$stderr" $'masqctl: kick: no session matches "bobb"\nhint: did you mean "bob"?'
	ends 2 ctl kick 'user=*'
	is "$(ctl list --json | gojq '.sessions | length')" 2
	ends 0 ctl kick user=bob --reason 'the line is needed'
	is "$(ctl list --json | member .user)" '"alice"'
	ends 9 ctl kick cl1 cl2
	is "$(ctl list --json | gojq '.sessions | length')" 0
}

@test "what masqd refuses is said in its words" {
	ctl attach cl1 --address 192.168.0.100
	ends 1 ctl attach cl2 --address 192.168.0.100
	[[ $stderr == 'masqctl: attach: refused: '*192.168.0.100* ]]
	ends 1 ctl attach cl2 --address 192.168.0.101 --policy nosuch
	[[ $stderr == 'masqctl: attach: refused: '*nosuch* ]]
	ends 1 ctl attach cl9 --address 192.168.0.101
	[[ $stderr == 'masqctl: attach: refused: '*cl9* ]]
	ends 4 ctl detach cl9
	is "$stderr" 'masqctl: detach: no such interface: cl9'
	ends 1 ctl attach cl2 --address 127.0.0.1
	is "$(ctl list --json | gojq '.sessions | length')" 1
}

@test "only the privileged change something" {
	ctl attach cl1 --address 192.168.0.100
	ends 0 nobody list --json
	is "$(member .ifname <<<"$output")" '"cl1"'
	ends 0 nobody status
	ends 0 nobody arp
	ends 5 nobody kick cl1
	[[ $stderr == $'masqctl: kick: permission denied\nhint: '* ]]
	ends 5 nobody reload
	ends 5 nobody detach cl1
	ends 5 nobody attach cl2 --address 192.168.0.101
	is "$(ctl list --json | gojq '.sessions | length')" 1
}

@test "check and reload agree" {
	ctl attach cl1 --address 192.168.0.100
	MASQD=$(type -P masqd)
	export MASQD
	ends 0 ctl check "$dir/masqd.conf"
	ends 0 ctl check -v "$dir/masqd.conf"
	[[ $output == *policy*dialup*masquerade* ]]
	conf 'policy broken { pool = "nosuch" }'
	ends 7 ctl check "$dir/masqd.conf"
	[[ $stderr == *masqd.conf:*nosuch* ]]
	ends 7 ctl check "$dir/masqd.conf" --json
	is "$(gojq -c '[.valid, (.errors | length > 0)]' <<<"$output")" '[false,true]'
	ends 7 ctl reload
	[[ $stderr == *masqd.conf:*nosuch*'configuration invalid'* ]]
	conf
	sed -i 's/proxy-arp = yes isolate/proxy-arp = no isolate/' "$dir/masqd.conf"
	ends 0 ctl reload
	is "$output" 'reloaded; sessions changed: 1'
	is "$(ctl list --json -o all | member .proxy_arp)" 'false'
	ends 0 ctl reload
	is "$output" 'reloaded; sessions changed: 0'
}

@test "wait sees what happens meanwhile" {
	ctl wait user=alice state=open 3>&- &
	local waiting=$!
	ctl attach cl1 --address 192.168.0.100 --user alice
	wait $waiting
	ctl wait --gone user=alice 3>&- &
	waiting=$!
	ip -n "$gw" link del cl1
	wait $waiting
	ends 6 ctl wait user=alice --timeout 1
}

@test "status follows the daemons" {
	ip -n "$gw" link set isp0 down
	until ctl uplinks --json | gojq -e '.uplinks[0].state == "down"'; do sleep 0.1; done
	ends 1 ctl status
	ip -n "$gw" link set isp0 up
	until ctl status; do sleep 0.1; done
	stop "$arpd"
	arpd=""
	until ctl status --json | gojq -e '.masqd.arpd == "unreachable"'; do sleep 0.1; done
	ends 1 ctl status
	[[ $output == *$'\nmasq-arpd  not running'* ]]
	ends 3 ctl arp
	start_arpd
	ctl wait ready
	stop "$masqd"
	masqd=""
	ends 3 ctl status
	[[ $output == $'masqd      not running\nmasq-arpd  running for '* ]]
	ends 3 ctl list
	[[ $stderr == *$'\nhint: masqd is not running; see `systemctl status masqd`' ]]
}
