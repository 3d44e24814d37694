/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "lib/log.h"
#include "lib/text-stream.h"
#include "masqd/helper.h"
#include "masqd/ruleset-helper.h"

/* Calls for each object of the helpers in mask. */
static void each_object(unsigned mask, void (*on_object)(void *ctx, const struct helper *helper, const char *protocol), void *ctx)
{
	for (unsigned i = 0; i < HELPER_COUNT; i++)
		for (unsigned k = 0; mask & 1u << i && k < 2 && helpers[i].protocols[k]; k++)
			on_object(ctx, &helpers[i], helpers[i].protocols[k]);
}

static void print_object(void *out, const struct helper *helper, const char *protocol)
{
	fprintf(out, "\tct helper %s_%s { type \"%s\" protocol %s; l3proto ip; }\n", helper->name, protocol, helper->name, protocol);
}

void ruleset_helper_print_objects(FILE *out, unsigned mask)
{
	each_object(mask, print_object, out);
}

static void print_rule(void *out, const struct helper *helper, const char *protocol)
{
	fprintf(out, "\t\tct state new %s dport %u ct helper set \"%s_%s\"\n", protocol, helper->port, helper->name, protocol);
}

void ruleset_helper_print_rules(FILE *out, unsigned mask)
{
	each_object(mask, print_rule, out);
}

struct deletion {
	FILE *out;
	const char *table;
};

static void print_deletion(void *ctx, const struct helper *helper, const char *protocol)
{
	const struct deletion *deletion = ctx;
	char object[64];

	snprintf(object, sizeof(object), "\tct helper %s_%s {", helper->name, protocol);
	if (strstr(deletion->table, object))
		fprintf(deletion->out, "delete ct helper inet masqgate %s_%s\n", helper->name, protocol);
}

void ruleset_helper_print_deletions(FILE *out, unsigned mask, const char *table)
{
	struct deletion deletion = { .out = out, .table = table };

	if (table)
		each_object(~mask, print_deletion, &deletion);
}

/* Tries it without a commit. The kernel loads nf_conntrack_NAME for that, but nobody loads nf_nat_NAME. */
static bool is_there(struct nft_ctx *nft, unsigned i)
{
	struct text_stream stream;
	FILE *out = text_stream_open(&stream);
	bool is_there = false;
	char *text;

	if (!out)
		return false;
	fputs("table inet masqgate_probe {\n", out);
	ruleset_helper_print_objects(out, 1u << i);
	fputs("}\n", out);
	nft_ctx_set_dry_run(nft, true);
	text = text_stream_close(&stream);
	if (text)
		is_there = nft_run_cmd_from_buffer(nft, text) == 0;
	nft_ctx_set_dry_run(nft, false);
	nft_ctx_get_output_buffer(nft);
	nft_ctx_get_error_buffer(nft);
	free(text);
	return is_there;
}

unsigned ruleset_helper_probe(struct nft_ctx *nft, unsigned mask)
{
	static unsigned warned;
	unsigned there = 0;

	for (unsigned i = 0; i < HELPER_COUNT; i++) {
		const char *name = helpers[i].name, *kind = NULL;

		if (!(mask & 1u << i))
			continue;
		if (!is_there(nft, i))
			kind = "conntrack";
		else
			there |= 1u << i;
		if (!kind && helper_nat_is_missing(&helpers[i]))
			kind = "nat";
		if (!kind || warned & 1u << i)
			continue;
		warned |= 1u << i;
		log_warn("helper %s: the kernel's module nf_%s_%s is not loaded: what it is for does not pass", name, kind, name);
		log_warn("hint: modprobe nf_nat_%s; echo nf_nat_%s >>/etc/modules-load.d/masqgate.conf; masqctl reload", name, name);
	}
	return there;
}
