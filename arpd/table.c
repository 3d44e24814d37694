/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Entries × holders. LANs and holders are few and stand in lists; entries are hashed by address in each LAN. */

#include "arpd/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

bool claim_is_living(const struct claim *claim)
{
	return claim->holder->speaker && claim->term == claim->holder->term;
}

bool entry_is_orphaned(const struct entry *entry)
{
	const struct claim *claim;

	LL_FOREACH(entry->claims, claim) {
		if (claim_is_living(claim))
			return false;
	}
	return true;
}

enum entry_state entry_state(const struct entry *entry)
{
	if (entry_is_orphaned(entry))
		return ENTRY_ORPHANED;
	if (!entry->lan->is_ready || entry->error)
		return ENTRY_WAITING;
	if (entry->is_in_conflict)
		return ENTRY_CONFLICT;
	if (!entry->is_probed)
		return ENTRY_PROBING;
	return entry->route_interface ? ENTRY_PUBLISHED : ENTRY_UNROUTED;
}

enum family entry_family(const struct entry *entry)
{
	return ip_is_v4(&entry->address) ? FAMILY_IPV4 : FAMILY_IPV6;
}

bool entry_is_wanted(const struct entry *entry)
{
	if (!entry->lan->is_ready || entry->is_in_conflict || !entry->route_interface)
		return false;
	/* A client of a holder that has gone may still be there; with it goes its host route. */
	return entry_is_orphaned(entry) ? entry->has_host_route : entry->is_probed;
}

struct lan *table_find_lan(const struct table *table, const char *name)
{
	struct lan *lan;

	LL_FOREACH(table->lans, lan) {
		if (strcmp(lan->name, name) == 0)
			return lan;
	}
	return NULL;
}

struct lan *table_find_lan_index(const struct table *table, int index)
{
	struct lan *lan;

	LL_FOREACH(table->lans, lan) {
		if (index && lan->link.index == index)
			return lan;
	}
	return NULL;
}

struct entry *table_find(const struct lan *lan, const struct in6_addr *address)
{
	struct entry *entry;

	HASH_FIND(hh, lan->entries, address, sizeof(*address), entry);
	return entry;
}

static struct holder *find_holder(const struct table *table, const char *name)
{
	struct holder *holder;

	LL_FOREACH(table->holders, holder) {
		if (strcmp(holder->name, name) == 0)
			return holder;
	}
	return NULL;
}

/* A holder that is gone and claims nothing is forgotten. */
static void holder_release(struct table *table, struct holder *holder)
{
	if (holder->speaker || holder->claims)
		return;
	LL_DELETE(table->holders, holder);
	free(holder->name);
	free(holder);
}

struct holder *table_hold(struct table *table, const char *name, const void *speaker)
{
	struct holder *holder = find_holder(table, name);
	unsigned count;

	if (!holder) {
		LL_COUNT(table->holders, holder, count);
		holder = count < TABLE_HOLDERS_MAX ? calloc(1, sizeof(*holder)) : NULL;
		if (!holder)
			return NULL;
		holder->name = strdup(name);
		if (!holder->name) {
			free(holder);
			return NULL;
		}
		LL_APPEND(table->holders, holder);
	}
	holder->speaker = speaker;
	holder->term++;
	return holder;
}

size_t table_leave(struct table *table, struct holder *holder)
{
	const struct lan *lan;
	const struct entry *entry;
	size_t before = 0, after = 0;

	LL_FOREACH(table->lans, lan) {
		for (entry = lan->entries; entry; entry = entry->hh.next)
			before += entry_is_orphaned(entry);
	}
	holder->speaker = NULL;
	LL_FOREACH(table->lans, lan) {
		for (entry = lan->entries; entry; entry = entry->hh.next)
			after += entry_is_orphaned(entry);
	}
	holder_release(table, holder);
	return after - before;
}

/* The LAN of that name, made if need be. NULL if there are too many, or without memory. */
static struct lan *need_lan(struct table *table, const char *name)
{
	struct lan *lan = table_find_lan(table, name);
	unsigned count;

	if (lan)
		return lan;
	LL_COUNT(table->lans, lan, count);
	lan = count < TABLE_LANS_MAX ? calloc(1, sizeof(*lan)) : NULL;
	if (!lan)
		return NULL;
	strncpy(lan->name, name, sizeof(lan->name) - 1);
	LL_APPEND(table->lans, lan);
	return lan;
}

static void widen(struct table *table, const struct in6_addr *address)
{
	bool is_first = IN6_IS_ADDR_UNSPECIFIED(&table->highest);

	if (is_first || memcmp(address, &table->lowest, sizeof(*address)) < 0)
		table->lowest = *address;
	if (is_first || memcmp(address, &table->highest, sizeof(*address)) > 0)
		table->highest = *address;
}

/* The entry, made if need be. NULL without memory, or if there are too many LANs. */
static struct entry *need_entry(struct table *table, const struct in6_addr *address, const char *name)
{
	struct lan *lan = need_lan(table, name);
	struct entry *entry = lan ? table_find(lan, address) : NULL;

	if (!lan || entry)
		return entry;
	entry = calloc(1, sizeof(*entry));
	if (!entry) {
		if (!lan->entries) {
			LL_DELETE(table->lans, lan);
			free(lan);
		}
		return NULL;
	}
	entry->address = *address;
	entry->lan = lan;
	entry->since = time(NULL);
	HASH_ADD(hh, lan->entries, address, sizeof(entry->address), entry);
	lan->counts[entry_family(entry)]++;
	widen(table, address);
	return entry;
}

static struct claim *find_claim(const struct entry *entry, const struct holder *holder)
{
	struct claim *claim;

	LL_SEARCH_SCALAR(entry->claims, claim, holder, holder);
	return claim;
}

int table_claim(struct table *table, struct holder *holder, const struct in6_addr *address, const char *name, struct entry **entry)
{
	struct lan *lan = table_find_lan(table, name);
	struct claim *claim;

	*entry = lan ? table_find(lan, address) : NULL;
	claim = *entry ? find_claim(*entry, holder) : NULL;
	if (claim) {
		claim->term = holder->term;
		return 0;
	}
	if (holder->claims >= TABLE_CLAIMS_MAX)
		return -ENOSPC;
	claim = calloc(1, sizeof(*claim));
	if (!claim)
		return -ENOMEM;
	*entry = need_entry(table, address, name);
	if (!*entry) {
		free(claim);
		return lan ? -ENOMEM : -ENOSPC;
	}
	claim->holder = holder;
	claim->term = holder->term;
	LL_APPEND((*entry)->claims, claim);
	holder->claims++;
	return 0;
}

struct entry *table_adopt(struct table *table, const struct in6_addr *address, const char *lan)
{
	return need_entry(table, address, lan);
}

static void claim_drop(struct entry *entry, struct claim *claim)
{
	LL_DELETE(entry->claims, claim);
	claim->holder->claims--;
	free(claim);
}

/* Drops one holder's claim and hands the entry back if that was the last. */
static void entry_unclaim(struct table *table, struct entry *entry, struct claim *claim, const char *reason)
{
	claim_drop(entry, claim);
	if (!entry->claims)
		table->on_unwanted(table->ctx, entry, reason);
}

static bool is_among(const struct lan *lan, const char *const names[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(lan->name, names[i]) == 0)
			return true;
	}
	return false;
}

/* From the LANs that are among the names, or from those that are not. */
static void withdraw(struct table *table, struct holder *holder, const struct in6_addr *address, const char *const names[], size_t count,
		     bool from_these)
{
	struct lan *lan, *next;

	LL_FOREACH_SAFE(table->lans, lan, next) {
		struct entry *entry = table_find(lan, address);
		struct claim *claim = entry ? find_claim(entry, holder) : NULL;

		if (claim && is_among(lan, names, count) == from_these)
			entry_unclaim(table, entry, claim, "not wanted any more");
	}
}

void table_withdraw(struct table *table, struct holder *holder, const struct in6_addr *address, const char *const keep[], size_t count)
{
	withdraw(table, holder, address, keep, count, false);
}

void table_withdraw_from(struct table *table, struct holder *holder, const struct in6_addr *address, const char *const lans[],
			 size_t count)
{
	withdraw(table, holder, address, lans, count, count > 0);
}

/* Sweeps one LAN, which the caller must not use again. */
static size_t sweep_lan(struct table *table, struct lan *lan, const struct holder *holder, bool adopted)
{
	struct entry *entry, *older;
	size_t count = 0;

	LAN_EACH_ENTRY(lan, entry, older) {
		struct claim *claim = find_claim(entry, holder);
		bool is_last = !older;

		if (claim && claim->term != holder->term) {
			count++;
			entry_unclaim(table, entry, claim, "its holder came back without it");
		} else if (!entry->claims && adopted) {
			count++;
			table->on_unwanted(table->ctx, entry, "left by an earlier run and not wanted any more");
		}
		/* The LAN may be gone with its last entry. */
		if (is_last)
			break;
	}
	return count;
}

size_t table_sweep(struct table *table, struct holder *holder, bool adopted)
{
	struct lan *lan, *next;
	size_t count = 0;

	LL_FOREACH_SAFE(table->lans, lan, next)
		count += sweep_lan(table, lan, holder, adopted);
	return count;
}

void table_remove(struct table *table, struct entry *entry)
{
	struct lan *lan = entry->lan;
	struct claim *claim, *next;

	LL_FOREACH_SAFE(entry->claims, claim, next) {
		struct holder *holder = claim->holder;

		claim_drop(entry, claim);
		holder_release(table, holder);
	}
	HASH_DEL(lan->entries, entry);
	lan->counts[entry_family(entry)]--;
	free(entry);
	if (!lan->entries) {
		LL_DELETE(table->lans, lan);
		free(lan);
	}
}

void table_free(struct table *table)
{
	struct holder *holder, *next;

	while (table->lans)
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the entry is of this LAN, and takes itself out. */
		table_remove(table, table->lans->entries);
	LL_FOREACH_SAFE(table->holders, holder, next) {
		holder->speaker = NULL;
		holder_release(table, holder);
	}
}
