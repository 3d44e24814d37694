/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <string.h>

#include "masqd/address-key.h"

const char *dns_parse(const struct conf *conf, const char *text, void *member)
{
	struct dns_list *list = member;
	struct in_addr server;
	const char *wrong = addr_parse(text, &server);

	if (!wrong)
		wrong = addr_objection(server);
	for (unsigned i = 0; !wrong && i < list->count; i++)
		if (list->servers[i].s_addr == server.s_addr)
			wrong = "is there twice";
	if (!wrong && list->count == DNS_MAX)
		wrong = "there may be at most 2 of these";
	if (!wrong)
		list->servers[list->count++] = server;
	return wrong;
}

void dns_print(FILE *out, const void *member)
{
	const struct dns_list *list = member;
	char text[ADDR_TEXT_MAX];

	fputc('{', out);
	for (unsigned i = 0; i < list->count; i++)
		fprintf(out, "%s\"%s\"", i ? ", " : "", addr_text(list->servers[i], text));
	fputc('}', out);
}

json_t *dns_json(const void *member)
{
	const struct dns_list *list = member;
	json_t *json = json_array();
	char text[ADDR_TEXT_MAX];

	for (unsigned i = 0; i < list->count; i++)
		json_array_append_new(json, json_string(addr_text(list->servers[i], text)));
	return json;
}

void dns_release(void *member)
{
	memset(member, 0, sizeof(struct dns_list));
}

const char *routes_parse(const struct conf *conf, const char *text, void *member)
{
	struct route_list *list = member;
	struct prefix prefix;
	const char *wrong = prefix_parse(text, &prefix);
	struct range range;

	if (wrong)
		return wrong;
	if (prefix.length == 0)
		return "prefix length must be 1 to 32";
	range = prefix_range(&prefix);
	wrong = addr_objection(range.first);
	if (!wrong)
		wrong = addr_objection(range.last);
	for (unsigned i = 0; !wrong && i < list->count; i++)
		if (prefix_overlaps(&list->prefixes[i], &prefix))
			wrong = "overlaps with another one of the list";
	if (!wrong && list->count == ROUTES_MAX)
		wrong = "there may be at most 8 of these";
	if (!wrong)
		list->prefixes[list->count++] = prefix;
	return wrong;
}

void routes_print(FILE *out, const void *member)
{
	const struct route_list *list = member;
	char text[ADDR_TEXT_MAX];

	fputc('{', out);
	for (unsigned i = 0; i < list->count; i++)
		fprintf(out, "%s\"%s\"", i ? ", " : "", prefix_text(&list->prefixes[i], text));
	fputc('}', out);
}

json_t *routes_json(const void *member)
{
	const struct route_list *list = member;
	json_t *json = json_array();
	char text[ADDR_TEXT_MAX];

	for (unsigned i = 0; i < list->count; i++)
		json_array_append_new(json, json_string(prefix_text(&list->prefixes[i], text)));
	return json;
}

void routes_release(void *member)
{
	memset(member, 0, sizeof(struct route_list));
}
