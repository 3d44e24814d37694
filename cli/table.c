/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Tables for people. All text in a cell has been escaped by column_text, so libsmartcols is told to leave it alone: it would
 * escape the escapes. */

#include "config.h"

#include "cli/table.h"

#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "cli/error.h"

const char *table_state_color(const char *state)
{
	static const struct {
		const char *state, *color;
	} colors[] = {
		{ "open", "\033[32m" }, { "published", "\033[32m" }, { "up", "\033[32m" }, { "running", "\033[32m" },
		{ "admitted", "\033[33m" }, { "orphaned", "\033[33m" }, { "waiting", "\033[33m" },
		{ "probing", "\033[33m" }, { "unrouted", "\033[33m" }, { "conflict", "\033[31m" },
		{ "down", "\033[31m" }, { "absent", "\033[31m" }, { "not running", "\033[31m" }, { "unreachable", "\033[31m" }, { "NO", "\033[31m" },
	};

	for (size_t i = 0; i < sizeof(colors) / sizeof(colors[0]); i++)
		if (strcmp(state, colors[i].state) == 0)
			return colors[i].color;
	return "";
}

static int column_layout(const struct column *column)
{
	switch (column->kind) {
	case COLUMN_NUMBER:
	case COLUMN_BYTES:
	case COLUMN_RATE:
	case COLUMN_DURATION:
		return SCOLS_FL_RIGHT;
	case COLUMN_TEXT:
	case COLUMN_WORDS:
	case COLUMN_SERIALS:
		return SCOLS_FL_TRUNC;
	case COLUMN_SERIAL:
	case COLUMN_STATE:
	case COLUMN_ADDRESS:
	case COLUMN_TIME:
	case COLUMN_BOOL:
		return 0;
	}
	return 0;
}

static char *put_escaped(char *to, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		to += sprintf(to, "\\x%02x", (unsigned char)bytes[i]);
	return to;
}

/* Nearly all texts are, and every locale has these characters. */
static bool is_plain(const char *text)
{
	while (*text >= ' ' && *text <= '~')
		text++;
	return !*text;
}

char *table_printable(char *text)
{
	char *printable, *to;
	mbstate_t state = { 0 };
	wchar_t c;

	if (is_plain(text))
		return text;
	printable = to = malloc(4 * strlen(text) + 1);
	if (!printable)
		error_no_memory();
	for (const char *p = text; *p;) {
		size_t length = mbrtowc(&c, p, strlen(p), &state);
		bool is_character = length != (size_t)-1 && length != (size_t)-2;

		if (is_character && iswprint((wint_t)c) && wcwidth(c) > 0) {
			memcpy(to, p, length);
			to += length;
		} else {
			length = is_character ? length : 1;
			to = put_escaped(to, p, length);
			state = (mbstate_t){ 0 };
		}
		p += length;
	}
	*to = '\0';
	free(text);
	return printable;
}

static void fill_cell(struct libscols_line *line, size_t i, const struct column *column, const json_t *row, const struct options *opt)
{
	char *text = column_text(column, row, opt->is_raw);
	const char *color = text && column->kind == COLUMN_STATE ? table_state_color(text) : "";

	if (!text || !*text) {
		free(text);
		text = strdup("-");
	}
	if (!text)
		error_no_memory();
	text = table_printable(text);
	if (scols_line_refer_data(line, i, text))
		error_no_memory();
	if (*color)
		scols_cell_set_color(scols_line_get_cell(line, i), color);
}

void table_open(struct table *table, const struct columns *columns, const struct options *opt)
{
	struct libscols_table *scols = scols_new_table();

	if (!scols)
		error_no_memory();
	scols_table_enable_noencoding(scols, 1);
	scols_table_enable_noheadings(scols, opt->no_headings);
	scols_table_enable_colors(scols, options_want_color(opt));
	if (opt->is_raw || !isatty(STDOUT_FILENO))
		scols_table_set_termforce(scols, SCOLS_TERMFORCE_NEVER);
	for (size_t i = 0; i < columns->count; i++) {
		const struct column *column = columns->items[i];

		/* a heading takes room even where it is not shown */
		if (!scols_table_new_column(scols, opt->no_headings ? "" : column->name, 0, column_layout(column)))
			error_no_memory();
	}
	*table = (struct table){ .scols = scols, .columns = columns, .opt = opt };
}

void table_add(struct table *table, const json_t *row)
{
	struct libscols_line *line = scols_table_new_line(table->scols, NULL);

	if (!line)
		error_no_memory();
	for (size_t i = 0; i < table->columns->count; i++)
		fill_cell(line, i, table->columns->items[i], row, table->opt);
}

void table_print(struct table *table)
{
	if (scols_table_get_nlines(table->scols) || !table->opt->no_headings)
		scols_print_table(table->scols);
}

void table_close(struct table *table)
{
	scols_unref_table(table->scols);
}
