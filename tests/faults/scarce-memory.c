/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* To be preloaded: of so many allocations as we are told one fails, again and again; with 0 none. */

#define _GNU_SOURCE
#include "told.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>

static bool fails(void)
{
	static atomic_uint allocations;
	long long every = told();

	if (every <= 0 || atomic_fetch_add(&allocations, 1) % every != 0)
		return false;
	errno = ENOMEM;
	return true;
}

/* The C library's, or that of a sanitizer. */
static void *next(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		abort();
	return function;
}

void *malloc(size_t size)
{
	static void *(*next_malloc)(size_t);

	if (!next_malloc)
		next_malloc = next("malloc");
	return fails() ? NULL : next_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	static void *(*next_calloc)(size_t, size_t);

	if (!next_calloc)
		next_calloc = next("calloc");
	return fails() ? NULL : next_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	static void *(*next_realloc)(void *, size_t);

	if (!next_realloc)
		next_realloc = next("realloc");
	return fails() ? NULL : next_realloc(memory, size);
}
