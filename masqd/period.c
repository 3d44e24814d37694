/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* By mktime(3), which knows how many days a month has and when the clocks are changed. */

#include "config.h"

#include "masqd/period.h"

static const char *const texts[] = {
	[PERIOD_DAY] = "day",
	[PERIOD_WEEK] = "week",
	[PERIOD_MONTH] = "month",
	[PERIOD_SESSION] = "session",
};

const char *period_text(enum period period)
{
	return texts[period];
}

/* The beginning of the period that many after the one of now. */
static time_t start(enum period period, time_t now, int later)
{
	struct tm tm;

	localtime_r(&now, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;	/* what was in force then need not be in force now */
	switch (period) {
	case PERIOD_DAY:
		tm.tm_mday += later;
		break;
	case PERIOD_WEEK:
		tm.tm_mday += 7 * later - (tm.tm_wday + 6) % 7;
		break;
	case PERIOD_MONTH:
		tm.tm_mday = 1;
		tm.tm_mon += later;
		break;
	case PERIOD_SESSION:
		return 0;
	}
	return mktime(&tm);
}

time_t period_start(enum period period, time_t now)
{
	return start(period, now, 0);
}

time_t period_end(enum period period, time_t now)
{
	return start(period, now, 1);
}
