#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# An upgrade while Anybox is dialled in: its pppd keeps the plugin that it has loaded, which older-plugin has built.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

# The next file's lines have today's again.
teardown_file() { lines_down; }

@test "upgrade: a pppd with an older plugin is served, is announced again to a masqd that was started since, and kicked" {
	! line_is_up anybox || line_down anybox
	PLUGIN=$BUILD/older/masq.so dial anybox modem2
	said anybox.gw "Plugin $BUILD/older/masq.so loaded"
	masqctl -q wait user=anybox state=open
	session=$(column id,started,address,policy,ifname user=anybox)
	pings anybox $FAR
	lan_finds $ANYBOX
	masqd_kill
	pings anybox $FAR
	masqd_start
	masqctl -q wait user=anybox state=open
	[ "$(column id,started,address,policy,ifname user=anybox)" = "$session" ]
	wait_for 10 said anybox.gw 'masq: session #[0-9]+ announced again'
	pings anybox $FAR
	lan_finds $ANYBOX
	masqctl -q kick user=anybox --reason 'the line is needed'
	wait_for 10 said anybox.client 'rcvd \[LCP TermReq .*the line is needed'
	line_ended anybox
	masqctl -q wait --gone user=anybox
	not published $ANYBOX
}
