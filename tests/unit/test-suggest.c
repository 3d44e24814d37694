/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* lib/suggest: which word is near. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "lib/suggest.h"

static const char *nearest(const char *typed)
{
	static const char *const candidates[] = { "status", "list", "show", "kick", "attach", "detach", "uplinks", "bob" };
	struct suggest s = { .typed = typed };

	for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++)
		suggest_consider(&s, candidates[i]);
	return s.best;
}

static void distances(void **state)
{
	(void)state;
	assert_int_equal(suggest_distance("", ""), 0);
	assert_int_equal(suggest_distance("abc", ""), 3);
	assert_int_equal(suggest_distance("", "abc"), 3);
	assert_int_equal(suggest_distance("bob", "BOB"), 0);
	assert_int_equal(suggest_distance("bobb", "bob"), 1);
	assert_int_equal(suggest_distance("lsit", "list"), 1);
	assert_int_equal(suggest_distance("kitten", "sitting"), 3);
	/* longer than anybody types: the same or infinitely far */
	assert_int_equal(suggest_distance("0123456789012345678901234567890123456789012345678901234567890123456789",
					  "012345678901234567890123456789012345678901234567890123456789012345678x"), SIZE_MAX);
}

static void near_and_far(void **state)
{
	(void)state;
	assert_string_equal(nearest("lst"), "list");
	assert_string_equal(nearest("statsu"), "status");
	assert_string_equal(nearest("detahc"), "detach");
	assert_string_equal(nearest("bobb"), "bob");
	assert_string_equal(nearest("LIST"), "list");
	assert_null(nearest("carol"));
	assert_null(nearest("x"));
	assert_null(nearest(""));
}

static void reasons(void **state)
{
	static char longest[400];
	struct suggest s = { .typed = "lst" };

	(void)state;
	assert_string_equal(suggest_reason(&s, "no such command"), "no such command");
	suggest_consider(&s, "list");
	assert_string_equal(suggest_reason(&s, "no such command"), "no such command, did you mean \"list\"?");
	memset(longest, 'x', sizeof(longest) - 1);
	s.best = longest;
	assert_int_equal(strlen(suggest_reason(&s, "no such command")), 159);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances),
		cmocka_unit_test(near_and_far),
		cmocka_unit_test(reasons),
	};

	return cmocka_run_group_tests_name("suggest", tests, NULL, NULL);
}
