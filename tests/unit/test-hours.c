/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/hours: what is inside, when they begin next, and how they are written. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "masqd/hours.h"

#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"

static void in_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static time_t at(const char *text)
{
	struct tm tm = { .tm_isdst = -1 };

	assert_int_equal(sscanf(text, "%d-%d-%d %d:%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min), 5);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return mktime(&tm);
}

static struct hours hours(const char *first, const char *second)
{
	struct hours parsed = { 0 };

	assert_null(hours_parse(NULL, first, &parsed));
	if (second)
		assert_null(hours_parse(NULL, second, &parsed));
	return parsed;
}

static void a_time_is_inside_or_the_next_one_is_known(void **state)
{
	/* 2026-11-20 is a Friday. */
	static const struct {
		const char *first, *second, *now;
		const char *next;	/* NULL: inside */
	} cases[] = {
		{ "Mon-Fri 08:00-18:00", "Sat 10:00-12:00", "2026-11-20 08:00", NULL },
		{ "Mon-Fri 08:00-18:00", "Sat 10:00-12:00", "2026-11-20 17:59", NULL },
		{ "Mon-Fri 08:00-18:00", "Sat 10:00-12:00", "2026-11-20 18:00", "Sat 10:00" },
		{ "Mon-Fri 08:00-18:00", "Sat 10:00-12:00", "2026-11-20 07:59", "Fri 08:00" },
		{ "Mon-Fri 08:00-18:00", "Sat 10:00-12:00", "2026-11-21 12:00", "Mon 08:00" },
		{ "Mon-Fri 08:00-18:00", "Sat 10:00-12:00", "2026-11-22 09:00", "Mon 08:00" },
		/* over midnight, and over the end of the week */
		{ "Fri,Sun 22:00-04:00", NULL, "2026-11-20 22:00", NULL },
		{ "Fri,Sun 22:00-04:00", NULL, "2026-11-21 03:59", NULL },
		{ "Fri,Sun 22:00-04:00", NULL, "2026-11-21 04:00", "Sun 22:00" },
		{ "Fri,Sun 22:00-04:00", NULL, "2026-11-23 03:00", NULL },
		{ "Fri,Sun 22:00-04:00", NULL, "2026-11-20 03:00", "Fri 22:00" },
		{ "Sat-Mon 00:00-24:00", NULL, "2026-11-23 23:59", NULL },
		{ "Sat-Mon 00:00-24:00", NULL, "2026-11-24 00:00", "Sat 00:00" },
		{ "06:00-24:00", NULL, "2026-11-20 05:00", "Fri 06:00" },
		/* only once a week, and it has just ended */
		{ "Fri 08:00-09:00", NULL, "2026-11-20 09:00", "Fri 08:00" },
		/* a night that leaves out 02:00 to 03:00, and one that shows it twice */
		{ "02:00-03:00", NULL, "2026-03-29 01:59", "Sun 02:00" },
		{ "02:00-03:00", NULL, "2026-03-29 03:00", "Mon 02:00" },
		{ "08:00-09:00", NULL, "2026-03-29 08:30", NULL },
		{ "08:00-09:00", NULL, "2026-10-25 08:30", NULL },
	};
	char text[HOURS_TEXT_MAX];

	in_zone(BERLIN);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hours h = hours(cases[i].first, cases[i].second);
		time_t now = at(cases[i].now);

		assert_int_equal(hours_contain(&h, now), !cases[i].next);
		if (cases[i].next)
			assert_string_equal(hours_next(&h, now, text), cases[i].next);
	}
}

static void what_the_clock_shows_twice_is_there_twice(void **state)
{
	struct hours h = hours("02:00-03:00", NULL);
	unsigned minutes = 0;

	in_zone(BERLIN);
	for (time_t now = at("2026-10-25 00:00"); now < at("2026-10-26 00:00"); now += 60)
		minutes += hours_contain(&h, now);
	assert_int_equal(minutes, 120);
}

static void no_hours_are_all_hours(void **state)
{
	struct hours none = { 0 };

	assert_true(hours_contain(&none, time(NULL)));
}

static void wrong_hours_are_refused(void **state)
{
	static const char *const wrong[] = {
		"", "Mon", "Mon 08:00", "Mon 8:00-9:00", "Mon 08:00-24:01", "Mon 24:00-01:00", "Mon 08:60-09:00", "Moon 08:00-09:00",
		"Mon- 08:00-09:00", "Mon, 08:00-09:00", "Mon 08:00-09:00 ", "Mon 08:00-08:00", "Mon 08:00 - 09:00", "Mon-Fri08:00-09:00", "-", "08:00",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct hours h = { 0 };

		assert_non_null(hours_parse(NULL, wrong[i], &h));
		assert_int_equal(h.count, 0);
	}
}

static void there_are_not_too_many(void **state)
{
	struct hours h = { 0 };

	for (unsigned i = 0; i < HOURS_MAX; i++)
		assert_null(hours_parse(NULL, "Mon 08:00-09:00", &h));
	assert_non_null(hours_parse(NULL, "Mon 08:00-09:00", &h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_is_inside_or_the_next_one_is_known),
		cmocka_unit_test(what_the_clock_shows_twice_is_there_twice),
		cmocka_unit_test(no_hours_are_all_hours),
		cmocka_unit_test(wrong_hours_are_refused),
		cmocka_unit_test(there_are_not_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
