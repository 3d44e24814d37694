/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Mark, replay, sweep, as everywhere: whatever has happened, what the kernel has is compared with what it should have. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/netlink.h"
#include "masqd/fib.h"
#include "masqd/lookup.h"
#include "masqd/repair-pace.h"
#include "masqd/uplinks.h"

/* Far away: to this address nobody has a route of its own (TEST-NET-2, RFC 5737). */
#define FAR_AWAY ((struct in_addr){ .s_addr = htonl(0xc6336401) })

/* A list of uplinks that has a table, and the interfaces by which it leads out; 0: none. */
struct path {
	struct uplink_list list;
	unsigned ifindex;	/* now */
	unsigned before;	/* the last change */
	unsigned last;		/* now or, if there is none, before */
};

/* What the kernel has or should have. */
struct entries {
	struct fib_entry *all;
	size_t count, size;
	bool is_cut;	/* there was no memory for all of them */
};

struct uplinks {
	struct fib *fib;
	struct netlink_monitor *monitor;
	struct netlink_monitor_handler monitor_handler;
	struct event *due;
	const struct links *links;
	struct uplinks_handler handler;
	struct path *paths;	/* one for each list */
	unsigned path_count;
	bool is_loaded;
	unsigned system_ifindex;	/* by which the system's own routes lead out, 0: none */
	bool is_touched;	/* by somebody else */
	struct repair_pace pace;
};

static void append(struct entries *entries, const struct fib_entry *entry)
{
	if (entries->count == entries->size) {
		size_t size = entries->size ? 2 * entries->size : 64;
		struct fib_entry *all = realloc(entries->all, size * sizeof(*all));

		entries->is_cut |= !all;
		if (!all)
			return;
		entries->all = all;
		entries->size = size;
	}
	entries->all[entries->count++] = *entry;
}

static bool has(const struct entries *entries, const struct fib_entry *entry)
{
	for (size_t i = 0; i < entries->count; i++)
		if (memcmp(&entries->all[i], entry, sizeof(*entry)) == 0)
			return true;
	return false;
}

static void on_entry(void *ctx, const struct fib_entry *entry)
{
	append(ctx, entry);
}

/* Where the system's own routes lead out, by this interface or by any (0). */
static bool find_way_out(struct lookup *way, unsigned ifindex)
{
	*way = (struct lookup){ .to = FAR_AWAY, .oif = ifindex };
	return lookup_route(way) == 0 && way->type == RTN_UNICAST;
}

const char *uplinks_problem(const struct uplinks *uplinks, const struct uplink *uplink, struct in_addr *gateway)
{
	const struct link *link = links_find_name(uplinks->links, uplink->interface);
	struct lookup way;

	gateway->s_addr = 0;
	if (!link)
		return "absent";
	if (!link->is_up)
		return "down";
	if (!link->address_count)
		return "no address";
	if (uplink->gateway.s_addr)
		*gateway = uplink->gateway;
	else if (link->needs_gateway && find_way_out(&way, link->ifindex))
		*gateway = way.gateway;
	if (link->needs_gateway && !gateway->s_addr)
		return "no gateway";
	if (gateway->s_addr && (links_is_own(uplinks->links, *gateway) || links_is_broadcast(uplinks->links, *gateway)))
		return "bad gateway";
	return NULL;
}

/* All that the list needs, and the interface by which it leads out. */
static void list_path(const struct uplinks *uplinks, struct path *path, struct entries *want)
{
	const struct uplink_list *list = &path->list;
	struct fib_entry entry = { .type = FIB_UNREACHABLE, .id = list->id };

	path->before = path->ifindex;
	path->ifindex = 0;
	append(want, &entry);
	for (unsigned i = 0; i < list->count; i++) {
		const struct link *link = links_find_name(uplinks->links, list->uplinks[i]->interface);

		entry = (struct fib_entry){ .type = FIB_DEFAULT, .id = list->id, .metric = i + 1 };
		if (uplinks_problem(uplinks, list->uplinks[i], &entry.gateway))
			continue;
		entry.ifindex = link->ifindex;
		append(want, &entry);
		if (!path->ifindex)
			path->ifindex = link->ifindex;
	}
	for (uint32_t type = FIB_RULE_OURS; type <= FIB_RULE_MAIN; type++) {
		entry = (struct fib_entry){ .type = type, .id = list->id };
		append(want, &entry);
	}
}

/* What is missing. One uplink that cannot be used is not to stop the others: its interface may have just gone, which is told
 * of soon. */
static int add_missing(struct uplinks *uplinks, const struct entries *want, const struct entries *have, unsigned *changes)
{
	for (size_t i = 0; i < want->count; i++) {
		const struct fib_entry *entry = &want->all[i];
		int rc;

		if (has(have, entry))
			continue;
		rc = fib_add(uplinks->fib, entry);
		if (rc && entry->type != FIB_DEFAULT)
			return rc;
		if (rc)
			log_info("no route by interface %u: %s", entry->ifindex, strerror(-rc));
		(*changes)++;
	}
	return 0;
}

/* The kernel tells of rules first: without its rules, nobody looks into a table. */
static int sweep(struct uplinks *uplinks, const struct entries *want, const struct entries *have, unsigned *changes)
{
	int rc = 0;

	for (size_t i = 0; i < have->count && !rc; i++) {
		if (has(want, &have->all[i]))
			continue;
		rc = fib_del(uplinks->fib, &have->all[i]);
		(*changes)++;
	}
	return rc;
}

static struct path *find_path(struct path *paths, unsigned count, uint32_t id)
{
	for (unsigned i = 0; i < count; i++)
		if (paths[i].list.id == id)
			return &paths[i];
	return NULL;
}

/* By which interface the kernel's table leads out: that of the lowest metric. */
static unsigned leads_by(const struct entries *have, uint32_t id)
{
	const struct fib_entry *first = NULL;

	for (size_t i = 0; i < have->count; i++) {
		const struct fib_entry *entry = &have->all[i];

		if (entry->type == FIB_DEFAULT && entry->id == id && (!first || entry->metric < first->metric))
			first = entry;
	}
	return first ? first->ifindex : 0;
}

static void log_path(const struct uplinks *uplinks, const struct path *path)
{
	const struct link *link = links_find(uplinks->links, path->ifindex);
	char names[256] = "";

	for (unsigned i = 0; i < path->list.count; i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", i ? ", " : "", path->list.uplinks[i]->name);
	if (link)
		log_info("uplinks %s: clients leave by %s", names, link->name);
	else
		log_warn("uplinks %s: none can be used", names);
}

/* Tells of what leads out elsewhere than before. */
static void tell_moved(struct uplinks *uplinks, const struct entries *have)
{
	struct lookup way;

	uplinks->system_ifindex = find_way_out(&way, 0) ? way.oif : 0;
	for (unsigned i = 0; i < uplinks->path_count; i++) {
		struct path *path = &uplinks->paths[i];
		/* Perhaps the daemon before this one has left something. */
		unsigned last = path->last ? path->last : leads_by(have, path->list.id);

		path->last = path->ifindex ? path->ifindex : last;
		if (path->ifindex != path->before)
			log_path(uplinks, path);
		if (last && last != path->last)
			uplinks->handler.on_moved(uplinks->handler.ctx, path->list.id);
	}
}

/* Makes the kernel's tables and rules what they should be. */
static int apply(struct uplinks *uplinks, bool is_sweeping, unsigned *changes)
{
	struct entries want = { 0 }, have = { 0 };
	int rc = fib_dump(uplinks->fib, on_entry, &have);

	*changes = 0;
	for (unsigned i = 0; i < uplinks->path_count; i++)
		list_path(uplinks, &uplinks->paths[i], &want);
	if (!rc && (want.is_cut || have.is_cut))
		rc = -ENOMEM;
	if (!rc)
		rc = add_missing(uplinks, &want, &have, changes);
	if (!rc && is_sweeping)
		rc = sweep(uplinks, &want, &have, changes);
	if (!rc)
		tell_moved(uplinks, &have);
	free(want.all);
	free(have.all);
	return rc;
}

static void tell_mismatch(const struct uplinks *uplinks, enum mismatch_type type, const struct fib_entry *entry,
			  const struct mismatch_handler *handler)
{
	struct mismatch mismatch = { .type = type, .object = entry->type >= FIB_RULE_OURS ? "rule" : "route" };
	const struct link *link = links_find(uplinks->links, entry->ifindex);
	char key[128], table[16], gateway[ADDR_TEXT_MAX];

	snprintf(table, sizeof(table), "%u", entry->id);
	if (entry->type == FIB_RULE_MAIN)
		snprintf(key, sizeof(key), "fwmark %u lookup main suppress_prefixlength 0", entry->id);
	else if (entry->type == FIB_RULE_OURS)
		snprintf(key, sizeof(key), "fwmark %u lookup %u", entry->id, entry->id);
	else if (entry->type == FIB_UNREACHABLE)
		snprintf(key, sizeof(key), "unreachable default");
	else
		snprintf(key, sizeof(key), "default via %s dev %s metric %u", addr_text(entry->gateway, gateway), link ? link->name : "?",
			 entry->metric);
	mismatch.name = table;
	mismatch.key = key;
	handler->tell(handler->ctx, &mismatch);
}

int uplinks_compare(const struct uplinks *uplinks, const struct mismatch_handler *handler)
{
	struct entries want = { 0 }, have = { 0 };
	int rc = fib_dump(uplinks->fib, on_entry, &have);

	for (unsigned i = 0; i < uplinks->path_count; i++) {
		struct path path = uplinks->paths[i];

		list_path(uplinks, &path, &want);
	}
	if (!rc && (want.is_cut || have.is_cut))
		rc = -ENOMEM;
	for (size_t i = 0; !rc && i < want.count; i++)
		if (!has(&have, &want.all[i]))
			tell_mismatch(uplinks, MISMATCH_MISSING, &want.all[i], handler);
	for (size_t i = 0; !rc && i < have.count; i++)
		if (!has(&want, &have.all[i]))
			tell_mismatch(uplinks, MISMATCH_EXTRA, &have.all[i], handler);
	free(want.all);
	free(have.all);
	return rc;
}

int uplinks_repair(struct uplinks *uplinks)
{
	unsigned changes;

	return apply(uplinks, true, &changes);
}

static void apply_later(struct uplinks *uplinks, long seconds)
{
	struct timeval delay = { .tv_sec = seconds };

	if (seconds == 0 || !evtimer_pending(uplinks->due, NULL))
		event_add(uplinks->due, &delay);
}

static void on_due(evutil_socket_t fd, short what, void *ctx)
{
	struct uplinks *uplinks = ctx;
	bool is_touched = uplinks->is_touched;
	unsigned changes;
	int rc = apply(uplinks, true, &changes);

	uplinks->is_touched = false;
	if (rc) {
		log_error("cannot set the routes of the uplinks: %s", strerror(-rc));
		apply_later(uplinks, 1);
	} else if (is_touched && changes) {
		repair_pace_done(&uplinks->pace);
		uplinks->handler.on_repaired(uplinks->handler.ctx);
	}
}

static void on_message(void *ctx, struct nlmsghdr *header)
{
	struct uplinks *uplinks = ctx;

	switch (fib_news(uplinks->fib, header)) {
	case FIB_NEWS_NONE:
		break;
	case FIB_NEWS_OURS:
		uplinks->is_touched = true;
		if (uplinks->is_loaded)
			apply_later(uplinks, repair_pace_delay(&uplinks->pace).tv_sec);
		break;
	case FIB_NEWS_SYSTEM:
		uplinks_refresh(uplinks);
		break;
	}
}

/* What was lost may have been about ours. */
static void on_overrun(void *ctx)
{
	struct uplinks *uplinks = ctx;

	uplinks->is_touched = true;
	uplinks_refresh(uplinks);
}

int uplinks_open(struct uplinks **out, struct event_base *base, const struct links *links, const struct uplinks_handler *handler)
{
	static const int groups[] = { RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV4_RULE, 0 };
	struct uplinks *uplinks = calloc(1, sizeof(*uplinks));
	int rc;

	if (!uplinks)
		return -ENOMEM;
	uplinks->links = links;
	uplinks->handler = *handler;
	uplinks->monitor_handler = (struct netlink_monitor_handler){ .on_message = on_message, .on_overrun = on_overrun, .ctx = uplinks };
	uplinks->due = evtimer_new(base, on_due, uplinks);
	rc = uplinks->due ? fib_open(&uplinks->fib) : -ENOMEM;
	if (!rc)
		rc = netlink_monitor_open(&uplinks->monitor, base, NETLINK_ROUTE, groups, &uplinks->monitor_handler);
	if (rc)
		uplinks_close(uplinks);
	else
		*out = uplinks;
	return rc;
}

void uplinks_close(struct uplinks *uplinks)
{
	if (!uplinks)
		return;
	netlink_monitor_close(uplinks->monitor);
	fib_close(uplinks->fib);
	if (uplinks->due)
		event_free(uplinks->due);
	free(uplinks->paths);
	free(uplinks);
}

static bool is_same_list(const struct uplink_list *a, const struct uplink_list *b)
{
	for (unsigned i = 0; i < a->count && i < b->count; i++)
		if (strcmp(a->uplinks[i]->name, b->uplinks[i]->name) != 0)
			return false;
	return a->count == b->count;
}

/* Appends the lists that are not there yet. */
static int add_lists(struct path *paths, unsigned *path_count, const struct policy *const *policies, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct uplink_list *list = &policies[i]->uplinks;
		const struct path *path = find_path(paths, *path_count, list->id);

		if (path && !is_same_list(&path->list, list)) {
			log_error("policy %s: the names of its uplinks have the same hash as those of another list, rename one", policies[i]->name);
			return -EEXIST;
		}
		if (list->id && !path)
			paths[(*path_count)++] = (struct path){ .list = *list };
	}
	return 0;
}

/* Has these lists, and those that there are if they are kept. */
static int set_lists(struct uplinks *uplinks, const struct policy *const *policies, unsigned count, bool is_keeping)
{
	struct path *paths = calloc(count + uplinks->path_count + 1, sizeof(*paths));
	unsigned path_count = 0;
	int rc = paths ? add_lists(paths, &path_count, policies, count) : -ENOMEM;

	if (rc) {
		free(paths);
		return rc;
	}
	for (unsigned i = 0; i < uplinks->path_count; i++) {
		const struct path *old = &uplinks->paths[i];
		struct path *path = find_path(paths, path_count, old->list.id);

		if (path) {
			path->ifindex = old->ifindex;
			path->last = old->last;
		} else if (is_keeping) {
			paths[path_count++] = *old;
		}
	}
	free(uplinks->paths);
	uplinks->paths = paths;
	uplinks->path_count = path_count;
	uplinks->is_loaded = true;
	return 0;
}

static bool has_lists(const struct uplinks *uplinks, const struct policy *const *policies, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct uplink_list *list = &policies[i]->uplinks;
		const struct path *path = find_path(uplinks->paths, uplinks->path_count, list->id);

		if (list->id && (!path || memcmp(&path->list, list, sizeof(*list)) != 0))
			return false;
	}
	return true;
}

int uplinks_add(struct uplinks *uplinks, const struct policy *const *policies, unsigned count)
{
	bool is_first = !uplinks->is_loaded;
	unsigned changes;
	int rc;

	if (!is_first && has_lists(uplinks, policies, count))
		return 0;
	rc = set_lists(uplinks, policies, count, true);
	if (!rc)
		rc = apply(uplinks, false, &changes);
	if (rc)
		log_error("cannot set the routes of the uplinks: %s", strerror(-rc));
	/* What the daemon before this one has left goes when nothing is marked for it any more. */
	else if (is_first)
		apply_later(uplinks, 0);
	return rc;
}

int uplinks_keep(struct uplinks *uplinks, const struct policy *const *policies, unsigned count)
{
	int rc = set_lists(uplinks, policies, count, false);

	if (!rc)
		apply_later(uplinks, 0);
	return rc;
}

void uplinks_refresh(struct uplinks *uplinks)
{
	if (uplinks->is_loaded)
		apply_later(uplinks, 0);
}

void uplinks_refresh_later(struct uplinks *uplinks)
{
	if (uplinks->is_loaded)
		apply_later(uplinks, 1);
}

unsigned uplinks_ifindex(const struct uplinks *uplinks, uint32_t mark)
{
	const struct path *path = find_path(uplinks->paths, uplinks->path_count, mark);

	return !mark ? uplinks->system_ifindex : path ? path->ifindex : 0;
}

bool uplinks_accepts(const struct uplinks *uplinks, const struct uplink *uplink)
{
	const struct link *link = links_find_name(uplinks->links, uplink->interface);

	struct lookup answer = { .from = FAR_AWAY };

	if (!link || !link->address_count)
		return true;
	answer.iif = link->ifindex;
	answer.to = link->addresses[0].address;
	return lookup_route(&answer) == 0;
}
