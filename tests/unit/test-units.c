/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* cli/units: what is shown for a number, and what number is read from a text. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "cli/units.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void bytes_shown(void **state)
{
	static const struct {
		int64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0" }, { 1023, "1023" }, { 1024, "1K" }, { 1536, "1.5K" }, { 9216, "9K" }, { 10188, "9.9K" }, { 10189, "10K" },
		{ 10240, "10K" }, { 1047552, "1023K" }, { 1048063, "1023K" }, { 1048064, "1M" }, { 1048576, "1M" },
		{ 146800640, "140M" }, { 1288490189, "1.2G" }, { 1099511627776, "1T" }, { INT64_MAX, "8388608T" },
	};
	char text[UNITS_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(units_bytes_text(cases[i].bytes, text), cases[i].text);
}

static void bytes_read(void **state)
{
	static const struct {
		const char *text;
		int64_t bytes;
	} good[] = {
		{ "0", 0 }, { "10", 10 }, { "10K", 10240 }, { "10k", 10240 }, { "1.5M", 1572864 }, { "0.5G", 536870912 },
		{ "2T", 2199023255552 }, { "1.0009K", 1024 }, { "9223372036854775807", INT64_MAX },
	};
	static const char *const bad[] = {
		"", "K", "-1", "+1", " 1", "1 ", "1.", ".5", "1KB", "1X", "0x10", "1e3", "9223372036854775808", "8388608T", "inf",
	};
	int64_t bytes;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(units_bytes_parse(good[i].text, &bytes));
		assert_int_equal(bytes, good[i].bytes);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(units_bytes_parse(bad[i], &bytes));
}

static void durations(void **state)
{
	static const struct {
		int64_t seconds;
		const char *shown, *read;
	} cases[] = {
		{ 0, "0s", "0" }, { 59, "59s", "59s" }, { 60, "1m00s", "1m" }, { 303, "5m03s", "5m3s" }, { 11049, "3h04m", "3h4m9s" },
		{ 86399, "23h59m", "23h59m59s" }, { 90061, "1d01h", "1d1h1m1s" }, { 1209600, "14d00h", "2w" }, { 90, "1m30s", "90" },
		{ 5400, "1h30m", "90m" },
	};
	static const char *const bad[] = {
		"", "m", "5x", "1m1h", "1m1m", "1h 1m", "-5m", "1h1", "1.5h", "99999999999999999999", "9223372036854775807w",
	};
	char text[UNITS_TEXT_MAX];
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_string_equal(units_duration_text(cases[i].seconds, text), cases[i].shown);
		assert_true(units_duration_parse(cases[i].read, &seconds));
		assert_int_equal(seconds, cases[i].seconds);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(units_duration_parse(bad[i], &seconds));
}

static void times(void **state)
{
	static const char *const bad[] = { "", "yesterday", "2026-11-22T08:30:00", "2026-11-22T08:30:00+01:00", "2026-13-01", "2026-11-22 " };
	char text[UNITS_TEXT_MAX];
	int64_t seconds;

	(void)state;
	setenv("TZ", "UTC-2", 1);
	tzset();
	assert_string_equal(units_time_utc_text(1760000000, text), "2025-10-09T08:53:20Z");
	assert_string_equal(units_time_text(1760000000, text), "2025-10-09 10:53:20");
	assert_true(units_time_parse("2025-10-09T08:53:20Z", &seconds));
	assert_int_equal(seconds, 1760000000);
	assert_true(units_time_parse("1970-01-02", &seconds));
	assert_int_equal(seconds, 86400);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(units_time_parse(bad[i], &seconds));
	assert_string_equal(units_time_utc_text(INT64_MAX, text), "9223372036854775807");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_shown),
		cmocka_unit_test(bytes_read),
		cmocka_unit_test(durations),
		cmocka_unit_test(times),
	};

	return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}
