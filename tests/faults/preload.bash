# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Programs with something preloaded: NAME is tests/faults/NAME.c, which does as the number in the file NAME says. In the picture of
# gateway.bash, to be called before it is built.

# preload NAME PROGRAM...: they are started with it. It is told 0 first.
preload()
{
	local program name=$1
	for program in "${@:2}"; do
		cat >"$BATS_TEST_TMPDIR/$program" <<-END
			#!/bin/bash
			[[ -e $name ]] || printf '%-20s' 0 >$name
			export TOLD=\$PWD/$name LD_PRELOAD=$BUILD/tests/faults/.libs/$name.so
			export ASAN_OPTIONS=\${ASAN_OPTIONS-}:verify_asan_link_order=0
			exec $(type -P "$program") "\$@"
		END
		chmod +x "$BATS_TEST_TMPDIR/$program"
	done
	PATH=$BATS_TEST_TMPDIR:$PATH
}

# tell_preloaded NAME NUMBER: in one piece.
tell_preloaded() { printf '%-20s' "$2" 1<>"$1"; }
