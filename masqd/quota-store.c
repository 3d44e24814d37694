/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Owners are blobs, since a user's name may be any bytes. */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "masqd/quota-store.h"

static const char *const kind_texts[] = {
	[ACCOUNT_USER] = "user",
	[ACCOUNT_LINE] = "line",
	[ACCOUNT_ADDRESS] = "address",
	[ACCOUNT_SESSION] = "session",
};

/* SQLite's integers are signed. */
static sqlite3_int64 number(uint64_t bytes)
{
	return bytes > INT64_MAX ? INT64_MAX : (sqlite3_int64)bytes;
}

static void bind_name(sqlite3_stmt *statement, const struct account_name *name)
{
	sqlite3_bind_text(statement, 1, kind_texts[name->kind], -1, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 2, name->owner, (int)strlen(name->owner), SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, period_text(name->period), -1, SQLITE_STATIC);
}

bool quota_store_load(struct store *store, const struct account_name *name, struct account_bytes *bytes)
{
	sqlite3_stmt *statement = store_prepare(store, "SELECT since, down, up FROM quota WHERE kind = ? AND owner = ? AND period = ?");
	bool is_there = false;

	if (!statement)
		return false;
	bind_name(statement, name);
	is_there = store_next(store, statement);
	if (is_there) {
		bytes->since = sqlite3_column_int64(statement, 0);
		bytes->down = (uint64_t)sqlite3_column_int64(statement, 1);
		bytes->up = (uint64_t)sqlite3_column_int64(statement, 2);
	}
	sqlite3_finalize(statement);
	return is_there;
}

bool quota_store_load_counters(struct store *store, struct account_counters *counters)
{
	sqlite3_stmt *statement = store_prepare(store, "SELECT rx, tx FROM quota_session WHERE serial = ?");
	bool is_there = false;

	if (!statement)
		return false;
	sqlite3_bind_int64(statement, 1, counters->serial);
	is_there = store_next(store, statement);
	if (is_there) {
		counters->rx = (uint64_t)sqlite3_column_int64(statement, 0);
		counters->tx = (uint64_t)sqlite3_column_int64(statement, 1);
	}
	sqlite3_finalize(statement);
	return is_there;
}

int quota_writer_begin(struct quota_writer *writer, struct store *store)
{
	*writer = (struct quota_writer){ .store = store };
	if (store_begin(store))
		return -EIO;
	writer->save = store_prepare(store, "INSERT OR REPLACE INTO quota (kind, owner, period, since, down, up) VALUES (?, ?, ?, ?, ?, ?)");
	writer->drop = store_prepare(store, "DELETE FROM quota WHERE kind = ? AND owner = ? AND period = ?");
	writer->save_counters = store_prepare(store, "INSERT OR REPLACE INTO quota_session (serial, rx, tx) VALUES (?, ?, ?)");
	writer->drop_counters = store_prepare(store, "DELETE FROM quota_session WHERE serial = ?");
	return writer->save && writer->drop && writer->save_counters && writer->drop_counters ? 0 : -EIO;
}

void quota_writer_save(struct quota_writer *writer, const struct account_name *name, const struct account_bytes *bytes)
{
	bind_name(writer->save, name);
	sqlite3_bind_int64(writer->save, 4, bytes->since);
	sqlite3_bind_int64(writer->save, 5, number(bytes->down));
	sqlite3_bind_int64(writer->save, 6, number(bytes->up));
	store_run(writer->store, writer->save);
}

void quota_writer_drop(struct quota_writer *writer, const struct account_name *name)
{
	bind_name(writer->drop, name);
	store_run(writer->store, writer->drop);
}

void quota_writer_save_counters(struct quota_writer *writer, const struct account_counters *counters)
{
	sqlite3_bind_int64(writer->save_counters, 1, counters->serial);
	sqlite3_bind_int64(writer->save_counters, 2, number(counters->rx));
	sqlite3_bind_int64(writer->save_counters, 3, number(counters->tx));
	store_run(writer->store, writer->save_counters);
}

void quota_writer_drop_counters(struct quota_writer *writer, uint32_t serial)
{
	sqlite3_bind_int64(writer->drop_counters, 1, serial);
	store_run(writer->store, writer->drop_counters);
}

int quota_writer_end(struct quota_writer *writer)
{
	sqlite3_finalize(writer->save);
	sqlite3_finalize(writer->drop);
	sqlite3_finalize(writer->save_counters);
	sqlite3_finalize(writer->drop_counters);
	return store_end(writer->store);
}

unsigned quota_store_drop_owner(struct store *store, const char *owner)
{
	sqlite3_stmt *statement;
	unsigned dropped = 0;

	if (store_begin(store))
		return 0;
	statement = store_prepare(store, "DELETE FROM quota WHERE owner = ?");
	if (statement) {
		sqlite3_bind_blob(statement, 1, owner, (int)strlen(owner), SQLITE_STATIC);
		if (store_run(store, statement) == 0)
			dropped = (unsigned)sqlite3_changes(store_db(store));
		sqlite3_finalize(statement);
	}
	return store_end(store) ? 0 : dropped;
}

int quota_store_sweep(struct store *store, bool (*is_there)(void *ctx, uint32_t serial), void *ctx)
{
	struct quota_writer writer;
	sqlite3_stmt *statement = NULL;

	if (quota_writer_begin(&writer, store) == 0)
		statement = store_prepare(store, "SELECT serial FROM quota_session");
	while (statement && store_next(store, statement)) {
		uint32_t serial = (uint32_t)sqlite3_column_int64(statement, 0);

		if (!is_there(ctx, serial))
			quota_writer_drop_counters(&writer, serial);
	}
	sqlite3_finalize(statement);
	if (statement)
		store_exec(store, "DELETE FROM quota WHERE kind = 'session' AND"
				  " substr(CAST(owner AS TEXT), 2) NOT IN (SELECT CAST(serial AS TEXT) FROM quota_session)");
	return quota_writer_end(&writer);
}
