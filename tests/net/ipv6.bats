#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# IPv6 of lines whose pppd has reported IPv6CP, in the picture of gateway.bash with two more lines. Needs root.
#
#      lan 2001:db8:1::9 ──── eth0 2001:db8:1::1   gw   isp0 2001:db8:f::1 ──── 2001:db8:f::9 isp
#      c3  fe80::c3 ─────── ppp7 fe80::1 ────┤
#      c4  fe80::c4 ─────── ppp8 fe80::1 ────┘
#
# A client's global address is its pool's prefix with the identifier c3 or c4.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

FAR=2001:db8:f::9 LAN=2001:db8:1::9 GW=2001:db8:1::1
LAN_PROXY='lan office { interface = "eth0" proxy-arp = yes }'
# of the LAN's prefix, and of a private one (RFC 4193)
PROXY=2001:db8:1::c PRIVATE=fd00:1::c

setup()
{
	gateway_setup ipv6
	within gw sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv6.conf.all.proxy_ndp=1
	has_ipv6 gw eth0 isp0
	has_ipv6 lan eth0
	has_ipv6 isp eth0
	has_address gw eth0 $GW/64
	has_address gw isp0 2001:db8:f::1/64
	has_address lan eth0 $LAN/64
	has_address isp eth0 $FAR/64
	ip -n "$ns-lan" route add default via $GW
	ip -n "$ns-isp" route add default via 2001:db8:f::1
	capture lan lan eth0 ip6
	add_line6 ppp7 c3
	add_line6 ppp8 c4
}
teardown() { gateway_teardown; }

# has_ipv6 NAMESPACE INTERFACE...: at once, since nobody else is there.
has_ipv6()
{
	local interface
	within "$1" sysctl -qw net.ipv6.conf.all.accept_dad=0
	for interface in "${@:2}"; do
		within "$1" sysctl -qw "net.ipv6.conf.$interface.accept_dad=0" "net.ipv6.conf.$interface.disable_ipv6=0"
	done
}

has_address() { ip -n "$ns-$1" addr add "$3" dev "$2" nodad; }

# add_line6 NAME NAMESPACE: as a line would be after IPv6CP, and a client that believes the router advertisement of both pools.
add_line6()
{
	add_line "$1" "$2" "192.168.0.10${2#c}"
	ip -n "$ns-gw" link set "$1" addrgenmode none
	ip -n "$ns-$2" link set eth0 addrgenmode none
	has_ipv6 gw "$1"
	has_ipv6 "$2" eth0
	has_address gw "$1" fe80::1/64
	has_address "$2" eth0 "fe80::$2/64"
	has_address "$2" eth0 "$PROXY${2#c}/128"
	has_address "$2" eth0 "$PRIVATE${2#c}/128"
	ip -n "$ns-$2" route add default via fe80::1 dev eth0
}

# policies MODE [KEYS]: what all lines get.
policies()
{
	local prefix=fd00:1::/64
	[[ $1 == masquerade ]] || prefix=2001:db8:1::/64
	conf "pool dialin { range = { \"192.168.0.103-192.168.0.104\" } prefix = \"$prefix\" }" "policy dialup { pool = \"dialin\" ipv6 = $1 ${2-} }" "${@:3}"
	ctl reload
}

index_of() { ip -n "$ns-gw" -j link show "$1" | gojq '.[0].ifindex'; }

# dial_up LINE: IPCP is up on it.
dial_up() { dial "$1" "{\"ifname\": \"$1\", \"pid\": 1, \"user\": \"$1\"}" "{\"ifindex\": $(index_of "$1")}"; }

# ipv6_up NAME IDENTIFIER [LINE]: IPv6CP too, as the plugin of this name says.
ipv6_up()
{
	echo "UpIpv6 {\"ifindex\": $(index_of "${3-$1}"), \"local\": \"fe80::1\", \"peer\": \"fe80::$2\"}" >"$1.orders"
}

opened() { until_true has_address6 "$@"; }
has_address6() { [[ $(ctl show "$1" --json | gojq -r '.sessions[0].address6') == "$2" ]]; }

dial_both()
{
	dial_up "$1"
	ipv6_up "$1" "$2"
	opened "$1" "$3"
}

pings6() { within "$1" ping -6 -q -c 1 -W 0.7 "${@:2}" >/dev/null; }

# blocked6 NAMESPACE SOURCE: nothing of it reaches the LAN, the far side, or the gateway.
blocked6()
{
	local to had
	settled6
	had="$(seen lan "$2") $(seen isp "$2")"
	for to in $LAN $FAR $GW; do
		run ! pings6 "$1" -I "$2" "$to"
	done
	settled6
	is "$(seen lan "$2") $(seen isp "$2")" "$had"
}

# seen CAPTURE SOURCE: packets from there.
seen() { grep -c " IP6 $2 >" "$1.cap" || :; }

# settled6: all that was sent is in the captures.
settled6()
{
	local size=$((500 + ++settled))
	within gw ping -6 -q -c 1 -W 2 -s $size $FAR >/dev/null
	within gw ping -6 -q -c 1 -W 2 -s $size $LAN >/dev/null
	until_true grep -q "echo reply.* length $((size + 8))" isp.cap
	until_true grep -q "echo reply.* length $((size + 8))" lan.cap
}

# tcp6 NAMESPACE SOURCE TO: as whom a server there hears it.
tcp6()
{
	within "$1" socat -T 1 -t 1 - "TCP6:[$3]:80,bind=[$2],connect-timeout=1" </dev/null 2>/dev/null
}

serve6()
{
	background ip netns exec "$ns-$1" socat TCP6-LISTEN:80,ipv6only=1,fork,reuseaddr "SYSTEM:echo \$SOCAT_PEERADDR" 2>/dev/null
	until_true listens "$1"
}
listens() { within "$1" ss -Hltn 'sport = 80' | grep -qF '[::]:80'; }

@test "masquerade: the far side sees the gateway's address, and the LAN the client's" {
	policies masquerade
	ip -n "$ns-lan" route add fd00:1::/64 via $GW
	serve6 isp
	dial_both ppp7 c3 fd00:1::c3
	pings6 c3 -I ${PRIVATE}3 $FAR
	pings6 c3 -I ${PRIVATE}3 $LAN
	pings6 c3 -I ${PRIVATE}3 $GW
	is "$(tcp6 c3 ${PRIVATE}3 $FAR)" '[2001:0db8:000f:0000:0000:0000:0000:0001]'
	pings c3
	settled6
	is "$(seen isp 'fd00:.*')" 0
	is "$(seen isp ${PROXY}3)" 0
	(($(seen lan ${PRIVATE}3) > 0))
	in_conntrack6 fd00:1::c3
	is "$(ctl list -o +address6 --json | gojq -r '.sessions[0] | "\(.address6) \(.address)"')" "fd00:1::c3 192.168.0.103"
	is "$(ip -n "$ns-gw" -6 route show fd00:1::c3)" "fd00:1::c3 dev ppp7 proto 77 metric 1024 pref medium"
}

# arpd_up: and masqd has it publish on the LAN.
arpd_up()
{
	mkdir arpd
	chown masqgate-arp arpd
	echo "socket = \"$dir/arpd/socket\"" >arpd.conf
	background ip netns exec "$ns-gw" masq-arpd -f "$dir/arpd.conf" 2>arpd.log
	until_true test -S arpd/socket
	until_true logged 'connected to '
}
published() { ip -n "$ns-gw" -6 neigh show proxy | grep -q "^$1 dev eth0 "; }

@test "proxy: both ways to the LAN, to the far side, and nothing is translated" {
	arpd_up
	policies proxy '' "$LAN_PROXY"
	serve6 isp
	dial_both ppp7 c3 ${PROXY}3
	until_true published ${PROXY}3
	pings6 c3 -I ${PROXY}3 $LAN
	pings6 c3 -I ${PROXY}3 $FAR
	pings6 c3 -I ${PROXY}3 $GW
	is "$(tcp6 c3 ${PROXY}3 $FAR)" '[2001:0db8:0001:0000:0000:0000:0000:00c3]'
	pings6 lan ${PROXY}3
	pings6 gw ${PROXY}3
	run ! pings6 isp ${PROXY}3
	policies proxy 'nat = none inbound = yes' "$LAN_PROXY"
	pings6 isp ${PROXY}3
	# no longer where it is closed, or not proxied
	ctl set ppp7 ipv6=masquerade
	until_true not published ${PROXY}3
	ctl unset ppp7 ipv6
	until_true published ${PROXY}3
	echo 'DownIpv6 {}' >ppp7.orders
	until_true not published ${PROXY}3
}

# spoofs SOURCE TO...: from c3, by the line.
spoofs()
{
	local to mac
	mac=$(ip -n "$ns-gw" -j link show ppp7 | gojq -r '.[0].address')
	for to in "${@:2}"; do
		within c3 "$BATS_TEST_DIRNAME/spoof6" eth0 "$mac" "$1" "$to"
	done
}

@test "spoofed sources go nowhere: nobody's, another client's, the LAN's, the gateway's, link-local ones" {
	local source
	policies proxy 'isolate = no'
	dial_both ppp7 c3 ${PROXY}3
	dial_both ppp8 c4 ${PROXY}4
	capture c4 c4 eth0 ip6
	spoofs ${PROXY}3 $LAN $FAR ${PROXY}4
	settled6
	is "$(seen lan ${PROXY}3.40000) $(seen isp ${PROXY}3.40000) $(seen c4 ${PROXY}3.40000)" '2 2 2'
	for source in ${PROXY}4 2001:db8:1::c5 ${PRIVATE}3 2001:db8:7::7 $LAN $GW 2001:db8:f::1 fe80::c3 fe80::1 ::1 ::; do
		spoofs "$source" $LAN $FAR ${PROXY}4
	done
	settled6
	is "$(seen lan '[^ ]*\.40000')" 2
	is "$(grep -c 'ICMP6, echo request, id 4711' lan.cap isp.cap c4.cap | paste -sd' ')" 'lan.cap:1 isp.cap:1 c4.cap:1'
	is "$(seen isp '[^ ]*\.40000') $(seen c4 '[^ ]*\.40000')" '2 2'
}

@test "nothing of IPv6 passes before it is opened, by a policy without it, and with IPv6CP only" {
	policies proxy
	blocked6 c3 ${PROXY}3
	# admitted, IPv6CP is up, and IPCP never
	dial early '{"ifname": "ppp7", "pid": 1, "user": "ppp7"}'
	ipv6_up early c3 ppp7
	blocked6 c3 ${PROXY}3
	end_process "$dialled"
	ctl wait --gone ifname=ppp7 --timeout 10
	dial_up ppp7
	pings c3
	blocked6 c3 ${PROXY}3
	ipv6_up ppp7 c3
	opened ppp7 ${PROXY}3
	until_true pings6 c3 -I ${PROXY}3 $FAR
	echo 'DownIpv6 {}' >ppp7.orders
	opened ppp7 null
	blocked6 c3 ${PROXY}3
	pings c3
	ipv6_up ppp7 c3
	opened ppp7 ${PROXY}3
	until_true pings6 c3 -I ${PROXY}3 $FAR
	policies no
	opened ppp7 null
	blocked6 c3 ${PROXY}3
	settled6
	is "$(ip -n "$ns-gw" -6 route show proto 77)" ''
	is "$(table | grep -c '6 {')" 5
}

@test "a client reaches of the gateway only a ping, and that if its services have it; a neighbour that was not opened finds nobody" {
	policies proxy 'gateway-services = { "tcp 80", "ping" }'
	serve6 gw
	dial_both ppp7 c3 ${PROXY}3
	pings6 c3 -I ${PROXY}3 $GW
	is "$(tcp6 c3 ${PROXY}3 $GW)" ''
	policies proxy 'gateway-services = { "tcp 80" }'
	run ! pings6 c3 -I ${PROXY}3 $GW
	# even with neighbour discovery done, which an open session's was
	pings6 c3 -I ${PROXY}3 $FAR
	run ! pings6 c4 -I ${PROXY}4 $GW
	run -0 ip -n "$ns-c4" -6 neigh show fe80::1
	[[ $output == *FAILED* || $output == *INCOMPLETE* ]]
	run -0 ip -n "$ns-c3" -6 neigh show fe80::1
	[[ $output == *lladdr* ]]
}

@test "clients among each other: both policies must want it" {
	policies proxy
	dial_both ppp7 c3 ${PROXY}3
	dial_both ppp8 c4 ${PROXY}4
	run ! pings6 c3 -I ${PROXY}3 ${PROXY}4
	conf 'pool dialin { range = { "192.168.0.103-192.168.0.104" } prefix = "2001:db8:1::/64" }' \
		'policy dialup { pool = "dialin" ipv6 = proxy isolate = no }' 'policy friends { pool = "dialin" ipv6 = proxy }' \
		'user ppp8 { policy = "friends" }'
	ctl reload
	run ! pings6 c3 -I ${PROXY}3 ${PROXY}4
	run ! pings6 c4 -I ${PROXY}4 ${PROXY}3
	policies proxy 'isolate = no'
	pings6 c3 -I ${PROXY}3 ${PROXY}4
	pings6 c4 -I ${PROXY}4 ${PROXY}3
}

@test "rules of protocols and ports hold for IPv6, rules of addresses do not; isolate-lan does" {
	serve6 isp
	policies masquerade 'rules = { "deny ping to 203.0.113.0/24", "deny any to 192.0.2.0/24" }'
	dial_both ppp7 c3 fd00:1::c3
	pings6 c3 -I ${PRIVATE}3 $FAR
	policies masquerade 'rules = { "deny ping" }'
	run ! pings6 c3 -I ${PRIVATE}3 $FAR
	is "$(tcp6 c3 ${PRIVATE}3 $FAR)" '[2001:0db8:000f:0000:0000:0000:0000:0001]'
	policies masquerade 'rules = { "allow icmp", "deny any" }'
	pings6 c3 -I ${PRIVATE}3 $FAR
	is "$(tcp6 c3 ${PRIVATE}3 $FAR)" ''
	policies masquerade 'rules = { "allow tcp 80", "deny any" }'
	run ! pings6 c3 -I ${PRIVATE}3 $FAR
	is "$(tcp6 c3 ${PRIVATE}3 $FAR)" '[2001:0db8:000f:0000:0000:0000:0000:0001]'
	ip -n "$ns-lan" route add fd00:1::/64 via $GW
	policies masquerade
	pings6 c3 -I ${PRIVATE}3 $LAN
	policies masquerade 'isolate-lan = yes'
	run ! pings6 c3 -I ${PRIVATE}3 $LAN
	pings6 c3 -I ${PRIVATE}3 $FAR
}

@test "flows of both families count together, also those to the gateway and from the LAN" {
	serve6 isp
	policies masquerade 'flows = 2'
	dial_both ppp7 c3 fd00:1::c3
	ip -n "$ns-lan" route add fd00:1::/64 via $GW
	pings6 c3 -I ${PRIVATE}3 $FAR
	pings6 c3 -I ${PRIVATE}3 $GW
	is "$(tcp6 c3 ${PRIVATE}3 $FAR)" ''
	run ! pings6 lan ${PRIVATE}3
	run ! pings c3
	within gw conntrack -D -f ipv6 >/dev/null
	until_true pings c3
	pings6 lan ${PRIVATE}3
	run ! pings6 c3 -I ${PRIVATE}3 $FAR
}

@test "the egress guard: without an address on the uplink, and for a private prefix that is not translated, nothing leaves" {
	policies masquerade
	dial_both ppp7 c3 fd00:1::c3
	pings6 c3 -I ${PRIVATE}3 $FAR
	# another one of the gateway's own is taken then, if it is not private
	ip -n "$ns-gw" addr del 2001:db8:f::1/64 dev isp0
	ip -n "$ns-gw" route add $FAR dev isp0
	ip -n "$ns-isp" route add 2001:db8:1::/64 via "$(ip -n "$ns-gw" -j -6 addr show dev isp0 scope link | gojq -r '.[0].addr_info[0].local')" dev eth0
	pings6 c3 -I ${PRIVATE}3 $FAR
	is "$(seen isp fd00:1::c3) $(($(seen isp $GW) > 0))" '0 1'
	ip -n "$ns-gw" addr del $GW/64 dev eth0
	has_address gw eth0 fd00:9::1/64
	run ! pings6 c3 -I ${PRIVATE}3 $FAR
	ctl set ppp7 ipv6=proxy
	run ! pings6 c3 -I ${PRIVATE}3 $FAR
	has_address gw isp0 2001:db8:f::1/64
	ip -n "$ns-gw" route replace $FAR dev isp0
	run ! pings6 c3 -I ${PRIVATE}3 $FAR
	ctl unset ppp7 ipv6
	pings6 c3 -I ${PRIVATE}3 $FAR
	is "$(grep -c ' IP6 fd0' isp.cap)" 0
}

@test "an identifier that another session has, or the gateway, or a host on the LAN: IPv6 stays closed, IPv4 goes on" {
	policies proxy
	dial_both ppp7 c3 ${PROXY}3
	dial_up ppp8
	ipv6_up ppp8 c3
	until_true logged "#2 ppp8 on ppp8 192.168.0.104: its IPv6 stays closed: address ${PROXY}3 is in use by session #1"
	ipv6_up ppp8 1
	until_true logged "its IPv6 stays closed: address $GW is the gateway's own"
	pings6 gw $LAN
	ipv6_up ppp8 9
	until_true logged "its IPv6 stays closed: address $LAN is in use on eth0"
	ipv6_up ppp8 0
	until_true logged 'its IPv6 stays closed: address 2001:db8:1:: is an anycast address'
	ipv6_up ppp8 fdff:ffff:ffff:ff80
	until_true logged 'its IPv6 stays closed: address 2001:db8:1:0:fdff:ffff:ffff:ff80 is an anycast address'
	# of another interface, and no identifier
	echo 'UpIpv6 {"ifindex": 1, "local": "fe80::1", "peer": "fe80::c4"}' >ppp8.orders
	pings c4
	has_address6 ppp8 null
	pings6 c3 -I ${PROXY}3 $FAR
	# who was refused gets it when it is free again
	ipv6_up ppp8 c3
	pings6 c3 -I ${PROXY}3 $FAR
	has_address6 ppp8 null
	ctl kick ppp7
	opened ppp8 ${PROXY}3
}

@test "the next holder of an address hears nothing of the last one's connections" {
	policies proxy
	background ip netns exec "$ns-isp" socat UDP6-RECVFROM:81,ipv6only=1,fork 'SYSTEM:while echo tick; do sleep 0.1; done'
	dial_both ppp7 c3 ${PROXY}3
	capture c3 c3 eth0 ip6
	capture c4 c4 eth0 ip6
	until_true ticks
	ctl kick ppp7
	dial_up ppp8
	ipv6_up ppp8 c3
	opened ppp8 ${PROXY}3
	has_address c4 eth0 ${PROXY}3/128
	sent=$(seen isp $FAR.81)
	until_true more_than "$sent"
	pings6 c4 -I ${PROXY}3 $FAR
	is "$(seen c4 $FAR.81)" 0
	(($(seen c4 $FAR) > 0))
}
more_than() { (($(seen isp $FAR.81) > $1 + 10)); }
ticks()
{
	within c3 socat -u - "UDP6-SENDTO:[$FAR]:81,bind=[${PROXY}3]:82" <<<hello
	sleep 0.1
	(($(seen c3 $FAR.81) > 0))
}

@test "kill -9 of masqd loses nothing; the session is found again with its address, and what was not said again goes" {
	policies masquerade
	dial_both ppp7 c3 fd00:1::c3
	background ip netns exec "$ns-c3" ping -6 -i 0.05 -w 60 -I ${PRIVATE}3 $FAR >pings.out
	pinging=$last
	until_true grep -q icmp_seq=5 pings.out
	kill_masqd
	start_masqd
	is "$(sessions state address6)" "orphaned fd00:1::c3"
	dial back '{"ifname": "ppp7", "pid": 1}' "$(reply ppp7 1 ".parameters | {serial, started, address, ifindex: $(index_of ppp7)}")"
	is "$(sessions state address6)" "open fd00:1::c3"
	until_true has_lines pings.out $(($(wc -l <pings.out) + 10))
	end_process "$pinging" INT
	[[ $(<pings.out) == *', 0% packet loss'* ]]
	# what somebody else takes away comes back
	within gw nft flush ruleset
	ip -n "$ns-gw" route del fd00:1::c3 dev ppp7
	until_true pings6 c3 -I ${PRIVATE}3 $FAR
	is "$(ip -n "$ns-gw" -6 route show proto 77 | wc -l)" 1
	echo 'DownIpv6 {}' >back.orders
	opened ppp7 null
	# only what was of IPv6 is forgotten
	pings c3
	until_true not in_conntrack6 fd00:1::c3
	within gw conntrack -L 2>/dev/null | grep -q 'src=192.168.0.103'
	run ! logged 'cannot delete its connections'
}
in_conntrack6() { within gw conntrack -f ipv6 -L 2>/dev/null | grep -q "$1"; }

@test "status says that the kernel forwards no IPv6" {
	policies masquerade
	run ctl status
	[[ $output != *'forwards no IPv6'* ]]
	within gw sysctl -qw net.ipv6.conf.all.forwarding=0
	run ctl status
	[[ $output == *'a policy has ipv6, but the kernel forwards no IPv6'*'sysctl -w net.ipv6.conf.all.forwarding=1'* ]]
}

@test "router advertisements of the shipped radvd.conf.example: a client that listens gets its address and its route when it is opened" {
	local advertiser=$BATS_TEST_DIRNAME/../../conf/radvd.conf.example own
	arpd_up
	policies proxy '' "$LAN_PROXY"
	background ip netns exec "$ns-gw" radvd -n -C "$advertiser" -p "$dir/radvd.pid" -m stderr -u root 2>radvd.log
	add_namespaces c5
	wire ppp0 c5
	has_ipv6 gw ppp0
	has_ipv6 c5 eth0
	capture c5 c5 eth0 'icmp6[0] = 134'
	own=$(ip -n "$ns-c5" -6 -j addr show dev eth0 scope link | gojq -r '.[0].addr_info[0].local')
	dial_up ppp0
	# nothing is advertised to who is not open, though he asks
	within c5 ping -6 -q -c 5 -i 0.3 -W 1 ff02::2%eth0 || :
	is "$(seen c5 'fe80:.*')" 0
	ipv6_up ppp0 "${own#fe80::}"
	opened ppp0 "2001:db8:1:0:${own#fe80::}"
	until_true has_route c5
	run -0 ip -n "$ns-c5" -6 addr show dev eth0 scope global
	[[ $output == *"2001:db8:1:0:${own#fe80::}/64"*dynamic* ]]
	until_true published "2001:db8:1:0:${own#fe80::}"
	pings6 c5 $FAR
	pings6 c5 $LAN
}
has_route() { ip -n "$ns-$1" -6 route show default | grep -q 'proto ra'; }
