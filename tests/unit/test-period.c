/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/period: when a day, a week and a month begin, also where the clocks are changed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "masqd/period.h"

#define BERLIN	 "CET-1CEST,M3.5.0,M10.5.0/3"
#define SANTIAGO "<-04>4<-03>,M9.1.6/24,M4.1.6/24"	/* at midnight */

static time_t at(const char *text)
{
	struct tm tm = { .tm_isdst = -1 };

	assert_int_equal(sscanf(text, "%d-%d-%d %d:%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min), 5);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return mktime(&tm);
}

static const char *shown(time_t t)
{
	static char text[32];

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M", localtime(&t));
	return text;
}

static void in_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static void periods_begin_at_local_midnight(void **state)
{
	static const struct {
		enum period period;
		const char *now, *start, *end;
	} cases[] = {
		{ PERIOD_DAY, "2026-11-22 14:30", "2026-11-22 00:00", "2026-11-23 00:00" },
		{ PERIOD_DAY, "2026-11-22 00:00", "2026-11-22 00:00", "2026-11-23 00:00" },
		{ PERIOD_DAY, "2026-12-31 23:59", "2026-12-31 00:00", "2027-01-01 00:00" },
		{ PERIOD_DAY, "2028-02-28 12:00", "2028-02-28 00:00", "2028-02-29 00:00" },
		/* the night has 23 hours, and 25 */
		{ PERIOD_DAY, "2026-03-29 12:00", "2026-03-29 00:00", "2026-03-30 00:00" },
		{ PERIOD_DAY, "2026-10-25 12:00", "2026-10-25 00:00", "2026-10-26 00:00" },
		/* a Sunday, and the Monday behind it */
		{ PERIOD_WEEK, "2026-11-22 14:30", "2026-11-16 00:00", "2026-11-23 00:00" },
		{ PERIOD_WEEK, "2026-11-23 00:00", "2026-11-23 00:00", "2026-11-30 00:00" },
		{ PERIOD_WEEK, "2026-12-31 01:00", "2026-12-28 00:00", "2027-01-04 00:00" },
		{ PERIOD_WEEK, "2026-03-29 12:00", "2026-03-23 00:00", "2026-03-30 00:00" },
		{ PERIOD_MONTH, "2026-11-22 14:30", "2026-11-01 00:00", "2026-12-01 00:00" },
		{ PERIOD_MONTH, "2026-12-31 23:59", "2026-12-01 00:00", "2027-01-01 00:00" },
		{ PERIOD_MONTH, "2026-03-31 12:00", "2026-03-01 00:00", "2026-04-01 00:00" },
	};

	in_zone(BERLIN);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		time_t now = at(cases[i].now);

		assert_string_equal(shown(period_start(cases[i].period, now)), cases[i].start);
		assert_string_equal(shown(period_end(cases[i].period, now)), cases[i].end);
	}
}

/* Every hour of a year lies in exactly one period of each kind, wherever the clocks are changed. */
static void periods_follow_each_other(void **state)
{
	static const char *const zones[] = { "UTC0", BERLIN, SANTIAGO };

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		in_zone(zones[i]);
		for (time_t now = 1767225600; now < 1767225600 + 366 * 86400; now += 3600) {
			for (enum period period = PERIOD_DAY; period < PERIOD_SESSION; period++) {
				time_t start = period_start(period, now), end = period_end(period, now);

				assert_true(start <= now && now < end);
				assert_int_equal(period_start(period, start), start);
				assert_int_equal(period_start(period, end - 1), start);
				assert_int_equal(period_start(period, end), end);
			}
		}
	}
}

static void a_session_s_period_has_no_calendar(void **state)
{
	assert_int_equal(period_start(PERIOD_SESSION, time(NULL)), 0);
	assert_int_equal(period_end(PERIOD_SESSION, time(NULL)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(periods_begin_at_local_midnight),
		cmocka_unit_test(periods_follow_each_other),
		cmocka_unit_test(a_session_s_period_has_no_calendar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
