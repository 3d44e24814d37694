/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The JSON that masqctl prints. */

#include "cli/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/error.h"
#include "cli/units.h"
#include "lib/json-text.h"

json_t *json_time(json_int_t seconds)
{
	char text[UNITS_TEXT_MAX];

	return json_string(units_time_utc_text(seconds, text));
}

json_t *json_envelope(const char *schema)
{
	json_t *envelope = json_pack("{s:s, s:i, s:o}", "schema", schema, "version", 1, "generated", json_time(time(NULL)));

	if (!envelope)
		error_no_memory();
	return envelope;
}

/* jansson writes DEL and the C1 controls as they are, and there are terminals that obey them. They stand in strings only, where \u is
 * the same. */
static void write_text(const char *text, FILE *out)
{
	const char *next;

	while ((next = strpbrk(text, "\x7f\xc2"))) {
		unsigned char byte = (unsigned char)next[0], second = (unsigned char)next[1];

		fwrite(text, 1, (size_t)(next - text), out);
		text = next + 1;
		if (byte == 0x7f)
			fputs("\\u007f", out);
		else if (second >= 0xa0)
			putc(byte, out);
		else
			fprintf(out, "\\u%04x", (unsigned char)*text++);
	}
	fputs(text, out);
}

void json_write(const json_t *object, enum json_style style, FILE *out)
{
	char *text = json_text_write(object, style == JSON_STYLE_PRETTY ? JSON_INDENT(2) : JSON_COMPACT);

	if (!text)
		error_no_memory();
	write_text(text, out);
	putc('\n', out);
	free(text);
}

void json_print(json_t *object, enum json_style style)
{
	json_write(object, style, stdout);
	json_decref(object);
}

void json_print_list(const char *schema, const char *list, json_t *rows, enum json_style style)
{
	json_t *envelope, *row;
	size_t i;

	if (style == JSON_STYLE_LINES) {
		json_array_foreach(rows, i, row)
			json_print(json_incref(row), style);
		json_decref(rows);
		return;
	}
	envelope = json_envelope(schema);
	json_object_set_new(envelope, list, rows);
	json_print(envelope, style);
}

void json_rows_open(struct json_rows *rows, const char *schema, const char *list, enum json_style style)
{
	*rows = (struct json_rows){ .schema = schema, .list = list, .style = style };
	if (style == JSON_STYLE_PRETTY)
		rows->pretty = json_array();
	else
		text_stream_open(&rows->texts);
	if (!rows->pretty && !rows->texts.out)
		error_no_memory();
}

void json_rows_add(struct json_rows *rows, json_t *row)
{
	char *text;

	if (rows->pretty) {
		json_array_append_new(rows->pretty, row);
		return;
	}
	text = row ? json_text_write(row, JSON_COMPACT) : NULL;
	json_decref(row);
	if (!text)
		error_no_memory();
	if (rows->style == JSON_STYLE_COMPACT && rows->count++)
		putc(',', rows->texts.out);
	write_text(text, rows->texts.out);
	if (rows->style == JSON_STYLE_LINES)
		putc('\n', rows->texts.out);
	free(text);
}

void json_rows_set_members(struct json_rows *rows, json_t *members)
{
	rows->members = members;
}

static json_t *rows_envelope(const struct json_rows *rows)
{
	json_t *envelope = json_envelope(rows->schema);

	if (rows->members)
		json_object_update(envelope, rows->members);
	return envelope;
}

/* An envelope whose list is empty, with the rows put into that. */
static void print_around(const struct json_rows *rows, const char *texts)
{
	json_t *envelope = rows_envelope(rows);
	char *text;

	json_object_set_new(envelope, rows->list, json_array());
	text = json_text_write(envelope, JSON_COMPACT);
	if (!text)
		error_no_memory();
	printf("%.*s%s]}\n", (int)(strlen(text) - strlen("]}")), text, texts);
	free(text);
	json_decref(envelope);
}

static void print_pretty(const struct json_rows *rows)
{
	json_t *envelope = rows_envelope(rows);

	json_object_set(envelope, rows->list, rows->pretty);
	json_print(envelope, rows->style);
}

void json_rows_print(struct json_rows *rows)
{
	char *texts;

	if (rows->style == JSON_STYLE_PRETTY) {
		print_pretty(rows);
		return;
	}
	texts = text_stream_close(&rows->texts);
	if (!texts)
		error_no_memory();
	if (rows->style == JSON_STYLE_LINES)
		fputs(texts, stdout);
	else
		print_around(rows, texts);
	free(texts);
}

void json_rows_close(struct json_rows *rows)
{
	free(text_stream_close(&rows->texts));
	json_decref(rows->pretty);
	json_decref(rows->members);
}
