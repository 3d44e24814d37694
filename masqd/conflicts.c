/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* There are few at a time: they are what goes wrong. */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "lib/ip.h"
#include "masqd/conflicts.h"

static void drop(struct conflicts *conflicts, struct conflict *conflict)
{
	DL_DELETE(conflicts->list, conflict);
	conflicts->count--;
	free(conflict);
}

static bool is_on(const struct conflict *conflict, const struct in6_addr *address, const char *interface)
{
	return ip_equal(&conflict->event.address, address) && (!*interface || strcmp(conflict->event.interface, interface) == 0);
}

bool conflicts_note(struct conflicts *conflicts, const struct arp_event *event, int64_t now_ms)
{
	struct conflict *conflict;
	bool is_news;

	DL_FOREACH(conflicts->list, conflict)
		if (is_on(conflict, &event->address, event->interface))
			break;
	is_news = !conflict;
	if (is_news) {
		conflict = calloc(1, sizeof(*conflict));
		if (!conflict)
			return true;
		if (conflicts->count == CONFLICTS_MAX)
			drop(conflicts, conflicts->list);
		DL_APPEND(conflicts->list, conflict);
		conflicts->count++;
	}
	conflict->event = *event;
	conflict->heard_ms = now_ms;
	return is_news;
}

bool conflicts_forget(struct conflicts *conflicts, const struct in6_addr *address, const char *interface)
{
	struct conflict *conflict, *next;
	bool had = false;

	DL_FOREACH_SAFE(conflicts->list, conflict, next) {
		if (!is_on(conflict, address, interface))
			continue;
		drop(conflicts, conflict);
		had = true;
	}
	return had;
}

static bool is_avoided(const struct conflict *conflict, int64_t now_ms)
{
	return now_ms - conflict->heard_ms < CONFLICTS_AVOID_MS;
}

bool conflicts_has(const struct conflicts *conflicts, const struct in6_addr *address, int64_t now_ms)
{
	const struct conflict *conflict;

	DL_FOREACH(conflicts->list, conflict)
		if (is_on(conflict, address, "") && is_avoided(conflict, now_ms))
			return true;
	return false;
}

void conflicts_sweep(struct conflicts *conflicts, int64_t now_ms, bool (*has_owner)(void *ctx, const struct in6_addr *address), void *ctx)
{
	struct conflict *conflict, *next;

	DL_FOREACH_SAFE(conflicts->list, conflict, next)
		if (!is_avoided(conflict, now_ms) && !has_owner(ctx, &conflict->event.address))
			drop(conflicts, conflict);
}

void conflicts_drop_owned(struct conflicts *conflicts, bool (*has_owner)(void *ctx, const struct in6_addr *address), void *ctx)
{
	struct conflict *conflict, *next;

	DL_FOREACH_SAFE(conflicts->list, conflict, next)
		if (has_owner(ctx, &conflict->event.address))
			drop(conflicts, conflict);
}

void conflicts_free(struct conflicts *conflicts)
{
	struct conflict *conflict, *next;

	DL_FOREACH_SAFE(conflicts->list, conflict, next)
		drop(conflicts, conflict);
}
