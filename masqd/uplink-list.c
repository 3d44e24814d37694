/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <string.h>

#include "lib/suggest.h"
#include "lib/text.h"
#include "masqd/conf.h"
#include "masqd/uplink-list.h"

/* FNV-1a over the names and their ends, brought into the range. */
static uint32_t list_id(const struct uplink_list *list)
{
	uint32_t hash = 2166136261u;

	for (unsigned i = 0; i < list->count; i++) {
		const char *name = list->uplinks[i]->name;

		do
			hash = (hash ^ (unsigned char)*name) * 16777619u;
		while (*name++);
	}
	return UPLINK_LIST_ID_FIRST + hash % (UPLINK_LIST_ID_LAST - UPLINK_LIST_ID_FIRST + 1);
}

const char *uplink_list_parse(const struct conf *conf, const char *text, void *member)
{
	struct suggest suggest = { .typed = text };
	struct uplink_list *list = member;
	const struct uplink *uplink = NULL;

	for (unsigned i = 0; i < conf->uplink_count; i++) {
		suggest_consider(&suggest, conf->uplinks[i].name);
		if (strcmp(conf->uplinks[i].name, text) == 0)
			uplink = &conf->uplinks[i];
	}
	if (!uplink)
		return suggest_reason(&suggest, "no such uplink");
	for (unsigned i = 0; i < list->count; i++)
		if (list->uplinks[i] == uplink)
			return "is in the list already";
	if (list->count == UPLINK_LIST_MAX)
		return "there may be at most 8 of these";
	list->uplinks[list->count++] = uplink;
	list->id = list_id(list);
	return NULL;
}

void uplink_list_print(FILE *out, const void *member)
{
	const struct uplink_list *list = member;

	fputc('{', out);
	for (unsigned i = 0; i < list->count; i++) {
		fputs(i ? ", " : "", out);
		conf_print_quoted(out, list->uplinks[i]->name);
	}
	fputc('}', out);
}

json_t *uplink_list_json(const void *member)
{
	const struct uplink_list *list = member;
	json_t *json = json_array();

	for (unsigned i = 0; i < list->count; i++)
		json_array_append_new(json, text_json(list->uplinks[i]->name));
	return json;
}

bool uplink_list_has(const struct uplink_list *list, const char *interface)
{
	for (unsigned i = 0; i < list->count; i++)
		if (strcmp(list->uplinks[i]->interface, interface) == 0)
			return true;
	return list->count == 0;
}

void uplink_list_release(void *member)
{
	memset(member, 0, sizeof(struct uplink_list));
}
