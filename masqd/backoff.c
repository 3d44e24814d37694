/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "masqd/backoff.h"

/* One that has failed. */
struct entry {
	char *key;
	const char *user, *line;	/* in the key; NULL: none */
	unsigned failures;
	int64_t last_ms;
	UT_hash_handle hh;	/* in the order of last_ms */
};

struct backoff {
	struct entry *entries;
};

struct backoff *backoff_new(void)
{
	return calloc(1, sizeof(struct backoff));
}

static void forget(struct backoff *backoff, struct entry *entry)
{
	HASH_DEL(backoff->entries, entry);
	free(entry->key);
	free(entry);
}

void backoff_free(struct backoff *backoff)
{
	struct entry *entry, *next;

	if (!backoff)
		return;
	HASH_ITER(hh, backoff->entries, entry, next)
		forget(backoff, entry);
	free(backoff);
}

/* Both texts, each with its end, behind a byte that says which there are. Caller frees; NULL without memory. */
static char *make_key(const char *user, const char *line, size_t *len)
{
	size_t user_len = user ? strlen(user) + 1 : 0, line_len = line ? strlen(line) + 1 : 0;
	char *key = malloc(1 + user_len + line_len);

	if (!key)
		return NULL;
	key[0] = (char)((user ? 1 : 0) | (line ? 2 : 0));
	if (user)
		memcpy(key + 1, user, user_len);
	if (line)
		memcpy(key + 1 + user_len, line, line_len);
	*len = 1 + user_len + line_len;
	return key;
}

static struct entry *find(const struct backoff *backoff, const char *user, const char *line)
{
	struct entry *entry;
	size_t len;
	char *key = make_key(user, line, &len);

	if (!key)
		return NULL;
	HASH_FIND(hh, backoff->entries, key, len, entry);
	free(key);
	return entry;
}

static int64_t wait_ms(const struct entry *entry, unsigned max_s)
{
	int64_t max_ms = 1000LL * max_s, ms = entry->failures < 32 ? 1000LL << (entry->failures - 1) : max_ms;

	return ms < max_ms ? ms : max_ms;
}

static bool is_forgotten(const struct entry *entry, int64_t now_ms, unsigned max_s)
{
	return now_ms - entry->last_ms >= 2000LL * max_s;
}

static struct entry *add(struct backoff *backoff, const char *user, const char *line)
{
	struct entry *entry = calloc(1, sizeof(*entry));
	size_t len;

	if (!entry)
		return NULL;
	entry->key = make_key(user, line, &len);
	if (!entry->key) {
		free(entry);
		return NULL;
	}
	entry->user = user ? entry->key + 1 : NULL;
	entry->line = line ? entry->key + len - strlen(line) - 1 : NULL;
	HASH_ADD_KEYPTR(hh, backoff->entries, entry->key, len, entry);
	return entry;
}

void backoff_failed(struct backoff *backoff, const char *user, const char *line, int64_t now_ms, unsigned max_s)
{
	struct entry *entry, *next;
	unsigned failures;

	HASH_ITER(hh, backoff->entries, entry, next) {
		if (!is_forgotten(entry, now_ms, max_s) && HASH_COUNT(backoff->entries) < BACKOFF_MAX)
			break;
		forget(backoff, entry);
	}
	if (!max_s)
		return;
	/* Made anew, so that the order is right. */
	entry = find(backoff, user, line);
	failures = entry ? entry->failures : 0;
	if (entry)
		forget(backoff, entry);
	entry = add(backoff, user, line);
	if (!entry)
		return;
	entry->failures = failures + 1;
	entry->last_ms = now_ms;
}

void backoff_lasted(struct backoff *backoff, const char *user, const char *line)
{
	struct entry *entry = find(backoff, user, line);

	if (entry)
		forget(backoff, entry);
}

/* Seconds, rounded up. */
static unsigned left(const struct entry *entry, int64_t now_ms, unsigned max_s)
{
	int64_t ms = entry->last_ms + wait_ms(entry, max_s) - now_ms;

	return ms > 0 ? (unsigned)((ms + 999) / 1000) : 0;
}

unsigned backoff_wait(const struct backoff *backoff, const char *user, const char *line, int64_t now_ms, unsigned max_s)
{
	const struct entry *entry = find(backoff, user, line);

	return entry ? left(entry, now_ms, max_s) : 0;
}

void backoff_each(const struct backoff *backoff, int64_t now_ms, unsigned max_s,
		  void (*tell)(void *ctx, const char *user, const char *line, unsigned failures, unsigned wait_s), void *ctx)
{
	for (const struct entry *entry = backoff->entries; entry; entry = entry->hh.next)
		if (left(entry, now_ms, max_s))
			tell(ctx, entry->user, entry->line, entry->failures, left(entry, now_ms, max_s));
}
