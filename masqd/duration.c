/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Numbers and units. */

#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "masqd/duration.h"

#define DURATION_MAX (10L * 365 * 24 * 3600)

const char *duration_parse(const char *text, unsigned *seconds)
{
	static const struct {
		const char *name;
		long seconds;
	} units[] = { { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 24 * 3600 } };
	static const char bad[] = "must be a time up to 10 years, as in 90, 30m, 1h30m or 2d";
	long sum = 0;

	do {
		char *end;
		long number = isdigit((unsigned char)*text) ? strtol(text, &end, 10) : -1;
		size_t i = 0;

		if (number < 0 || number > DURATION_MAX)
			return bad;
		while (*end && i < sizeof(units) / sizeof(units[0]) && strncmp(end, units[i].name, strlen(units[i].name)) != 0)
			i++;
		if (*end && i == sizeof(units) / sizeof(units[0]))
			return bad;
		sum += number * (*end ? units[i].seconds : 1);
		text = *end ? end + strlen(units[i].name) : end;
		if (sum > DURATION_MAX)
			return bad;
	} while (*text);
	*seconds = (unsigned)sum;
	return NULL;
}
