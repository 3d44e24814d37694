/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The writing part. A public row's ports are 0 to 0 where the address is shared, 0 to 65535 where it is the client's own. */

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "masqd/accounting.h"
#include "masqd/history.h"
#include "masqd/translation.h"

/* How many sessions are kept, and how long; looked after once in so many ends. An uplink may come and go all day, and each
 * time all sessions appear as somebody else: the last so many of that are kept. */
#define KEEP_SECONDS (365L * 24 * 3600)
#define KEEP_ROWS "100000"
#define KEEP_PUBLIC_ROWS "1000000"
enum { PRUNE_EVERY = 256 };
/* Whatever has ended before was flushed long ago. */
enum { FLUSHED_SECONDS = 60 };
/* A clock that is wrong must not have all deleted as old: so long it must have gone on as it should before it is believed. */
enum { SETTLED_SECONDS = 3600 };

static void bind_text(sqlite3_stmt *statement, int i, const char *text)
{
	if (text)
		sqlite3_bind_text(statement, i, text, -1, SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(statement, i);
}

/* Whatever bytes a peer has sent. */
static void bind_bytes(sqlite3_stmt *statement, int i, const char *bytes)
{
	if (bytes)
		sqlite3_bind_blob(statement, i, bytes, (int)strlen(bytes), SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(statement, i);
}

static void write_session(struct gateway *gw, const struct session *s)
{
	sqlite3_stmt *statement = store_keep(
		gw->store, "INSERT INTO history (serial, type, started, user, caller, tty, ifname, policy, nat, address)"
			   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
			   " ON CONFLICT (serial) DO UPDATE SET user = excluded.user, caller = excluded.caller, tty = excluded.tty,"
			   " ifname = excluded.ifname, policy = excluded.policy, nat = excluded.nat, ended = NULL, reason = NULL");
	char address[ADDR_TEXT_MAX];

	if (!statement)
		return;
	sqlite3_bind_int64(statement, 1, s->serial);
	bind_text(statement, 2, session_type_text(s->type));
	sqlite3_bind_int64(statement, 3, s->started);
	bind_bytes(statement, 4, s->user);
	bind_bytes(statement, 5, s->caller);
	bind_bytes(statement, 6, s->tty);
	bind_text(statement, 7, s->ifname);
	bind_text(statement, 8, s->policy->name);
	bind_text(statement, 9, nat_mode_text(s->grant.nat));
	bind_text(statement, 10, prefix_text(&s->address, address));
	store_run(gw->store, statement);
}

/* As whom it appears; the address is empty for nobody. */
static void public_of(const struct gateway *gw, const struct session *s, char address[ADDR_TEXT_MAX], int ports[2])
{
	struct in_addr public = translation_address(gw, s);

	address[0] = '\0';
	ports[0] = s->grant.port_first;
	ports[1] = s->grant.port_last;
	if (s->grant.nat == NAT_NONE && s->address.length == 32) {
		public = s->address.address;
		ports[1] = PUBLIC_PORT_LAST;
	}
	if (public.s_addr)
		addr_text(public, address);
}

/* Is that what stands there already? */
static bool is_public_known(struct gateway *gw, uint32_t serial, const char *address, const int ports[2])
{
	sqlite3_stmt *statement = store_keep(gw->store, "SELECT 1 FROM history_public WHERE serial = ? AND until IS NULL AND address = ?"
							" AND port_first = ? AND port_last = ?");
	bool is_known;

	if (!statement)
		return true;
	sqlite3_bind_int64(statement, 1, serial);
	bind_text(statement, 2, address);
	sqlite3_bind_int(statement, 3, ports[0]);
	sqlite3_bind_int(statement, 4, ports[1]);
	is_known = store_next(gw->store, statement);
	sqlite3_reset(statement);
	return is_known;
}

/* Nothing is over before it began, whatever the clock was set to meanwhile: it would not be found again. */
static const char end_public[] = "UPDATE history_public SET until = max(?, since) WHERE serial = ? AND until IS NULL";

/* Runs a statement whose parameters are a time, and a serial. */
static void run_at(struct gateway *gw, const char *sql, time_t now, uint32_t serial)
{
	sqlite3_stmt *statement = store_keep(gw->store, sql);

	if (!statement)
		return;
	sqlite3_bind_int64(statement, 1, now);
	sqlite3_bind_int64(statement, 2, serial);
	store_run(gw->store, statement);
}

static void write_public(struct gateway *gw, const struct session *s, time_t now)
{
	char address[ADDR_TEXT_MAX];
	sqlite3_stmt *statement;
	int ports[2];

	public_of(gw, s, address, ports);
	if (is_public_known(gw, s->serial, address, ports))
		return;
	run_at(gw, end_public, now, s->serial);
	statement = *address ? store_keep(gw->store, "INSERT INTO history_public (serial, address, port_first, port_last, since)"
						     " VALUES (?, ?, ?, ?, ?)") :
			       NULL;
	if (!statement)
		return;
	sqlite3_bind_int64(statement, 1, s->serial);
	bind_text(statement, 2, address);
	sqlite3_bind_int(statement, 3, ports[0]);
	sqlite3_bind_int(statement, 4, ports[1]);
	sqlite3_bind_int64(statement, 5, now);
	store_run(gw->store, statement);
}

void history_follow(struct gateway *gw, const struct session *s)
{
	if (!s->grant.is_open || store_share(gw->store))
		return;
	write_session(gw, s);
	write_public(gw, s, time(NULL));
	store_unshare(gw->store);
}

static void prune_public(struct gateway *gw)
{
	store_exec(gw->store, "DELETE FROM history_public WHERE until IS NOT NULL"
			      " AND rowid <= (SELECT max(rowid) FROM history_public) - " KEEP_PUBLIC_ROWS);
}

void history_follow_all(struct gateway *gw)
{
	struct session *s, *next;
	time_t now = time(NULL);

	if (!gw->sessions.by_serial || store_begin(gw->store))
		return;
	session_each(&gw->sessions, s, next)
		if (s->grant.is_open)
			write_public(gw, s, now);
	prune_public(gw);
	store_end(gw->store);
}

static void prune(struct gateway *gw, time_t now)
{
	long long oldest = clock_settled_sec(&gw->clock) >= SETTLED_SECONDS ? (long long)now - KEEP_SECONDS : 0;
	char sql[256];

	snprintf(sql, sizeof(sql),
		 "DELETE FROM history WHERE ended < %lld OR serial IN"
		 " (SELECT serial FROM history WHERE ended IS NOT NULL ORDER BY ended DESC LIMIT -1 OFFSET " KEEP_ROWS ")",
		 oldest);
	store_exec(gw->store, sql);
	store_exec(gw->store, "DELETE FROM history_public WHERE serial NOT IN (SELECT serial FROM history)");
	prune_public(gw);
}

static void write_end(struct gateway *gw, uint32_t serial, const struct session *s, time_t now, const char *reason)
{
	sqlite3_stmt *statement = store_keep(gw->store, "UPDATE history SET ended = max(?, started), reason = ?, rx = ?, tx = ? WHERE serial = ?");
	uint64_t rx, tx;

	if (!statement)
		return;
	sqlite3_bind_int64(statement, 1, now);
	bind_bytes(statement, 2, reason);
	/* else they stay null: with the interface its counters are gone */
	if (s && accounting_get(gw->links, s, &rx, &tx)) {
		sqlite3_bind_int64(statement, 3, (sqlite3_int64)rx);
		sqlite3_bind_int64(statement, 4, (sqlite3_int64)tx);
	}
	sqlite3_bind_int64(statement, 5, serial);
	store_run(gw->store, statement);
	run_at(gw, end_public, now, serial);
}

void history_close(struct gateway *gw, const struct session *s, const char *reason)
{
	time_t now = time(NULL);

	if (store_share(gw->store))
		return;
	write_end(gw, s->serial, s, now, reason);
	if (s->serial % PRUNE_EVERY == 0)
		prune(gw, now);
	store_unshare(gw->store);
}

void history_flush_lost(struct gateway *gw)
{
	sqlite3_stmt *statement = store_prepare(gw->store, "SELECT serial FROM history WHERE ended IS NULL OR ended >= ?");

	if (!statement)
		return;
	sqlite3_bind_int64(statement, 1, time(NULL) - FLUSHED_SECONDS);
	while (store_next(gw->store, statement)) {
		uint32_t serial = (uint32_t)sqlite3_column_int64(statement, 0);

		if (!session_find(&gw->sessions, serial))
			conntrack_flush_later(gw->conntrack, serial);
	}
	sqlite3_finalize(statement);
}

void history_sweep(struct gateway *gw)
{
	time_t now = time(NULL);
	sqlite3_stmt *statement;

	if (store_begin(gw->store))
		return;
	statement = store_prepare(gw->store, "SELECT serial FROM history WHERE ended IS NULL");
	while (statement && store_next(gw->store, statement)) {
		uint32_t serial = (uint32_t)sqlite3_column_int64(statement, 0);

		if (!session_find(&gw->sessions, serial))
			write_end(gw, serial, NULL, now, "over before masqd was started again");
	}
	sqlite3_finalize(statement);
	prune(gw, now);
	store_end(gw->store);
}
