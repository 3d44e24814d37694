/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Accounts of quotas in the store: masqd/quota.c's SQL. */

#ifndef MASQD_QUOTA_STORE_H
#define MASQD_QUOTA_STORE_H

#include <stdint.h>

#include "masqd/period.h"
#include "masqd/store.h"

enum account_kind {
	ACCOUNT_USER,
	ACCOUNT_LINE,
	ACCOUNT_ADDRESS,
	ACCOUNT_SESSION,
};

/* What an account is filed under. */
struct account_name {
	enum account_kind kind;
	enum period period;
	const char *owner;	/* any bytes but 0 */
};

struct account_bytes {
	time_t since;		/* the beginning of its period */
	uint64_t down, up;
};

/* A session's counters when they were last added to its account. */
struct account_counters {
	uint32_t serial;
	uint64_t rx, tx;
};

/* False if there is none, or after a failure. */
bool quota_store_load(struct store *store, const struct account_name *name, struct account_bytes *bytes);
bool quota_store_load_counters(struct store *store, struct account_counters *counters);

/* Statements for many rows in one transaction: begin, rows, end. */
struct quota_writer {
	struct store *store;
	sqlite3_stmt *save, *drop, *save_counters, *drop_counters;
};

/* 0 or -EIO; end after it in any case. */
int quota_writer_begin(struct quota_writer *writer, struct store *store);
void quota_writer_save(struct quota_writer *writer, const struct account_name *name, const struct account_bytes *bytes);
void quota_writer_drop(struct quota_writer *writer, const struct account_name *name);
void quota_writer_save_counters(struct quota_writer *writer, const struct account_counters *counters);
void quota_writer_drop_counters(struct quota_writer *writer, uint32_t serial);
/* 0 if all of it is written, or -EIO and nothing is. */
int quota_writer_end(struct quota_writer *writer);

/* Takes out all accounts of an owner. How many there were. */
unsigned quota_store_drop_owner(struct store *store, const char *owner);

/* Takes out what is kept of sessions that are not there any more. 0 or -EIO. */
int quota_store_sweep(struct store *store, bool (*is_there)(void *ctx, uint32_t serial), void *ctx);

#endif
