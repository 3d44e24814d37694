/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl list, policies, uplinks, diff: rows. */

#include "config.h"

#include "cli/list.h"

#include "cli/commands.h"
#include "cli/listing.h"

static int add_all(struct connect *c, const struct list_source *source, struct listing *listing)
{
	json_t *answer, *parameters;
	int rc;

	if (source->member) {
		parameters = source->has_fields ? json_pack("{s:o}", "fields", listing_fields(listing)) : NULL;
		return connect_each(c, source->method, parameters, source->member, listing_add, listing, NULL);
	}
	rc = connect_call(c, source->method, NULL, &answer);
	if (!rc) {
		listing_add_all(listing, json_object_get(answer, source->set->list));
		json_decref(answer);
	}
	return rc;
}

int list_rows(const struct options *opt, int count, char **words, const struct list_source *source)
{
	struct connect c = CONNECT_INIT;
	struct listing listing;
	int rc;

	if (listing_wants_help(opt)) {
		listing_help(source->set);
		return 0;
	}
	rc = listing_open(&listing, source->set, opt, count, words);
	if (!rc)
		rc = connect_open(&c, source->daemon, opt);
	if (!rc)
		rc = add_all(&c, source, &listing);
	if (!rc)
		listing_print(&listing);
	connect_close(&c);
	listing_free(&listing);
	return rc;
}

int list_command(const struct options *opt, int count, char **words)
{
	static const struct list_source sessions = {
		.set = &column_sessions, .daemon = CONNECT_MASQD, .method = "List", .member = "session", .has_fields = true
	};

	return list_rows(opt, count, words, &sessions);
}

int diff_command(const struct options *opt, int count, char **words)
{
	static const struct list_source changes = { .set = &column_changes, .daemon = CONNECT_MASQD, .method = "Diff", .member = "change" };

	return list_rows(opt, count, words, &changes);
}

int uplinks_command(const struct options *opt, int count, char **words)
{
	static const struct list_source uplinks = { .set = &column_uplinks, .daemon = CONNECT_MASQD, .method = "Uplinks" };

	return list_rows(opt, count, words, &uplinks);
}

int policies_command(const struct options *opt, int count, char **words)
{
	static const struct list_source policies = { .set = &column_policies, .daemon = CONNECT_MASQD, .method = "Policies" };

	return list_rows(opt, count, words, &policies);
}
