/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd.conf (masqd/conf, lib/conffile). Whatever the file is: it is taken, or refused with errors that name it and a line that it has,
 * and nothing ends the program. What was taken is written in canonical form, which is read as the same. Of the file only names that
 * cannot surprise and numbers become nft text: it is plain, and its quotes and braces are closed. */

#include "config.h"

#include <ctype.h>
#include <nftables/libnftables.h>

#include "masqd/conf.h"
#include "masqd/ruleset.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/memory-file.h"

/* The last text that nft was to run. */
static char *nft_text;

/* The linker calls these in place of nft's: its text is kept, and there is no kernel. */
int __wrap_nft_run_cmd_from_buffer(struct nft_ctx *ctx, const char *text);
int __wrap_nft_run_cmd_from_buffer(struct nft_ctx *ctx, const char *text)
{
	(void)ctx;
	if (strncmp(text, "list ", 5) == 0)
		return -1;
	free(nft_text);
	nft_text = strdup(text);
	return 0;
}

static char *canonical(const struct conf *conf)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	must(out);
	conf_print(conf, out);
	fclose(out);
	return text;
}

/* ---- errors */

static void look_at_errors(const struct conffile *file, const char *path, size_t lines)
{
	must(file->error_count > 0);
	for (size_t i = 0; i < file->error_count; i++) {
		const char *error = file->errors[i], *rest = error + strlen(path);
		char *shown = text_escape(error), *end;
		unsigned long line;

		must(strncmp(error, path, strlen(path)) == 0 && *rest == ':');
		must(shown && fuzz_is_printable(shown));
		free(shown);
		if (isdigit((unsigned char)rest[1])) {
			line = strtoul(rest + 1, &end, 10);
			must(line >= 1 && line <= lines && strncmp(end, ": ", 2) == 0);
			rest = end;
		}
		must(rest[1] == ' ' && rest[2]);
	}
}

static size_t count_lines(const uint8_t *data, size_t size)
{
	size_t lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	return lines;
}

/* ---- rules */

static bool is_name(const char *name, const char *more)
{
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr(more, *name))
			return false;
	return true;
}

/* The names that become nft text. */
static void look_at_names(const struct conf *conf)
{
	static const char interface[] = "._:@+-";

	for (unsigned i = 0; i < conf->policy_count; i++)
		must(is_name(conf->policies[i].chain, "_-") && strlen(conf->policies[i].chain) <= 32 && conf->policies[i].id);
	for (unsigned i = 0; i < conf->client_interface_count; i++)
		must(is_name(conf->client_interfaces[i], "._:@+-*"));
	for (unsigned i = 0; i < conf->uplink_count; i++)
		must(is_name(conf->uplinks[i].interface, interface));
	for (unsigned i = 0; i < conf->lan_count; i++)
		must(is_name(conf->lans[i].interface, interface));
	for (unsigned i = 0; i < conf->network_count; i++)
		must(is_name(conf->networks[i].interface, interface));
	for (unsigned i = 0; i < conf->serial_count; i++)
		must(is_name(conf->serials[i].interface, interface));
}

/* Quotes are closed on their line, and braces in the end. */
static void look_at_text(const char *text)
{
	unsigned quotes = 0;
	int depth = 0;

	for (; *text; text++) {
		must(*text == '\n' || *text == '\t' || (*text >= ' ' && *text <= '~'));
		quotes += *text == '"';
		must(*text != '\n' || quotes % 2 == 0);
		if (quotes % 2 == 0)
			depth += (*text == '{') - (*text == '}');
		must(depth >= 0);
	}
	must(depth == 0 && quotes % 2 == 0);
}

static void look_at_rules(const struct conf *conf)
{
	const struct policy **policies = calloc(conf->policy_count + 1, sizeof(*policies));
	static struct ruleset *ruleset;

	must(policies && (ruleset || ruleset_open(&ruleset) == 0));
	for (unsigned i = 0; i < conf->policy_count; i++)
		policies[i] = &conf->policies[i];
	must(ruleset_load(ruleset, conf, policies, conf->policy_count) == 0);
	look_at_text(nft_text);
	free(policies);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct memory_file memory = { .fd = -1 };
	struct conffile file;
	struct conf *conf;
	char *first, *second;

	if (memory.fd < 0)
		memory_file_open(&memory);
	memory_file_fill(&memory, data, size);
	conf = conf_load(&file, memory.path);
	if (!conf)
		look_at_errors(&file, memory.path, count_lines(data, size));
	else
		must(file.error_count == 0);
	conffile_close(&file);
	if (!conf)
		return 0;
	first = canonical(conf);
	look_at_names(conf);
	look_at_rules(conf);
	conf_free(conf);
	memory_file_fill(&memory, first, strlen(first));
	conf = conf_load(&file, memory.path);
	conffile_close(&file);
	must(conf);
	second = canonical(conf);
	must(strcmp(first, second) == 0);
	free(first);
	free(second);
	conf_free(conf);
	return 0;
}
