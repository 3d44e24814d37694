#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Quotas: what is counted, kept, and done when they are used up; shown with packets, in the picture of gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

setup() { gateway_setup quota; }
teardown() { gateway_teardown; }

# session IFNAME MEMBER,...
session() { ctl show "$1" --json | gojq -cr ".sessions[0] | [.${2//,/, .}] | map(tostring) | join(\" \")"; }
session_is() { [[ $(session "$1" "$2" 2>/dev/null) == "$3" ]]; }

# pumps NAMESPACE KILOBYTES [ADDRESS]: sends that much by pings of 1000 bytes, of which as much comes back.
pumps() { within "$1" ping -q -f -c "$2" -s 996 "${3-$SERVER}" >/dev/null; }

used() { session "$1" quota_used_down,quota_used_up; }

# at_least BYTES IFNAME: so much was counted in each direction, and not much more (ARP, other tests' pings).
at_least()
{
	local down up
	read -r down up < <(used "$2")
	((down >= $1 && up >= $1 && down < $1 + 20000 && up < $1 + 20000)) || {
		echo "used $down $up, not $1"
		return 1
	}
}

# has_written BYTES: the database has as much from one client.
has_written() { (($(sqlite3 state/masqgate.db "SELECT max(up) FROM quota" 2>/dev/null) >= $1)); }

# alice IFNAME IFINDEX [USER]: a line's session, up.
alice()
{
	dial "$1" "{\"ifname\": \"$1\", \"user\": \"${3-alice}\", \"pid\": 1}" "{\"ifindex\": $2, \"local\": \"192.168.0.1\"}"
}

@test "over-quota policy: another policy has its place, and the warning comes before" {
	conf 'policy dialup { quota = 200K quota-warn = 50 over-quota = "policy slow" }' 'policy slow { rules = { "deny udp", "deny tcp" } }'
	ctl reload
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	hears 203.0.113.1 udp c1
	pumps c1 60
	until_true session_is cl1 quota_state,policy "near dialup"
	logged 'of its quota is used'
	pumps c1 60
	until_true session_is cl1 quota_state,policy "over slow"
	is "$(heard_as udp c1)" -
	pings c1
	hears 203.0.113.1 udp c2
	run -1 ctl status --json
	is "$(gojq -c .masqd.quotas <<<"$output")" '{"near":0,"over":1}'
	is "$(session cl1 quota,quota_percent,quota_left)" "204800 100 0"
	is "$(session cl2 quota_state,quota_resets)" "null null"
	is "$(session cl1 quota_resets)" "$(date -ud "$(date +%Y-%m-01) + 1 month" +%Y-%m-%dT%H:%M:%SZ)"
}

@test "over-quota deny: the session ends with the reason, and is refused in words until it is reset" {
	add_line ppp7 c3 192.168.0.102
	conf 'policy dialup { quota-down = 100K quota-period = day pool = "dialin" }'
	ctl reload
	alice ppp7 $ifindex
	ip -n "$ns-gw" addr add 192.168.0.1/32 dev ppp7
	address=$(reply ppp7 1 .parameters.address)
	ip -n "$ns-c3" addr add "$address/32" dev eth0
	route_client ppp7 "$address"
	within c3 ping -q -f -c 150 -s 996 -I "$address" $SERVER >/dev/null || :
	until_true has_lines ppp7.replies 3
	until=$(date -d 'tomorrow 0:00' '+%Y-%m-%d %H:%M')
	is "$(reply ppp7 3 .parameters.reason)" "the quota is used up until $until"
	# Whoever kills masqd now gives nobody another quota.
	kill_masqd
	start_masqd
	refused "the quota is used up until $until" '{"ifname": "ppp7", "user": "alice", "pid": 1}'
	ctl reset-quota alice
	alice ppp7 $ifindex
	is "$(session ppp7 quota_state,quota_used_up)" "under 0"
	run -1 ctl reset-quota nobody
}

@test "what a user has used is kept over reconnects, a restart and kill -9, and is the sum of his sessions" {
	add_line ppp7 c3 192.168.0.102
	first=$ifindex
	add_line ppp8 c4 192.168.0.103
	second=$ifindex
	conf 'policy dialup { quota = 10M }'
	ctl reload
	ip -n "$ns-gw" addr add 192.168.0.1/32 dev ppp7
	dial one '{"ifname": "ppp7", "user": "alice", "pid": 1, "address": "192.168.0.102"}' "{\"ifindex\": $first}"
	pumps c3 100
	until_true at_least 100000 ppp7
	kill_masqd
	pumps c3 100
	start_masqd
	# the interface is where the counting was left
	until_true at_least 200000 ppp7
	dial two '{"ifname": "ppp8", "user": "alice", "pid": 1, "address": "192.168.0.103"}' "{\"ifindex\": $second}"
	pumps c4 100
	until_true at_least 300000 ppp7
	until_true at_least 300000 ppp8
	ctl kick ppp8
	until_true at_least 300000 ppp7
	end_process "$masqd"
	start_masqd
	dial three '{"ifname": "ppp8", "user": "alice", "pid": 1, "address": "192.168.0.103"}' "{\"ifindex\": $second}"
	until_true at_least 300000 ppp8
	dial four '{"ifname": "ppp9", "user": "bob", "pid": 1, "address": "192.168.0.101"}'
	is "$(session ppp9 quota_used_down)" 0
}

@test "a session's quota is that session's; the next one begins anew, and nothing is left of it" {
	conf 'policy dialup { quota-up = 100K quota-period = session over-quota = "policy slow" }' 'policy slow { rules = { "deny udp" } }'
	ctl reload
	attach cl1 192.168.0.100
	pumps c1 150
	until_true session_is cl1 policy slow
	is "$(session cl1 quota_resets)" null
	until_true has_written 100000
	kill_masqd
	start_masqd
	until_true session_is cl1 policy slow
	ctl detach cl1
	attach cl1 192.168.0.100
	is "$(session cl1 policy,quota_state)" "dialup under"
	end_process "$masqd"
	is "$(sqlite3 state/masqgate.db "SELECT count(*) FROM quota")" 1
}

@test "a section's line stays and is closed while its quota is used up" {
	becomes_slip
	conf 'policy dialup { quota = 100K }' 'serial slip { interface = "sl0" address = "192.168.0.100" policy = "dialup" }'
	ctl reload
	ctl wait ifname=sl0 --timeout 10
	pumps c1 80 || :
	until_true session_is sl0 quota_state over
	blocked c1
	is "$(sessions ifname state)" "sl0 open"
	run -1 ctl explain sl0 to $SERVER
	[[ $output == *"the quota is used up until"*"hint: masqctl reset-quota 'slip'"* ]]
	ctl reset-quota slip
	until_true session_is sl0 quota_state under
	pings c1
}

@test "a changed quota holds at once, and what is used stays used" {
	conf 'policy dialup { quota = 10M over-quota = "policy slow" }' 'policy slow { rules = { "deny udp" } }'
	ctl reload
	attach cl1 192.168.0.100
	pumps c1 100
	until_true at_least 100000 cl1
	conf 'policy dialup { quota = 100K over-quota = "policy slow" }' 'policy slow { rules = { "deny udp" } }'
	ctl reload
	is "$(session cl1 policy)" slow
	is "$(heard_as udp c1)" -
	conf 'policy dialup { quota = 1M over-quota = "policy slow" }' 'policy slow { rules = { "deny udp" } }'
	ctl reload
	is "$(session cl1 policy,quota_percent)" "dialup 19"
	hears 203.0.113.1 udp c1
	conf 'policy dialup { }'
	ctl reload
	is "$(session cl1 quota_state)" null
}

@test "the state that cannot be kept touches no session, and is counted" {
	conf 'policy dialup { quota = 10M }'
	end_process "$masqd"
	rm -f state/masqgate.db*
	mkdir state/masqgate.db
	start_masqd
	attach cl1 192.168.0.100
	passes c1 203.0.113.1
	pumps c1 100
	until_true at_least 100000 cl1
	run -1 ctl status
	[[ $output == *"warning: $dir/state/masqgate.db: "* ]]
	ctl detach cl1
	attach cl1 192.168.0.100
	# in memory it still is
	until_true at_least 100000 cl1
}

@test "a damaged database is moved aside, and sessions go on" {
	conf 'policy dialup { quota = 10M }'
	ctl reload
	attach cl1 192.168.0.100
	kill_masqd
	rm -f state/masqgate.db-*
	head -c 9000 /dev/urandom >state/masqgate.db
	start_masqd
	passes c1 203.0.113.1
	[[ -e state/masqgate.db.corrupt ]]
	logged 'is damaged: moved aside'
	run -0 ctl show cl1
	[[ $output == *"quota-state: under"* ]]
	# what is used from now on is kept in the new one
	pumps c1 100
	until_true has_written 100000
}

@test "with the next period it begins anew" {
	end_process "$masqd"
	conf 'policy dialup { quota = 100K quota-period = day over-quota = "policy slow" }' 'policy slow { rules = { "deny udp" } }'
	clock_shows 23:59:50
	start_masqd
	attach cl1 192.168.0.100
	pumps c1 80
	until_true session_is cl1 policy,quota_percent "slow 100"
	until_true session_is cl1 policy,quota_percent "dialup 0"
	hears 203.0.113.1 udp c1
}

@test "over-quota throttle: slower both ways, and again as it was when it is reset" {
	conf 'policy dialup { quota = 100K over-quota = "throttle 200kbit" rate-up = "10Mbit" }'
	ctl reload
	attach cl1 192.168.0.100
	run ! rate_is
	pumps c1 80
	until_true session_is cl1 quota_state over
	until_true rate_is 200Kbit
	# a hundred thousand bytes at 200 kbit/s take four seconds; a second's worth may come at once
	begin=${EPOCHREALTIME/./}
	within gw ping -q -i 0.002 -c 100 -s 996 -W 20 192.168.0.100 >/dev/null || :
	((${EPOCHREALTIME/./} - begin > 1500000))
	ctl reset-quota 192.168.0.100
	until_true not rate_is
}

# rate_is [RATE]: the shaper on the interface says so.
rate_is() { within gw tc class show dev cl1 | grep -qi "htb.* rate ${1-}"; }

@test "each host of a network has its own" {
	add_network
	conf "$HOME_NETWORK" 'policy dialup { quota = 100K }'
	ctl reload
	pings h1
	pings h2
	until_true host_is 10.1.0.2 under
	pumps h1 80 || :
	until_true host_is 10.1.0.2 over
	blocked h1
	passes h2 203.0.113.1
	host_is 10.1.0.3 under
	run -1 ctl explain 10.1.0.2 to $SERVER
	[[ $output == *"hint: masqctl reset-quota '10.1.0.2'"* ]]
	ctl reset-quota 10.1.0.2
	pings h1
}

# host_is ADDRESS STATE: of its quota.
host_is() { [[ $(ctl list --json type=host | gojq -r ".sessions[] | select(.address == \"$1\") | .quota_state") == "$2" ]]; }
