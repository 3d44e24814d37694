/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "masqd/reconcile.h"

#include <string.h>

#include "lib/log.h"
#include "masqd/element-text.h"
#include "masqd/replay.h"
#include "masqd/shaping.h"

struct comparison {
	struct gateway *gw;
	const struct mismatch_handler *handler;
};

/* text has the key; wanted and found are values. */
static void tell_element(const struct comparison *comparison, enum mismatch_type type, const char *set, const struct element_text *text,
			 const char *wanted, const char *found)
{
	const struct session *s = session_find_ifindex(&comparison->gw->sessions, text->ifindex);
	struct mismatch mismatch = {
		.type = type, .object = "element", .name = set, .key = text->key,
		.serial = text->serial ? text->serial : s ? s->serial : 0, .wanted = wanted, .found = found,
	};

	comparison->handler->tell(comparison->handler->ctx, &mismatch);
}

static void on_missing(void *ctx, const struct element *wanted)
{
	const struct comparison *comparison = ctx;
	struct element_text text;

	element_text_wanted(&text, comparison->gw->links, wanted);
	tell_element(comparison, MISMATCH_MISSING, wanted->set, &text, text.value, NULL);
}

static void on_extra(void *ctx, const struct element *identity, const struct element_view *found)
{
	const struct comparison *comparison = ctx;
	struct element_text text;

	element_text_found(&text, comparison->gw->links, identity, found);
	tell_element(comparison, MISMATCH_EXTRA, identity->set, &text, NULL, text.value);
}

static void on_other(void *ctx, const struct element *wanted, const struct element_view *found)
{
	const struct comparison *comparison = ctx;
	struct element_text wanted_text, found_text;

	element_text_wanted(&wanted_text, comparison->gw->links, wanted);
	element_text_found(&found_text, comparison->gw->links, wanted, found);
	tell_element(comparison, MISMATCH_DIFFERS, wanted->set, &wanted_text, wanted_text.value, found_text.value);
}

/* An interface that the kernel has. */
struct seen {
	unsigned ifindex;
	bool forwards;
	UT_hash_handle hh;
};

struct survey {
	struct seen *by_ifindex;
	int error;
};

static void on_seen(void *ctx, unsigned ifindex, bool forwards)
{
	struct survey *survey = ctx;
	struct seen *seen;

	HASH_FIND_INT(survey->by_ifindex, &ifindex, seen);
	if (!seen) {
		seen = calloc(1, sizeof(*seen));
		if (!seen) {
			survey->error = -ENOMEM;
			return;
		}
		seen->ifindex = ifindex;
		HASH_ADD_INT(survey->by_ifindex, ifindex, seen);
	}
	seen->forwards = forwards;
}

static void look_at_interface(const struct survey *survey, unsigned ifindex, const char *name, uint32_t serial,
			      const struct mismatch_handler *handler)
{
	struct mismatch mismatch = { .name = name, .serial = serial };
	struct seen *seen;

	HASH_FIND_INT(survey->by_ifindex, &ifindex, seen);
	if (seen && seen->forwards)
		return;
	mismatch.type = seen ? MISMATCH_DIFFERS : MISMATCH_MISSING;
	mismatch.object = seen ? "forwarding" : "interface";
	mismatch.wanted = seen ? "1" : NULL;
	mismatch.found = seen ? "0" : NULL;
	handler->tell(handler->ctx, &mismatch);
}

static void look_at_named(const struct comparison *comparison, const struct survey *survey, const char *interface)
{
	const struct link *link = links_find_name(comparison->gw->links, interface);

	if (link)
		look_at_interface(survey, link->ifindex, link->name, 0, comparison->handler);
}

/* Those of sessions, of uplinks and of LANs. A host's is its network's. */
static int compare_interfaces(const struct comparison *comparison)
{
	struct gateway *gw = comparison->gw;
	struct survey survey = { .error = 0 };
	int rc = links_each_in_kernel(gw->links, on_seen, &survey);
	struct session *s, *next;
	struct seen *seen, *next_seen;

	if (!rc)
		rc = survey.error;
	if (!rc) {
		session_each(&gw->sessions, s, next)
			if (s->grant.is_open)
				look_at_interface(&survey, s->grant.ifindex, s->ifname, s->serial, comparison->handler);
		for (unsigned i = 0; i < gw->conf->uplink_count; i++)
			look_at_named(comparison, &survey, gw->conf->uplinks[i].interface);
		for (unsigned i = 0; i < gw->conf->lan_count; i++)
			look_at_named(comparison, &survey, gw->conf->lans[i].interface);
	}
	HASH_ITER(hh, survey.by_ifindex, seen, next_seen) {
		HASH_DEL(survey.by_ifindex, seen);
		free(seen);
	}
	return rc;
}

int reconcile_compare(struct gateway *gw, const struct mismatch_handler *handler)
{
	struct comparison comparison = { .gw = gw, .handler = handler };
	const struct difference_handler elements = { .on_missing = on_missing, .on_extra = on_extra, .on_other = on_other, .ctx = &comparison };
	int rc = ruleset_compare(gw->ruleset, handler);

	if (!rc)
		rc = replay_compare(gw, &elements);
	if (!rc)
		rc = uplinks_compare(gw->uplinks, handler);
	if (!rc)
		rc = framed_route_compare(gw->routes, gw->links, handler);
	if (!rc)
		rc = shaping_compare(gw, handler);
	if (!rc)
		rc = compare_interfaces(&comparison);
	if (!rc)
		egress_lock_compare(gw->egress_lock, handler);
	return rc;
}

static void on_interface(void *ctx, unsigned ifindex, bool forwards)
{
	struct gateway *gw = ctx;
	const struct link *link = links_find(gw->links, ifindex);
	const struct session *s = session_find_ifindex(&gw->sessions, ifindex);
	bool is_ours = link && ((s && s->grant.is_open) || conf_find_uplink(gw->conf, link->name) || conf_find_lan(gw->conf, link->name));
	int rc = is_ours && !forwards ? links_enable_forwarding(gw->links, ifindex) : 0;

	if (rc)
		log_warn("cannot enable forwarding on %s: %s", link->name, strerror(-rc));
}

int reconcile_repair(struct gateway *gw)
{
	int rc, failed;

	/* Whatever was not told of, interfaces that have gone among it. */
	links_catch_up(gw->links);
	rc = replay_repair(gw);
	failed = uplinks_repair(gw->uplinks);
	rc = rc ? rc : failed;
	failed = framed_route_sync(gw->routes);
	rc = rc ? rc : failed;
	shaping_replay(gw);
	failed = links_each_in_kernel(gw->links, on_interface, gw);
	return rc ? rc : failed;
}
