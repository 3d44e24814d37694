#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# masq-arpd as a daemon: its configuration, its rights, its calls, and what it leaves in the kernel; in the picture of arpd.bash.
# Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load arpd

@test "the shipped configuration is good" {
	masq-arpd -n -f "$BATS_TEST_DIRNAME/../../conf/arpd.conf"
	sed -n 's/^#   //p' "$BATS_TEST_DIRNAME/../../conf/arpd.conf" >examples
	grep -q '^publish' examples
	masq-arpd -n -f examples
}

# check_says TEXT...: -n on conf says exactly this.
check_says()
{
	run -78 masq-arpd -n -f conf
	[[ $output == "$(printf 'masq-arpd: %s\n' "$@")" ]]
}

@test "errors in the configuration name file, line and reason, all of them" {
	cat >conf <<-'END'
		# a comment
		socket = "arpd.sock"
		publish "192.168.0.100" {
			interface = { "lan0", "a name with spaces" }
		}
		publish "192.168.0.101" {
			interface = "a-name-too-long-for-it"
		}
	END
	check_says 'conf:2: bad socket: arpd.sock: must be an absolute path' \
		'conf:4: bad interface: a name with spaces: must have 1 to 15 characters' \
		'conf:7: bad interface: a-name-too-long-for-it: must have 1 to 15 characters'
	cat >conf <<-'END'
		publish "192.168.0.500" {
			interface = "lan0"
		}
		publish 127.0.0.1 { interface = "lan0" }
		/* on two
		   lines */
		publish 192.168.0.100 {
		}
	END
	check_says 'conf:1: bad address: 192.168.0.500: must be an IPv4 address or prefix' \
		'conf:4: bad address: 127.0.0.1: is a loopback address' \
		'conf:7: missing interface: publish 192.168.0.100: it must say on which LAN'
	printf 'publish 10.0.0.1 { interface = "lan0" }\npublish 10.0.0.1 { interface = "lan1" }\n' >conf
	check_says "conf:2: found duplicate title '10.0.0.1'"
	printf '\nanounce = yes\n' >conf
	check_says 'conf:2: anounce: no such key or section, did you mean "announce"?'
	printf 'announce = perhaps\n' >conf
	check_says "conf:1: invalid boolean value for option 'announce'"
	printf 'announce = yes\npublish 10.0.0.1 {\n\tinterface = "lan0"\n' >conf
	check_says 'conf:2: brace without end'
	printf '}\n' >conf
	check_says 'conf:1: closing brace without an opening one'
	# shellcheck disable=SC2016
	printf 'socket = "${HOME}/sock"\n' >conf
	# shellcheck disable=SC2016
	check_says 'conf:1: environment variables are not supported: a backslash before the $ makes it a character'
	printf 'socket = "/run\n' >conf
	check_says 'conf:1: string without end: its quote must be closed on the same line'
	printf 'announce = yes\0\n' >conf
	check_says 'conf: cannot read: it has a zero byte'
	printf '/* never' >conf
	check_says 'conf:1: comment without end'
	rm conf
	check_says 'conf: cannot read: No such file or directory'
	mkdir conf
	check_says 'conf: cannot read: not a regular file'
}

@test "the command line" {
	run -0 masq-arpd -h
	[[ ${lines[0]} == 'usage: masq-arpd [-f FILE] [-n] [-v] [-h] [-V]' ]]
	run -0 masq-arpd -V
	[[ $output == 'masq-arpd '[0-9]* ]]
	run -64 masq-arpd -x
	[[ $output == *'hint: masq-arpd -h' ]]
	run -64 masq-arpd there
	[[ ${lines[0]} == 'masq-arpd: unexpected argument: there' ]]
}

@test "runs as its own user, with two capabilities and no way to more" {
	PATH=$BUILD/arpd:$PATH start_arpd
	read -r _ uid1 uid2 uid3 uid4 < <(grep ^Uid: "/proc/$arpd/status")
	[[ $uid1,$uid2,$uid3,$uid4 == "$(id -u masqgate-arp | sed 's/.*/&,&,&,&/')" ]]
	# 1 << CAP_NET_ADMIN | 1 << CAP_NET_RAW
	diff - <(sed -n 's/^\(Groups\|Cap...\|NoNewPrivs\):[[:space:]]*\([^ ]*\).*/\1 \2/p' "/proc/$arpd/status") <<-'END'
		Groups 
		CapInh 0000000000000000
		CapPrm 0000000000003000
		CapEff 0000000000003000
		CapBnd 0000000000000000
		CapAmb 0000000000000000
		NoNewPrivs 1
	END
}

@test "as an ordinary user without the capabilities it says so" {
	run -77 setpriv --reuid masqgate-arp --regid masqgate-arp --clear-groups "$BUILD/arpd/masq-arpd" -f conf
	[[ $output == 'masq-arpd: cannot start: needs to be root, or CAP_NET_ADMIN and CAP_NET_RAW: Operation not permitted' ]]
}

@test "as an ordinary user that was given the capabilities it works, as by systemd" {
	ip netns exec "$ns-gw" setpriv --reuid masqgate-arp --regid masqgate-arp --clear-groups --inh-caps -all,+net_admin,+net_raw,+kill \
		--ambient-caps -all,+net_admin,+net_raw,+kill "$BUILD/arpd/masq-arpd" -f "$dir/conf" 3>&- 2>>log &
	arpd=$!
	pids+=("$arpd")
	until_true is_ready 1
	grep -q '^CapEff:[[:space:]]*0000000000003000$' "/proc/$arpd/status"
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	answers 192.168.0.100
}

@test "proxy_delay is 0 from a LAN's first address to its last, and then what it was" {
	start_arpd
	gw sysctl -qw net.ipv4.neigh.lan0.proxy_delay=40
	hold masqd $ARP.Publish "$(publication 192.168.0.100)" $ARP.Publish "$(publication 192.168.0.101)" \
		$ARP.Withdraw '{"address":"192.168.0.100"}'
	[[ $(proxy_delay lan0) == 0 ]]
	[[ $(proxy_delay ppp0) == 80 ]]
	release "$holder"
	call $ARP.Hold '{"holder":"masqd"}' $ARP.Sweep '{}'
	[[ $(proxy_delay lan0) == 40 ]]
}

# kernel: .100 ours (routed), .150 ours (its client hung up), .200 somebody else's
@test "killed and started again: keeps what is routed, cleans the rest, touches nobody else's" {
	start_arpd
	gw_ip neigh add proxy 192.168.0.200 dev lan0
	hold masqd $ARP.Publish "$(publication 192.168.0.100)" $ARP.Publish "$(publication 192.168.0.101)"
	stop_arpd KILL
	answers 192.168.0.100
	gw_ip route del 192.168.0.101/32
	capture
	start_arpd
	listed '192.168.0.100 lan0 orphaned '
	has_answered_for "$(printf '%s\n' '192.168.0.100 lan0 77' '192.168.0.200 lan0 -')"
	[[ $(proxy_delay lan0) == 0 ]]
	hold masqd $ARP.Publish "$(publication 192.168.0.100)" $ARP.Sweep '{}'
	listed '192.168.0.100 lan0 published masqd'
	was_announced 192.168.0.100 0
	release "$holder"
	call $ARP.Hold '{"holder":"masqd"}' $ARP.Sweep '{}'
	has_answered_for '192.168.0.200 lan0 -'
	[[ $(proxy_delay lan0) == 80 ]]
}

@test "what an earlier run left and nobody wants is swept with the first holder" {
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)" $ARP.Publish "$(publication 192.168.0.101)"
	stop_arpd KILL
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.101)" $ARP.Sweep '{}'
	grep -qF '{"parameters": {"withdrawn": 1}}' replies-masqd
	has_answered_for '192.168.0.101 lan0 77'
}

@test "stopped in order, it leaves what is published" {
	conf 'publish 192.168.0.101 { interface = lan0 }'
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	kill "$arpd"
	wait "$arpd"
	[[ ! -e sock ]]
	[[ $(tail -n 1 log) == 'masq-arpd: stopped; what was published stays published' ]]
	run ! logged 'withdrawn\|is gone'
	answers 192.168.0.100
	answers 192.168.0.101
	[[ $(proxy_delay lan0) == 80 ]]
	start_arpd
	[[ $(proxy_delay lan0) == 0 ]]
	listed "$(printf '%s\n' '192.168.0.100 lan0 orphaned ' '192.168.0.101 lan0 published configuration')"
}

@test "somebody else's entry is left alone, and replaced when it is gone" {
	gw_ip neigh add proxy 192.168.0.100 dev lan0
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	listed '192.168.0.100 lan0 waiting masqd'
	has_answered_for '192.168.0.100 lan0 -'
	call $ARP.Status '{}' | grep -qF '"text": "lan0: somebody else'\''s proxy neighbours have 1 addresses"'
	gw_ip neigh add proxy 192.168.0.101 dev lan0
	gw_ip addr add 192.168.0.2/24 dev lan0
	gw_ip neigh del proxy 192.168.0.100 dev lan0
	until_true listed '192.168.0.100 lan0 published masqd'
	has_answered_for "$(printf '%s\n' '192.168.0.100 lan0 77' '192.168.0.101 lan0 -')"
	[[ $(logged_times "192.168.0.100 on lan0: somebody else's") == 1 ]]
	# Theirs takes the place of ours, unnoticed: in one go, before that is looked at.
	printf 'neigh %s proxy 192.168.0.100 dev lan0\n' del add | gw_ip -batch -
	call $ARP.Hold '{"holder":"masqd"}' $ARP.Withdraw '{"address":"192.168.0.100"}'
	has_answered_for "$(printf '192.168.0.10%s lan0 -\n' 0 1)"
}

@test "deleted entries are put back and counted" {
	conf 'publish 192.168.0.101 { interface = lan0 }'
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	capture
	gw_ip neigh flush proxy
	until_true has_answered_for "$(printf '192.168.0.10%s lan0 77\n' 0 1)"
	call $ARP.Status '{}' | grep -qF '"repairs": 2'
	logged 'lan0: put back what was deleted: 2$'
	until_true was_announced 192.168.0.100 1
}

@test "an entry with our mark that nobody wants is withdrawn" {
	start_arpd
	gw_ip neigh add proxy 192.168.0.77 dev ppp0 protocol 77
	until_true has_answered_for ''
}

@test "a second instance says so and leaves the first alone" {
	start_arpd
	run -69 gw timeout 10 masq-arpd -f "$dir/conf"
	[[ $output == "masq-arpd: cannot listen: $dir/sock: another masq-arpd is running" ]]
	call $ARP.Status '{}' | grep -qF "\"pid\": $arpd,"
}

@test "the configuration's addresses follow a reload, and a bad one changes nothing" {
	conf 'publish 192.168.0.100 { interface = lan0 }' 'publish 192.168.0.101 { interface = lan0 }'
	start_arpd
	listed "$(printf '192.168.0.10%s lan0 published configuration\n' 0 1)"
	answers 192.168.0.100
	conf 'publish 192.168.0.101 { interface = lan0 }' 'publish 192.168.0.102 { interface = lan0 }' 'oops'
	kill -HUP "$arpd"
	until_true logged 'configuration not reloaded'
	logged "^masq-arpd: $dir/conf:4: oops: no such key or section$"
	listed "$(printf '192.168.0.10%s lan0 published configuration\n' 0 1)"
	conf 'publish 192.168.0.101 { interface = lan0 }' 'publish 192.168.0.102 { interface = { lan0, lan7 } }' \
		'publish 192.168.0.1 { interface = lan0 }'
	kill -HUP "$arpd"
	until_true logged 'configuration reloaded$'
	listed "$(printf '%s\n' '192.168.0.101 lan0 published configuration' '192.168.0.102 lan0 unrouted configuration' \
		'192.168.0.102 lan7 waiting configuration')"
	logged 'cannot publish: 192.168.0.1: is an address of this host$'
	run ! logged '192.168.0.101 withdrawn'
}

# refused ADDRESS REASON
refused()
{
	call $ARP.Hold '{"holder":"masqd"}' $ARP.Publish "$(publication "$1")" >reply && return 1
	[[ $(tail -n 1 reply) == "{\"error\": \"$ARP.Refused\", \"parameters\": {\"reason\": \"$1 $2\"}}" ]]
}

@test "addresses that no client can have are refused" {
	start_arpd
	refused 192.168.0.1 'is an address of this host'
	refused 192.168.0.255 "is a broadcast address of this host's networks"
	refused 127.0.0.2 'is a loopback address'
	refused 224.0.0.1 'is a multicast address'
	refused 255.255.255.255 'is the broadcast address'
	listed ''
}

# fails METHOD PARAMETERS ERROR: on a connection that holds, with this as the last reply.
fails()
{
	call $ARP.Hold '{"holder":"masqd"}' "$1" "$2" >reply && return 1
	[[ $(tail -n 1 reply) == "$3" ]]
}

@test "bad calls are answered with words" {
	local bad=org.varlink.service.InvalidParameter
	start_arpd
	run -1 call $ARP.Publish "$(publication 192.168.0.100)"
	[[ $output == "{\"error\": \"$ARP.NotHolding\", \"parameters\": {}}" ]]
	run -1 call $ARP.Hold '{"holder":"configuration"}'
	[[ $output == *"the configuration's"* ]]
	run -1 call $ARP.Hold '{"holder":"new\nline"}'
	[[ $output == *"$bad"*holder* ]]
	run -1 call $ARP.Hold '{}'
	run -1 call $ARP.List '{}'
	[[ $output == *ExpectedMore* ]]
	fails $ARP.Publish '{"address":"192.168.0.256","interfaces":["lan0"]}' "{\"error\": \"$bad\", \"parameters\": {\"parameter\": \"address\"}}"
	fails $ARP.Publish '{"address":7,"interfaces":["lan0"]}' "{\"error\": \"$bad\", \"parameters\": {\"parameter\": \"address\"}}"
	fails $ARP.Publish '{"address":"192.168.0.100"}' "{\"error\": \"$bad\", \"parameters\": {\"parameter\": \"interfaces\"}}"
	fails $ARP.Publish '{"address":"192.168.0.100","interfaces":["../x"]}' "{\"error\": \"$bad\", \"parameters\": {\"parameter\": \"interfaces\"}}"
	fails $ARP.Publish '{"address":"192.168.0.100","interfaces":[1]}' "{\"error\": \"$bad\", \"parameters\": {\"parameter\": \"interfaces\"}}"
	fails $ARP.Withdraw '{}' "{\"error\": \"$bad\", \"parameters\": {\"parameter\": \"address\"}}"
	fails $ARP.Hold '{"holder":"other"}' "{\"error\": \"$ARP.Refused\", \"parameters\": {\"reason\": \"this connection has a holder already\"}}"
	listed ''
}

@test "everybody may look, only root and the group masqgate may publish" {
	local top=$BATS_TEST_DIRNAME/../..
	start_arpd
	# Where nobody can read it, wherever the source is.
	mkdir -p calls/tests calls/arpd calls/masqd
	cp "$top"/tests/varlink* calls/tests
	cp "$top"/arpd/*.varlink calls/arpd
	cp "$top"/masqd/*.varlink calls/masqd
	as() { setpriv --reuid nobody --regid "$1" --clear-groups calls/tests/varlink-call sock "${@:2}"; }
	as nogroup $ARP.Status '{}'
	as nogroup +$ARP.List '{}'
	run -1 as nogroup $ARP.Hold '{"holder":"masqd"}'
	[[ $output == *PermissionDenied* ]]
	as masqgate $ARP.Hold '{"holder":"masqd"}' $ARP.Publish "$(publication 192.168.0.100)"
}

@test "it describes itself" {
	start_arpd
	call org.varlink.service.GetInfo '{}' | grep -qF '"org.masqgate.Arp"'
	call org.varlink.service.GetInterfaceDescription '{"interface":"org.masqgate.Arp"}' | gojq -j .parameters.description |
		diff - "$BATS_TEST_DIRNAME/../../arpd/org.masqgate.Arp.varlink"
}

@test "two thousand addresses: published, announced, orphaned and withdrawn" {
	local calls=() i
	start_arpd
	for ((i = 0; i < 2000; i++)); do
		calls+=("-$ARP.Publish" "$(publication "10.1.$((i / 250)).$((i % 250 + 1))")")
		echo "route add 10.1.$((i / 250)).$((i % 250 + 1))/32 dev ppp0"
	done >routes
	gw_ip -batch routes
	capture
	hold masqd "${calls[@]}" $ARP.Sweep '{}'
	[[ $(answered_for | wc -l) == 2000 ]]
	[[ $(list | grep -c ' lan0 published masqd$') == 2000 ]]
	all_announced() { (($(grep -o "Request who-has 10\.1\.[0-9.]*" capture | sort -u | wc -l) == 2000)); }
	until_true all_announced
	answers 10.1.7.250
	release "$holder"
	until_true listed_state 2000 orphaned
	gw_ip link set ppp0 down
	until_true has_answered_for ''
}

listed_state() { (($(list | grep -c " lan0 $2 ") == $1)); }

# ---- what pppd's option proxyarp leaves behind when pppd is killed

# foreign_dead is so many
dead() { [[ $(call $ARP.Status '{}' | gojq .parameters.foreign_dead) == "$1" ]]; }

@test "somebody else's entry that leads nowhere is reported, and left alone" {
	gw_ip neigh add proxy 192.168.0.100 dev lan0
	gw_ip neigh add proxy 192.168.0.150 dev lan0
	start_arpd
	within 20 dead 1
	logged "192.168.0.150 on lan0: somebody else's proxy neighbour leads nowhere$"
	call $ARP.Status '{}' | grep -qF '"text": "proxy neighbours of others that lead nowhere: 1"'
	has_answered_for "$(printf '192.168.0.1%s0 lan0 -\n' 0 5)"
	[[ $(logged_times 'leads nowhere') == 1 ]]
}

@test "clean-foreign: what leads nowhere is deleted, and nothing else" {
	conf 'clean-foreign = yes'
	gw_ip neigh add proxy 192.168.0.100 dev lan0
	gw_ip neigh add proxy 192.168.0.150 dev lan0
	start_arpd
	within 20 has_answered_for '192.168.0.100 lan0 -'
	logged "192.168.0.150 on lan0: somebody else's proxy neighbour leads nowhere, and is deleted$"
	[[ $(call $ARP.Status '{}' | gojq -c '[.parameters.foreign_dead, .parameters.foreign_cleaned]') == '[0,1]' ]]
}

# ---- the engines

@test "the engine follows the number of addresses, and nobody asks in vain meanwhile" {
	conf 'engine = auto' 'bpf-from = 16' 'publish 10.5.0.0/29 { interface = lan0 }'
	gw_ip route add 10.5.0.0/24 dev ppp0
	start_arpd
	[[ $(call $ARP.Status '{}' | gojq -r .parameters.engine) == kernel ]]
	lan "$BATS_TEST_DIRNAME/arp" eth0 192.168.0.1 --until "$dir/enough" 10.5.0.1 3>&- >asked &
	asking=$!
	pids+=("$asking")
	conf 'engine = auto' 'bpf-from = 16' 'publish 10.5.0.0/27 { interface = lan0 }'
	kill -HUP "$arpd"
	until_true logged 'the BPF responder answers for IPv4$'
	[[ $(call +$ARP.List '{}' | gojq -c '.parameters.entry | select(.) | .engine' | sort -u) == '"bpf"' ]]
	[[ $(gw_ip neigh show proxy) == '' ]]
	conf 'engine = auto' 'bpf-from = 16' 'publish 10.5.0.0/30 { interface = lan0 }'
	kill -HUP "$arpd"
	until_true logged "the kernel's proxy neighbours answer$"
	[[ $(gw_ip neigh show proxy | wc -l) == 4 ]]
	: >enough
	wait "$asking"
	read -r times answered <asked
	((times == answered && times > 10))
}

@test "where BPF is not permitted the kernel goes on, with one warning" {
	conf 'engine = bpf' 'publish 192.168.0.100 { interface = lan0 }'
	ip netns exec "$ns-gw" setpriv --reuid masqgate-arp --regid masqgate-arp --clear-groups --inh-caps -all,+net_admin,+net_raw \
		--ambient-caps -all,+net_admin,+net_raw "$BUILD/arpd/masq-arpd" -f "$dir/conf" 3>&- 2>>log &
	arpd=$!
	pids+=("$arpd")
	until_true is_ready 1
	answers 192.168.0.100
	until_true logged "cannot answer by BPF, the kernel's proxy neighbours go on: "
	call $ARP.Status '{}' | gojq -e '.parameters.engine == "kernel" and (.parameters.warnings | length) == 1'
	# it looks once a second, and tries again when it is told to
	sleep 2.5
	has_warned 1
	kill -HUP "$arpd"
	until_true has_warned 2
	sleep 2.5
	has_warned 2
}
has_warned() { [[ $(logged_times 'cannot answer by BPF') == "$1" ]]; }

@test "with somebody else's filter in the responder's place the kernel answers, until it is gone" {
	conf 'engine = bpf' 'publish 10.5.0.0/26 { interface = lan0 }'
	gw_ip route add 10.5.0.0/24 dev ppp0
	gw tc qdisc add dev lan0 clsact
	gw tc filter add dev lan0 ingress pref 7700 handle 77 protocol arp bpf da bytecode '1,6 0 0 4294967295,'
	start_arpd
	answers 10.5.0.63
	[[ $(call +$ARP.List '{}' | gojq -c '.parameters.entry | select(.) | .engine' | sort -u) == '"kernel"' ]]
	until_true logged "cannot answer by BPF on lan0, the kernel's proxy neighbours do: "
	call $ARP.Status '{}' | gojq -e '.parameters.warnings[0].hint == "tc filter show dev lan0 ingress"'
	gw tc filter del dev lan0 ingress pref 7700
	until_true all_by '"bpf"'
	answers 10.5.0.63
	[[ $(gw_ip neigh show proxy) == '' ]]
	[[ $(logged_times 'cannot answer by BPF') == 1 ]]
}
all_by() { [[ $(call +$ARP.List '{}' | gojq -c '.parameters.entry | select(.) | .engine' | sort -u) == "$1" ]]; }

@test "all of what is added by hand is published, or nothing" {
	start_arpd
	gw_ip route add 10.5.0.0/24 dev ppp0
	gw_ip addr add 10.5.0.2/32 dev lo
	call $ARP.Add "$(publication 10.5.0.0/29)" >reply && return 1
	gojq -e '.parameters.reason == "10.5.0.0/29 is an address of this host"' reply
	listed ''
}

@test "with the BPF engine it has one capability more" {
	conf 'engine = bpf'
	start_arpd
	# and 1 << CAP_BPF
	grep -q '^CapPrm:[[:space:]]*0000008000003000$' "/proc/$arpd/status"
}

@test "deleted responders are put back and counted" {
	conf 'engine = bpf' 'publish 192.168.0.100 { interface = lan0 }'
	start_arpd
	until_true logged 'the BPF responder answers for IPv4$'
	answers 192.168.0.100
	gw tc qdisc del dev lan0 clsact
	until_true repaired 1
	answers 192.168.0.100
	gw_ip link set lan0 address 02:00:00:00:00:07
	until_true eval "lan arping -c 1 -w 1 -I eth0 192.168.0.100 | grep -qi '\[02:00:00:00:00:07\]'"
}
repaired() { [[ $(call $ARP.Status '{}' | gojq .parameters.repairs) == "$1" ]]; }

@test "killed with the BPF engine, it goes on answering, and is replaced without a gap" {
	conf 'engine = bpf'
	start_arpd
	gw_ip route add 10.5.0.0/24 dev ppp0
	hold masqd $ARP.Publish "$(publication 192.168.0.100)" $ARP.Publish "$(publication 192.168.0.101)" $ARP.Sweep '{}'
	until_true logged 'the BPF responder answers for IPv4$'
	lan "$BATS_TEST_DIRNAME/arp" eth0 192.168.0.1 --until "$dir/enough" 192.168.0.100 3>&- >asked &
	asking=$!
	pids+=("$asking")
	stop_arpd KILL
	start_arpd
	# what comes first takes nobody's place before the others have come too
	call $ARP.Add "$(publication 10.5.0.1)"
	answers 10.5.0.1
	sleep 1.5
	answers 192.168.0.101
	hold masqd $ARP.Publish "$(publication 192.168.0.100)" $ARP.Sweep '{}'
	until_true responders $'10.5.0.1\n192.168.0.100'
	is_silent 192.168.0.101
	: >enough
	wait "$asking"
	read -r times answered <asked
	((times == answered && times > 10))
}
responders() { [[ $(call +$ARP.List '{}' | gojq -r '.parameters.entry | select(. and .engine == "bpf") | .address' | sort) == "$1" ]]; }
