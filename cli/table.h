/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Tables for people, by libsmartcols: cut to the terminal's width, whole when piped. */

#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <jansson.h>
#include <stddef.h>

#include "cli/column.h"
#include "cli/options.h"

struct libscols_table;

struct table {
	struct libscols_table *scols;
	const struct columns *columns;
	const struct options *opt;
};

/* Borrows columns and opt. */
void table_open(struct table *table, const struct columns *columns, const struct options *opt);
/* Row, an object, is not needed afterwards. */
void table_add(struct table *table, const json_t *row);
void table_print(struct table *table);
void table_close(struct table *table);

/* Escapes what this locale has no character for, and what takes no room on a terminal: the marks that turn the direction of
 * writing would let a name rearrange its line. libsmartcols 2.38 does not even come back from bytes that are no characters
 * in the locale. Takes over text, the caller frees the result. */
char *table_printable(char *text);

/* The escape sequence that colours the value of a COLUMN_STATE, "" for none; and the ones for a block's keys. */
const char *table_state_color(const char *state);
#define TABLE_BOLD "\033[1m"
#define TABLE_RESET "\033[0m"

#endif
