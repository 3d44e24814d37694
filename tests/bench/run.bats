#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# bench/run makes one report of all benchmarks, with plots. Needs root.

bats_require_minimum_version 1.5.0

setup_file()
{
	local top=$BATS_TEST_DIRNAME/../..
	export OUT=$BATS_FILE_TMPDIR
	"$top/bench/run" --quick --build "$BUILD" --output "$OUT/results" >"$OUT/progress" 2>&1 3>&- || echo $? >"$OUT/failed"
}

@test "it runs, and says how far it is" {
	cat "$OUT/progress"
	[[ ! -e $OUT/failed ]]
	grep -q ' bench/programming, 1 of 4$' "$OUT/progress"
	grep -q ' bench/arp, 4 of 4$' "$OUT/progress"
}

@test "figures and tables of each are there" {
	local name
	for name in programming packets gateway arp; do
		echo "$name"
		[[ $(head -n 1 "$OUT/results/$name.csv") == repetition,subject,entries,figure,value ]]
		(($(wc -l <"$OUT/results/$name.csv") > 10))
		grep -q '^| ' "$OUT/results/$name.txt"
	done
}

@test "plots are pictures of what was measured" {
	local name
	for name in programming packets gateway; do
		echo "$name"
		python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$OUT/results/$name.svg"
	done
	grep -q 'three iptables-legacy' "$OUT/results/programming.svg"
	grep -q 'masqd, as it comes' "$OUT/results/packets.svg"
	grep -q 'Open, 99 of 100' "$OUT/results/gateway.svg"
}

@test "the report has the conditions, every table and links to what is there" {
	local report=$OUT/results/report.md name link
	grep -q '^\* kernel .* cores' "$report"
	grep -q '^\* masqd .*, masq-arpd .*, nftables v' "$report"
	for name in programming packets gateway arp; do
		comm -13 <(sort -u "$report") <(grep '^|' "$OUT/results/$name.txt" | sort -u) | diff - /dev/null
	done
	[[ $(grep -c '^!\[' "$report") == 3 ]]
	while read -r link; do
		[[ -s $OUT/results/$link ]]
	done < <(grep -oE '\]\([a-z.]+\)' "$report" | tr -d '])(')
}

@test "the command line" {
	run -0 "$BATS_TEST_DIRNAME/../../bench/run" --help
	[[ $output == 'usage: bench/run'* ]]
	run -1 "$BATS_TEST_DIRNAME/../../bench/run" --build /nowhere
	[[ $output == *'hint: ./check --only build' ]]
}
