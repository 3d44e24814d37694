#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Opening and closing without end: memory, descriptors and all that the kernel has are at the end as they were at the beginning. For
# SOAK_SECONDS, with SOAK_RATE sessions a second. In the picture of soak.bash. Needs root; BUILD is the build folder.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2034,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway
load soak

setup_file() { export BATS_TEST_TIMEOUT=$((${SOAK_SECONDS:-30} + 300)); }

setup()
{
	seconds=${SOAK_SECONDS:-30} rate=${SOAK_RATE:-50} counted=0
	[[ $(command -v masqd) != */valgrind/* ]] || PATIENCE=60
	programs=$BATS_TEST_DIRNAME/../../bench/gateway_programs.py
	world
}

# A busy machine may keep it waiting.
ctl() { masqctl --timeout 60 --socket "$dir/run/socket" --arp-socket "$dir/arpd/socket" "$@"; }

# Of logs of hours the end will do.
teardown()
{
	local name
	end_process "$arpd"
	end_process "$masqd"
	for name in log arpd.log; do
		[[ -e $name ]] || continue
		{ grep -aE -A 60 'Sanitizer|runtime error|^==[0-9]+==' $name || :; tail -n 100 $name; } >short
		mv short $name
	done
	gateway_teardown
}

# tell TEXT: in the long form, once a minute.
tell() { ((seconds < 600)) || echo "# $1" >&3; }

# sample: the daemons' memory now, "SECOND masqd arpd KiB" a line.
sample() { echo "$((SECONDS - begun)) $(rss "$masqd") $(rss "$arpd")" >>memory; }

# median COLUMN FIRST LAST: of the samples between these seconds, or where a busy machine took few, of the three after the first.
median()
{
	awk -v column="$1" -v first="$2" -v last="$3" '$1 >= first && ($1 <= last || taken < 3) { taken++; print $column }' memory | sort -n |
		awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

# Half a minute is too short for what a sanitizer's allocator or valgrind itself takes; of that form the leaks count, at the end.
is_judged() { ((seconds >= 600)) || [[ $(ldd "$BUILD/masqd/masqd") != *libasan* && $(command -v masqd) != */valgrind/* ]]; }

# is_flat NAME COLUMN: memory in the last tenth is what it was before the warm-up's end, but for a twentieth or 1 MiB.
is_flat()
{
	local early late
	early=$(median "$2" $((warm * 2 / 3)) $warm)
	late=$(median "$2" $((seconds - seconds / 10)) $((seconds + 60)))
	figures+=" $1_rss=$early:$late"
	((late <= early + early / 20 || late <= early + 1024)) || ! is_judged || {
		echo "$1: $early KiB of memory at $warm s, $late KiB at the end; second, masqd, masq-arpd:"
		awk -v each=$((seconds / 50 + 1)) 'NR % each == 0' memory
		return 1
	}
}

# eventually COMMAND...: what was asked of the LANs is remembered for half a minute, and then some sockets are closed.
eventually() { PATIENCE=60 until_true "$@"; }

is_as_before() { kernel_state >now && cmp -s before now; }
has_no_sessions() { [[ -z $(sessions id) ]]; }
has_descriptors() { descriptors "$2" >now && cmp -s "$1.fds" now; }

# ends_well NAME PID: by itself, as it is told; a sanitizer that has found something would say it by the exit code.
ends_well()
{
	local code=0
	kill "$2"
	wait "$2" || code=$?
	is "$1 $code" "$1 0"
}

# rows TABLE [CONDITION]: of the file of the past
rows()
{
	python3 -B -c 'import sqlite3, sys
print(sqlite3.connect("state/masqgate.db").execute(f"SELECT count(*) FROM {sys.argv[1]} WHERE {sys.argv[2]}").fetchone()[0])' "$1" "${2-1}"
}

@test "opening, closing, traffic and changes for a while: everything is as at the beginning" {
	local begun told=0 i=0 line figures='' warm=$((seconds / 10 > 12 ? seconds / 10 : 12))
	descriptors "$masqd" >masqd.fds
	descriptors "$arpd" >arpd.fds
	# an interface that was attached stays closed, so it is known from then on
	attach cl1 192.168.0.100
	ctl detach cl1
	kernel_state >before
	begun=$SECONDS
	attach cl1 192.168.0.100
	program load gw "$BUILD/tests/soak/load" "$dir/run/socket" 192.168.0.1 $SERVER $PORT "$rate" $((seconds * rate / 40 + 1))
	ask load begin >/dev/null
	program c1 c1 python3 -B "$programs" flow $SERVER $PORT
	program lan lan python3 -B "$programs" flow "$(sessions user address | sed -n 's/^steady-ppp0 //p')" $ECHO_PORT
	talk_begins
	while ((SECONDS - begun < seconds)); do
		turn $((i++))
		sample
		if ((SECONDS - begun >= told + 60)); then
			told=$((SECONDS - begun))
			tell "$told s: $(tail -n 1 load.out), masqd and masq-arpd have $(tail -n 1 memory | cut -d' ' -f2-) KiB"
		fi
	done
	talk_ends
	line=$(ask load end)
	ctl detach cl1
	until_true has_no_sessions
	eventually is_as_before || is "$(<now)" "$(<before)"
	eventually has_descriptors masqd "$masqd" || is "$(<now)" "$(<masqd.fds)"
	eventually has_descriptors arpd "$arpd" || is "$(<now)" "$(<arpd.fds)"
	echo "$line"
	is "$(figure strange "$line") $(figure mute "$line")" '0 0'
	is_flat masqd 2
	is_flat arpd 3
	ends_well masqd "$masqd"
	ends_well masq-arpd "$arpd"
	run ! grep -aE 'Sanitizer|runtime error|^==[0-9]+==' log arpd.log
	is "$(rows history 'ended IS NULL')" 0
	# it is looked after once in 256 ends, and those that were open then are beyond the number
	(($(rows history) <= 100600 && $(rows history_public) <= 100600))
	echo "# soak: $((SECONDS - begun)) s, $line counted=$counted$figures descriptors=$(wc -l <masqd.fds),$(wc -l <arpd.fds)" \
		"elements=$(grep -o '"elem"' before | wc -l) history=$(rows history)" >&3
}
