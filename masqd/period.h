/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Calendar periods, in the local time zone: a day begins at midnight, a week on Monday, a month on its first day. Pure. */

#ifndef MASQD_PERIOD_H
#define MASQD_PERIOD_H

#include <time.h>

enum period {
	PERIOD_DAY,
	PERIOD_WEEK,
	PERIOD_MONTH,
	PERIOD_SESSION,	/* not of the calendar: as long as the session */
};

const char *period_text(enum period period);

/* When the period in which now lies has begun, and when the next one begins; 0 for a session's. */
time_t period_start(enum period period, time_t now);
time_t period_end(enum period period, time_t now);

#endif
