/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Mark, replay, sweep. The kernel tells of no proxy neighbour's coming or going, so it is asked for all of them: 10 000
 * are listed in less than 10 ms. */

#include "arpd/reconcile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "arpd/engine.h"
#include "arpd/hearing.h"
#include "lib/log.h"

int reconcile_adopt(struct publisher *publisher)
{
	struct neighbour *found = NULL;
	size_t count = 0, adopted = 0;
	struct lan *lan;
	int rc = neighbour_list(publisher->sock, &found, &count);

	for (size_t i = 0; !rc && i < count; i++) {
		struct link link;
		struct entry *entry;

		if (!found[i].is_ours || link_get(publisher->sock, NULL, found[i].interface, &link))
			continue;
		entry = table_adopt(&publisher->table, &found[i].address, link.name);
		if (!entry)
			continue;
		entry->is_installed = entry->is_probed = true;
		entry->lan->link = link;
		adopted++;
	}
	LL_FOREACH(publisher->table.lans, lan)
		publisher_bind(publisher, lan);
	free(found);
	if (adopted)
		log_info("found what an earlier run published: %zu", adopted);
	return rc;
}

/* Marks the entries that the kernel has, and withdraws ours that are not in the table. */
static void mark(struct publisher *publisher, const struct neighbour *found, size_t count)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < count; i++) {
		struct lan *lan = table_find_lan_index(&publisher->table, found[i].interface);
		struct entry *entry = lan ? table_find(lan, &found[i].address) : NULL;

		if (!found[i].is_ours)
			continue;
		if (entry && !(entry->is_installed && entry->is_responders)) {
			entry->is_seen = true;
			continue;
		}
		neighbour_clean(publisher->sock, &found[i]);
		publisher_say(publisher, "%s withdrawn from interface %d: nobody wants it", ip_text(&found[i].address, text), found[i].interface);
	}
}

/* An orphan without a host route is of no use: a client that is there has one. */
static bool is_useless(const struct entry *entry)
{
	return entry_is_orphaned(entry) && (entry->is_route_known ? !entry->has_host_route : !entry->lan->link.index);
}

/* Follows each entry of a LAN that choose is true of, and takes useless orphans out of the table. The LAN may be freed by that. */
static void follow_lan(struct publisher *publisher, struct lan *lan, bool (*choose)(const struct entry *entry))
{
	struct entry *entry, *older;

	LAN_EACH_ENTRY(lan, entry, older) {
		bool is_last = !older;

		if (choose(entry)) {
			publisher_follow(publisher, entry);
			if (is_useless(entry))
				publisher_remove(publisher, entry, "its holder is gone, and no host route leads to it");
		}
		if (is_last)
			break;
	}
}

static bool is_stale(const struct entry *entry)
{
	return !entry->is_route_known;
}

void reconcile_stale(struct publisher *publisher)
{
	struct lan *lan, *next;

	LL_FOREACH_SAFE(publisher->table.lans, lan, next)
		follow_lan(publisher, lan, is_stale);
	publisher_flush(publisher);
}

static bool is_any(const struct entry *entry)
{
	return true;
}

/* In so many looks, all routes are looked up anew. */
enum { TURNS = 32 };

/* What the kernel has of a LAN, now that it was asked. */
static void compare(struct publisher *publisher, struct lan *lan)
{
	struct entry *entry;
	unsigned lost = 0, turn = 0;

	if (lan->is_ready && !engine_check(publisher, lan, false))
		lost++;
	for (entry = lan->entries; entry && lan->is_ready; entry = entry->hh.next) {
		/* Not every change of the routes is told, such as one of the rules that lead to them. */
		if (turn++ % TURNS == publisher->turn % TURNS)
			entry->is_route_known = false;
		if (entry->is_installed && entry->is_responders)
			continue;
		lost += entry->is_installed && !entry->is_seen && entry_is_wanted(entry) && !lan->was_down;
		entry->is_installed = entry->is_seen;
		entry->is_responders = false;
	}
	lan->was_down = false;
	publisher->repairs += lost;
	if (lost)
		log_warn("%s: put back what was deleted: %u", lan->name, lost);
}

int reconcile(struct publisher *publisher, struct foreign *foreign, bool is_cleaning)
{
	struct neighbour *found;
	struct lan *lan, *next;
	struct entry *entry;
	size_t count;
	int rc;

	publisher_flush(publisher);
	LL_FOREACH(publisher->table.lans, lan) {
		publisher_bind(publisher, lan);
		for (entry = lan->entries; entry; entry = entry->hh.next)
			entry->is_seen = false;
	}
	rc = neighbour_list(publisher->sock, &found, &count);
	if (rc) {
		log_debug("cannot list proxy neighbours: %s", strerror(-rc));
		return rc;
	}
	mark(publisher, found, count);
	publisher->turn++;
	LL_FOREACH_SAFE(publisher->table.lans, lan, next) {
		compare(publisher, lan);
		follow_lan(publisher, lan, is_any);
	}
	publisher_flush(publisher);
	engine_choose(publisher);
	hearing_renew(publisher);
	foreign_look(foreign, publisher->sock, found, count, is_cleaning);
	free(found);
	return 0;
}
