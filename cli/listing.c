/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What all commands that print rows have in common. */

#include "config.h"

#include "cli/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/error.h"
#include "cli/json.h"
#include "cli/table.h"

static int find_column(const struct listing *l, const char *option, const char *name, size_t length, const struct column **found)
{
	char typed[COLUMN_NAME_MAX], suggestion[COLUMN_NAME_MAX];

	*found = column_find(l->set, name, length);
	if (*found)
		return 0;
	snprintf(typed, sizeof(typed), "%.*s", (int)length, name);
	return error_suggest(ERROR_USAGE, column_suggest(l->set, typed, suggestion), "%s: unknown column \"%.*s\"", option, (int)length,
			     name);
}

static int take_columns(struct listing *l)
{
	const char *p = l->opt->columns;
	size_t length;
	int rc;

	if (!p || *p == '+') {
		for (const struct column *c = l->set->columns; c->name; c++)
			if (c->flags & COLUMN_DEFAULT)
				l->columns[l->count++] = c;
		if (!p)
			return 0;
		p++;
	}
	for (;; p += length + 1) {
		length = strcspn(p, ",");
		if (l->count == LISTING_COLUMNS_MAX)
			return error_report(ERROR_USAGE, NULL, "--columns: more than %d columns", LISTING_COLUMNS_MAX);
		rc = find_column(l, "--columns", p, length, &l->columns[l->count]);
		if (rc)
			return rc;
		l->count++;
		if (!p[length])
			return 0;
	}
}

int listing_open(struct listing *l, const struct column_set *set, const struct options *opt, int count, char *const *words)
{
	const char *sort = opt->sort;
	int rc;

	*l = (struct listing){ .set = set, .opt = opt };
	rc = take_columns(l);
	if (!rc && sort) {
		l->is_descending = *sort == '-';
		sort += l->is_descending;
		rc = find_column(l, "--sort", sort, strlen(sort), &l->sort);
	}
	return rc ? rc : filters_parse(&l->filters, set, count, words);
}

void listing_free(struct listing *l)
{
	filters_free(&l->filters);
}

bool listing_wants_help(const struct options *opt)
{
	return opt->columns && strcmp(opt->columns, "help") == 0;
}

void listing_help(const struct column_set *set)
{
	for (const struct column *c = set->columns; c->name; c++)
		printf("%c %-10s %s\n", c->flags & COLUMN_DEFAULT ? '*' : ' ', c->name, c->help);
	puts("\n* shown without being asked for");
}

bool listing_uses(const struct listing *l, unsigned flags)
{
	bool is_whole = l->opt->json != JSON_STYLE_NONE && !l->opt->columns;

	for (const struct column *c = l->set->columns; is_whole && c->name; c++)
		if (c->flags & flags)
			return true;
	for (size_t i = 0; i < l->count; i++)
		if (l->columns[i]->flags & flags)
			return true;
	return (l->sort && l->sort->flags & flags) || filters_use(&l->filters, flags);
}

struct entry {
	json_t *row;
	size_t place;	/* in the daemon's order, which decides between equal ones */
};

/* What is absent stays last in both directions. */
static int compare_entries(const void *a, const void *b, void *listing)
{
	const struct entry *ea = a, *eb = b;
	const struct listing *l = listing;
	int order = 0;

	if (l->sort) {
		order = column_compare(l->sort, ea->row, eb->row);
		if (l->is_descending && column_is_present(l->sort, ea->row) && column_is_present(l->sort, eb->row))
			order = -order;
	}
	return order ? order : (ea->place > eb->place) - (ea->place < eb->place);
}

/* The rows to print, in their order. */
static json_t *pick_rows(const struct listing *l, const json_t *rows)
{
	struct entry *entries = calloc(json_array_size(rows) + 1, sizeof(*entries));
	json_t *picked = json_array(), *row;
	size_t count = 0, i;

	if (!entries || !picked)
		error_no_memory();
	json_array_foreach(rows, i, row)
		if (filters_match(&l->filters, row)) {
			entries[count] = (struct entry){ row, count };
			count++;
		}
	qsort_r(entries, count, sizeof(*entries), compare_entries, (void *)l);
	if (l->opt->limit >= 0 && count > (size_t)l->opt->limit)
		count = (size_t)l->opt->limit;
	for (i = 0; i < count; i++)
		json_array_append(picked, entries[i].row);
	free(entries);
	return picked;
}

void listing_print(const struct listing *l, const json_t *rows)
{
	const struct column *const *columns = l->opt->columns ? l->columns : NULL;
	json_t *picked = pick_rows(l, rows), *list, *row;
	size_t i;

	if (l->opt->json == JSON_STYLE_NONE) {
		table_print(l->columns, l->count, picked, l->opt);
	} else {
		list = json_array();
		json_array_foreach(picked, i, row)
			json_array_append_new(list, column_row_json(l->set, columns, l->count, row));
		json_print_list(l->set->schema, l->set->list, list, l->opt->json);
	}
	json_decref(picked);
}
