# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# What the tests in network namespaces share: namespaces and a folder of a test's own, processes that end with it, and
# waiting for conditions.

# begin NAME: a folder in dir, and a name for the namespaces in ns that no other test has.
begin()
{
	ns=$1-$$-$BATS_TEST_NUMBER
	dir=$(mktemp -d)
	chmod 755 "$dir"
	pids=()
	namespaces=()
	cd "$dir" || return
}

# end LOG...: everything goes; the logs are shown after a failure.
end()
{
	local name
	for name in "${pids[@]}"; do
		end_process "$name"
	done
	for name in "${namespaces[@]}"; do
		ip netns del "$ns-$name" || :
	done
	if [[ -z ${BATS_TEST_COMPLETED-} ]]; then
		for name in "$@"; do
			echo "--- $name"
			cat "$dir/$name" || :
		done
	fi
	cd / || return
	rm -rf "$dir"
}

# background COMMAND...: runs until the test's end; its process id is in last.
background()
{
	# said, because it would be /dev/null otherwise
	"$@" <&0 3>&- &
	last=$!
	pids+=("$last")
}

# end_process PID [SIGNAL]: which waits for it. It may be stopped; it is told to go on first, since at its end a leak sanitizer stops it
# itself, and would wait for ever for one that goes on.
end_process()
{
	kill -CONT "$1" 2>/dev/null || :
	kill "-${2-TERM}" "$1" 2>/dev/null || :
	wait "$1" 2>/dev/null || :
}

# add_namespaces NAME...
add_namespaces()
{
	local name
	for name in "$@"; do
		ip netns add "$ns-$name"
		namespaces+=("$name")
		ip -n "$ns-$name" link set lo up
		# No IPv6 that nobody asked for, and nothing is forwarded but what a daemon says.
		within "$name" sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv4.conf.all.forwarding=0 net.ipv4.conf.default.forwarding=0
	done
}

# within NAMESPACE COMMAND...
within()
{
	local name=$1
	shift
	ip netns exec "$ns-$name" "$@"
}

# until_true COMMAND...: waits at most 10 s for it, or PATIENCE.
until_true()
{
	local until=$((${EPOCHREALTIME/./} + ${PATIENCE:-10} * 1000000))
	until "$@"; do
		if ((${EPOCHREALTIME/./} > until)); then
			echo "never true: $*"
			return 1
		fi
		sleep 0.02
	done
}

# is GOT WANTED
is()
{
	[[ $1 == "$2" ]] || {
		diff <(printf '%s\n' "$2") <(printf '%s\n' "$1")
		return 1
	}
}
