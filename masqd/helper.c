/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "masqd/helper.h"

const struct helper helpers[HELPER_COUNT] = {
	{ "ftp", { "tcp" }, 21 }, { "irc", { "tcp" }, 6667 },  { "sip", { "udp", "tcp" }, 5060 },
	{ "tftp", { "udp" }, 69 }, { "pptp", { "tcp" }, 1723 },
};

const char *helper_parse(const struct conf *conf, const char *text, void *member)
{
	struct helper_list *list = member;

	for (unsigned i = 0; i < HELPER_COUNT; i++)
		if (strcmp(helpers[i].name, text) == 0) {
			list->mask |= 1u << i;
			return NULL;
		}
	return "must be ftp, irc, sip, tftp or pptp";
}

void helper_print(FILE *out, const void *member)
{
	const struct helper_list *list = member;
	const char *separator = "{";

	for (unsigned i = 0; i < HELPER_COUNT; i++)
		if (list->mask & 1u << i) {
			fprintf(out, "%s\"%s\"", separator, helpers[i].name);
			separator = ", ";
		}
	if (list->mask)
		fputc('}', out);
}

json_t *helper_json(const void *member)
{
	const struct helper_list *list = member;
	json_t *json = json_array();

	for (unsigned i = 0; i < HELPER_COUNT; i++)
		if (list->mask & 1u << i)
			json_array_append_new(json, json_string(helpers[i].name));
	return json;
}

void helper_release(void *member)
{
	struct helper_list *list = member;

	list->mask = 0;
}

/* A kernel without modules has no such file. */
bool helper_nat_is_missing(const struct helper *helper)
{
	FILE *modules = fopen("/proc/modules", "re");
	char wanted[32], path[64], *line = NULL;
	bool is_found = false;
	size_t size = 0;

	if (!modules)
		return false;
	snprintf(wanted, sizeof(wanted), "nf_nat_%s ", helper->name);
	while (!is_found && getline(&line, &size, modules) > 0)
		is_found = strncmp(line, wanted, strlen(wanted)) == 0;
	free(line);
	fclose(modules);
	/* Built in. */
	snprintf(path, sizeof(path), "/sys/module/nf_nat_%s", helper->name);
	return !is_found && access(path, F_OK) != 0;
}
