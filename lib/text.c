/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* One decoder says which bytes are characters; everything here is built on it. */

#include "lib/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"	/* U+FFFD */

/* The length of the character at s, 0 if there is none (RFC 3629 section 4). Stops at a NUL by itself. */
static size_t character(const char *s, uint32_t *code)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *u = (const unsigned char *)s;
	size_t length = u[0] < 0x80 ? 1 : u[0] < 0xc0 ? 0 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : u[0] < 0xf8 ? 4 : 0;

	if (length == 0)
		return 0;
	*code = length == 1 ? u[0] : u[0] & (0x7f >> length);
	for (size_t i = 1; i < length; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (u[i] & 0x3f);
	}
	if (*code < smallest[length] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return length;
}

bool text_is_utf8(const char *text)
{
	uint32_t code;
	size_t length;

	for (; *text; text += length) {
		length = character(text, &code);
		if (!length)
			return false;
	}
	return true;
}

static char *put_hex(char *to, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	*to++ = digits[byte >> 4];
	*to++ = digits[byte & 15];
	return to;
}

char *text_escape(const char *text)
{
	char *escaped = malloc(4 * strlen(text) + 1), *to = escaped;
	uint32_t code;
	size_t length;

	if (!escaped)
		return NULL;
	while (*text) {
		length = character(text, &code);
		if (length && code >= 0x20 && (code < 0x7f || code > 0x9f) && code != '\\') {
			memcpy(to, text, length);
			to += length;
			text += length;
			continue;
		}
		for (length += !length; length; length--) {
			*to++ = '\\';
			*to++ = 'x';
			to = put_hex(to, *text++);
		}
	}
	*to = '\0';
	return escaped;
}

json_t *text_json(const char *text)
{
	char *valid, *to;
	uint32_t code;
	size_t length;
	json_t *json;

	if (!text)
		return json_null();
	to = valid = malloc(strlen(REPLACEMENT) * strlen(text) + 1);
	if (!valid)
		return NULL;
	for (; *text; text += length) {
		length = character(text, &code);
		if (length) {
			memcpy(to, text, length);
			to += length;
		} else {
			to = stpcpy(to, REPLACEMENT);
			length = 1;
		}
	}
	*to = '\0';
	json = json_string(valid);
	free(valid);
	return json;
}

json_t *text_json_hex(const char *text)
{
	char *hex, *to;
	json_t *json;

	if (!text || text_is_utf8(text))
		return json_null();
	to = hex = malloc(2 * strlen(text) + 1);
	if (!hex)
		return NULL;
	while (*text)
		to = put_hex(to, *text++);
	*to = '\0';
	json = json_string(hex);
	free(hex);
	return json;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *text_from_json(const json_t *text, const json_t *hex)
{
	const char *from = json_string_value(hex);
	char *bytes, *to;

	if (!from)
		return json_is_string(text) ? strdup(json_string_value(text)) : NULL;
	to = bytes = malloc(strlen(from) / 2 + 1);
	if (!bytes)
		return NULL;
	for (; *from; from += 2) {
		int high = digit(from[0]), low = high < 0 ? -1 : digit(from[1]);

		if (low < 0 || (high | low) == 0) {
			free(bytes);
			return NULL;
		}
		*to++ = high << 4 | low;
	}
	*to = '\0';
	return bytes;
}
