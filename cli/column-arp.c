/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The columns of what masq-arpd knows. */

#include "config.h"

#include "cli/column.h"

/* clang-format off */
const struct column_set column_entries = {
	"org.masqgate.arp", "entries", (const struct column[]){
		{ "ADDRESS", "address", COLUMN_ADDRESS, COLUMN_DEFAULT, "address this host answers for" },
		{ "INTERFACE", "interface", COLUMN_TEXT, COLUMN_DEFAULT, "the LAN" },
		{ "MAC", "mac", COLUMN_TEXT, COLUMN_DEFAULT, "the answer given" },
		{ "STATE", "state", COLUMN_STATE, COLUMN_DEFAULT, "published, probing, unrouted, waiting, conflict or orphaned" },
		{ "ENGINE", "engine", COLUMN_TEXT, COLUMN_DEFAULT, "what answers: kernel or bpf" },
		{ "HOLDERS", "holders", COLUMN_WORDS, COLUMN_DEFAULT, "who wants it published" },
		{ "SINCE", "since", COLUMN_TIME, COLUMN_DEFAULT, "when it was published" },
		{ "ANNOUNCED", "announced", COLUMN_NUMBER, 0, "announcements sent" },
		{ 0 },
	},
};

const struct column_set column_conflicts = {
	"org.masqgate.arp-conflicts", "conflicts", (const struct column[]){
		{ "ADDRESS", "address", COLUMN_ADDRESS, COLUMN_DEFAULT, "address that is published, or was to be" },
		{ "INTERFACE", "interface", COLUMN_TEXT, COLUMN_DEFAULT, "the LAN" },
		{ "MAC", "mac", COLUMN_TEXT, COLUMN_DEFAULT, "the host there that uses it, or asked for it" },
		{ "COUNT", "count", COLUMN_NUMBER, COLUMN_DEFAULT, "its packets that said so" },
		{ "DEFENDED", "defended", COLUMN_NUMBER, COLUMN_DEFAULT, "announcements and answers sent because of it" },
		{ "FIRST", "first", COLUMN_TIME, COLUMN_DEFAULT, "when the first came" },
		{ "LAST", "last", COLUMN_TIME, COLUMN_DEFAULT, "when the last came" },
		{ 0 },
	},
};
/* clang-format on */
