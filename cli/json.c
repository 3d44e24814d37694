/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The JSON that masqctl prints. */

#include "cli/json.h"

#include <stdlib.h>
#include <time.h>

#include "cli/error.h"
#include "cli/units.h"

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
void json_write(const json_t *object, enum json_style style, FILE *out)
{
	char *text = json_dumps(object, style == JSON_STYLE_PRETTY ? JSON_INDENT(2) : JSON_COMPACT);

	if (!text)
		error_no_memory();
	for (const char *p = text; *p; p++) {
		unsigned char byte = (unsigned char)p[0], next = (unsigned char)p[1];

		if (byte == 0x7f) {
			fputs("\\u007f", out);
		} else if (byte == 0xc2 && next < 0xa0) {
			fprintf(out, "\\u%04x", next);
			p++;
		} else {
			fputc(byte, out);
		}
	}
	fputc('\n', out);
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
