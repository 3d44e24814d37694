#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes ./configure from configure.ac; needed once in a checkout, not in a release.
set -e
cd "$(dirname "$0")"
if ! command -v autoreconf >/dev/null 2>&1 || ! command -v libtoolize >/dev/null 2>&1; then
	echo "autogen.sh: autoconf, automake or libtool: not found" >&2
	echo "hint: apt-get install autoconf automake libtool pkg-config" >&2
	exit 1
fi
exec autoreconf --force --install
