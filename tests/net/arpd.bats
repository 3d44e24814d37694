#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# masq-arpd as its LANs see it, in the picture of arpd.bash, whatever answers: arpd-bpf.bats is this file by another name, with
# the other engine. Needs root. The pictures below say what is special.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load arpd

# host ── asks for .100 ──▶ lan0 gateway: .100 is at my address
@test "a published address is answered at once, with the gateway's Ethernet address" {
	local i
	start_arpd
	is_silent 192.168.0.100
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	listed '192.168.0.100 lan0 published masqd'
	has_answered_for '192.168.0.100 lan0 77'
	for ((i = 0; i < 10; i++)); do
		lan arping -c 1 -w 1 -I eth0 192.168.0.100
	done >asked
	[[ $(grep -c "reply from 192.168.0.100 \[$(mac lan0 | tr a-f A-F)\]" asked) == 10 ]]
	# The kernel as it comes takes up to 800 ms: 10 of 10 within 50 ms once in ten to the twelfth.
	run ! grep -E ' ([5-9][0-9]|[0-9]{3,})\.[0-9]+ms' asked
	lan ping -q -c 1 -W 1 192.168.0.1
	logged 'masq-arpd: 192.168.0.100 published on lan0 for masqd$'
	is_silent 192.168.0.102
}

# LAN ◀── one announcement of .100 ── gateway
@test "a newly published address is announced once, by request with both addresses the same" {
	start_arpd
	capture
	hold masqd $ARP.Publish "$(publication 192.168.0.100)" $ARP.Publish "$(publication 192.168.0.100)" \
		$ARP.Publish "$(publication 192.168.0.101)"
	until_true was_announced 192.168.0.101 1
	was_announced 192.168.0.100 1
	grep -q "$(mac lan0) > ff:ff:ff:ff:ff:ff, ethertype ARP .*Request who-has 192.168.0.100 .*tell 192.168.0.100," capture
	call +$ARP.List '{}' | grep -q '"announced": 1'
}

# host knows .100 at another place ◀── announcement ── gateway: the host corrects itself
@test "a host that knows the address elsewhere turns to the gateway" {
	start_arpd
	lan_ip neigh add 192.168.0.100 lladdr 02:00:00:00:00:99 dev eth0 nud reachable
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	turned() { lan_ip neigh show 192.168.0.100 | grep -q "lladdr $(mac lan0)"; }
	until_true turned
}

@test "announce = no: nothing is announced" {
	conf 'announce = no'
	start_arpd
	capture
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	# What the host asks comes after what would have been announced.
	answers 192.168.0.100
	until_true grep -q 'Reply 192.168.0.100' capture
	was_announced 192.168.0.100 0
}

@test "a withdrawn address is silent" {
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	answers 192.168.0.100
	release "$holder"
	call $ARP.Hold '{"holder":"masqd"}' $ARP.Withdraw '{"address":"192.168.0.100"}'
	listed ''
	has_answered_for ''
	is_silent 192.168.0.100
	logged 'masq-arpd: 192.168.0.100 withdrawn from lan0: not wanted any more$'
}

@test "what two holders want stays until neither wants it" {
	conf 'publish 192.168.0.100 { interface = lan0 }'
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)" 
	listed '192.168.0.100 lan0 published configuration,masqd'
	hold other $ARP.Publish "$(publication 192.168.0.100)" $ARP.Withdraw '{"address":"192.168.0.100"}'
	listed '192.168.0.100 lan0 published configuration,masqd'
	conf
	kill -HUP "$arpd"
	until_true listed '192.168.0.100 lan0 published masqd'
	answers 192.168.0.100
}

# masqd ─╳─ masq-arpd: the client is still there
@test "a holder's end withdraws nothing that is routed to a client" {
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)" $ARP.Publish "$(publication 192.168.0.101)"
	kill -9 "$holder"
	until_true listed "$(printf '192.168.0.10%s lan0 orphaned \n' 0 1)"
	# That the daemon looked at the routes is seen by one that goes.
	gw_ip route del 192.168.0.101/32
	soon_true listed '192.168.0.100 lan0 orphaned '
	answers 192.168.0.100
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	listed '192.168.0.100 lan0 published masqd'
	[[ $(logged_times '192.168.0.100 published') == 1 ]]
}

# masqd ─╳─ masq-arpd, then: gateway ppp0 ─╳─ client. The kernel drops the route and tells nobody.
@test "an orphan goes when its client's interface goes down" {
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	release "$holder"
	until_true listed '192.168.0.100 lan0 orphaned '
	gw_ip link set ppp0 down
	soon_true listed ''
	has_answered_for ''
	logged 'masq-arpd: 192.168.0.100 withdrawn from lan0: its holder is gone, and no host route leads to it$'
}

@test "an orphan without a host route goes at once" {
	start_arpd
	gw_ip route add 192.168.0.144/28 dev ppp0
	hold masqd $ARP.Publish "$(publication 192.168.0.150)"
	answers 192.168.0.150
	has_answered_for '192.168.0.150 lan0 77'
	release "$holder"
	until_true has_answered_for ''
}

@test "a holder that comes back sweeps what it does not want any more" {
	start_arpd
	gw_ip route add 192.168.0.102/32 dev ppp0
	hold masqd $ARP.Publish "$(publication 192.168.0.100)" $ARP.Publish "$(publication 192.168.0.101)"
	hold other $ARP.Publish "$(publication 192.168.0.102)"
	kill -9 "${pids[1]}"
	hold masqd $ARP.Publish "$(publication 192.168.0.100)" $ARP.Sweep '{}'
	grep -qF '{"parameters": {"withdrawn": 1}}' replies-masqd
	listed "$(printf '%s\n' '192.168.0.100 lan0 published masqd' '192.168.0.102 lan0 published other')"
	has_answered_for "$(printf '192.168.0.10%s lan0 77\n' 0 2)"
}

@test "a holder that is back before its old connection is gone replaces it" {
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	hold masqd $ARP.Publish "$(publication 192.168.0.100)" $ARP.Sweep '{}'
	grep -qF '{"parameters": {"withdrawn": 0}}' replies-masqd
	logged 'masqd holds addresses, instead of an earlier connection$'
	release "${pids[1]}"
	call $ARP.Status '{}'
	listed '192.168.0.100 lan0 published masqd'
}

# lan0 down, up; the kernel has dropped its entries
@test "a LAN's addresses wait while it is down and are announced when it is back" {
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	capture
	gw_ip link set lan0 down
	until_true listed '192.168.0.100 lan0 waiting masqd'
	call $ARP.Status '{}' | grep -qF '"hint": "ip link set lan0 up"'
	gw_ip link set lan0 up
	soon_true listed '192.168.0.100 lan0 published masqd'
	has_answered_for '192.168.0.100 lan0 77'
	until_true was_announced 192.168.0.100 1
	until_true answers 192.168.0.100
	call $ARP.Status '{}' | grep -qF '"repairs": 0'
	[[ $(proxy_delay lan0) == 0 ]]
}

# lan0 ─╳─ eth0: the cable is pulled and plugged in
@test "the loss of the carrier loses nothing" {
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	lan_ip link set eth0 down
	no_carrier() { gw_ip link show lan0 | grep -q NO-CARRIER; }
	until_true no_carrier
	lan_ip link set eth0 up
	until_true answers 192.168.0.100
	call $ARP.Status '{}' | grep -qF '"repairs": 0'
	listed '192.168.0.100 lan0 published masqd'
}

@test "a LAN that is down for less than a moment loses nothing, and nobody is said to have deleted anything" {
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	for _ in {1..5}; do
		gw_ip -batch - <<<$'link set lan0 down\nlink set lan0 up'
		until_true answers 192.168.0.100
	done
	call $ARP.Status '{}' | grep -qF '"repairs": 0'
	run ! logged 'put back'
}

@test "the loss of a LAN's last address is healed" {
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	gw_ip addr del 192.168.0.1/24 dev lan0
	soon_true logged 'put back'
	has_answered_for '192.168.0.100 lan0 77'
}

# lan1 is not there; comes; goes; comes again under the same name with another index
@test "a LAN that is not there is waited for" {
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100 lan1)"
	listed '192.168.0.100 lan1 waiting masqd'
	logged 'masq-arpd: 192.168.0.100 waits for lan1 for masqd: there is no such interface$'
	add_lan lan1 eth1
	soon_true listed '192.168.0.100 lan1 published masqd'
	gw_ip link del lan1
	until_true listed '192.168.0.100 lan1 waiting masqd'
	logged 'lan1: its addresses are waiting: there is no such interface$'
	add_lan lan1 eth1
	lan_ip addr add 192.168.0.10/24 dev eth1
	until_true listed '192.168.0.100 lan1 published masqd'
	[[ $(proxy_delay lan1) == 0 ]]
	answers 192.168.0.100 eth1
}

@test "a LAN that gets its name later is found by it, and loses with its name" {
	add_lan lan1 eth1
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100 office)"
	gw_ip link set lan1 down
	gw_ip link set lan1 name office up
	until_true has_answered_for '192.168.0.100 office 77'
	gw_ip link set office name lan1
	until_true has_answered_for ''
	listed '192.168.0.100 office waiting masqd'
}

# host eth0 ── lan0 gateway lan1 ── eth1 host
@test "an address is on the LANs asked for last" {
	add_lan lan1 eth1
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100 lan0 lan1)"
	has_answered_for "$(printf '192.168.0.100 lan%s 77\n' 0 1)"
	release "$holder"
	hold masqd $ARP.Publish "$(publication 192.168.0.100 lan1)"
	has_answered_for '192.168.0.100 lan1 77'
	listed '192.168.0.100 lan1 published masqd'
}

has_no_warnings() { call $ARP.Status '{}' | grep -qF '"warnings": []'; }

@test "a LAN without forwarding is warned of, with the command that helps" {
	gw sysctl -qw net.ipv4.conf.lan0.forwarding=0
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	is_silent 192.168.0.100
	logged 'masq-arpd: lan0: its addresses are not answered: forwarding is off$'
	hint=$(call $ARP.Status '{}' | gojq -r '.parameters.warnings[0].hint')
	[[ $hint == 'sysctl net/ipv4/conf/lan0/forwarding=1' ]]
	# shellcheck disable=SC2086
	gw $hint
	answers 192.168.0.100
	until_true has_no_warnings
}


# ---- probing: is an address free?

# event FILTER: has Monitor told such an event?
event() { gojq -se "any(.[].parameters.event | select(.); $1)" events >/dev/null; }

monitor()
{
	"$BATS_TEST_DIRNAME/../varlink-call" -k sock +$ARP.Monitor '{}' 3>&- >events &
	pids+=($!)
	until_true grep -q '"event": null' events
}

# state ADDRESS: what List says of it.
state() { list | awk -v address="$1" '$1 == address { print $3 }'; }
has_state() { [[ $(state "$1") == "$2" ]]; }

conflicts()
{
	call +$ARP.Conflicts '{}' | gojq -r '.parameters.conflict | select(.) | "\(.address) \(.interface) \(.mac) \(.count) \(.defended)"'
}
has_conflict() { [[ $(conflicts) == "$1" ]]; }
lan_mac() { lan cat /sys/class/net/eth0/address; }

# host has .100 ◀── is it free? ── gateway
@test "an address that a host of the LAN has is not published, and is when the host gives it up" {
	conf 'probe = yes'
	start_arpd
	monitor
	lan_ip addr add 192.168.0.100/32 dev eth0
	hold masqd $ARP.Publish "$(publication 192.168.0.100)" $ARP.Publish "$(publication 192.168.0.101)"
	until_true has_state 192.168.0.100 conflict
	until_true has_state 192.168.0.101 published
	has_answered_for '192.168.0.101 lan0 77'
	logged "192.168.0.100 is in use on lan0 by $(lan_mac)"
	event ".address == \"192.168.0.100\" and .what == \"conflict\" and .interface == \"lan0\" and .mac == \"$(lan_mac)\""
	has_conflict "192.168.0.100 lan0 $(lan_mac) 1 0"
	lan_ip addr del 192.168.0.100/32 dev eth0
	within 30 has_state 192.168.0.100 published
	answers 192.168.0.100
	event '.address == "192.168.0.100" and .what == "resolved"'
	has_conflict ''
}

# LAN ◀── two probes for .100, from nobody ── gateway, before the first announcement
@test "probes are RFC 5227's, and an address that is free is published after them" {
	conf 'probe = yes' 'probe-wait = 200'
	start_arpd
	capture
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	until_true was_announced 192.168.0.100 1
	[[ $(grep -o 'who-has 192.168.0.100 \(tell 0.0.0.0\|.*tell 192.168.0.100\)' capture | cut -d' ' -f3- | head -n 3) == \
		$'tell 0.0.0.0\ntell 0.0.0.0\n'*'tell 192.168.0.100' ]]
	answers 192.168.0.100
}

@test "what is asked for is told: free, or who has it; and need not be asked again" {
	conf 'probe = yes' 'probe-wait = 500'
	start_arpd
	monitor
	lan_ip addr add 192.168.0.101/32 dev eth0
	call $ARP.Probe "$(publication 192.168.0.100 lan0)" $ARP.Probe "$(publication 192.168.0.101 lan0)" \
		$ARP.Probe "$(publication 192.168.0.102 nosuch0)"
	until_true event '.address == "192.168.0.100" and .what == "free" and .interface == null'
	event ".address == \"192.168.0.101\" and .what == \"conflict\" and .mac == \"$(lan_mac)\""
	event '.address == "192.168.0.102" and .what == "free"'
	run ! event '.address == "192.168.0.101" and .what == "free"'
	capture
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	listed '192.168.0.100 lan0 published masqd'
	until_true was_announced 192.168.0.100 1
	run ! grep 'tell 0.0.0.0' capture
}

# ---- defence

# duplicate ADDRESS: is somebody's answer heard, when this host asks whether it may have the address? (arping: 1)
duplicate() { ! lan arping -q -D -c 2 -w 2 -I eth0 "$1"; }

# host: may I have .100? ──▶ gateway: no
@test "a host that asks whether a published address is free is told that it is not" {
	start_arpd
	run ! duplicate 192.168.0.100
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	duplicate 192.168.0.100
	run ! duplicate 192.168.0.101
	(($(conflicts | grep -c "192.168.0.100 lan0 $(lan_mac) ") == 1))
	(($(logged_times "192.168.0.100 on lan0: $(lan_mac) asks whether the address is free") == 1))
	(($(call $ARP.Status '{}' | gojq .parameters.probes_answered) > 0))
}

# The client is at ppp0, and by its Ethernet interface on the LAN as well.
@test "the client's own probe is not answered" {
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	# To arping an announcement is an answer.
	until_true announced_times 192.168.0.100 2
	gw_ip neigh replace 192.168.0.100 lladdr "$(lan_mac)" dev ppp0
	run ! duplicate 192.168.0.100
	gw_ip neigh replace 192.168.0.100 lladdr 02:00:00:00:00:01 dev ppp0
	duplicate 192.168.0.100
}

# host: .100 is mine! ──▶ LAN ◀── it is here ── gateway, once in ten seconds
@test "who claims a published address is answered by an announcement, counted, and logged once" {
	local i
	start_arpd
	monitor
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	until_true announced_times 192.168.0.100 2
	capture
	lan_ip addr add 192.168.0.100/32 dev eth0
	for ((i = 0; i < 5; i++)); do
		lan arping -q -U -c 1 -I eth0 -s 192.168.0.100 192.168.0.100 || :
	done
	until_true has_conflict "192.168.0.100 lan0 $(lan_mac) 5 1"
	(($(grep -c "$(mac lan0) > ff:ff:ff:ff:ff:ff.*Request who-has 192.168.0.100 .*tell 192.168.0.100," capture) == 1))
	(($(logged_times "192.168.0.100 on lan0: $(lan_mac) uses the address") == 1))
	event ".address == \"192.168.0.100\" and .what == \"conflict\" and .mac == \"$(lan_mac)\""
	call $ARP.Status '{}' | gojq -e '.parameters.conflicts == 1'
}

announced_times()
{
	call +$ARP.List '{}' | gojq -se "any(.[].parameters.entry | select(.); .address == \"$1\" and .announced >= $2)" >/dev/null
}

# ---- healing

@test "another MAC address is announced, and answered with" {
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	capture
	gw_ip link set lan0 address 02:00:00:00:00:07
	soon_true grep -q '02:00:00:00:00:07 > ff:ff:ff:ff:ff:ff.*Request who-has 192.168.0.100 .*tell 192.168.0.100,' capture
	lan arping -c 1 -w 5 -I eth0 192.168.0.100 | grep -qi '\[02:00:00:00:00:07\]'
	logged 'lan0: has another MAC address: its addresses are announced again'
}

@test "a carrier that returns is announced to" {
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	until_true announced_times 192.168.0.100 2
	lan_ip link set eth0 down
	until_true logged_carrier NO-CARRIER
	lan_ip link set eth0 up
	within 3 announced_times 192.168.0.100 3
	answers 192.168.0.100
}

logged_carrier() { gw_ip link show lan0 | grep -q "$1"; }

@test "a LAN that becomes a bridge's port is silent, and answers again when it is released" {
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	answers 192.168.0.100
	gw_ip link add br0 type bridge
	gw_ip link set br0 up
	gw_ip link set lan0 master br0
	soon_true listed '192.168.0.100 lan0 waiting masqd'
	is_silent 192.168.0.100
	gw_ip link set lan0 nomaster
	soon_true listed '192.168.0.100 lan0 published masqd'
	within 1 answers 192.168.0.100
}

# host eth0 ── lan0 ─ br0 gateway
@test "a bridge is a LAN" {
	gw_ip link add br0 type bridge
	gw_ip addr flush dev lan0
	gw_ip link set lan0 master br0
	gw_ip link set br0 up
	gw_ip addr add 192.168.0.1/24 dev br0
	gw sysctl -qw net.ipv4.conf.br0.forwarding=1
	start_arpd
	hold masqd $ARP.Publish "$(publication 192.168.0.100 br0)"
	until_true answers 192.168.0.100
	lan arping -c 1 -w 5 -I eth0 192.168.0.100 | grep -qi "\[$(mac br0)\]"
	duplicate 192.168.0.100
}

# ---- routes

# gateway: a default route by ppp0, and no route to the address any more
@test "a route that goes silences its address, also outside the LAN's network and with a default route" {
	start_arpd
	gw_ip addr add 10.9.0.1/30 dev ppp0
	gw_ip route add default via 10.9.0.2 dev ppp0
	gw_ip route add 10.5.0.7/32 dev ppp0
	hold masqd $ARP.Publish "$(publication 10.5.0.7)" $ARP.Publish "$(publication 192.168.0.100)"
	answers 10.5.0.7
	gw_ip route del 10.5.0.7/32
	gw_ip route del 192.168.0.100/32
	soon_true has_state 10.5.0.7 unrouted
	soon_true has_state 192.168.0.100 unrouted
	is_silent 10.5.0.7
	is_silent 192.168.0.100
	gw_ip route add 10.5.0.0/24 dev ppp0
	soon_true has_state 10.5.0.7 published
	answers 10.5.0.7
}

@test "an interface that goes down silences what is routed by it" {
	start_arpd
	gw_ip route add 10.5.0.7/32 dev ppp0
	hold masqd $ARP.Publish "$(publication 10.5.0.7)" $ARP.Publish "$(publication 192.168.0.100)"
	answers 10.5.0.7
	gw_ip link set ppp0 down
	soon_true has_state 10.5.0.7 unrouted
	soon_true has_answered_for ''
}

# gateway: .7 is behind lan1, which is a LAN as well, and published on lan0
@test "a LAN that goes down silences what is routed by it on another LAN" {
	add_lan lan1 eth1
	gw_ip addr add 10.9.0.1/30 dev lan1
	gw_ip route add default via 192.168.0.9 dev lan0
	gw_ip route add 10.5.0.7/32 via 10.9.0.2 dev lan1
	start_arpd
	hold masqd $ARP.Publish "$(publication 10.5.0.7 lan0)" $ARP.Publish "$(publication 192.168.0.100 lan1)"
	answers 10.5.0.7
	gw_ip link set lan1 down
	soon_true has_state 10.5.0.7 unrouted
	is_silent 10.5.0.7
}

@test "a rule that leads to another table is followed" {
	start_arpd
	gw_ip route add 10.5.0.7/32 dev ppp0 table 100
	hold masqd $ARP.Publish "$(publication 10.5.0.7)"
	listed '10.5.0.7 lan0 unrouted masqd'
	gw_ip rule add to 10.5.0.7 lookup 100
	soon_true has_state 10.5.0.7 published
	answers 10.5.0.7
}

# lan1: whatever the gateway sends is dropped, and it is told that there is no room
@test "a LAN that nothing can be sent to holds up no other" {
	conf 'probe = yes'
	add_lan lan1 eth1
	gw nft add table netdev dropping
	gw nft add chain netdev dropping out '{ type filter hook egress device lan1 priority 0; policy drop; }'
	start_arpd
	capture
	hold masqd $ARP.Publish "$(publication 192.168.0.101 lan1)" $ARP.Publish "$(publication 192.168.0.100)"
	soon_true has_state 192.168.0.100 published
	until_true was_announced 192.168.0.100 1
	until_true has_state 192.168.0.101 published
}

@test "a session's address is published and announced as soon as its route is there" {
	start_arpd
	capture
	hold masqd $ARP.Publish "$(publication 192.168.0.150)"
	listed '192.168.0.150 lan0 unrouted masqd'
	is_silent 192.168.0.150
	gw_ip route add 192.168.0.150/32 dev ppp0
	within 1 has_state 192.168.0.150 published
	until_true was_announced 192.168.0.150 1
	answers 192.168.0.150
}

# ---- prefixes, and by hand

@test "a prefix of the configuration is published address by address" {
	conf 'publish 192.168.0.96/29 { interface = lan0 }' 'publish 10.5.0.0/28 { interface = lan0 }'
	gw_ip route add 10.5.0.0/24 dev ppp0
	start_arpd
	[[ $(list | grep -c ' lan0 published configuration$') == 18 ]]
	[[ $(list | grep -c ' lan0 unrouted configuration$') == 6 ]]
	answers 10.5.0.0
	answers 10.5.0.15
	answers 192.168.0.101
	is_silent 10.5.0.16
	is_silent 192.168.0.102
}

@test "added and deleted by hand" {
	start_arpd
	gw_ip route add 10.5.0.0/24 dev ppp0
	call $ARP.Add "$(publication 10.5.0.8/30)"
	call $ARP.Add "$(publication 192.168.0.100)"
	[[ $(list | grep -c ' published administrator$') == 5 ]]
	answers 10.5.0.11
	hold masqd $ARP.Publish "$(publication 192.168.0.100)"
	call $ARP.Del '{"address": "10.5.0.8/30", "interfaces": []}'
	call $ARP.Del "$(publication 192.168.0.100)"
	listed '192.168.0.100 lan0 published masqd'
	is_silent 10.5.0.11
	call $ARP.Del "$(publication 192.168.0.100)" >reply && return 1
	gojq -e ".error == \"$ARP.NotFound\"" reply
	call $ARP.Add "$(publication 127.0.0.1)" >reply && return 1
	gojq -e '.parameters.reason == "127.0.0.1 is a loopback address"' reply
	call $ARP.Add "$(publication 10.0.0.0/8)" >reply && return 1
	gojq -e '.parameters.reason == "10.0.0.0/8 must not have more than 65536 addresses"' reply
}

# ---- a LAN that is full of it

# flood COUNT KIND: frames from the LAN as fast as they go.
flood()
{
	lan python3 - eth0 "$(lan_mac)" "$@" <<-'END'
		import os, socket, struct, sys
		interface, mac, count, kind = sys.argv[1:]
		mac = bytes.fromhex(mac.replace(":", ""))
		sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		sock.bind((interface, 0))
		for i in range(int(count)):
		    other = b"\2" + os.urandom(5)
		    target = socket.inet_aton("192.168.0.%d" % (96 + i % 8))
		    sender, station = {"request": ("192.168.0.9", mac), "probe": ("0.0.0.0", other), "claim": (None, other),
		                       "junk": ("192.168.0.100", other)}[kind]
		    sender = socket.inet_aton(sender) if sender else target
		    frame = b"\xff" * 6 + station + struct.pack("!HHHBBH", 0x806, 1, 0x800, 6, 4, 1) + station + sender + bytes(6) + target
		    if kind == "junk":
		        frame = frame[:14 + i % 28] if i % 2 else frame[:14] + os.urandom(46)
		    sock.send(frame)
	END
}

@test "floods of requests, probes, claims and junk are bounded work, and the log stays short" {
	local kind begun
	conf 'publish 192.168.0.96/29 { interface = lan0 }'
	gw_ip route add 192.168.0.96/29 dev ppp0
	start_arpd
	answers 192.168.0.97
	for kind in request probe claim junk; do
		begun=$SECONDS
		flood 20000 $kind
		# What is looked at is bounded: so many a second of each kind (WIRE_RATE), however many come.
		[[ $kind != probe ]] || (($(call $ARP.Status '{}' | gojq .parameters.probes_answered) <= 2000 * (SECONDS - begun + 2)))
		answers 192.168.0.98
		lan ping -q -c 1 -W 1 192.168.0.1
	done
	(($(wc -l <log) < 80))
	(($(conflicts | wc -l) <= 256))
	run ! grep -a 'Sanitizer\|runtime error' log
	# Requests for what is not published, and for the gateway's own address, are not ours.
	is_silent 192.168.0.110
	lan arping -q -c 1 -w 5 -I eth0 192.168.0.1
	run ! duplicate 192.168.0.110
}

# ---- IPv6

# The LAN has 2001:db8::/64, of which the client has 100.
ipv6_up()
{
	gw sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv6.conf.all.proxy_ndp=1
	gw_ip addr add 2001:db8::1/64 dev lan0 nodad
	lan_ip addr add 2001:db8::9/64 dev eth0 nodad
	ip -n "$ns-client" addr add 2001:db8::100/128 dev eth0 nodad
	gw_ip route add 2001:db8::100/128 dev ppp0
	gw_ip -6 neigh add 2001:db8::100 lladdr "$(ip netns exec "$ns-client" cat /sys/class/net/eth0/address)" dev ppp0
	ip -n "$ns-client" -6 route add default dev eth0
	ip -n "$ns-client" neigh add 2001:db8::9 lladdr "$(mac ppp0)" dev eth0
	until_true has_link_local gw_ip lan0
	until_true has_link_local lan_ip eth0
}
has_link_local() { "$1" -6 addr show dev "$2" scope link -tentative | grep -q fe80; }
answers6() { lan ping -q -c 1 -W 2 "$1" >/dev/null; }

@test "IPv6: an address is published by neighbour discovery proxying, announced, and silent without its route" {
	ipv6_up
	start_arpd
	run ! answers6 2001:db8::100
	ip netns exec "$ns-lan" tcpdump -l -n -e -i eth0 icmp6 3>&- >capture6 2>capture6.err &
	pids+=($!)
	until_true grep -q listening capture6.err
	hold masqd $ARP.Publish "$(publication 2001:db8::100)"
	listed '2001:db8::100 lan0 published masqd'
	lan_ip -6 neigh flush dev eth0
	answers6 2001:db8::100
	until_true grep -q "$(mac lan0) > 33:33:00:00:00:01.*neighbor advertisement, tgt is 2001:db8::100" capture6
	[[ $(gw cat /proc/sys/net/ipv6/neigh/lan0/proxy_delay) == 0 ]]
	gw_ip -6 route del 2001:db8::100/128
	soon_true has_state 2001:db8::100 unrouted
	has_answered_for ''
	gw_ip route add 2001:db8::100/128 dev ppp0
	soon_true has_state 2001:db8::100 published
	release "$holder"
	gw_ip -6 route del 2001:db8::100/128
	soon_true listed ''
}

@test "IPv6: duplicate address detection on the LAN is answered, and a host's address is not published" {
	ipv6_up
	conf 'probe = yes'
	start_arpd
	hold masqd $ARP.Publish "$(publication 2001:db8::100)" $ARP.Publish "$(publication 2001:db8::9)"
	until_true has_state 2001:db8::100 published
	until_true has_state 2001:db8::9 conflict
	lan_ip addr add 2001:db8::100/64 dev eth0
	until_true eval "lan_ip -6 addr show dev eth0 | grep -q 'inet6 2001:db8::100/64 .*dadfailed'"
}

@test "IPv6: without proxy_ndp it is warned, with the command that helps" {
	ipv6_up
	gw sysctl -qw net.ipv6.conf.all.proxy_ndp=0
	start_arpd
	hold masqd $ARP.Publish "$(publication 2001:db8::100)"
	hint=$(call $ARP.Status '{}' | gojq -r '.parameters.warnings[0].hint')
	[[ $hint == 'sysctl net/ipv6/conf/all/proxy_ndp=1' ]]
	gw $hint
	answers6 2001:db8::100
	call $ARP.Status '{}' | grep -qF '"warnings": []'
}
