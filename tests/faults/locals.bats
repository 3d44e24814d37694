#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Local users at the sockets of both daemons: who may do what, and what nobody can do to the others. In the picture of gateway.bash.
# Needs root.

# BATS runs each test in a subshell, with functions that shellcheck sees nobody call.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway

setup()
{
	gateway_setup locals
	run_arpd
	conf 'lan office { interface = "eth0" proxy-arp = yes }' 'policy dialup { pool = "dialin" proxy-arp = yes }'
	ctl reload
	attach cl1 192.168.0.100 --user alice
	until_true is_published
	# as systemd makes them
	chmod a+x run arpd
	# where nobody can read it, wherever the source is
	cp "$BATS_TEST_DIRNAME/local-peer" .
}

teardown() { gateway_teardown; }

is_published() { [[ $(ctl arp --json | gojq -r '.entries[].state') == published ]]; }

NOBODY='setpriv --reuid nobody --regid nogroup --clear-groups'

# as WHO COMMAND...
as()
{
	local who=$1
	shift
	case $who in
	root) "$@" ;;
	member) setpriv --reuid nobody --regid nogroup --groups masqgate "$@" ;;
	group) setpriv --reuid nobody --regid masqgate --clear-groups "$@" ;;
	masqgate | masqgate-arp) setpriv --reuid "$who" --regid nogroup --clear-groups "$@" ;;
	nobody) $NOBODY "$@" ;;
	esac
}

# may WHO INTERFACE [PARAMETERS]: the methods that he may call, in one line.
may()
{
	local socket=run/socket
	[[ $2 == "$GATEWAY" ]] || socket=arpd/socket
	as "$1" ./local-peer $socket methods "$2" "${3-{\}}" >"methods-$1"
	sed -n 's/ allowed$//p' "methods-$1" | xargs
}

descriptors() { find "/proc/$1/fd" -mindepth 1 | wc -l; }
has_descriptors() { [[ $(descriptors "$1") == "$2" ]]; }

LOOK='Explain List Monitor Policies Status Uplinks'
CHANGE='Attach Confirm Detach Diff History Kick Reconcile Reload ResetQuota Rollback Set Unset Who'
ANNOUNCE='Admit Close DownIpv6 Open Up UpIpv6'

@test "of masqd everybody may look, the group and masqd's own user change, and only root announce: each method there is" {
	local kernel before who
	is "$(may root $GATEWAY)" "$(tr ' ' '\n' <<<"$LOOK $CHANGE $ANNOUNCE" | sort | xargs)"
	for who in member group masqgate; do
		is "$(may $who $GATEWAY)" "$(tr ' ' '\n' <<<"$LOOK $CHANGE" | sort | xargs)"
	done
	# what would change something, if he might
	before=$(sessions id started user policy address)
	kernel=$(within gw nft -s list table inet masqgate)
	is "$(may nobody $GATEWAY '{"serials":[1],"ifname":"cl1","address":"192.168.0.101","line":{"ifname":"ppp7"},"serial":1,"ifindex":1,
		"started":1,"local":"192.168.0.1","settings":[{"key":"nat","values":["none"]}],"confirm":1,"owner":"alice","cause":"x"}')" "$LOOK"
	is "$(sessions id started user policy address)" "$before"
	is "$(within gw nft -s list table inet masqgate)" "$kernel"
	passes c1 203.0.113.1
}

@test "of masq-arpd everybody may look, and the group and its own user change: each method there is" {
	local who
	for who in root member group masqgate-arp; do
		is "$(may $who org.masqgate.Arp)" 'Add Conflicts Del Hold List Monitor Probe Publish Status Sweep Withdraw'
	done
	is "$(may nobody org.masqgate.Arp '{"address":"192.168.0.100","interfaces":["eth0"],"holder":"masqd"}')" 'Conflicts List Status'
	is_published
}

@test "descriptors that are passed along are not kept" {
	local daemon socket count
	for daemon in "$masqd run/socket" "$arpd arpd/socket"; do
		read -r daemon socket <<<"$daemon"
		count=$(descriptors "$daemon")
		as nobody ./local-peer $socket descriptors
		until_true has_descriptors "$daemon" "$count"
	done
}

@test "byte by byte a call is answered, and a message without an end is not taken" {
	local socket
	for socket in run/socket arpd/socket; do
		as nobody ./local-peer $socket bytes
		as nobody ./local-peer $socket huge
	done
	passes c1 203.0.113.1
}

@test "ten thousand calls in one go are answered in their order, and others are served before they are read" {
	local socket
	mkfifo go
	for socket in run/socket arpd/socket; do
		background $NOBODY ./local-peer $socket pipeline 10000 <>go >answers
		peer=$last
		until_true grep -q sent answers
		ctl list --json >/dev/null
		ctl arp --json >/dev/null
		echo >go
		wait "$peer"
		is "$(tail -n 1 answers)" 'all answered'
	done
}

# turns: calls that masqd and masq-arpd answer while the other peer still waits for some of his.
turns()
{
	local turns=0
	while kill -0 "$peer" 2>/dev/null && ! grep -q 'all answered' answers; do
		ctl status --json >/dev/null
		ctl arp --json >/dev/null
		((++turns))
	done
	echo "$turns turns"
	((turns >= 5))
}

@test "while calls without a pause are answered, others have their turn" {
	local socket
	for socket in run/socket arpd/socket; do
		background $NOBODY ./local-peer $socket flood 200000 >answers
		peer=$last
		until_true grep -q begun answers
		turns
		wait "$peer"
	done
}

@test "a thousand connections of one user lock out neither root, nor the group, nor a new line; and cost the daemons no more than 64" {
	local daemon socket count
	add_line ppp7 c3 192.168.0.102
	for daemon in "$masqd run/socket" "$arpd arpd/socket"; do
		read -r daemon socket <<<"$daemon"
		count=$(descriptors "$daemon")
		background $NOBODY ./local-peer $socket crowd 1000 >told
		crowd=$last
		until_true grep -q connected told
		ctl list --json >/dev/null
		ctl arp --json >/dev/null
		as member ./local-peer $socket bytes
		until_true has_descriptors "$daemon" $((count + 64))
		run ! as nobody ./local-peer $socket bytes
		dial one '{"ifname":"ppp7","user":"dave","address":"192.168.0.102"}' "{\"ifindex\":$ifindex}"
		passes c3 203.0.113.1
		end_process "$dialled"
		ctl wait --gone user=dave
		end_process "$crowd"
		until_true has_descriptors "$daemon" "$count"
		as nobody ./local-peer $socket bytes
	done
}
