/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* lib/frame.c: messages however their bytes arrive. */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/frame.h"

static void joined_messages_come_one_by_one(void **state)
{
	struct frame f = { 0 };

	assert_null(frame_take(&f));
	assert_int_equal(frame_put(&f, "one\0\0three\0fo", 13), 0);
	assert_string_equal(frame_take(&f), "one");
	assert_string_equal(frame_take(&f), "");
	assert_string_equal(frame_take(&f), "three");
	assert_null(frame_take(&f));
	assert_true(frame_is_partial(&f));
	assert_int_equal(frame_put(&f, "ur\0", 3), 0);
	assert_false(frame_is_partial(&f));
	assert_string_equal(frame_take(&f), "four");
	assert_null(frame_take(&f));
	frame_reset(&f);
}

static void split_byte_by_byte(void **state)
{
	static const char stream[] = "{\"method\":\"a\"}\0{}\0\0x";
	struct frame f = { 0 };
	char got[sizeof(stream)];
	size_t used = 0;
	const char *message;

	for (size_t i = 0; i < sizeof(stream); i++) {
		assert_int_equal(frame_put(&f, stream + i, 1), 0);
		assert_int_equal(frame_is_partial(&f), stream[i] != '\0');
		while ((message = frame_take(&f))) {
			memcpy(got + used, message, strlen(message) + 1);
			used += strlen(message) + 1;
		}
	}
	assert_int_equal(used, sizeof(stream));
	assert_memory_equal(got, stream, sizeof(stream));
	frame_reset(&f);
}

static void a_message_survives_until_the_next_call(void **state)
{
	struct frame f = { 0 };
	const char *message;

	frame_put(&f, "a\0b\0", 4);
	message = frame_take(&f);
	assert_string_equal(message, "a");
	assert_false(frame_is_partial(&f));
	assert_string_equal(message, "a");
	assert_int_equal(frame_put(&f, "c", 1), 0);
	assert_string_equal(frame_take(&f), "b");
	assert_null(frame_take(&f));
	frame_reset(&f);
}

static void oversize_is_refused(void **state)
{
	char *bytes = calloc(1, 3 * FRAME_MAX);
	struct frame f = { 0 };

	memset(bytes, 'x', 3 * FRAME_MAX);
	bytes[FRAME_MAX - 1] = '\0';
	assert_int_equal(frame_put(&f, bytes, FRAME_MAX), 0);
	assert_int_equal(strlen(frame_take(&f)), FRAME_MAX - 1);

	/* Two long ones together are no long one. */
	bytes[2 * FRAME_MAX - 1] = '\0';
	assert_int_equal(frame_put(&f, bytes, 2 * FRAME_MAX), 0);
	assert_non_null(frame_take(&f));
	assert_non_null(frame_take(&f));

	/* The last byte must be the NUL. */
	bytes[FRAME_MAX - 1] = 'x';
	assert_int_equal(frame_put(&f, bytes, FRAME_MAX - 1), 0);
	assert_int_equal(frame_put(&f, "x", 1), -EMSGSIZE);
	frame_reset(&f);

	assert_int_equal(frame_put(&f, "ok", 3), 0);
	bytes[FRAME_MAX] = '\0';
	assert_int_equal(frame_put(&f, bytes, FRAME_MAX + 1), -EMSGSIZE);
	frame_reset(&f);
	free(bytes);
}

static void the_limit_can_be_set(void **state)
{
	struct frame f = { .limit = 4 };

	assert_int_equal(frame_put(&f, "abc\0", 4), 0);
	assert_string_equal(frame_take(&f), "abc");
	frame_reset(&f);
	assert_int_equal(f.limit, 4);
	assert_int_equal(frame_put(&f, "abcd", 4), -EMSGSIZE);
	frame_reset(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joined_messages_come_one_by_one),
		cmocka_unit_test(split_byte_by_byte),
		cmocka_unit_test(a_message_survives_until_the_next_call),
		cmocka_unit_test(oversize_is_refused),
		cmocka_unit_test(the_limit_can_be_set),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
