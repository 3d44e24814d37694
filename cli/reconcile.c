/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl reconcile: is the kernel as it should be? */

#include "config.h"

#include <stdio.h>

#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/error.h"
#include "cli/listing.h"

static void report(struct listing *listing, const struct options *opt, json_t *last)
{
	json_int_t found = json_integer_value(json_object_get(last, "mismatches")), left = json_integer_value(json_object_get(last, "left"));

	if (opt->json != JSON_STYLE_NONE)
		json_rows_set_members(&listing->json, json_pack("{s:b, s:I, s:I}", "dry_run", opt->dry_run, "found", found, "left", left));
	if (opt->json != JSON_STYLE_NONE || found)
		listing_print(listing);
	if (opt->json != JSON_STYLE_NONE || opt->is_quiet)
		return;
	if (opt->dry_run || !found)
		printf("mismatches: %" JSON_INTEGER_FORMAT "\n", found);
	else
		printf("mismatches: %" JSON_INTEGER_FORMAT ", put right but for %" JSON_INTEGER_FORMAT "\n", found, left);
}

int reconcile_command(const struct options *opt, int count, char **words)
{
	struct connect c = CONNECT_INIT;
	struct listing listing;
	json_t *last = NULL;
	int rc;

	if (listing_wants_help(opt)) {
		listing_help(&column_mismatches);
		return 0;
	}
	rc = listing_open(&listing, &column_mismatches, opt, count, words);
	if (!rc)
		rc = connect_open(&c, CONNECT_MASQD, opt);
	if (!rc)
		rc = connect_each(&c, "Reconcile", json_pack("{s:b}", "dry_run", opt->dry_run), "mismatch", listing_add, &listing, &last);
	if (!rc)
		report(&listing, opt, last);
	if (!rc && json_integer_value(json_object_get(last, "left")))
		rc = opt->dry_run ? ERROR_FAILED : ERROR_PARTLY;
	json_decref(last);
	connect_close(&c);
	listing_free(&listing);
	return rc;
}
