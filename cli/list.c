/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl list, policies, uplinks, diff: rows. */

#include "config.h"

#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/listing.h"

/* Rows that masqd gives one a reply, each as this member. has_fields: with no more than is asked for. */
static int list_one_by_one(const struct options *opt, int count, char **words, const struct column_set *set, const char *method,
			   const char *member, bool has_fields)
{
	struct connect c = CONNECT_INIT;
	struct listing listing;
	int rc;

	if (listing_wants_help(opt)) {
		listing_help(set);
		return 0;
	}
	rc = listing_open(&listing, set, opt, count, words);
	if (!rc)
		rc = connect_open(&c, CONNECT_MASQD, opt);
	if (!rc)
		rc = connect_each(&c, method, has_fields ? json_pack("{s:o}", "fields", listing_fields(&listing)) : NULL, member,
				  listing_add, &listing, NULL);
	if (!rc)
		listing_print(&listing);
	connect_close(&c);
	listing_free(&listing);
	return rc;
}

int diff_command(const struct options *opt, int count, char **words)
{
	return list_one_by_one(opt, count, words, &column_changes, "Diff", "change", false);
}

int list_command(const struct options *opt, int count, char **words)
{
	return list_one_by_one(opt, count, words, &column_sessions, "List", "session", true);
}

/* Rows that masqd gives in one answer, under the name of the set's list. */
static int list_at_once(const struct options *opt, int count, char **words, const struct column_set *set, const char *method)
{
	struct connect c = CONNECT_INIT;
	struct listing listing;
	json_t *answer;
	int rc;

	if (listing_wants_help(opt)) {
		listing_help(set);
		return 0;
	}
	rc = listing_open(&listing, set, opt, count, words);
	if (!rc)
		rc = connect_open(&c, CONNECT_MASQD, opt);
	if (!rc)
		rc = connect_call(&c, method, NULL, &answer);
	if (!rc) {
		listing_add_all(&listing, json_object_get(answer, set->list));
		listing_print(&listing);
		json_decref(answer);
	}
	connect_close(&c);
	listing_free(&listing);
	return rc;
}

int uplinks_command(const struct options *opt, int count, char **words)
{
	return list_at_once(opt, count, words, &column_uplinks, "Uplinks");
}

int policies_command(const struct options *opt, int count, char **words)
{
	return list_at_once(opt, count, words, &column_policies, "Policies");
}
