/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The columns of who had what. */

#include "config.h"

#include "cli/column.h"

/* clang-format off */
const struct column_set column_owners = {
	"org.masqgate.owners", "owners", (const struct column[]){
		{ "ID", "serial", COLUMN_SERIAL, COLUMN_DEFAULT, "serial number of the session; none for the gateway itself" },
		{ "USER", "user", COLUMN_TEXT, COLUMN_DEFAULT | COLUMN_HAS_HEX, "name the client authenticated with" },
		{ "CALLER", "caller", COLUMN_TEXT, COLUMN_DEFAULT, "who called, as the line said" },
		{ "ADDRESS", "address", COLUMN_ADDRESS, COLUMN_DEFAULT, "the client's own address" },
		{ "PORTS", "ports", COLUMN_TEXT, COLUMN_DEFAULT, "public ports that nobody else had" },
		{ "BY", "by", COLUMN_TEXT, COLUMN_DEFAULT, "block, address or connection, which are certain, or shared" },
		{ "STARTED", "started", COLUMN_TIME, COLUMN_DEFAULT, "when the session started" },
		{ "ENDED", "ended", COLUMN_TIME, COLUMN_DEFAULT, "when it ended, if it did" },
		{ "PUBLIC", "public", COLUMN_ADDRESS, 0, "public address" },
		{ "NAT", "nat", COLUMN_TEXT, 0, "masquerade, snat or none" },
		{ "POLICY", "policy", COLUMN_TEXT, 0, "policy" },
		{ "TYPE", "type", COLUMN_TEXT, 0, "ppp, serial, network or attached" },
		{ "IFNAME", "ifname", COLUMN_TEXT, 0, "interface" },
		{ "TTY", "tty", COLUMN_TEXT, 0, "serial device" },
		{ 0 },
	},
};

const struct column_set column_past = {
	"org.masqgate.history", "sessions", (const struct column[]){
		{ "ID", "serial", COLUMN_SERIAL, COLUMN_DEFAULT, "serial number, unique on this gateway for good" },
		{ "USER", "user", COLUMN_TEXT, COLUMN_DEFAULT | COLUMN_HAS_HEX, "name the client authenticated with" },
		{ "ADDRESS", "address", COLUMN_ADDRESS, COLUMN_DEFAULT, "the client's address, or the network's prefix" },
		{ "PUBLIC", "public", COLUMN_ADDRESS, COLUMN_DEFAULT, "address as which it appeared outside, the last one" },
		{ "PORTS", "ports", COLUMN_TEXT, COLUMN_DEFAULT, "public ports that nobody else had, the last ones" },
		{ "STARTED", "started", COLUMN_TIME, COLUMN_DEFAULT, "when it started" },
		{ "ENDED", "ended", COLUMN_TIME, COLUMN_DEFAULT, "when it ended, if it did" },
		{ "RX", "rx", COLUMN_BYTES, COLUMN_DEFAULT, "bytes from the client, if they were known at the end" },
		{ "TX", "tx", COLUMN_BYTES, COLUMN_DEFAULT, "bytes to the client" },
		{ "REASON", "reason", COLUMN_TEXT, COLUMN_DEFAULT, "why it ended" },
		{ "CALLER", "caller", COLUMN_TEXT, 0, "who called, as the line said" },
		{ "NAT", "nat", COLUMN_TEXT, 0, "masquerade, snat or none" },
		{ "POLICY", "policy", COLUMN_TEXT, 0, "policy, the last one" },
		{ "TYPE", "type", COLUMN_TEXT, 0, "ppp, serial, network or attached" },
		{ "IFNAME", "ifname", COLUMN_TEXT, 0, "interface" },
		{ "TTY", "tty", COLUMN_TEXT, 0, "serial device" },
		{ 0 },
	},
};
/* clang-format on */
