/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* lib/text.c: any bytes, made fit for people and for JSON, and back. */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

#define FFFD "\xef\xbf\xbd"

static const struct {
	const char *bytes;
	const char *json;	/* NULL: the same */
	const char *escaped;	/* NULL: the same */
} cases[] = {
	{ "", NULL, NULL },
	{ "alice", NULL, NULL },
	{ "Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x9a\x82", NULL, NULL },
	{ "\xc2\xa0 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf", NULL, NULL },
	{ "a\tb\n\x1b[2J\x7f", NULL, "a\\x09b\\x0a\\x1b[2J\\x7f" },
	{ "c:\\x", NULL, "c:\\x5cx" },
	{ "\xc2\x9b" "31m", NULL, "\\xc2\\x9b31m" },	/* C1: a terminal may take it for ESC [ */
	{ "al\xff" "ice", "al" FFFD "ice", "al\\xffice" },
	{ "\x80", FFFD, "\\x80" },
	{ "\xc0\xaf", FFFD FFFD, "\\xc0\\xaf" },	/* overlong / */
	{ "\xc1\xbf", FFFD FFFD, "\\xc1\\xbf" },
	{ "\xe0\x9f\xbf", FFFD FFFD FFFD, "\\xe0\\x9f\\xbf" },
	{ "\xf0\x8f\xbf\xbf", FFFD FFFD FFFD FFFD, "\\xf0\\x8f\\xbf\\xbf" },
	{ "\xed\xa0\x80", FFFD FFFD FFFD, "\\xed\\xa0\\x80" },	/* surrogates */
	{ "\xed\xbf\xbf", FFFD FFFD FFFD, "\\xed\\xbf\\xbf" },
	{ "\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD, "\\xf4\\x90\\x80\\x80" },	/* above U+10FFFF */
	{ "\xf8\x88\x80\x80\x80", FFFD FFFD FFFD FFFD FFFD, "\\xf8\\x88\\x80\\x80\\x80" },
	{ "cut \xe2\x82", "cut " FFFD FFFD, "cut \\xe2\\x82" },	/* ends within a character */
	{ "\xf0\x9f" "x", FFFD FFFD "x", "\\xf0\\x9fx" },
};

#define EACH_CASE(i) (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)

static void utf8_is_told_from_other_bytes(void **state)
{
	for EACH_CASE(i)
		assert_int_equal(text_is_utf8(cases[i].bytes), cases[i].json == NULL);
}

static void escaped_for_people(void **state)
{
	for EACH_CASE(i) {
		char *escaped = text_escape(cases[i].bytes);

		assert_string_equal(escaped, cases[i].escaped ? cases[i].escaped : cases[i].bytes);
		free(escaped);
	}
}

static void to_json_and_back(void **state)
{
	for EACH_CASE(i) {
		json_t *text = text_json(cases[i].bytes), *hex = text_json_hex(cases[i].bytes);
		char *back = text_from_json(text, hex);

		assert_string_equal(json_string_value(text), cases[i].json ? cases[i].json : cases[i].bytes);
		assert_int_equal(json_is_null(hex), cases[i].json == NULL);
		assert_string_equal(back, cases[i].bytes);
		free(back);
		json_decref(text);
		json_decref(hex);
	}
}

static void nothing_is_null(void **state)
{
	assert_true(json_is_null(text_json(NULL)));
	assert_true(json_is_null(text_json_hex(NULL)));
	assert_null(text_from_json(NULL, NULL));
	assert_null(text_from_json(json_null(), json_null()));
}

static char *from_hex(const char *digits)
{
	json_t *hex = json_string(digits);
	char *text = text_from_json(NULL, hex);

	json_decref(hex);
	return text;
}

static void malformed_hexadecimal_is_refused(void **state)
{
	char *good = from_hex("fF0a");

	assert_string_equal(good, "\xff\n");
	free(good);
	assert_null(from_hex("f"));
	assert_null(from_hex("fff"));
	assert_null(from_hex("0g"));
	assert_null(from_hex("-1"));
	assert_null(from_hex("4100"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_is_told_from_other_bytes),
		cmocka_unit_test(escaped_for_people),
		cmocka_unit_test(to_json_and_back),
		cmocka_unit_test(nothing_is_null),
		cmocka_unit_test(malformed_hexadecimal_is_refused),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
