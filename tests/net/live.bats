#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# What clients get is changed while they are there: keys of users and lines, masqctl set, reloads; in the picture of
# gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load lib
load gateway

setup() { gateway_setup live; }
teardown() { gateway_teardown; }

# members SEL MEMBER...: of the one session that it means.
members()
{
	local list
	printf -v list '.%s, ' "${@:2}"
	ctl show "$1" --json | gojq -cr ".sessions[0] | [${list%, }] | map(tostring) | join(\" \")"
}

# chains: how many policies have chains that the configuration does not name.
chains() { table | grep -cE '^	chain policy_[a-z]+\.' || :; }
has_chains() { (($(chains) == $1)); }

# probe NAMESPACE: from now on a ping every 5 ms.
probe()
{
	background ip netns exec "$ns-$1" ping -n -i 0.005 $SERVER >probe
	prober=$last
	until_true answered_again 0
}

answered_again() { (($(grep -c 'bytes from' probe) > $1)); }

# probed: none of its packets was lost until now.
probed()
{
	until_true answered_again "$(($(grep -c 'bytes from' probe) + 2))"
	end_process "$prober" INT
	sed -n 's/.*icmp_seq=\([0-9]*\) .*/\1/p' probe | awk '$1 != NR { print "lost before " $1; exit 1 }'
}

@test "a user's keys go over his policy's, and over those of his line" {
	conf 'policy dialup { rules = { "deny tcp" } pool = "dialin" }' 'user "alice" { rules = { "deny udp" } idle-timeout = 1h }' \
		'line "ttyS*" { policy = "dialup" idle-timeout = 2h isolate = no }'
	ctl reload
	attach cl1 192.168.0.100 --user alice
	attach cl2 192.168.0.101
	hears 203.0.113.1 tcp c1
	is "$(heard_as udp c1)" -
	is "$(heard_as tcp c2)" -
	hears 203.0.113.1 udp c2
	is "$(members cl1 policy idle_timeout isolate)" 'dialup 3600 true'
	is "$(members cl2 policy idle_timeout isolate)" 'dialup null true'
	add_line ppp7 c3 192.168.0.102
	dial first '{"ifname": "ppp7", "user": "alice", "tty": "/dev/ttyS0", "pid": 1}' "{\"ifindex\": $ifindex, \"local\": \"192.168.0.1\"}"
	is "$(members ppp7 policy idle_timeout isolate)" 'dialup 3600 false'
	is "$(heard_as udp c3)" -
	hears 203.0.113.1 tcp c3
	is "$(chains)" 2
}

@test "many sessions with the same keys share their chains, which go with the last of them" {
	conf 'user "*" { policy = "dialup" rules = { "deny udp" } }'
	ctl reload
	attach cl1 192.168.0.100 --user alice
	attach cl2 192.168.0.101 --user bob
	is "$(chains)" 1
	is "$(heard_as udp c2)" -
	within gw nft list table inet masqgate >listed
	within gw nft -c -f "$PWD/listed"
	ctl detach cl1
	is "$(heard_as udp c2)" -
	ctl detach cl2
	until_true has_chains 0
}

@test "a network's and a serial line's keys go over their policy's" {
	conf 'serial slip { interface = "cl1" address = "192.168.0.100" policy = "dialup" rules = { "deny udp" } }'
	ctl reload
	is "$(members cl1 type policy)" 'serial dialup'
	hears 203.0.113.1 tcp c1
	is "$(heard_as udp c1)" -
	conf 'serial slip { interface = "cl1" address = "192.168.0.100" policy = "dialup" rules = { "deny tcp" } }'
	ctl reload
	hears 203.0.113.1 udp c1
	is "$(heard_as tcp c1)" -
	until_true has_chains 1
}

@test "what keys are in each other's way only for some refuses those" {
	conf 'user "alice" { inbound = yes }'
	ctl reload
	run -1 --separate-stderr attach cl1 192.168.0.100 --user alice
	is "$stderr" 'masqctl: attach: refused: with policy "dialup": inbound: yes: needs nat = none'
	attach cl1 192.168.0.100 --user alice --policy plain
}

@test "a restart finds derived policies again, and nothing is lost" {
	conf 'user "*" { policy = "dialup" rules = { "deny udp" } }'
	ctl reload
	attach cl1 192.168.0.100 --user alice
	table | grep -F 'dialup.' >before
	probe c1
	kill_masqd
	start_masqd
	ctl reload
	probed
	is "$(heard_as udp c1)" -
	hears 203.0.113.1 tcp c1
	table | grep -F 'dialup.' | diff before -
}

# overridden SEL: each key that is, and by what.
overridden() { ctl show "$1" --json | gojq -r '.sessions[0].overrides[] | "\(.key) \(.source) \(.name) \(.line) \(.uid)"'; }

@test "set and unset: over the section's, shown with who did it, and back" {
	conf 'user "alice" { rules = { "deny udp" } }'
	ctl reload
	attach cl1 192.168.0.100 --user alice
	line=$(grep -n '^user' masqd.conf | cut -d: -f1)
	is "$(ctl show cl1 | grep rules)" "  rules: deny udp  (user \"alice\", line $line)"
	is "$(ctl set cl1 'rules=deny tcp' 'rules=allow any' isolate=no idle-timeout=1h)" 'set #1'
	is "$(overridden cl1)" "isolate live null null 0
rules live null null 0
idle-timeout live null null 0"
	is "$(members cl1 isolate rules idle_timeout)" 'false ["deny tcp","allow any"] 3600'
	ctl show cl1 | grep -qE '^  isolate: no  \(set by root at 20[0-9-]+ [0-9:]+\)$'
	is "$(heard_as tcp c1)" -
	hears 203.0.113.1 udp c1
	is "$(ctl unset cl1 rules)" 'unset #1'
	is "$(heard_as udp c1)" -
	hears 203.0.113.1 tcp c1
	is "$(members cl1 isolate rules)" 'false ["deny udp"]'
	ctl set cl1 rules=
	passes c1 203.0.113.1
	ctl unset cl1
	is "$(overridden cl1)" "rules user alice $line null"
	is "$(heard_as udp c1)" -
	until_true has_chains 1
}

@test "set: rates, limits and addresses of a live session, and what explain says of them" {
	conf 'user "alice" { gateway-services = { } }'
	ctl reload
	attach cl1 192.168.0.100 --user alice
	is "$(members cl1 rate_down)" null
	ctl set cl1 rate-down=1Mbit rate-up=2Mbit flows=1 nat=none isolate=no
	is "$(members cl1 rate_down rate_up flow_limit nat isolate)" '1000000 2000000 1 none false'
	[[ $(within gw tc class show dev cl1) == *'rate 1Mbit'* ]]
	[[ $(ctl explain cl1 to 203.0.113.9:80) == *'policy dialup does not translate'*"masqctl set '#1' nat=masquerade"* ]]
	ctl set cl1 'rules=deny tcp' nat=masquerade
	[[ $(ctl explain cl1 to 203.0.113.9:80) == *'"deny tcp" (masqctl set)'* ]]
	[[ $(ctl explain cl1 to 192.168.0.1:22) == *'not among the gateway-services of user "alice" ('*'masqd.conf:'* ]]
	ctl unset cl1 rate-down rate-up flows
	[[ $(within gw tc class show dev cl1) != *'rate 1Mbit'* ]]
	is "$(members cl1 rate_down flow_limit nat)" 'null null masquerade'
}

@test "set: what cannot be is refused with words, and nothing of the call happens" {
	attach cl1 192.168.0.100
	before=$(ctl show cl1 --json | gojq -c '.sessions[0] | del(.uptime)')
	run -2 --separate-stderr ctl set cl1 isolate=no rulez=any idle-timeout=soon pool=dialin nat=none nat=masquerade
	is "$stderr" 'masqctl: set: rulez: no such key, did you mean "rules"?
masqctl: set: idle-timeout: soon: must be a time up to 10 years, as in 90, 30m, 1h30m or 2d
masqctl: set: pool: counts only when a line is admitted, so not for a session that is there
masqctl: set: nat: must have one value'
	run -2 --separate-stderr ctl set cl1 proxy-arp=yes inbound=yes
	is "$stderr" 'masqctl: set: #1: with policy "dialup": inbound: yes: needs nat = none'
	run -2 --separate-stderr ctl set cl1 nat=snat snat-address=192.168.0.101
	is "$stderr" 'masqctl: set: #1: snat-address: 192.168.0.101: is of pool "dialin"'
	run -2 --separate-stderr ctl set cl1 routes=203.0.113.0/24
	grep -q 'masqctl: set: #1: route 203.0.113.0/24 ' <<<"$stderr"
	run -2 --separate-stderr ctl unset cl1 isolat
	is "$stderr" 'masqctl: unset: isolat: no such key, did you mean "isolate"?'
	run -2 --separate-stderr ctl set cl1 isolate
	is "$stderr" 'masqctl: set: "isolate": must be KEY=VALUE'
	run -4 --separate-stderr ctl set '#7' isolate=no
	is "$stderr" 'masqctl: set: no session matches "#7"'
	run -1 call $GATEWAY.Set '{"serials": [7], "settings": [{"key": "isolate", "values": ["no"]}]}'
	grep -q NoSuchSession <<<"$output"
	for bad in '{}' '{"serials": [1]}' '{"serials": [1], "settings": [{"key": "nat"}]}' '{"serials": [1], "settings": [7]}' \
		'{"serials": [1], "settings": [{"key": "nat", "values": [1]}]}' '{"serials": 1, "settings": [{"key": "nat", "values": ["none"]}]}'; do
		run -1 call $GATEWAY.Set "$bad"
		grep -q InvalidParameter <<<"$output"
	done
	is "$(ctl show cl1 --json | gojq -c '.sessions[0] | del(.uptime)')" "$before"
}

@test "set acts on several with --all, and only then" {
	attach cl1 192.168.0.100 --user alice
	attach cl2 192.168.0.101 --user alice
	run -2 ctl set user=alice isolate=no
	is "$(overridden cl1)$(overridden cl2)" ''
	ctl set user=alice isolate=no --all
	is "$(overridden cl1) $(overridden cl2)" 'isolate live null null 0 isolate live null null 0'
	pings c1 192.168.0.101
	is "$(chains)" 1
	ctl unset --all user=alice
	run ! pings c1 192.168.0.101
}

@test "set on several is for all of them or for none" {
	add_line ppp7 c3 192.168.0.102
	add_line ppp8 c4 192.168.0.103
	attach cl1 192.168.0.100 --user alice
	attach cl2 192.168.0.101 --user alice
	attach ppp7 192.168.0.102 --user alice
	attach ppp8 192.168.0.103 --user alice
	before=$(ctl list --json | gojq -c '.sessions[] | [.id, .ports, .overridden]')
	run -2 --separate-stderr ctl set --all user=alice routes=10.1.0.0/24
	is "$stderr" 'masqctl: set: #2: route 10.1.0.0/24 is behind session #1'
	is "$(ip -n "$ns-gw" route show 10.1.0.0/24)" ''
	run -2 --separate-stderr ctl set --all user=alice port-block=16384
	is "$stderr" 'masqctl: set: #4: all port blocks are in use'
	is "$(ctl list --json | gojq -c '.sessions[] | [.id, .ports, .overridden]')" "$before"
	passes c1 203.0.113.1
	# nor has anybody kept a block
	within gw ip link del ppp8
	ctl wait --gone ifname=ppp8
	ctl set --all user=alice port-block=16384
	is "$(ctl list --json | gojq '[.sessions[].ports] | unique | length')" 3
}

@test "200 changes of a session lose none of its packets" {
	attach cl1 192.168.0.100
	converse flow tcp c1
	answered flow
	probe c1
	for _ in {1..50}; do
		ctl set cl1 'rules=deny tcp 25' isolate=no
		ctl set cl1 'rules=deny tcp 26'
		ctl unset cl1 rules
		ctl unset cl1
	done >/dev/null
	probed
	answered flow
	until_true has_chains 0
}

@test "what is set outlives kill -9, and ends with the session" {
	attach cl1 192.168.0.100
	ctl set cl1 'rules=deny udp' idle-timeout=1h
	was=$(ctl show cl1 --json | gojq -c '.sessions[0].overrides')
	table | grep -F 'dialup.' >before
	kill_masqd
	is "$(heard_as udp c1)" -
	start_masqd
	is "$(ctl show cl1 --json | gojq -c '.sessions[0].overrides')" "$was"
	table | grep -F 'dialup.' | diff before -
	is "$(heard_as udp c1)" -
	ctl detach cl1
	is "$(sqlite3 state/masqgate.db 'SELECT count(*) FROM override')" 0
	attach cl1 192.168.0.100
	passes c1 203.0.113.1
	until_true has_chains 0
}

@test "what is set stays over a reload, or is unset if it does not fit any more" {
	attach cl1 192.168.0.100 --policy plain
	ctl set cl1 inbound=yes idle-timeout=1h
	conf 'policy plain { nat = none isolate = no }'
	ctl reload
	is "$(members cl1 inbound isolate idle_timeout)" 'true false 3600'
	conf 'policy plain { nat = masquerade }'
	ctl diff --no-headings -o key,old,new >changes
	is "$(tr -s ' ' <changes)" 'nat none masquerade
isolate no yes
inbound yes no
idle-timeout 3600 0'
	ctl reload
	is "$(members cl1 inbound isolate idle_timeout nat)" 'false true null masquerade'
	logged 'what was set for it does not fit the configuration any more, and is unset'
}

@test "diff says what a reload would change, and changes nothing" {
	conf 'policy guest { rules = { "deny udp" } }' 'user "bob" { idle-timeout = 1h }'
	ctl reload
	attach cl1 192.168.0.100 --user alice
	attach cl2 192.168.0.101 --user bob --policy guest
	is "$(ctl diff --json | gojq -c .changes)" '[]'
	table >before
	conf 'policy guest { rules = { "deny udp" } }' 'user "bob" { idle-timeout = 2h nat = none }' \
		'policy dialup { pool = "dialin" rules = { "deny tcp 25", "allow any" } }'
	is "$(ctl diff --json | gojq -r '.changes[] | "\(.id) \(.ifname) \(.user) \(.key): \(.old) -> \(.new)"')" \
		'1 cl1 alice rules: {} -> {"deny tcp 25", "allow any"}
2 cl2 bob nat: masquerade -> none
2 cl2 bob idle-timeout: 3600 -> 7200'
	sed -i '/^policy guest/d; /^default-policy/d' masqd.conf
	is "$(ctl diff --json | gojq -r '.changes[] | "\(.id) \(.key): \(.old) -> \(.new)"')" \
		'1 session: open -> no policy for this user, caller or line
2 session: open -> unknown policy "guest"'
	echo 'lan x { }' >>masqd.conf
	run -7 --separate-stderr ctl diff
	grep -q 'lan "x": interface: missing' <<<"$stderr"
	grep -q 'diff: masqd: configuration invalid' <<<"$stderr"
	diff before <(table)
	is "$(sessions id policy idle_timeout)" '1 dialup null
2 guest 3600'
}

@test "reload --confirm goes back by itself, or stays" {
	attach cl1 192.168.0.100
	conf 'policy dialup { rules = { "deny udp" } }'
	is "$(ctl reload --confirm 3)" 'reloaded; sessions changed: 1
in 3 s it is rolled back; to keep it: masqctl confirm'
	is "$(members cl1 rules)" '["deny udp"]'
	until_true logged 'back to the configuration before'
	passes c1 203.0.113.1
	run -1 --separate-stderr ctl confirm
	is "$stderr" 'masqctl: confirm: failed: no reload waits to be confirmed'
	ctl reload --confirm 60
	is "$(ctl confirm)" confirmed
	logged 'configuration confirmed'
	is "$(heard_as udp c1)" -
	run -1 --separate-stderr ctl rollback
	is "$stderr" 'masqctl: rollback: failed: no reload waits to be confirmed'
	conf 'policy dialup { nat = none }'
	ctl reload --confirm 600
	ctl status | grep -qE 'warning: the configuration goes back to the one before in [0-9]+ s'
	is "$(members cl1 nat)" none
	conf 'policy dialup { }'
	run -1 --separate-stderr ctl reload
	is "$stderr" 'masqctl: reload: failed: the last reload waits to be confirmed or rolled back'
	kill -HUP "$masqd"
	until_true logged 'the old one stays in force: the last reload waits to be confirmed or rolled back'
	echo 'lan x { }' >>masqd.conf
	run -7 ctl reload
	run -7 ctl diff
	is "$(members cl1 nat)" none
	is "$(ctl rollback)" 'rolled back; sessions changed: 1'
	is "$(members cl1 nat rules)" 'masquerade ["deny udp"]'
	run -2 ctl reload --confirm 0
	run -2 ctl reload --confirm 86401
}

@test "while a reload waits to be confirmed masqd dies: the file counts" {
	attach cl1 192.168.0.100
	conf 'policy dialup { rules = { "deny udp" } }'
	ctl reload --confirm 600
	kill_masqd
	start_masqd
	is "$(heard_as udp c1)" -
	run -1 ctl confirm
}

# refused_flows: the counter in the element of the second session.
refused_flows() { within gw nft -j list set inet masqgate flow_refused | gojq -c '[.. | .counter? // empty | .packets]'; }

@test "an edited policy changes its clients and touches nobody else's element" {
	conf 'policy friends { flows = 1 isolate = no }'
	ctl reload
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	converse flow tcp c2
	answered flow
	run ! pings c2
	refused=$(refused_flows)
	[[ $refused =~ [1-9] ]]
	conf 'policy friends { flows = 1 isolate = no }' 'policy dialup { nat = none rules = { "deny tcp" } }' 'user "alice" { rules = { "deny udp" } }'
	ctl reload
	is "$(members cl1 nat)" none
	is "$(refused_flows)" "$refused"
	ctl set cl1 nat=masquerade rules=
	passes c1 203.0.113.1
	is "$(refused_flows)" "$refused"
	answered flow
}
