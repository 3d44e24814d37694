/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The reading part: rows as JSON. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/text.h"
#include "masqd/history.h"

/* In this order in every row that is read. */
#define COLUMNS \
	"h.serial, h.type, h.user, h.caller, h.tty, h.ifname, h.policy, h.nat, h.address, h.started, h.ended, h.reason, h.rx, h.tx," \
	" p.address, p.port_first, p.port_last"

enum {
	SERIAL, TYPE, USER, CALLER, TTY, IFNAME, POLICY, NAT, ADDRESS, STARTED, ENDED, REASON, RX, TX, PUBLIC, PORT_FIRST, PORT_LAST,
};

static json_t *number(sqlite3_stmt *row, int column)
{
	return sqlite3_column_type(row, column) == SQLITE_NULL ? json_null() : json_integer(sqlite3_column_int64(row, column));
}

/* Bytes of a peer's, or a text of ours: as text, and in hexadecimal where that is not all. */
static void set_text(json_t *json, const char *name, sqlite3_stmt *row, int column, const char *name_hex)
{
	const void *bytes = sqlite3_column_blob(row, column);
	char *text = bytes ? strndup(bytes, (size_t)sqlite3_column_bytes(row, column)) : NULL;

	json_object_set_new(json, name, text_json(text));
	if (name_hex)
		json_object_set_new(json, name_hex, text_json_hex(text));
	free(text);
}

static json_t *row_json(sqlite3_stmt *row)
{
	int first = sqlite3_column_int(row, PORT_FIRST), last = sqlite3_column_int(row, PORT_LAST);
	json_t *json = json_object();

	json_object_set_new(json, "serial", number(row, SERIAL));
	set_text(json, "type", row, TYPE, NULL);
	set_text(json, "user", row, USER, "user_hex");
	set_text(json, "caller", row, CALLER, NULL);
	set_text(json, "tty", row, TTY, NULL);
	set_text(json, "ifname", row, IFNAME, NULL);
	set_text(json, "policy", row, POLICY, NULL);
	set_text(json, "nat", row, NAT, NULL);
	set_text(json, "address", row, ADDRESS, NULL);
	set_text(json, "public", row, PUBLIC, NULL);
	json_object_set_new(json, "ports", first ? json_sprintf("%d-%d", first, last) : json_null());
	json_object_set_new(json, "started", number(row, STARTED));
	json_object_set_new(json, "ended", number(row, ENDED));
	set_text(json, "reason", row, REASON, NULL);
	json_object_set_new(json, "rx", number(row, RX));
	json_object_set_new(json, "tx", number(row, TX));
	return json;
}

json_t *history_sessions(struct gateway *gw, time_t since, time_t until)
{
	sqlite3_stmt *statement = store_prepare(gw->store, "SELECT " COLUMNS " FROM history h LEFT JOIN history_public p ON p.rowid ="
							   " (SELECT max(rowid) FROM history_public WHERE serial = h.serial)"
							   " WHERE h.started <= ? AND (h.ended IS NULL OR h.ended >= ?)"
							   " ORDER BY h.serial DESC LIMIT ?");
	json_t *rows = json_array();

	if (!statement)
		return rows;
	sqlite3_bind_int64(statement, 1, until);
	sqlite3_bind_int64(statement, 2, since);
	sqlite3_bind_int(statement, 3, HISTORY_ROWS_MAX);
	while (store_next(gw->store, statement))
		json_array_append_new(rows, row_json(statement));
	sqlite3_finalize(statement);
	return rows;
}

json_t *history_owners(struct gateway *gw, struct in_addr address, unsigned port, time_t at)
{
	sqlite3_stmt *statement = store_prepare(gw->store, "SELECT " COLUMNS " FROM history_public p JOIN history h USING (serial)"
							   " WHERE p.address = ? AND p.since <= ? AND (p.until IS NULL OR p.until >= ?)"
							   " AND (p.port_last = 0 OR ? BETWEEN p.port_first AND p.port_last)"
							   " ORDER BY p.port_last = 0, h.serial LIMIT ?");
	json_t *rows = json_array(), *row;
	bool is_alone = false;
	char text[ADDR_TEXT_MAX];

	if (!statement)
		return rows;
	sqlite3_bind_text(statement, 1, addr_text(address, text), -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, at);
	sqlite3_bind_int64(statement, 3, at);
	sqlite3_bind_int(statement, 4, (int)port);
	sqlite3_bind_int(statement, 5, HISTORY_ROWS_MAX);
	while (store_next(gw->store, statement)) {
		bool is_shared = sqlite3_column_int(statement, PORT_LAST) == 0;

		if (is_shared && is_alone)
			break;
		is_alone |= !is_shared;
		row = row_json(statement);
		json_object_set_new(row, "by", json_string(is_shared ? "shared" : sqlite3_column_int(statement, PORT_FIRST) ? "block" : "address"));
		json_array_append_new(rows, row);
	}
	sqlite3_finalize(statement);
	return rows;
}
