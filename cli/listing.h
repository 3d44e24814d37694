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
#include "cli/options.h"

#define LISTING_COLUMNS_MAX 64

struct listing {
	const struct column_set *set;
	const struct options *opt;
	const struct column *columns[LISTING_COLUMNS_MAX];
	size_t count;
	const struct column *sort;	/* NULL: as the daemon gave them */
	bool is_descending;
	struct filters filters;
};

/* Takes --columns and --sort from opt and the filters from the words. 0 or an exit code, reported; listing_free in both cases. */
int listing_open(struct listing *l, const struct column_set *set, const struct options *opt, int count, char *const *words);
void listing_free(struct listing *l);

/* Is --columns=help asked for? Then listing_help is all there is to do. */
bool listing_wants_help(const struct options *opt);
void listing_help(const struct column_set *set);

/* Does it need a column with one of these flags (enum column_flags)? */
bool listing_uses(const struct listing *l, unsigned flags);

/* Prints what the filters leave of the rows. */
void listing_print(const struct listing *l, const json_t *rows);

#endif
