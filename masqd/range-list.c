/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "masqd/range-list.h"

enum { RANGES_MAX = 64 };

const char *range_list_parse(const struct conf *conf, const char *text, void *member)
{
	struct range_list *list = member;
	struct range range, *ranges;
	const char *wrong = range_parse(text, &range);

	if (!wrong)
		wrong = addr_objection(range.first);
	if (!wrong)
		wrong = addr_objection(range.last);
	if (wrong)
		return wrong;
	if (list->count == RANGES_MAX)
		return "there may be at most 64 of these";
	ranges = realloc(list->ranges, (list->count + 1) * sizeof(*ranges));
	if (!ranges)
		return "there is no memory for it";
	ranges[list->count] = range;
	list->ranges = ranges;
	list->count++;
	return NULL;
}

const char *range_text(const struct range *range, char text[RANGE_TEXT_MAX])
{
	char first[ADDR_TEXT_MAX], last[ADDR_TEXT_MAX];
	bool is_one = range->first.s_addr == range->last.s_addr;

	snprintf(text, RANGE_TEXT_MAX, "%s%s%s", addr_text(range->first, first), is_one ? "" : "-",
		 is_one ? "" : addr_text(range->last, last));
	return text;
}

void range_list_print(FILE *out, const void *member)
{
	const struct range_list *list = member;
	char text[RANGE_TEXT_MAX];

	if (!list->count)
		return;
	fputc('{', out);
	for (unsigned i = 0; i < list->count; i++)
		fprintf(out, "%s\"%s\"", i ? ", " : "", range_text(&list->ranges[i], text));
	fputc('}', out);
}

json_t *range_list_json(const void *member)
{
	const struct range_list *list = member;
	json_t *json = json_array();
	char text[RANGE_TEXT_MAX];

	for (unsigned i = 0; i < list->count; i++)
		json_array_append_new(json, json_string(range_text(&list->ranges[i], text)));
	return json;
}

void range_list_release(void *member)
{
	struct range_list *list = member;

	free(list->ranges);
	*list = (struct range_list){ 0 };
}

static unsigned long range_size(const struct range *range)
{
	return (unsigned long)ntohl(range->last.s_addr) - ntohl(range->first.s_addr) + 1;
}

unsigned long range_list_size(const struct range_list *list)
{
	unsigned long size = 0;

	for (unsigned i = 0; i < list->count; i++)
		size += range_size(&list->ranges[i]);
	return size;
}

struct in_addr range_list_nth(const struct range_list *list, unsigned long n)
{
	unsigned i = 0;

	while (i + 1 < list->count && n >= range_size(&list->ranges[i]))
		n -= range_size(&list->ranges[i++]);
	return (struct in_addr){ .s_addr = htonl(ntohl(list->ranges[i].first.s_addr) + (uint32_t)n) };
}

bool range_list_contains(const struct range_list *list, struct in_addr address)
{
	for (unsigned i = 0; i < list->count; i++)
		if (range_contains(&list->ranges[i], address))
			return true;
	return false;
}
