/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "masqd/clock.h"

/* What is made good little by little is less than a minute a day. */
enum { SET_SECONDS = 60 };

int64_t clock_since_boot(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec;
}

int64_t clock_settled_sec(struct clock *clock)
{
	int64_t now = clock_since_boot(), ahead = (int64_t)time(NULL) - now;

	if (llabs(ahead - clock->ahead) > SET_SECONDS)
		clock->since = now;
	clock->ahead = ahead;
	return now - clock->since;
}
