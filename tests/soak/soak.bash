# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The world of the soak, in the picture of gateway.bash: ppp0 to ppp95 are tests/soak/load's, masq-arpd publishes their addresses on
# the LAN, and there is traffic:
#
#   every line          ─▶ the server   counted for those that stay open through
#   c1, attached        ─▶ the server   counted
#   lan                 ─▶ ppp0         counted; it is found by ARP
#
# What else is done to masqd is in turn().

# shellcheck disable=SC2154,SC2034,SC2086 # lib.bash, gateway.bash and BATS set some, the test uses others

PORT=4000
ECHO_PORT=5000
# What is right is too much to be written down in an hour.
CAPTURED=(not arp and '(src net 10.0.0.0/8 or src net 172.16.0.0/12 or src net 192.168.0.0/16'
	or 'icmp[icmptype] = icmp-echoreply and greater 1000)')

# world: all of it, but for the lines.
world()
{
	# what a sanitizer keeps of what was freed, and of each new way to an allocation for good, would be taken for a leak
	export ASAN_OPTIONS=${ASAN_OPTIONS-}:quarantine_size_mb=1:thread_local_quarantine_size_kb=16
	((seconds < 600)) || ASAN_OPTIONS+=:malloc_context_size=2
	gateway_setup soak
	policies
	grow_old
	run_arpd
	ctl reload
	ctl wait ready
	program echo isp python3 -B "$programs" echo $SERVER $PORT
}

# grow_old: as many sessions are over as masqd remembers, so that neither its file nor what it keeps of it in memory still grows.
grow_old()
{
	end_process "$masqd"
	python3 -B - <<-'END'
		import sqlite3
		db = sqlite3.connect("state/masqgate.db")
		past = '''WITH past(i, time) AS (SELECT 1, unixepoch() - 100000 UNION ALL
		SELECT i + 1, time + 1 FROM past WHERE i < 100000) SELECT'''
		db.execute(f"""INSERT INTO history (serial, type, started, ended, reason, user, ifname, policy, nat, address, rx, tx)
		{past} i, 'ppp', time, time, 'hung up', 'pooled-' || i, 'ppp0', 'dialup', 'masquerade', '192.168.0.110', 1000, 1000 FROM past""")
		db.execute(f"INSERT INTO history_public {past} i, '203.0.113.1', 0, 0, time, time FROM past")
		db.commit()
	END
	printf '%010d\n' 100000 >state/last-serial
	start_masqd
}

# policies [LINE]...: one with rates, one with blocks of ports and a quota.
policies()
{
	conf 'lan office { interface = "eth0" proxy-arp = yes }' 'pool dialin { range = { "192.168.0.110-192.168.0.250" } }' \
		'pool asked { range = { "192.168.0.16-192.168.0.99" } }' \
		'policy dialup { pool = "dialin" proxy-arp = yes rate-down = 20mbit rate-up = 20mbit }' \
		'policy asking { pool = "asked" proxy-arp = yes port-block = 256 quota = 10G }' \
		'user "asking-*" { policy = "asking" }' 'user "steady-ppp[13]" { policy = "asking" }' "$@"
}

# program NAME NAMESPACE COMMAND...: takes orders, by ask. Of one that has ended nobody waits for the order to be read.
program()
{
	local held
	mkfifo "$1.in"
	exec {held}<>"$1.in"
	background ip netns exec "$ns-$2" "${@:3}" <>"$1.in" >"$1.out"
}

# The kernel's state, without what counts or numbers anew, or has no order.
kernel_state()
{
	local name family
	within gw nft -j list table inet masqgate | gojq -c '
		def plain: walk(if type == "object" then del(.handle, .packets, .bytes) else . end);
		[.nftables[] | select(.metainfo | not) | plain | if (.map // .set).elem then (.map // .set).elem |= sort else . end] |
			sort_by([keys[0], (.rule.chain // .[].name)])[]'
	for family in -4 -6; do
		ip -n "$ns-gw" $family -j rule show | gojq -c '.[]'
		ip -n "$ns-gw" $family -j route show table all | gojq -c '.[]'
		ip -n "$ns-gw" $family -j neigh show proxy | gojq -c '.[]'
		ip -n "$ns-gw" $family -j neigh show nud permanent | gojq -c '.[]'
	done
	while read -r name; do
		ip -n "$ns-gw" -j address show dev "$name" | gojq -c '.[] | [.ifname, .flags, .mtu, [.addr_info[] | del(.valid_life_time)]]'
		tc -n "$ns-gw" -j qdisc show dev "$name"
		tc -n "$ns-gw" -j filter show dev "$name" ingress
		tc -n "$ns-gw" -j filter show dev "$name" egress
		within gw sysctl "net.ipv4.conf.$name.forwarding" "net.ipv4.conf.$name.proxy_arp" "net.ipv4.neigh.$name.proxy_delay"
	done < <(ip -n "$ns-gw" -j link show | gojq -r '.[].ifname' | sort)
	# connections of clients: they have their session's mark
	within gw conntrack -L 2>/dev/null | grep -v ' mark=0 ' || :
}

# descriptors PID: what they are.
descriptors()
{
	find "/proc/$1/fd" -mindepth 1 -printf '%l\n' | sed -E 's/\[[0-9]+\]//' | sort
}

rss() { awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"; }

# figure NAME LINE: a number of a line of figures.
figure()
{
	[[ " $2 " =~ \ $1=([0-9.]+)\  ]] && echo "${BASH_REMATCH[1]}"
}

# talk_begins, talk_ends: of those that count beside the load. None of their datagrams was lost, in the end.
talk_begins()
{
	local name
	for name in c1 lan; do
		echo 'start 50' >$name.in
	done
	ask load loud >/dev/null
}

talk_ends()
{
	local name line
	line=$(ask load quiet)
	is "$(figure steady_unanswered "$line")" 0
	for name in c1 lan; do
		line=$(ask $name stop)
		is "$name $(figure received "$line")" "$name $(figure sent "$line")"
		counted=$((counted + $(figure sent "$line")))
	done
}

# flush: somebody does. Until the repair nothing passes, so no one talks.
flush()
{
	local before
	talk_ends
	before=$(repairs)
	within gw nft flush ruleset
	until_true has_repairs $((before + 1))
	talk_begins
}

# kick_someone: of those that come and go; he may have gone meanwhile.
kick_someone()
{
	local code=0 who
	who=$(gojq -r '[.sessions[] | select(.state == "open" and (.user // "" | test("^(pooled|asking)-"))).id] |
		.[length / 2 | floor] // ""' list.json)
	[[ -n $who ]] || return 0
	ctl kick "#$who" --reason 'it is time' >/dev/null 2>kick.err || code=$?
	((code == 0 || code == 4)) || cat kick.err
	((code == 0 || code == 4))
}

# reload_twice: to another configuration, and back.
reload_twice()
{
	policies 'policy friends { isolate = yes pool = "dialin" }'
	ctl reload
	policies
	ctl reload
} >/dev/null

# turn NUMBER: what is done to masqd in this second. While it warms up more of what takes most memory for a moment, since what is free
# then is in pieces, until there is enough of it.
turn()
{
	ctl list --json --columns all >list.json
	ctl show user=steady-ppp1 >/dev/null
	((SECONDS - begun > warm / 2)) || reload_twice
	case $(($1 % 12)) in
	0 | 5) reload_twice ;;
	1) ctl set user=steady-ppp0 rate-down=10mbit idle-timeout=1h >/dev/null ;;
	2 | 6 | 10) kick_someone ;;
	3) flush ;;
	4) ctl unset user=steady-ppp0 >/dev/null ;;
	7) ctl explain user=steady-ppp0 to $SERVER:$PORT/udp >/dev/null ;;
	8) ctl history --json --since 2s >/dev/null && { ctl status --quiet || (($? == 1)); } ;;
	9) ip -n "$ns-lan" neigh flush dev eth0 && ctl arp --json >/dev/null ;;
	11) ctl policies >/dev/null && ctl uplinks >/dev/null ;;
	esac
	ask load 'run 1000' >/dev/null
}
