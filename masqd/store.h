/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What masqd has to know after a restart and the kernel cannot remember: one SQLite file, masqgate.db in the state directory.
 * Each module that keeps something there has its own SQL, and appends its tables to the list of migrations in store.c.
 *
 * Sessions never depend on it. Whatever fails here (disk full, read-only, file damaged) is logged at most once a minute and
 * counted; a file that is not there or cannot be opened is tried again every minute, and a damaged one is moved aside to
 * masqgate.db.corrupt. So a caller does without, and says nothing of it.
 *
 * Written without waiting for the disk (WAL, synchronous = NORMAL): a killed daemon loses nothing that was committed, a power
 * failure may lose the last commits and no more. Nobody is waited for longer than STORE_BUSY_MS. */

#ifndef MASQD_STORE_H
#define MASQD_STORE_H

#include <event2/event.h>
#include <sqlite3.h>
#include <stdbool.h>

/* Who holds the file locked, such as an administrator's sqlite3, is waited for this long, and then it failed. */
#define STORE_BUSY_MS 20

struct store;

/* Opens, or creates as the user masqd runs as, folder/masqgate.db. Call it without privileges. NULL only without memory. Without a loop
 * (NULL) nothing is put off. */
struct store *store_open(const char *folder, struct event_base *base);
void store_close(struct store *store);

/* The database, NULL while there is none. Not to be kept: it may be another one after a failure, when also every statement
 * has to be made anew. */
sqlite3 *store_db(struct store *store);

/* The usual way to use it: each notes its failure. */

/* Compiles one statement; NULL after a failure. The caller ends it with sqlite3_finalize. */
sqlite3_stmt *store_prepare(struct store *store, const char *sql);
/* The same, for a statement that is run again and again: it is compiled once, belongs to the store, and is not finalized by the
 * caller, who resets it if he does not run it to its end. sql is its name: the same constant each time. */
sqlite3_stmt *store_keep(struct store *store, const char *sql);
/* Is there a(nother) row? Not at the end and not after a failure. */
bool store_next(struct store *store, sqlite3_stmt *statement);
/* Runs it to its end and makes it ready to be run again. 0 or -EIO. */
int store_run(struct store *store, sqlite3_stmt *statement);
/* Runs statements without results, as they stand. 0 or -EIO. */
int store_exec(struct store *store, const char *sql);

/* Every write stands between these, and many become one: all of them or, after any failure among them, none. 0 or -EIO. Every
 * begin has its end. */
int store_begin(struct store *store);
int store_end(struct store *store);

/* The same for what many sessions write at the same time, and of which the last moment may be lost with a killed daemon: what stands
 * between these is committed when the loop comes round, all of it at once. */
int store_share(struct store *store);
void store_unshare(struct store *store);

/* Failures since the start. */
unsigned store_failures(const struct store *store);
/* What is wrong now, with the file's name in front; NULL if the last write went well. */
const char *store_trouble(const struct store *store);

#endif
