/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A hash keeps the order in which its entries were added; one that is heard again is added again. */

#include "arpd/conflict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/varlink-client.h"

const char *mac_text(const unsigned char mac[ETH_ALEN], char text[MAC_TEXT_MAX])
{
	snprintf(text, MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return text;
}

static void del(struct conflict_table *table, struct conflict *conflict)
{
	HASH_DEL(table->conflicts, conflict);
	free(conflict);
}

struct conflict *conflict_note(struct conflict_table *table, const struct in6_addr *address, const char *lan,
			       const unsigned char mac[ETH_ALEN], bool *is_new)
{
	struct conflict_key key;
	struct conflict *conflict;

	memset(&key, 0, sizeof(key));
	key.address = *address;
	strncpy(key.lan, lan, sizeof(key.lan) - 1);
	memcpy(key.mac, mac, ETH_ALEN);
	HASH_FIND(hh, table->conflicts, &key, sizeof(key), conflict);
	*is_new = !conflict;
	if (conflict) {
		HASH_DEL(table->conflicts, conflict);
	} else {
		if (HASH_COUNT(table->conflicts) >= CONFLICTS_MAX)
			del(table, table->conflicts);
		conflict = calloc(1, sizeof(*conflict));
		if (!conflict)
			return NULL;
		conflict->key = key;
		conflict->first = time(NULL);
	}
	HASH_ADD(hh, table->conflicts, key, sizeof(conflict->key), conflict);
	conflict->count++;
	conflict->last = time(NULL);
	conflict->last_ms = varlink_now_ms();
	return conflict;
}

bool conflict_may_log(struct conflict_table *table)
{
	int64_t now = varlink_now_ms();

	if (now - table->minute_ms >= 60 * 1000) {
		table->minute_ms = now;
		table->lines = 0;
	}
	return ++table->lines <= CONFLICT_LINES_PER_MINUTE;
}

static bool is_about(const struct conflict *conflict, const struct in6_addr *address, const char *lan)
{
	return memcmp(&conflict->key.address, address, sizeof(*address)) == 0 && strcmp(conflict->key.lan, lan) == 0;
}

void conflict_forget(struct conflict_table *table, const struct in6_addr *address, const char *lan)
{
	struct conflict *conflict, *next;

	HASH_ITER(hh, table->conflicts, conflict, next)
		if (is_about(conflict, address, lan))
			del(table, conflict);
}

bool conflict_has(const struct conflict_table *table, const struct in6_addr *address, const char *lan)
{
	const struct conflict *conflict;

	for (conflict = table->conflicts; conflict; conflict = conflict->hh.next)
		if (is_about(conflict, address, lan))
			return true;
	return false;
}

bool conflict_expire(struct conflict_table *table, struct conflict_key *key)
{
	struct conflict *oldest = table->conflicts;

	if (!oldest || varlink_now_ms() - oldest->last_ms < CONFLICT_SILENT_S * 1000LL)
		return false;
	*key = oldest->key;
	del(table, oldest);
	return true;
}

void conflict_free(struct conflict_table *table)
{
	struct conflict *conflict, *next;

	HASH_ITER(hh, table->conflicts, conflict, next)
		del(table, conflict);
}
