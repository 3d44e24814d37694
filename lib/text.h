/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Bytes from peers made fit for people and for JSON. Links libc and jansson only: the pppd plugin carries it. */

#ifndef LIB_TEXT_H
#define LIB_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Is it UTF-8 in the sense of RFC 3629 (no surrogates, nothing overlong)? */
bool text_is_utf8(const char *text);

/* A copy in which control bytes, DEL, C1 controls, invalid UTF-8 and the backslash stand as \xNN. Caller frees; NULL without memory. */
char *text_escape(const char *text);

/* A JSON string of any bytes; invalid ones are replaced by U+FFFD. NULL gives JSON null. */
json_t *text_json(const char *text);

/* The bytes in hexadecimal as a JSON string, where text_json had to replace some; else JSON null. */
json_t *text_json_hex(const char *text);

/* The reverse of both: the bytes that text_json (and text_json_hex, may be null or missing) carried. Caller frees; NULL
 * if text is no string, if the hexadecimal is malformed or has a zero byte, or without memory. */
char *text_from_json(const json_t *text, const json_t *hex);

#endif
