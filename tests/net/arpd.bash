# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# masq-arpd in network namespaces, and a host that asks:
#
#     host on the LAN             gateway                      client
#     192.168.0.9 eth0 ──── lan0 192.168.0.1  ppp0 ──── eth0   192.168.0.100, .101, ...
#                                             host routes to clients lead here
#
# ENGINE says what answers: the kernel's proxy neighbours, or bpf in a file that is called so.

# shellcheck disable=SC2034 # some are for the tests

ARP=org.masqgate.Arp
ENGINE=kernel
[[ $BATS_TEST_FILENAME != *-bpf.bats ]] || ENGINE=bpf

setup()
{
	ns=arpd-$$-$BATS_TEST_NUMBER
	dir=$(mktemp -d)
	pids=()
	chown masqgate-arp "$dir"
	chmod 755 "$dir"
	cd "$dir" || return
	: >log
	ip netns add "$ns-gw"
	ip netns add "$ns-lan"
	ip netns add "$ns-client"
	gw_ip link set lo up
	add_lan lan0 eth0
	gw_ip addr add 192.168.0.1/24 dev lan0
	lan_ip addr add 192.168.0.9/24 dev eth0
	gw_ip link add ppp0 type veth peer name eth0 netns "$ns-client"
	gw_ip link set ppp0 up
	ip -n "$ns-client" link set eth0 up
	gw_ip route add 192.168.0.100/32 dev ppp0
	gw_ip route add 192.168.0.101/32 dev ppp0
	conf
}

teardown()
{
	local pid
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
	ip netns del "$ns-gw" || :
	ip netns del "$ns-lan" || :
	ip netns del "$ns-client" || :
	if [[ -z ${BATS_TEST_COMPLETED-} ]]; then
		echo "--- log"
		cat "$dir/log"
	fi
	cd / || return
	rm -rf "$dir"
}

gw_ip() { ip -n "$ns-gw" "$@"; }
lan_ip() { ip -n "$ns-lan" "$@"; }
gw() { ip netns exec "$ns-gw" "$@"; }
lan() { ip netns exec "$ns-lan" "$@"; }

# add_lan NAME PEER: an interface of the gateway that the host on the LAN has the other end of.
add_lan()
{
	gw_ip link add "$1" type veth peer name "$2" netns "$ns-lan"
	gw sysctl -qw "net.ipv4.conf.$1.forwarding=1"
	gw_ip link set "$1" up
	lan_ip link set "$2" up
}

# conf [LINE]...: nobody is asked whether an address is free, unless the lines say so.
conf()
{
	[[ " $*" == *' probe = '* ]] || set -- "$@" 'probe = no'
	[[ " $*" == *' engine = '* ]] || set -- "$@" "engine = $ENGINE"
	printf '%s\n' "socket = \"$dir/sock\"" "$@" >conf
}

# within SECONDS COMMAND...: waits that long for it to be true.
within()
{
	local end=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift
	until "$@"; do
		if ((${EPOCHREALTIME/./} > end)); then
			echo "never true: $*"
			return 1
		fi
		sleep 0.02
	done
}

until_true() { within 10 "$@"; }

# What an event reports is seen to in a tenth of a second, what nothing reports in five.
soon_true() { within 2 "$@"; }

# Runs masq-arpd until the test's end, or stop_arpd. Its process id is in arpd.
start_arpd()
{
	local ready
	ready=$(logged_times ': ready$')
	ip netns exec "$ns-gw" masq-arpd -v -f "$dir/conf" 3>&- 2>>log &
	arpd=$!
	pids+=("$arpd")
	until_true is_ready $((ready + 1))
	kill -0 "$arpd"
}

is_ready() { (($(logged_times ': ready$') >= $1)) || ! kill -0 "$arpd"; }
logged_times() { grep -c -- "$1" log || :; }
logged() { grep -q -- "$1" log; }

# stop_arpd [SIGNAL]
stop_arpd()
{
	kill "-${1-TERM}" "$arpd"
	wait "$arpd" || :
}

call() { "$BATS_TEST_DIRNAME/../varlink-call" sock "$@"; }

# hold NAME [METHOD PARAMETERS]...: a holder that stays connected until the test's end, or until its process id, in
# holder, is killed.
hold()
{
	local name=$1
	shift
	rm -f held
	"$BATS_TEST_DIRNAME/../varlink-call" -k -p held sock $ARP.Hold "{\"holder\":\"$name\"}" "$@" 3>&- >"replies-$name" &
	holder=$!
	pids+=("$holder")
	until_true test -e held
}

release()
{
	kill "$1"
	wait "$1" || :
}

# publication ADDRESS [INTERFACE]...: parameters of Publish.
publication()
{
	local address=$1 names
	shift
	printf -v names '"%s",' "${@-lan0}"
	echo "{\"address\":\"$address\",\"interfaces\":[${names%,}]}"
}

# What List says: "address interface state holder,holder" a line.
list()
{
	call +$ARP.List '{}' | gojq -r '.parameters.entry | select(.) | "\(.address) \(.interface) \(.state) \(.holders | sort | join(","))"' | sort
}

listed() { [[ $(list) == "$1" ]]; }

# Who is answered for: the kernel's entries, ours and others', "address interface protocol" a line; and those of the responder's,
# which nobody else can list.
answered_for()
{
	{
		gw_ip -json neigh show proxy | gojq -r '.[] | "\(.dst) \(.dev) \(.protocol // "-")"'
		gw_ip -6 -json neigh show proxy | gojq -r '.[] | "\(.dst) \(.dev) \(.protocol // "-")"'
		[[ $ENGINE == kernel ]] ||
			call +$ARP.List '{}' | gojq -r '.parameters.entry | select(. and .engine == "bpf") | "\(.address) \(.interface) 77"'
	} | sort -u
}

has_answered_for() { [[ $(answered_for) == "$1" ]]; }
answers() { lan arping -q -c 1 -w 5 -I "${2-eth0}" "$1"; }
is_silent() { ! lan arping -q -c 1 -w 1 -I "${2-eth0}" "$1"; }
proxy_delay() { gw cat "/proc/sys/net/ipv4/neigh/$1/proxy_delay"; }
mac() { gw cat "/sys/class/net/$1/address"; }

# Captures the LAN's ARP from here on, into the file capture.
capture()
{
	ip netns exec "$ns-lan" tcpdump -l -n -e -i eth0 arp 3>&- >capture 2>capture.err &
	pids+=($!)
	until_true grep -q listening capture.err
}

announced() { grep -c "Request who-has $1 .*tell $1," capture || :; }
# was_announced ADDRESS N: so often at least, or with 0 never.
was_announced() { (($2 ? $(announced "$1") >= $2 : $(announced "$1") == 0)); }

