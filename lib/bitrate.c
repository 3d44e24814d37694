/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/bitrate.h"

static const struct {
	const char *name;
	uint64_t factor;
} units[] = { { "Gbit", 1000000000 }, { "Mbit", 1000000 }, { "kbit", 1000 }, { "bit", 1 } };
enum { UNITS = sizeof(units) / sizeof(units[0]), DIGITS_MAX = 12, FRACTION_MAX = 3 };

/* At most DIGITS_MAX digits. NULL if there are none, or more. */
static const char *parse_digits(const char *text, uint64_t *number)
{
	unsigned count;

	*number = 0;
	for (count = 0; isdigit((unsigned char)text[count]) && count <= DIGITS_MAX; count++)
		*number = *number * 10 + (uint64_t)(text[count] - '0');
	return count && count <= DIGITS_MAX ? text + count : NULL;
}

bool bitrate_parse(const char *text, uint64_t *rate)
{
	uint64_t whole, thousandths = 0;
	unsigned i = 0;

	text = parse_digits(text, &whole);
	if (!text)
		return false;
	if (*text == '.') {
		const char *point = text;

		text = parse_digits(point + 1, &thousandths);
		if (!text || text - point - 1 > FRACTION_MAX)
			return false;
		for (long digits = text - point - 1; digits < FRACTION_MAX; digits++)
			thousandths *= 10;
	}
	while (i < UNITS && strcasecmp(units[i].name, *text ? text : "bit") != 0)
		i++;
	if (i == UNITS || (thousandths && units[i].factor == 1))
		return false;
	*rate = whole * units[i].factor + thousandths * (units[i].factor / 1000);
	return whole <= UINT64_MAX / units[i].factor - 1;
}

const char *bitrate_text(uint64_t rate, char text[BITRATE_TEXT_MAX])
{
	unsigned i = 0;
	int len;

	while (units[i].factor > 1 && (rate < units[i].factor || rate % (units[i].factor / 1000)))
		i++;
	len = snprintf(text, BITRATE_TEXT_MAX, "%" PRIu64, rate / units[i].factor);
	if (rate % units[i].factor) {
		len += snprintf(text + len, (size_t)(BITRATE_TEXT_MAX - len), ".%03u", (unsigned)(rate % units[i].factor / (units[i].factor / 1000)));
		while (text[len - 1] == '0')
			len--;
	}
	snprintf(text + len, (size_t)(BITRATE_TEXT_MAX - len), "%s", units[i].name);
	return text;
}
