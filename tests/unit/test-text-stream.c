/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* lib/text-stream.c: what is written is whole or nothing, wherever memory lacks. */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/text-stream.h"

#define LINES 3000

static unsigned allocations, fails_at;	/* the first is 1; 0: none fails */

/* Of lib/text-stream.c, by the linker. */
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	return ++allocations == fails_at ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return ++allocations == fails_at ? NULL : __real_realloc(memory, size);
}

/* Caller frees. */
static char *write_lines(unsigned failing)
{
	struct text_stream stream;
	FILE *out;

	allocations = 0;
	fails_at = failing;
	out = text_stream_open(&stream);
	for (unsigned i = 0; out && i < LINES; i++)
		fprintf(out, "line %04u, and more of it\n", i);
	return text_stream_close(&stream);
}

static void what_is_written_is_whole_or_nothing(void **state)
{
	char *whole = write_lines(0), line[32];
	unsigned needed = allocations;

	assert_non_null(whole);
	assert_true(needed > 3);
	for (unsigned i = 0; i < LINES; i++) {
		size_t length = (size_t)snprintf(line, sizeof(line), "line %04u, and more of it\n", i);

		assert_memory_equal(whole + i * length, line, length);
	}
	assert_int_equal(strlen(whole), LINES * strlen(line));
	free(whole);
	for (unsigned i = 1; i <= needed; i++)
		assert_null(write_lines(i));
}

static void nothing_written_is_an_empty_text(void **state)
{
	struct text_stream stream;
	char *text;

	fails_at = 0;
	assert_non_null(text_stream_open(&stream));
	text = text_stream_close(&stream);
	assert_string_equal(text, "");
	free(text);
	/* closed already */
	assert_null(text_stream_close(&stream));
}

static void who_writes_may_say_that_something_is_missing(void **state)
{
	struct text_stream stream;

	fails_at = 0;
	fputs("the first half", text_stream_open(&stream));
	stream.is_cut = true;
	assert_null(text_stream_close(&stream));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_whole_or_nothing),
		cmocka_unit_test(nothing_written_is_an_empty_text),
		cmocka_unit_test(who_writes_may_say_that_something_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
