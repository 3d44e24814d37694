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

char *table_printable(char *text)
{
	char *printable = malloc(4 * strlen(text) + 1), *to = printable;
	mbstate_t state = { 0 };
	wchar_t c;

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

void table_print(const struct column *const *columns, size_t count, const json_t *rows, const struct options *opt)
{
	struct libscols_table *table = scols_new_table();
	struct libscols_line *line;
	const json_t *row;
	size_t i;

	if (!table)
		error_no_memory();
	scols_table_enable_noencoding(table, 1);
	scols_table_enable_noheadings(table, opt->no_headings);
	scols_table_enable_colors(table, options_want_color(opt));
	if (opt->is_raw || !isatty(STDOUT_FILENO))
		scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	for (i = 0; i < count; i++)
		/* a heading takes room even where it is not shown */
		if (!scols_table_new_column(table, opt->no_headings ? "" : columns[i]->name, 0, column_layout(columns[i])))
			error_no_memory();
	json_array_foreach(rows, i, row) {
		line = scols_table_new_line(table, NULL);
		if (!line)
			error_no_memory();
		for (size_t c = 0; c < count; c++)
			fill_cell(line, c, columns[c], row, opt);
	}
	if (json_array_size(rows) || !opt->no_headings)
		scols_print_table(table);
	scols_unref_table(table);
}
