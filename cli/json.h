/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The JSON that masqctl prints: always an object that says what it is. Additions keep the version. */

#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "lib/text-stream.h"

enum json_style {
	JSON_STYLE_NONE,	/* no JSON: text for people */
	JSON_STYLE_PRETTY,
	JSON_STYLE_COMPACT,
	JSON_STYLE_LINES,	/* an object a line, without an envelope */
};

/* {"schema": schema, "version": 1, "generated": now}, to be filled. The caller owns it; ends the program without memory. */
json_t *json_envelope(const char *schema);

/* Writes an object as a line, or as several if it is to be pretty: what no terminal obeys. Ends the program without memory, also if
 * object is NULL. */
void json_write(const json_t *object, enum json_style style, FILE *out);

/* Prints an object on standard output and frees it. */
void json_print(json_t *object, enum json_style style);

/* Prints rows under the name list in an envelope; or, for JSON_STYLE_LINES, a line each. Frees rows. */
void json_print_list(const char *schema, const char *list, json_t *rows, enum json_style style);

/* The same for rows that come one by one, without holding them all. */
struct json_rows {
	const char *schema, *list;
	enum json_style style;
	json_t *pretty;	/* these are held: what is meant for eyes is not much */
	struct text_stream texts;	/* of all others */
	size_t count;
	json_t *members;	/* of the envelope besides the rows; NULL: none */
};

void json_rows_open(struct json_rows *rows, const char *schema, const char *list, enum json_style style);
/* Takes over row. */
void json_rows_add(struct json_rows *rows, json_t *row);
/* Takes over members. */
void json_rows_set_members(struct json_rows *rows, json_t *members);
/* Nothing is on standard output before. */
void json_rows_print(struct json_rows *rows);
void json_rows_close(struct json_rows *rows);

/* RFC 3339 UTC of seconds since the epoch. */
json_t *json_time(json_int_t seconds);

#endif
