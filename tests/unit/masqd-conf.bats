#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# masqd -n says what is wrong with a configuration, and how it exits: the golden files of tests/unit/conf.

# shellcheck disable=SC2154,SC2016 # run sets stderr; backticks are a document's
bats_require_minimum_version 1.5.0

setup() { cd "$BATS_TEST_DIRNAME/conf" || return; }

@test "good files are accepted without a word, and printed in canonical form" {
	local file
	for file in good-*.conf; do
		run --separate-stderr -0 masqd -n -f "$file"
		[[ -z $output && -z $stderr ]]
		diff <(masqd -nv -f "$file") "${file%.conf}.expected"
	done
}

@test "bad files are refused with exactly their errors and exit code 78" {
	local file
	for file in bad-*.conf; do
		run --separate-stderr -78 masqd -n -f "$file"
		[[ -z $output ]]
		diff <(printf '%s\n' "$stderr") <(sed 's/^/masqd: /' "${file%.conf}.expected")
	done
}

@test "a file that is not there comes with a hint" {
	run --separate-stderr -78 masqd -n -f nothing.conf
	[[ -z $output ]]
	diff <(printf '%s\n' "$stderr") - <<-'END'
		masqd: nothing.conf: cannot read: No such file or directory
		masqd: hint: masqd.conf(5) has an example to begin with
	END
}

@test "the shipped file is good" {
	masqd -n -f "$BATS_TEST_DIRNAME/../../conf/masqd.conf"
}

@test "the manual's example is good, and every key has its entry there, a row in doc/policies.md and its members in the API" {
	local top=$BATS_TEST_DIRNAME/../.. keys key
	sed -n '/^\.Sh EXAMPLES/,$p' "$top/man/masqd.conf.5" | sed '1,/^\.Bd/d; /^\.Ed/,$d' >"$BATS_TEST_TMPDIR/example.conf"
	masqd -n -f "$BATS_TEST_TMPDIR/example.conf"
	keys=$(sed -n 's/^\t{ "\([a-z-]*\)", \(true\|false\), AT(.*/\1/p' "$top/masqd/policy-key.c")
	[[ $keys == *nat*rate* ]]
	for key in $keys; do
		echo "$key"
		grep -q "^\.It Cm .*\b$key Li =" "$top/man/masqd.conf.5"
		grep -q "^| .*\`$key\`.* | " "$top/doc/policies.md"
		# of a session and of a policy; what a session has of flows is their number now
		[[ $(grep -c "^	${key//-/_}: " "$top/masqd/org.masqgate.Gateway.varlink") -ge 2 ]]
	done
}

@test "the tests that doc/policies.md and doc/promises.md name exist, in the file and by the words that they say" {
	local top=$BATS_TEST_DIRNAME/../.. file name
	while IFS= read -r file; do
		echo "$file"
		[[ -e $top/$file ]]
	done < <(cat "$top"/doc/{policies,promises}.md | grep -o '`tests/[^`]*`' | tr -d '`')
	while IFS=$'\t' read -r file name; do
		echo "$file: $name"
		grep -F '@test' "$top/$file" | grep -qiF -- "$name"
	done < <(cat "$top"/doc/{policies,promises}.md | grep '^|' | grep -o '`tests/[^`]*\.bats`: [^|`]*' |
		awk '{ file = $1; gsub(/[`:]/, "", file); sub(/^[^ ]* /, ""); n = split($0, names, "; "); for (i = 1; i <= n; i++) { sub(/[ ;]*$/, "", names[i]); if (names[i] != "") print file "\t" names[i] } }')
}
