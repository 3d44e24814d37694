/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* lib/json-text.c: what is read and written where memory lacks. */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "lib/json-text.h"

static const char text[] = "{\"method\":\"org.masqgate.Gateway.Detach\",\"parameters\":{\"address\":\"192.168.0.100\","
			   "\"user\":\"a rather long name, of more than one piece\",\"list\":[1,2.5,true,null,\"x\"]}}";
static unsigned allocations, fails_at;	/* the first is 1; 0: none fails */

static void *allocate(size_t size)
{
	return ++allocations == fails_at ? NULL : malloc(size);
}

static void fail_at(unsigned number)
{
	json_set_alloc_funcs(allocate, free);
	allocations = 0;
	fails_at = number;
	errno = 0;
}

static void what_is_read_is_whole_or_nothing(void **state)
{
	unsigned needed;
	json_t *whole, *json;

	fail_at(0);
	whole = json_text_read(text, 0);
	needed = allocations;
	assert_non_null(whole);
	assert_true(needed > 20);
	for (unsigned i = 1; i <= needed; i++) {
		fail_at(i);
		assert_null(json_text_read(text, 0));
		assert_int_equal(errno, ENOMEM);
	}
	fail_at(0);
	json = json_text_read(text, 0);
	assert_true(json_equal(json, whole));
	json_decref(json);
	json_decref(whole);
}

/* Wherever the text stops to fit, in a value or in a key. */
static void what_is_written_is_whole_or_nothing(void **state)
{
	static const char dots[] = "................................................................";

	for (size_t length = 0; length < sizeof(dots); length++) {
		json_t *json;
		unsigned needed;
		char *written;

		fail_at(0);
		json = json_pack("{s:s%, s:i}", "dots", dots, length, "a-key-of-some-length", 7);
		fail_at(0);
		written = json_text_write(json, JSON_COMPACT);
		needed = allocations;
		assert_non_null(written);
		assert_true(needed > 2);
		free(written);
		for (unsigned i = 1; i <= needed; i++) {
			fail_at(i);
			assert_null(json_text_write(json, JSON_COMPACT));
		}
		json_decref(json);
	}
	assert_null(json_text_write(NULL, JSON_COMPACT));
}

static void says_what_is_no_json(void **state)
{
	fail_at(0);
	assert_null(json_text_read("{\"method\": ", 0));
	assert_int_equal(errno, EBADMSG);
	assert_null(json_text_read("{\"a\": 1, \"a\": 2}", JSON_REJECT_DUPLICATES));
	assert_int_equal(errno, EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_whole_or_nothing),
		cmocka_unit_test(what_is_written_is_whole_or_nothing),
		cmocka_unit_test(says_what_is_no_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
