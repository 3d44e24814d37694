# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Memory that runs out in a daemon, and lines that call in meanwhile. In the picture of gateway.bash; bench/lines has the lines.

# limit PID KIBIBYTES|unlimited: it may have so much more memory than it has. Who may say that is its own user, even where root may not.
limit()
{
	local user group data=$2
	read -r user group < <(stat -c '%u %g' "/proc/$1")
	[[ $2 == unlimited ]] || data=$((($(awk '/^VmData/ { print $2 }' "/proc/$1/status") + $2) * 1024))
	setpriv --reuid "$user" --regid "$group" --clear-groups prlimit --pid "$1" "--data=$data:"
}

# starve PID SOCKET KIBIBYTES: the limit, and half calls that take what there is.
starve()
{
	mkfifo hoard.in
	background "$here/../faults/hoard" "$2" <>hoard.in >hoard.out
	hoard=$last
	tell 'open 60' opened
	limit "$1" "$3"
	tell 'half 0 60 60000' said
}

# feed PID: it may have memory again, if it is still there.
feed()
{
	end_process "$hoard" KILL
	rm hoard.in
	limit "$1" unlimited || :
}

# tell COMMAND ANSWER: to hoard.
tell()
{
	local answers
	answers=$(grep -c "^$2" hoard.out || :)
	echo "$1" >hoard.in
	until_true has_answers "$2" $((answers + 1))
}

has_answers() { (($(grep -c "^$1" hoard.out) >= $2)); }

# make_lines COUNT: ppp0 and those that follow.
make_lines()
{
	mkfifo lines.in
	background ip netns exec "$ns-gw" "$BUILD/bench/lines" "$dir/run/socket" 10.64.0.2 10.64.255.1 <>lines.in >lines.out
	echo "make $1" >lines.in
	until_true has_lines lines.out 1
}

# call_in FROM COUNT: so many lines call in, one after the other; what became of them is in called.
call_in()
{
	background ip netns exec "$ns-gw" "$here/../faults/callers" "$dir/run/socket" "$1" "$2" >"calls-$1"
	callers=$last
	until_called "calls-$1"
	called=$(<"calls-$1")
	echo "$called"
}

# Each of them may have to wait for a masqd that does not answer.
until_called() { until_true has_lines "$1" 1 || until_true has_lines "$1" 1 || until_true has_lines "$1" 1; }
