#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Active FTP from Anybox, and the modules that it takes on Debian's kernel.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

FTP=$BATS_TEST_DIRNAME/../net/ftp
NO_HELPER=/etc/modprobe.d/no-ftp.conf

setup()
{
	rm -f $NO_HELPER
	gateway_up
	is_running ftp.isp || { start ftp.isp isp "$FTP" serve && wait_for 60 said ftp.isp '^ready'; }
}

fetches() { in_ns "$1" "$FTP" "$2" $FAR; }

@test "helpers: without one the server's data connection does not come in" {
	anybox_up
	[[ $(fetches anybox passive) == "a file" ]]
	[[ $(fetches anybox active) != "a file" ]]
}

add_ftp_policy() { grep -q '^policy ftp' $CONF || echo 'policy ftp { pool = "dialin" helpers = { "ftp" } }' >>$CONF; }

@test "helpers: where the kernel has none at all it is told, and the policy is in force" {
	modprobe -r nf_nat_ftp nf_conntrack_ftp
	echo 'install nf_conntrack_ftp /bin/false' >$NO_HELPER
	add_ftp_policy
	masqctl -q reload
	said masqd 'helper ftp: .*nf_conntrack_ftp is not loaded'
	dial ftp modem7 masq-policy ftp
	masqctl -q wait user=ftp state=open
	pings ftp $FAR
	hangup ftp
	# which is told once in a masqd's life
	masqd_kill
}

@test "helpers: a module that is missing is told of, and the policy is in force" {
	modprobe -r nf_nat_ftp
	add_ftp_policy
	masqctl -q reload
	said masqd 'helper ftp: .*nf_nat_ftp is not loaded'
	dial ftp modem7 masq-policy ftp
	masqctl -q wait user=ftp state=open
	pings ftp $FAR
}

@test "helpers: with the modules active FTP works, and nothing private is seen outside" {
	modprobe nf_nat_ftp
	masqctl -q reload
	line_is_up ftp || dial ftp modem7 masq-policy ftp
	masqctl -q wait user=ftp state=open
	[[ $(fetches ftp active) == "a file" ]]
	said ftp.isp "^port $PUBLIC"
	[ "$(seen isp "$PRIVATE")" -eq 0 ]
	hangup ftp
	stop ftp.isp
}
