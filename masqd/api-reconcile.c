/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <string.h>

#include "lib/log.h"
#include "lib/text.h"
#include "masqd/api-method.h"
#include "masqd/reconcile.h"

/* More would say no more, and wait in memory: a table that is gone lacks elements by the hundred thousand. */
enum { TOLD_MAX = 1000 };

struct telling {
	struct varlink_call *call;	/* NULL: they are only counted */
	unsigned count;
};

static json_t *text_or_null(const char *text)
{
	return text_json(text && *text ? text : NULL);
}

static void on_mismatch(void *ctx, const struct mismatch *mismatch)
{
	static const char *const types[] = {
		[MISMATCH_MISSING] = "missing", [MISMATCH_EXTRA] = "extra", [MISMATCH_DIFFERS] = "differs",
	};
	struct telling *telling = ctx;

	if (!telling->call || telling->count++ >= TOLD_MAX) {
		telling->count += !telling->call;
		return;
	}
	varlink_reply_continues(telling->call,
				json_pack("{s:n, s:n, s:{s:s, s:s, s:o, s:o, s:o, s:o, s:o}}", "mismatches", "left", "mismatch", "type",
					  types[mismatch->type], "object", mismatch->object, "name", text_json(mismatch->name), "key",
					  text_or_null(mismatch->key), "serial",
					  mismatch->serial ? json_integer(mismatch->serial) : json_null(), "wanted",
					  text_or_null(mismatch->wanted), "found", text_or_null(mismatch->found)));
}

/* How many there are; -1 after an answer. */
static int compare(struct gateway *gw, struct varlink_call *call, bool is_told)
{
	struct telling telling = { .call = is_told ? call : NULL };
	const struct mismatch_handler handler = { .tell = on_mismatch, .ctx = &telling };
	int rc = reconcile_compare(gw, &handler);

	if (!rc)
		return (int)telling.count;
	api_fail(call, json_sprintf("cannot read what the kernel has: %s", strerror(-rc)));
	return -1;
}

void api_on_reconcile(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	json_t *dry_run = json_object_get(parameters, "dry_run");
	int count, left, rc;

	if (dry_run && !json_is_null(dry_run) && !json_is_boolean(dry_run)) {
		varlink_error_parameter(call, "dry_run");
		return;
	}
	left = count = compare(api->gw, call, true);
	if (count > 0 && !json_is_true(dry_run)) {
		api->gw->repairs++;
		rc = reconcile_repair(api->gw);
		left = compare(api->gw, call, false);
		log_warn("reconciled: %d mismatches, %d left%s%s", count, left < 0 ? count : left, rc ? ": " : "", rc ? strerror(-rc) : "");
	}
	if (left >= 0)
		varlink_reply(call, json_pack("{s:n, s:i, s:i}", "mismatch", "mismatches", count, "left", left));
}
