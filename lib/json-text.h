/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* JSON as text, where memory may lack: jansson (2.14) leaves out of a string, or of an object's keys, what it has no room for, and says
 * nothing. Here it is all or nothing. */

#ifndef LIB_JSON_TEXT_H
#define LIB_JSON_TEXT_H

#include <stddef.h>
#include <jansson.h>

/* As json_loads. NULL: no memory, with errno ENOMEM, or no JSON, with EBADMSG. The caller owns what comes back. */
json_t *json_text_read(const char *text, size_t flags);

/* As json_dumps. NULL: no memory, now or for what is to be written. The caller frees what comes back. */
char *json_text_write(const json_t *json, size_t flags);

#endif
