#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# bench/programming measures what it says, as far as that can be seen from a few sessions: no figure is judged. Needs root.

bats_require_minimum_version 1.5.0

setup_file()
{
	local top=$BATS_TEST_DIRNAME/../..
	export OUT=$BATS_FILE_TMPDIR
	"$top/bench/programming" --quick --build "$BUILD" --csv "$OUT/csv" >"$OUT/tables" 2>"$OUT/progress" 3>&- &
	echo $! >"$OUT/pid"
	wait $! || echo $? >"$OUT/failed"
}

# titles FIRST-WORDS: of the rows of the table below the line that begins with them.
titles()
{
	awk -F ' *[|] *' -v head="$1" '
		index($0, head) == 1 { here = 1; next }
		here && /^\|/ { if (++row > 2) print $2; next }
		here && row { exit }' "$OUT/tables"
}

subjects()
{
	cat <<-'END'
		bare: built beforehand
		the same, measured again
		masqd's code
		the same, measured again
		masqd's code, told of it as masqd is
		script with one nft
		script with three iptables-nft
		script with three iptables-legacy
	END
}

# figure SUBJECT ENTRIES NAME: as the file of all figures has it.
figure() { awk -F, -v wanted="1,$1,$2,$3," 'index($0, wanted) == 1 { print $5 }' "$OUT/csv"; }

@test "it runs, leaves no namespace, and everybody takes part" {
	cat "$OUT/progress"
	[[ ! -e $OUT/failed ]]
	run ! grep 'Not measured\|not measured' "$OUT/tables"
	run ! grep "| – " "$OUT/tables"
	run ! grep "^bench-$(cat "$OUT/pid")-" <(ip netns list)
}

@test "each table has a row for each subject" {
	diff <(subjects) <(titles 'Opening a session')
	diff <(subjects) <(titles 'Closing a session')
	diff <(printf 'transactions of %s\n' 1 10 100) <(titles 'Several sessions')
	[[ $(titles 'Reading the counters' | wc -l) == 7 ]]
}

@test "each aim is reached or missed" {
	[[ $(grep -c '^\* ' "$OUT/tables") == 11 ]]
	[[ $(grep -cE '^\* .*, (reached|MISSED)$' "$OUT/tables") == 11 ]]
}

@test "there is a figure for each size, and somebody heard of each interface" {
	local entries
	for entries in 0 10 100; do
		[[ $(figure masqd $entries open_us) =~ ^[0-9.]+$ ]]
		[[ $(figure iptables-legacy $entries close_us) =~ ^[0-9.]+$ ]]
	done
	# made, addressed, up
	(($(figure lines 100 messages | cut -d. -f1) >= 300))
}

@test "the command line" {
	run -0 "$BATS_TEST_DIRNAME/../../bench/programming" --help
	[[ $output == 'usage: bench/programming'* ]]
	run -1 "$BATS_TEST_DIRNAME/../../bench/programming" --build /nowhere
	[[ $output == *'hint: ./check --only build' ]]
}
