/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The file, its schema, and what happens when it fails. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

#include "lib/log.h"
#include "lib/varlink-client.h"
#include "masqd/store.h"

/* Pause between two lines in the log, and between two attempts to open the file. */
enum { PATIENCE_MS = 60 * 1000 };

/* The file's user_version is how many of these it has seen. Append only; each runs in a transaction of its own. */
static const char *const migrations[] = {
	/* masqd/quota-store.c: what each user, or where there is none each line or address, has used since a time; and the
	 * counters of each session when that was written. */
	"CREATE TABLE quota (kind TEXT NOT NULL, owner BLOB NOT NULL, period TEXT NOT NULL, since INTEGER NOT NULL,"
	" down INTEGER NOT NULL, up INTEGER NOT NULL, PRIMARY KEY (kind, owner, period)) WITHOUT ROWID;"
	"CREATE TABLE quota_session (serial INTEGER PRIMARY KEY, rx INTEGER NOT NULL, tx INTEGER NOT NULL);",
	/* masqd/override.c: what is set for a session, value as a JSON array. */
	"CREATE TABLE override (serial INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, uid INTEGER NOT NULL,"
	" time INTEGER NOT NULL, PRIMARY KEY (serial, key)) WITHOUT ROWID;",
	/* masqd/history.c: the sessions, and as whom they appeared outside. */
	"CREATE TABLE history (serial INTEGER PRIMARY KEY, type TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER, reason BLOB,"
	" user BLOB, caller BLOB, tty BLOB, ifname TEXT NOT NULL, policy TEXT NOT NULL, nat TEXT NOT NULL, address TEXT NOT NULL,"
	" rx INTEGER, tx INTEGER);"
	"CREATE INDEX history_ended ON history (ended);"
	"CREATE TABLE history_public (serial INTEGER NOT NULL, address TEXT NOT NULL, port_first INTEGER NOT NULL,"
	" port_last INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER);"
	"CREATE INDEX history_public_address ON history_public (address, since);"
	"CREATE INDEX history_public_serial ON history_public (serial);",
};
enum { SCHEMA_VERSION = sizeof(migrations) / sizeof(migrations[0]) };

/* A compiled statement, by the address of its text. */
struct kept {
	const char *sql;
	sqlite3_stmt *statement;
	UT_hash_handle hh;
};

struct store {
	char path[PATH_MAX];
	sqlite3 *db;		/* NULL: not open */
	int64_t tried_ms;	/* when it could not be opened or had to be replaced; 0: not lately */
	int64_t logged_ms;	/* 0: never */
	unsigned failures;
	unsigned unlogged;	/* of the failures */
	bool is_stale;		/* to be opened again */
	bool is_corrupt;	/* to be moved aside before */
	bool has_failed;	/* in this transaction */
	bool is_shared;		/* this transaction: it ends when the loop comes round */
	struct event *end_shared;	/* NULL: there is no loop */
	struct kept *kept;
	char trouble[256];	/* empty: none */
};

static void note_failure(struct store *store, const char *why)
{
	int64_t now = varlink_now_ms();

	store->failures++;
	store->has_failed = true;
	snprintf(store->trouble, sizeof(store->trouble), "%.120s: %.120s", store->path, why);
	if (store->logged_ms && now - store->logged_ms < PATIENCE_MS) {
		store->unlogged++;
		return;
	}
	if (store->unlogged)
		log_warn("cannot keep state: %s (and %u failures before)", store->trouble, store->unlogged);
	else
		log_warn("cannot keep state: %s", store->trouble);
	store->logged_ms = now;
	store->unlogged = 0;
}

/* Notes what SQLite answered. 0 or -EIO. */
static int noted(struct store *store, int rc)
{
	int kind = rc & 0xff;

	if (kind == SQLITE_OK || kind == SQLITE_ROW || kind == SQLITE_DONE)
		return 0;
	store->is_corrupt |= kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB;
	store->is_stale |= store->is_corrupt || kind == SQLITE_READONLY || kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN;
	note_failure(store, store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(rc));
	return -EIO;
}

static int exec(struct store *store, const char *sql)
{
	return noted(store, sqlite3_exec(store->db, sql, NULL, NULL, NULL));
}

static void close_db(struct store *store)
{
	struct kept *kept, *next;

	HASH_ITER(hh, store->kept, kept, next) {
		HASH_DEL(store->kept, kept);
		sqlite3_finalize(kept->statement);
		free(kept);
	}
	store->is_shared = false;
	/* Also with a statement of somebody's still there, which is then the last to go. */
	sqlite3_close_v2(store->db);
	store->db = NULL;
}

static int begin(struct store *store)
{
	store->has_failed = false;
	return exec(store, "BEGIN IMMEDIATE");
}

static sqlite3_stmt *prepare(struct store *store, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	noted(store, sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL));
	return statement;
}

static int migrate_to(struct store *store, int version)
{
	char sql[64];
	int rc = begin(store);

	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", version);
	if (!rc)
		rc = exec(store, migrations[version - 1]);
	if (!rc)
		rc = exec(store, sql);
	return store_end(store) || rc ? -EIO : 0;
}

/* Brings the schema up to date. -EIO also for a file of a newer masqd's, which is left as it is. */
static int migrate(struct store *store)
{
	sqlite3_stmt *statement = prepare(store, "PRAGMA user_version");
	int version = statement && store_next(store, statement) ? sqlite3_column_int(statement, 0) : -1;

	sqlite3_finalize(statement);
	if (version > SCHEMA_VERSION)
		note_failure(store, "it is of a newer version");
	if (version < 0 || version > SCHEMA_VERSION)
		return -EIO;
	while (version < SCHEMA_VERSION)
		if (migrate_to(store, ++version))
			return -EIO;
	return 0;
}

/* Makes the file ourselves, since SQLite gives its other files the mode of this one: who used what is not for everybody. */
static int make_file(struct store *store)
{
	int fd = open(store->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);

	if (fd < 0) {
		note_failure(store, strerror(errno));
		return -EIO;
	}
	close(fd);
	return 0;
}

static int open_file(struct store *store)
{
	int rc = make_file(store);

	store->is_stale = store->is_corrupt = false;
	if (rc)
		return rc;
	rc = noted(store, sqlite3_open_v2(store->path, &store->db, SQLITE_OPEN_READWRITE, NULL));
	if (!rc) {
		sqlite3_busy_timeout(store->db, STORE_BUSY_MS);
		rc = exec(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY");
	}
	if (!rc)
		rc = migrate(store);
	if (rc)
		close_db(store);
	return rc;
}

/* A damaged file is kept for whoever wants to see what is left in it, in the place of the last such. */
static void move_aside(struct store *store)
{
	static const char *const parts[] = { "", "-wal" };
	char from[PATH_MAX + 8], to[PATH_MAX + 16];

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(from, sizeof(from), "%s%s", store->path, parts[i]);
		snprintf(to, sizeof(to), "%s.corrupt%s", store->path, parts[i]);
		unlink(to);
		if (rename(from, to) == 0 && i == 0)
			log_warn("%s is damaged: moved aside to %s, and begun anew", from, to);
	}
	snprintf(from, sizeof(from), "%s-shm", store->path);
	unlink(from);
}

/* Opens what is to be opened, but a file that was damaged or could not be opened only once in a while. */
static void open_again(struct store *store)
{
	int64_t now = varlink_now_ms();

	if (store->tried_ms && now - store->tried_ms < PATIENCE_MS)
		return;
	store->tried_ms = now;
	if (!store->is_corrupt && open_file(store) == 0) {
		store->tried_ms = 0;
	} else if (store->is_corrupt) {
		move_aside(store);
		open_file(store);
	}
}

static void end_shared(struct store *store)
{
	if (!store->is_shared)
		return;
	store->is_shared = false;
	store_end(store);
}

static void on_end_shared(evutil_socket_t fd, short what, void *ctx)
{
	end_shared(ctx);
}

struct store *store_open(const char *folder, struct event_base *base)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->end_shared = base ? evtimer_new(base, on_end_shared, store) : NULL;
	snprintf(store->path, sizeof(store->path), "%s/masqgate.db", folder);
	open_again(store);
	return store;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	end_shared(store);
	close_db(store);
	if (store->end_shared)
		event_free(store->end_shared);
	free(store);
}

sqlite3 *store_db(struct store *store)
{
	if (store->is_stale)
		close_db(store);
	if (!store->db)
		open_again(store);
	return store->db;
}

sqlite3_stmt *store_prepare(struct store *store, const char *sql)
{
	return store_db(store) ? prepare(store, sql) : NULL;
}

sqlite3_stmt *store_keep(struct store *store, const char *sql)
{
	struct kept *kept;

	if (!store_db(store))
		return NULL;
	HASH_FIND_PTR(store->kept, &sql, kept);
	if (kept) {
		sqlite3_reset(kept->statement);
		sqlite3_clear_bindings(kept->statement);
		return kept->statement;
	}
	kept = calloc(1, sizeof(*kept));
	if (!kept)
		return NULL;
	kept->sql = sql;
	kept->statement = prepare(store, sql);
	if (!kept->statement) {
		free(kept);
		return NULL;
	}
	HASH_ADD_PTR(store->kept, sql, kept);
	return kept->statement;
}

bool store_next(struct store *store, sqlite3_stmt *statement)
{
	int rc = sqlite3_step(statement);

	return noted(store, rc) == 0 && rc == SQLITE_ROW;
}

int store_run(struct store *store, sqlite3_stmt *statement)
{
	int rc = noted(store, sqlite3_step(statement));

	sqlite3_reset(statement);
	return rc;
}

int store_exec(struct store *store, const char *sql)
{
	return store_db(store) ? exec(store, sql) : -EIO;
}

int store_begin(struct store *store)
{
	end_shared(store);
	return store_db(store) ? begin(store) : -EIO;
}

int store_share(struct store *store)
{
	static const struct timeval soon;
	int rc;

	/* What has failed is not to take what comes now along. */
	if (store->has_failed)
		end_shared(store);
	if (!store_db(store))
		return -EIO;
	if (store->is_shared)
		return 0;
	rc = begin(store);
	store->is_shared = !rc;
	if (!rc && store->end_shared)
		event_add(store->end_shared, &soon);
	return rc;
}

void store_unshare(struct store *store)
{
	if (!store->end_shared)
		end_shared(store);
}

int store_end(struct store *store)
{
	if (!store->db)
		return -EIO;
	if (!store->has_failed && exec(store, "COMMIT") == 0) {
		store->trouble[0] = '\0';
		return 0;
	}
	/* Some failures have rolled it back already. */
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return -EIO;
}

unsigned store_failures(const struct store *store)
{
	return store->failures;
}

const char *store_trouble(const struct store *store)
{
	return store->trouble[0] ? store->trouble : NULL;
}
