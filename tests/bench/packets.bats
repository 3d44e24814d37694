#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# bench/packets measures what it says, as far as that can be seen from a few lines: no figure is judged. Needs root.

bats_require_minimum_version 1.5.0

setup_file()
{
	local top=$BATS_TEST_DIRNAME/../..
	export OUT=$BATS_FILE_TMPDIR
	"$top/bench/packets" --quick --build "$BUILD" --csv "$OUT/csv" >"$OUT/tables" 2>"$OUT/progress" 3>&- &
	echo $! >"$OUT/pid"
	wait $! || echo $? >"$OUT/failed"
}

# titles FIRST-WORDS: the first column of the table below the line that begins with them.
titles()
{
	awk -v head="$1" '
		index($0, head) == 1 { here = 1; next }
		here && /^\|/ { if (++row > 2) { gsub(/^\| | +\|.*$/, ""); print } next }
		here && row { exit }' "$OUT/tables"
}

# figure SUBJECT LINES NAME: of the only round.
figure() { awk -F, -v key="$1,$2,$3" '$2 "," $3 "," $4 == key { print $5; exit }' "$OUT/csv"; }

subjects()
{
	cat <<-'END'
		the sender alone
		plain routing
		one masquerade rule
		the same, measured again
		masqd, as it comes
		nft, rules for each client
		iptables-nft, the same
		iptables-legacy, the same
	END
}

@test "it runs, leaves no namespace, and everybody takes part" {
	cat "$OUT/progress"
	[[ ! -e $OUT/failed ]]
	run ! grep 'Not measured' "$OUT/tables"
	run ! grep "^bench-$(cat "$OUT/pid")-" <(ip netns list)
}

@test "each table of packets has a row for each subject" {
	diff <(subjects) <(titles 'Packets of established flows, upstream')
	diff <(subjects) <(titles 'Packets of established flows, downstream')
	diff <(subjects) <(titles 'New flows')
}

@test "all that was sent has arrived, but what is dropped on purpose" {
	local key way
	for key in routing bare again masqd nft iptables-nft iptables-legacy; do
		for way in up down new; do
			(($(figure $key 20 ${way}_sent | cut -d. -f1) > 0))
			[[ $(figure $key 20 ${way}_sent) == "$(figure $key 20 ${way}_delivered)" ]]
		done
	done
	[[ $(figure sender 20 up_delivered) == 0* ]]
}

@test "a live client's policy changes without a lost packet" {
	diff <(printf '%s\n' '1 client' '20 clients') <(titles 'Changes of a live')
	grep -q "^\* masqd: 200 changes .*: 200 changes, 0 lost, reached" "$OUT/tables"
}

@test "the command line" {
	run -0 "$BATS_TEST_DIRNAME/../../bench/packets" --help
	[[ $output == 'usage: bench/packets'* ]]
	run -1 "$BATS_TEST_DIRNAME/../../bench/packets" --build /nowhere
	[[ $output == *'hint: ./check --only build' ]]
}
