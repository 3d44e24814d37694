#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The ARP daemon's BPF program on the wire, without the daemon: responder-hold does with it what a test says, as the ordinary
# user with the three capabilities that the daemon is. Needs root.
#
#     host on the LAN             gateway                      client
#     192.168.0.9 eth0 ──── lan0 192.168.0.1  ppp0 ──── eth0   192.168.0.100, .101, 10.1.2.3
#                                             host routes to clients lead here

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib

capabilities=+net_admin,+net_raw,+bpf
mac=02:00:00:00:00:01

setup()
{
	begin responder
	: >log
	cp "$BUILD/tests/net/responder-hold" .
	add_namespaces gw lan client
	gw_ip link add ppp0 type veth peer name eth0 netns "$ns-client"
	gw_ip link set ppp0 up
	ip -n "$ns-client" link set eth0 up
	add_lan lan0 eth0
	gw_ip addr add 192.168.0.1/24 dev lan0
	for address in 192.168.0.100 192.168.0.101 192.168.0.102 10.1.2.3; do
		gw_ip route add "$address/32" dev ppp0
	done
}

teardown() { end log; }

gw_ip() { ip -n "$ns-gw" "$@"; }
gw_tc() { tc -n "$ns-gw" "$@"; }

# add_lan NAME PEER: an interface of the gateway that the host on the LAN has the other end of. Only ARP goes there.
add_lan()
{
	gw_ip link add "$1" address $mac type veth peer name "$2" netns "$ns-lan"
	within gw sysctl -qw "net.ipv4.conf.$1.forwarding=1"
	gw_ip link set "$1" up
	ip -n "$ns-lan" link set "$2" up
}

# start_holder [CAPABILITIES]: its process id is in holder, and what responder_open() said in opened.
start_holder()
{
	rm -f commands
	mkfifo commands
	: >replies
	exec {to}<>commands
	# shellcheck disable=SC2094
	ip netns exec "$ns-gw" setpriv --reuid masqgate-arp --regid masqgate-arp --clear-groups \
		--bounding-set "-all,${1-$capabilities}" --inh-caps "-all,${1-$capabilities}" --ambient-caps "-all,${1-$capabilities}" \
		"$dir/responder-hold" <commands >replies 2>>log 3>&- {to}>&- &
	holder=$!
	pids+=("$holder")
	until_true has_replies 1
	opened=$(<replies)
}

has_replies() { (($(wc -l <replies) >= $1)); }

# tell WORD...: prints what responder-hold answers.
tell()
{
	local replies
	replies=$(wc -l <replies)
	echo "$*" >&"$to"
	until_true has_replies $((replies + 1))
	tail -n 1 replies
}

# tells WORDS...: each of these is obeyed.
tells()
{
	local words
	for words in "$@"; do
		is "$(tell "$words")" ok
	done
}

# attached [ADDRESS]...: a holder that answers on lan0 for these.
attached()
{
	start_holder
	is "$opened" ok
	tells "${@/#/add lan0 }" "attach lan0 $mac"
}

arp() { within lan "$BATS_TEST_DIRNAME/arp" "${lan-eth0}" 192.168.0.1 "$@"; }
# answer ADDRESS [MAC]
answer() { echo "$1 is at ${2-$mac}, to 192.168.0.9 $(within lan cat "/sys/class/net/${lan-eth0}/address")"; }
answers() { is "$(arp "$1")" "$(answer "$@")"; }
is_silent() { is "$(arp "$@")" ''; }
# What tc shows of ours: once, if it is there.
filters() { gw_tc filter show dev "${1-lan0}" ingress | grep -c 'pref 7700 .* masq-arpd direct-action' || :; }

@test "requests for published addresses are answered, and counted" {
	attached 192.168.0.100 192.168.0.101 10.1.2.3
	is "$(arp 192.168.0.100 192.168.0.101 10.1.2.3)" "$(answer 192.168.0.100; answer 192.168.0.101; answer 10.1.2.3)"
	# Asked directly, as a host does that has known it, and with something in the field that means nothing.
	is "$(arp 192.168.0.100,to=$mac 192.168.0.100,target-mac=02:00:00:00:00:77)" "$(answer 192.168.0.100; answer 192.168.0.100)"
	# Without padding, and with more than there should be.
	is "$(arp 192.168.0.100,length=42 192.168.0.100,length=900)" "$(answer 192.168.0.100; answer 192.168.0.100)"
	is "$(tell answered lan0)" 7
}

@test "what is not published is not answered" {
	attached 192.168.0.101
	is_silent 192.168.0.100 192.168.0.102 192.168.1.101 10.1.2.3
	is "$(tell answered lan0)" 0
}

@test "an address that is not routed to another interface is not answered" {
	attached 192.168.0.150 10.9.9.9 10.9.9.10 10.9.9.11 10.9.9.12
	gw_ip route add unreachable 10.9.9.10
	gw_ip route add blackhole 10.9.9.11
	gw_ip route add prohibit 10.9.9.12
	is_silent 192.168.0.150 10.9.9.9 10.9.9.10 10.9.9.11 10.9.9.12
	gw_ip route add 192.168.0.150 dev ppp0
	answers 192.168.0.150
	gw_ip route replace 192.168.0.150 via 192.168.0.7 dev lan0
	is_silent 192.168.0.150
}

@test "rules for routing count" {
	attached 10.9.9.9
	gw_ip route add 10.9.9.9 dev ppp0 table 7
	is_silent 10.9.9.9
	gw_ip rule add from 192.168.0.9 iif lan0 lookup 7
	is "$(arp 10.9.9.9 10.9.9.9,sender=192.168.0.10)" "$(answer 10.9.9.9)"
}

@test "an interface that does not forward does not answer" {
	attached 192.168.0.100
	within gw sysctl -qw net.ipv4.conf.lan0.forwarding=0
	is_silent 192.168.0.100
	within gw sysctl -qw net.ipv4.conf.lan0.forwarding=1
	answers 192.168.0.100
}

@test "the gateway's own addresses are the kernel's: one answer, and none of ours" {
	attached 192.168.0.1
	answers 192.168.0.1
	is "$(tell answered lan0)" 0
}

@test "probes, announcements and replies are not answered" {
	attached 192.168.0.100
	is_silent 192.168.0.100,sender=0.0.0.0 192.168.0.100,sender=192.168.0.100 192.168.0.100,op=2
}

@test "who uses a published address, or our MAC address, is not answered" {
	attached 192.168.0.100 192.168.0.101 10.1.2.3
	is_silent 192.168.0.100,sender=192.168.0.101 192.168.0.100,sender=10.1.2.3
	is_silent 192.168.0.100,mac=$mac,from=$mac
}

@test "what is no request, whatever it looks like, is not answered" {
	attached 192.168.0.100
	is_silent 192.168.0.100,hardware=6 192.168.0.100,protocol=2049 192.168.0.100,hlen=8 192.168.0.100,plen=16 192.168.0.100,op=3 \
		192.168.0.100,type=0800 192.168.0.100,type=0835
	# Too short, by a byte and by all but one.
	is_silent 192.168.0.100,length=41 192.168.0.100,length=28 192.168.0.100,length=15
	# From somebody else, from nobody, from many.
	is_silent 192.168.0.100,from=02:00:00:00:00:77 192.168.0.100,mac=02:00:00:00:00:77 \
		192.168.0.100,mac=00:00:00:00:00:00,from=00:00:00:00:00:00 192.168.0.100,mac=03:00:00:00:00:77,from=03:00:00:00:00:77
	# To another host, to some.
	is_silent 192.168.0.100,to=02:00:00:00:00:77 192.168.0.100,to=01:00:5e:00:00:01
	is "$(tell answered lan0)" 0
	answers 192.168.0.100
}

@test "what is tagged is another LAN's" {
	attached 192.168.0.100
	is_silent 192.168.0.100,tag=81000005,length=64 192.168.0.100,tag=88a8000581000005,length=68 192.168.0.100,tag=81000000,length=64
	answers 192.168.0.100
}

@test "what is withdrawn is silent at once, as is what has lost its route" {
	attached 192.168.0.100 192.168.0.101 192.168.0.102
	tells 'del lan0 192.168.0.100'
	is "$(arp 192.168.0.100 192.168.0.101 192.168.0.102)" "$(answer 192.168.0.101; answer 192.168.0.102)"
	gw_ip route del 192.168.0.101/32
	is "$(arp 192.168.0.100 192.168.0.101 192.168.0.102)" "$(answer 192.168.0.102)"
	gw_ip link set ppp0 down
	is_silent 192.168.0.102
	# Its place is free for others, and not for its old addresses.
	tells 'del lan0 192.168.0.101' 'del lan0 192.168.0.102' 'del lan0 192.168.0.102' 'add lan0 10.1.2.3'
	gw_ip link set ppp0 up
	for address in 192.168.0.100 192.168.0.101 192.168.0.102 10.1.2.3; do
		gw_ip route add "$address" dev ppp0
	done
	is "$(arp 192.168.0.100 192.168.0.101 192.168.0.102 10.1.2.3)" "$(answer 10.1.2.3)"
}

@test "a new MAC address is what is answered from then on" {
	attached 192.168.0.100
	answers 192.168.0.100
	tells 'attach lan0 02:00:00:00:00:02'
	answers 192.168.0.100 02:00:00:00:00:02
	is "$(tell answered lan0)" 2
	is "$(filters)" 1
}

# host eth0 ── lan0 gateway lan1 ── eth1 host
@test "an address is answered for on the LANs it was added to" {
	attached 192.168.0.100
	add_lan lan1 eth1
	gw_ip addr add 192.168.1.1/24 dev lan1
	tells 'add lan1 192.168.0.101' "attach lan1 $mac"
	is "$(arp 192.168.0.100 192.168.0.101)" "$(answer 192.168.0.100)"
	lan=eth1
	is "$(arp 192.168.0.100 192.168.0.101)" "$(answer 192.168.0.101)"
	tells 'detach lan0'
	is "$(filters lan0) $(filters lan1)" '0 1'
	answers 192.168.0.101
	# Not what was there before.
	tells "attach lan0 $mac"
	lan=eth0 is_silent 192.168.0.100
	is "$(tell is-attached lan0) $(tell answered lan0) $(tell answered lan1)" 'yes 0 2'
}

@test "addresses may have 64 different upper halves" {
	local i
	start_holder
	for ((i = 0; i < 64; i++)); do
		tells "add lan0 10.$i.0.0"
	done
	is "$(tell add lan0 10.64.0.0)" 'No space left on device'
	tells 'add lan0 10.63.255.255' 'del lan0 10.63.0.0' 'del lan0 10.99.0.0'
	is "$(tell add lan0 10.64.0.0)" 'No space left on device'
	tells 'del lan0 10.63.255.255' 'add lan0 10.64.0.1' "attach lan0 $mac"
	gw_ip route add 10.0.0.0/8 dev ppp0
	is "$(arp 10.0.0.0 10.63.0.0 10.63.255.255 10.64.0.0 10.64.0.1)" "$(answer 10.0.0.0; answer 10.64.0.1)"
}

@test "sixty thousand addresses are answered, each" {
	local i wanted=()
	attached
	tells 'add lan0 10.1.0.0 60000'
	gw_ip route add 10.1.0.0/16 dev ppp0
	for ((i = 0; i < 60100; i += 100)); do
		wanted+=("10.1.$((i / 256)).$((i % 256))")
	done
	is "$(arp "${wanted[@]}" | wc -l)" 600
}

@test "killed, it goes on; the next one takes over between two requests" {
	attached 192.168.0.100 192.168.0.101
	arp --until stop 192.168.0.100 >counts 3>&- &
	asking=$!
	pids+=("$asking")
	end_process "$holder" KILL
	answers 192.168.0.101
	# Nobody is there to withdraw it.
	gw_ip route del 192.168.0.101
	is_silent 192.168.0.101
	gw_ip route add 192.168.0.101 dev ppp0
	start_holder
	is "$(tell is-attached lan0)" no
	tells 'add lan0 192.168.0.100'
	answers 192.168.0.101
	tells "attach lan0 $mac"
	is "$(tell is-attached lan0)" yes
	is "$(filters)" 1
	is_silent 192.168.0.101
	answers 192.168.0.100
	touch stop
	wait "$asking"
	read -r asked answered <counts
	((asked > 10 && asked == answered))
}

@test "left, it goes on; closed, it is gone" {
	attached 192.168.0.100
	tells leave
	answers 192.168.0.100
	end_process "$holder"
	answers 192.168.0.100
	attached 192.168.0.101
	is_silent 192.168.0.100
	answers 192.168.0.101
	tells close
	is_silent 192.168.0.101
	is "$(filters)" 0
}

# lan0, lan1: attached to by one that was killed; the next one wants lan0 only
@test "what an earlier one left elsewhere is swept" {
	add_lan lan1 eth1
	attached 192.168.0.100
	tells 'add lan1 192.168.0.100' "attach lan1 $mac"
	end_process "$holder" KILL
	attached 192.168.0.100
	is "$(filters lan0) $(filters lan1)" '1 1'
	tells sweep
	is "$(filters lan0) $(filters lan1)" '1 0'
	answers 192.168.0.100
	# Whoever does not use it at all sweeps everything.
	tells leave sweep
	is "$(filters lan0)" 0
}

@test "a filter or qdisc that somebody deleted is missed, and put back" {
	attached 192.168.0.100
	gw_tc filter del dev lan0 ingress
	is "$(tell is-attached lan0)" no
	is_silent 192.168.0.100
	tells "attach lan0 $mac"
	answers 192.168.0.100
	gw_tc qdisc del dev lan0 clsact
	is "$(tell is-attached lan0)" no
	tells "attach lan0 $mac"
	answers 192.168.0.100
	is "$(tell answered lan0)" 2
}

# Ours is between two of somebody else's: the one before sees everything, the one behind, which drops requests for
# 192.168.0.2, what ours does not answer.
@test "somebody else's filters are asked and stay" {
	gw_ip addr add 192.168.0.2/24 dev lan0
	answers 192.168.0.2
	gw_tc qdisc add dev lan0 clsact
	gw_tc filter add dev lan0 ingress pref 1 protocol arp bpf da bytecode '1,6 0 0 4294967295,'
	gw_tc filter add dev lan0 ingress pref 8000 protocol arp bpf da \
		bytecode '4,32 0 0 38,21 0 1 3232235522,6 0 0 2,6 0 0 4294967295,'
	attached 192.168.0.100
	answers 192.168.0.100
	is_silent 192.168.0.2
	tells close
	is "$(gw_tc filter show dev lan0 ingress | grep -o 'pref [0-9]*' | sort -u)" "$(printf 'pref %s\n' 1 8000)"
	is_silent 192.168.0.2
}

@test "somebody else's filter in our place is left there" {
	gw_tc qdisc add dev lan0 clsact
	gw_tc filter add dev lan0 ingress pref 7700 handle 77 protocol arp bpf da bytecode '1,6 0 0 0,'
	start_holder
	tells 'add lan0 192.168.0.100'
	is "$(tell attach lan0 $mac)" 'File exists'
	is "$(tell is-attached lan0)" no
	tells 'detach lan0' sweep
	is "$(gw_tc filter show dev lan0 ingress | grep -c 'pref 7700.*handle 0x4d')" 1
	gw_tc filter del dev lan0 ingress
	gw_tc filter add dev lan0 ingress pref 7700 protocol arp u32 match u32 0 0 flowid 1:1
	[[ $(tell attach lan0 $mac) != ok ]]
	tells sweep
	is "$(gw_tc filter show dev lan0 ingress | grep -c 'pref 7700 u32 .*fh.*:800 ')" 1
}

@test "the older qdisc for ingress will do" {
	gw_tc qdisc add dev lan0 ingress
	attached 192.168.0.100
	answers 192.168.0.100
	tells close
	is_silent 192.168.0.100
	gw_tc qdisc show dev lan0 | grep -q 'qdisc ingress ffff:'
}

@test "an interface may go, and another come in its place" {
	attached 192.168.0.100
	index=$(within gw cat /sys/class/net/lan0/ifindex)
	gw_ip link del lan0
	is "$(tell is-attached "$index")" no
	tells "detach $index"
	is "$(tell attach "$index" $mac)" 'No such device'
	add_lan lan0 eth0
	gw_ip addr add 192.168.0.1/24 dev lan0
	tells "attach lan0 $mac"
	is_silent 192.168.0.100
	tells 'add lan0 192.168.0.100'
	answers 192.168.0.100
}

@test "without the capabilities it says so" {
	start_holder +net_raw,+net_admin
	is "$opened" 'Operation not permitted'
	start_holder +net_raw,+bpf
	[[ $opened != ok ]]
}
