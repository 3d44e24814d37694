#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# A configuration that is read again and again while somebody writes it, in the picture of gateway.bash. Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2034,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway

TEST_SECONDS=240

setup()
{
	# what is freed is to be seen as free
	export ASAN_OPTIONS=${ASAN_OPTIONS-}:quarantine_size_mb=0:thread_local_quarantine_size_kb=0
	gateway_setup reload
}

teardown() { gateway_teardown; }

# write LINE...: the configuration with these, into next, while masqd may read the one that is there.
write()
{
	mkdir -p writing
	(cd writing && conf "$@")
	mv writing/masqd.conf next
}

# good N: denies UDP, which no other that follows does, and has a timeout of so many hours, and hundreds of users: a configuration that
# is not given back is seen.
good()
{
	local user
	write "policy dialup { pool = \"dialin\" rules = { \"deny udp\" } session-timeout = ${1}h }"
	for user in {1..300}; do
		echo "user user$user { policy = \"friends\" session-timeout = ${1}h }"
	done >>next
	mv next good
}

# becomes KIND: the file is this from now on, never half of it.
becomes()
{
	write
	case $1 in
	good) cp good next ;;
	bad) echo 'policy other { pool = "none" }' >>next ;;
	unknown) echo 'uplink isp { interfase = "isp0" }' >>next ;;
	cut) echo 'policy more { pool = "dialin" rules = { "allow' >>next ;;
	binary) printf 'policy m\0re { }\n' >>next ;;
	directory) rm next && mkdir next ;;
	fifo) rm next && mkfifo next ;;
	missing) rm next ;;
	esac
	rm -rf masqd.conf
	[[ ! -e next ]] || mv next masqd.conf
}

BAD=(bad unknown cut binary directory fifo missing)
# names_place KIND TEXT: the file, and where there is one the line.
names_place()
{
	case $1 in
	binary | directory | fifo | missing) [[ $2 == *"$dir/masqd.conf: "* ]] ;;
	*) [[ $2 == *"$dir/masqd.conf:"[1-9]*": "* ]] ;;
	esac
}

descriptors() { find "/proc/$masqd/fd" -mindepth 1 -maxdepth 1 | wc -l; }
memory() { awk '/^VmRSS/ { print $2 }' "/proc/$masqd/status"; }
timeout_is() { [[ $(ctl show cl1 --json | gojq .sessions[0].session_timeout) == $(($1 * 3600)) ]]; }

# probe_both: that, and a flow that must not pass, a hundred packets a second each.
probe_both()
{
	seq 100000 >lines
	background ip netns exec "$ns-c1" "$talk" -w 0.01 udp $SERVER <lines >denied.out
	probe
}

# storm COUNT: so many reloads, by masqctl and by signal. Of each good one comes another.
storm()
{
	local round kind
	for ((round = 0; round < $1; round++)); do
		kind=${BAD[round % ${#BAD[@]}]}
		becomes $kind
		if ((round % 2)); then
			run ! ctl reload
			names_place $kind "$output" || {
				echo "$kind: $output"
				return 1
			}
		else
			kill -HUP "$masqd"
		fi
		timeout_is $hours
		if ((round % 5 == 4)); then
			good $((++hours))
			becomes good
			ctl reload
			timeout_is $hours
		fi
	done
}

@test "a storm of reloads with files that are bad, cut off, missing or no files: the last good one stays in force, and nothing is lost" {
	local hours=1 descriptors memory
	good 1
	becomes good
	ctl reload
	attach cl1 192.168.0.100
	attach cl2 192.168.0.101 --policy friends
	converse long tcp c1
	answered long
	forget_outside
	probe_both
	storm 20
	descriptors=$(descriptors)
	memory=$(memory)
	storm 180
	echo "descriptors $descriptors, $(descriptors); memory $memory, $(memory) KiB"
	is "$(descriptors)" "$descriptors"
	(($(memory) - memory < 2048))
	# as often as it was told that the file is bad, it said where
	is "$(grep -c 'configuration not taken over' log)" "$(grep -c "^masqd: $dir/masqd.conf:" log)"
	answered long
	settled
	run ! grep UDP isp.cap
	is "$(heard_as udp c1)" -
	passes c2 203.0.113.1
	lost_nothing
}
