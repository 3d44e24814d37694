#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# bench/gateway measures what it says, as far as that can be seen from a few sessions: what is to be right is judged, no figure is. Needs
# root.

bats_require_minimum_version 1.5.0

setup_file()
{
	local top=$BATS_TEST_DIRNAME/../..
	export OUT=$BATS_FILE_TMPDIR
	"$top/bench/gateway" --quick --build "$BUILD" --csv "$OUT/csv" >"$OUT/tables" 2>"$OUT/progress" 3>&- &
	echo $! >"$OUT/pid"
	wait $! || echo $? >"$OUT/failed"
}

# figure SUBJECT SESSIONS NAME: of the only round.
figure() { awk -F, -v key="$1,$2,$3" '$2 "," $3 "," $4 == key { print $5 + 0; exit }' "$OUT/csv"; }

@test "it runs, leaves no namespace, and nothing has failed" {
	cat "$OUT/progress"
	[[ ! -e $OUT/failed ]]
	run ! grep -E '^FAILED|not measured|– ' "$OUT/tables"
	run ! grep "^bench-$(cat "$OUT/pid")-" <(ip netns list)
}

@test "sessions open beside none, a few and all" {
	local size what
	for size in 0 10 50; do
		for what in admit open; do
			[[ $(figure latency $size ${what}_median_us) =~ ^[1-9] ]]
			[[ $(figure latency $size ${what}_p99_us) =~ ^[1-9] ]]
		done
	done
}

@test "after a storm each line has its own answers, and none of its predecessor's" {
	[[ $(figure masqd 50 talked) == 100 ]]
	[[ $(figure masqd 50 unanswered) == 0 ]]
	[[ $(figure masqd 50 crossed) == 0 ]]
	[[ $(figure masqd 50 stale_sent) == 100 ]]
	[[ $(figure masqd 50 stale_delivered) == 0 ]]
}

@test "a restart of masqd loses no packet" {
	(($(figure masqd 50 restart_packets) > 1000))
	[[ $(figure masqd 50 restart_lost) == 0 ]]
}

@test "what is measured has a figure" {
	local name
	for name in hangup_ms reopen_ms known_again_ms ready_ms flush_ms list_ms list_json_ms rss_kib flows_gone_ms tool_ms flows_longest_ms; do
		echo "$name"
		[[ $(figure masqd 50 $name) =~ ^[0-9.]*[1-9] ]]
	done
	(($(figure masqd 50 flows) >= 1000))
	[[ $(figure masq-arpd 50 rss_kib) =~ ^[1-9] ]]
	[[ $(grep -c '^\* ' "$OUT/tables") == 19 ]]
}

@test "the command line" {
	run -0 "$BATS_TEST_DIRNAME/../../bench/gateway" --help
	[[ $output == 'usage: bench/gateway'* ]]
	run -1 "$BATS_TEST_DIRNAME/../../bench/gateway" --build /nowhere
	[[ $output == *'hint: ./check --only build' ]]
}
