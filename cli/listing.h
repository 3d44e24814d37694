/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What all commands that print rows have in common: columns, filters, sorting, limit, table or JSON. */

#ifndef CLI_LISTING_H
#define CLI_LISTING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/column.h"
#include "cli/filter.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/table.h"

struct listing {
	const struct column_set *set;
	const struct options *opt;
	struct columns columns;
	const struct column *sort;	/* NULL: as the daemon gave them */
	bool is_descending;
	struct filters filters;
	json_t *unsorted;	/* rows that the filters let through; NULL: they are shown as they come */
	size_t shown;
	struct table table;
	struct json_rows json;
};

/* Takes --columns and --sort from opt and the filters from the words. 0 or an exit code, reported; listing_free in both cases. */
int listing_open(struct listing *l, const struct column_set *set, const struct options *opt, int count, char *const *words);
void listing_free(struct listing *l);

/* Is --columns=help asked for? Then listing_help is all there is to do. */
bool listing_wants_help(const struct options *opt);
void listing_help(const struct column_set *set);

/* The names of the members that it needs, for masqd's List: a new reference. */
json_t *listing_fields(const struct listing *l);

/* Takes one row, borrowed, or all of an array. */
void listing_add(void *listing, json_t *row);
void listing_add_all(struct listing *l, const json_t *rows);

/* Prints what the filters have left of the rows. */
void listing_print(struct listing *l);

#endif
