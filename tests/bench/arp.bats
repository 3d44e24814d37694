#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# bench/arp measures what it says, as far as that can be seen from a few entries: no figure is judged. Needs root.

bats_require_minimum_version 1.5.0

setup_file()
{
	local top=$BATS_TEST_DIRNAME/../..
	export OUT=$BATS_FILE_TMPDIR
	"$top/bench/arp" --quick --build "$BUILD" --csv "$OUT/csv" >"$OUT/tables" 2>"$OUT/progress" 3>&- &
	echo $! >"$OUT/pid"
	wait $! || echo $? >"$OUT/failed"
}

# table FIRST-WORDS: the rows of the table below the line that begins with them, "title|cell|cell..." a line.
table()
{
	awk -v head="$1" '
		index($0, head) == 1 { here = 1; next }
		here && /^\|/ { if (++row > 2) { gsub(/^\| | +\|$/, ""); gsub(/ +\| /, "|"); print } next }
		here && row { exit }' "$OUT/tables"
}

titles() { table "$1" | cut -d'|' -f1 | sed -E 's/^(parprouted|farpd) .*/\1/'; }
row() { table "$1" | grep "^$2"; }

subjects()
{
	cat <<-'END'
		pppd's proxyarp, as shipped
		ip neigh add proxy, from a script
		pppd's, proxy_delay 0
		the same, measured again
		masq-arpd, kernel engine
		masq-arpd, bpf engine
	END
}

@test "it runs, leaves no namespace, and everybody takes part" {
	cat "$OUT/progress"
	[[ ! -e $OUT/failed ]]
	run ! grep 'Not measured' "$OUT/tables"
	run ! grep "^bench-$(cat "$OUT/pid")-" <(ip netns list)
}

@test "each table has a row for each subject" {
	diff <(subjects; echo parprouted; echo farpd) <(titles 'First answer')
	diff <(subjects; echo parprouted; echo farpd) <(titles 'CPU time')
	diff <(subjects | sed '/^masq-arpd/{p;s/$/, by the configuration/}') <(titles Publication)
	diff <(printf '%s\n' 'silently, as pppd does' 'masq-arpd, kernel engine' 'masq-arpd, bpf engine') <(titles Hand-over)
}

@test "where answers are immediate, all of a burst come, from the right address" {
	local title
	for title in "pppd's, proxy_delay 0" 'masq-arpd, kernel engine' 'masq-arpd, bpf engine'; do
		[[ $(row 'First answer' "$title") == *'|100.0 %|100.0 %' ]]
	done
	grep -q '^Wrong answers .*: 0\.' "$OUT/tables"
}

@test "as shipped, the kernel leaves some of a burst without an answer" {
	run ! grep -q '|100.0 %$' <(row 'First answer' "pppd's proxyarp")
}

@test "a file of all figures" {
	[[ $(head -n 1 "$OUT/csv") == repetition,subject,entries,figure,value* ]]
	grep -q '^1,bpf,100,flood_cpu_ns,[0-9.]*' "$OUT/csv"
	grep -q '^1,pppd,1,hand_over_ms,inf' "$OUT/csv"
}

@test "the command line" {
	run -0 "$BATS_TEST_DIRNAME/../../bench/arp" --help
	[[ $output == 'usage: bench/arp'* ]]
	run -1 "$BATS_TEST_DIRNAME/../../bench/arp" --build /nowhere
	[[ $output == *'hint: ./check --only build' ]]
}
