/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What all commands that print rows have in common. */

#include "config.h"

#include "cli/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/error.h"

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

	if (p && strcmp(p, "all") == 0)
		columns_take(&l->columns, l->set, 0, 0);
	else if (!p && l->opt->json != JSON_STYLE_NONE)
		columns_take(&l->columns, l->set, 0, COLUMN_POLICYS);
	else if (!p || *p == '+')
		columns_take(&l->columns, l->set, COLUMN_DEFAULT, 0);
	if (!p || strcmp(p, "all") == 0)
		return 0;
	for (p += *p == '+';; p += length + 1) {
		length = strcspn(p, ",");
		if (l->columns.count == COLUMNS_MAX)
			return error_report(ERROR_USAGE, NULL, "--columns: more than %d columns", COLUMNS_MAX);
		rc = find_column(l, "--columns", p, length, &l->columns.items[l->columns.count]);
		if (rc)
			return rc;
		l->columns.count++;
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
	rc = rc ? rc : filters_parse(&l->filters, set, count, words);
	if (rc)
		return rc;
	if (opt->json == JSON_STYLE_NONE)
		table_open(&l->table, &l->columns, opt);
	else
		json_rows_open(&l->json, set->schema, set->list, opt->json);
	l->unsorted = l->sort ? json_array() : NULL;
	return 0;
}

void listing_free(struct listing *l)
{
	filters_free(&l->filters);
	json_decref(l->unsorted);
	table_close(&l->table);
	json_rows_close(&l->json);
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

json_t *listing_fields(const struct listing *l)
{
	json_t *fields = json_array();

	columns_add_fields(&l->columns, fields);
	if (l->sort)
		column_add_fields(l->sort, fields);
	filters_add_fields(&l->filters, fields);
	return fields;
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
	int order = column_compare(l->sort, ea->row, eb->row);

	if (l->is_descending && column_is_present(l->sort, ea->row) && column_is_present(l->sort, eb->row))
		order = -order;
	return order ? order : (ea->place > eb->place) - (ea->place < eb->place);
}

static void show(struct listing *l, const json_t *row)
{
	if (l->opt->limit >= 0 && l->shown >= (size_t)l->opt->limit)
		return;
	l->shown++;
	if (l->opt->json == JSON_STYLE_NONE)
		table_add(&l->table, row);
	else
		json_rows_add(&l->json, column_row_json(&l->columns, row));
}

static void show_sorted(struct listing *l)
{
	size_t count = json_array_size(l->unsorted), i;
	struct entry *entries = calloc(count + 1, sizeof(*entries));
	json_t *row;

	if (!entries)
		error_no_memory();
	json_array_foreach(l->unsorted, i, row)
		entries[i] = (struct entry){ row, i };
	qsort_r(entries, count, sizeof(*entries), compare_entries, l);
	for (i = 0; i < count; i++)
		show(l, entries[i].row);
	free(entries);
}

void listing_add(void *listing, json_t *row)
{
	struct listing *l = listing;

	if (!filters_match(&l->filters, row))
		return;
	if (l->sort)
		json_array_append(l->unsorted, row);
	else
		show(l, row);
}

void listing_add_all(struct listing *l, const json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
		listing_add(l, row);
}

void listing_print(struct listing *l)
{
	if (l->sort)
		show_sorted(l);
	if (l->opt->json == JSON_STYLE_NONE)
		table_print(&l->table);
	else
		json_rows_print(&l->json);
}
