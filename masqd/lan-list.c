/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <string.h>

#include "lib/suggest.h"
#include "lib/text.h"
#include "masqd/conf.h"
#include "masqd/lan-list.h"

const char *lan_list_parse(const struct conf *conf, const char *text, void *member)
{
	struct suggest suggest = { .typed = text };
	struct lan_list *list = member;
	const struct lan *lan = NULL;

	for (unsigned i = 0; i < conf->lan_count; i++) {
		suggest_consider(&suggest, conf->lans[i].name);
		if (strcmp(conf->lans[i].name, text) == 0)
			lan = &conf->lans[i];
	}
	if (!lan)
		return suggest_reason(&suggest, "no such lan");
	if (!lan->proxy_arp)
		return "this lan does not have proxy-arp = yes";
	for (unsigned i = 0; i < list->count; i++)
		if (list->lans[i] == lan)
			return "is in the list already";
	if (list->count == LAN_LIST_MAX)
		return "there may be at most 8 of these";
	list->lans[list->count++] = lan;
	return NULL;
}

void lan_list_print(FILE *out, const void *member)
{
	const struct lan_list *list = member;

	fputc('{', out);
	for (unsigned i = 0; i < list->count; i++) {
		fputs(i ? ", " : "", out);
		conf_print_quoted(out, list->lans[i]->name);
	}
	fputc('}', out);
}

json_t *lan_list_json(const void *member)
{
	const struct lan_list *list = member;
	json_t *json = json_array();

	for (unsigned i = 0; i < list->count; i++)
		json_array_append_new(json, text_json(list->lans[i]->name));
	return json;
}

void lan_list_release(void *member)
{
	memset(member, 0, sizeof(struct lan_list));
}

bool lan_list_has(const struct lan_list *list, const char *interface)
{
	for (unsigned i = 0; i < list->count; i++)
		if (strcmp(list->lans[i]->interface, interface) == 0)
			return true;
	return list->count == 0;
}

struct lan_interfaces lan_list_interfaces(const struct lan_list *list)
{
	struct lan_interfaces interfaces;

	memset(&interfaces, 0, sizeof(interfaces));
	for (unsigned i = 0; i < list->count; i++)
		strcpy(interfaces.names[i], list->lans[i]->interface);
	return interfaces;
}
