/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "lib/json-text.h"

static bool has_lacked;
static json_malloc_t usual_malloc;
static json_free_t usual_free;

static void *allocate(size_t size)
{
	void *memory = usual_malloc(size);

	if (!memory)
		has_lacked = true;
	return memory;
}

static void watch_memory(void)
{
	json_get_alloc_funcs(&usual_malloc, &usual_free);
	json_set_alloc_funcs(allocate, usual_free);
	has_lacked = false;
}

/* Whether there was enough. */
static bool had_memory(void)
{
	json_set_alloc_funcs(usual_malloc, usual_free);
	return !has_lacked;
}

json_t *json_text_read(const char *text, size_t flags)
{
	json_t *json;

	watch_memory();
	json = json_loads(text, flags, NULL);
	errno = had_memory() ? EBADMSG : ENOMEM;
	if (errno == ENOMEM) {
		json_decref(json);
		return NULL;
	}
	return json;
}

char *json_text_write(const json_t *json, size_t flags)
{
	char *text;

	watch_memory();
	text = json_dumps(json, flags);
	if (!had_memory()) {
		usual_free(text);
		return NULL;
	}
	return text;
}
