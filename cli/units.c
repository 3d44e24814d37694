/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Sizes, durations and times as people write and read them. */

#include "config.h"

#include "cli/units.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char size_letters[] = "KMGT";

const char *units_bytes_text(int64_t bytes, char text[UNITS_TEXT_MAX])
{
	double value = (double)bytes;
	unsigned power = 0;

	/* 1023.5 and more of a unit would be rounded to 1024 of it */
	for (; power < strlen(size_letters) && value >= (power ? 1023.5 : 1024); power++)
		value /= 1024;
	if (power == 0)
		snprintf(text, UNITS_TEXT_MAX, "%" PRId64, bytes);
	else if (value < 9.95 && (int64_t)(value * 10 + 0.5) % 10)
		snprintf(text, UNITS_TEXT_MAX, "%.1f%c", value, size_letters[power - 1]);
	else
		snprintf(text, UNITS_TEXT_MAX, "%.0f%c", value, size_letters[power - 1]);
	return text;
}

const char *units_duration_text(int64_t seconds, char text[UNITS_TEXT_MAX])
{
	int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

	if (minutes == 0)
		snprintf(text, UNITS_TEXT_MAX, "%" PRId64 "s", seconds);
	else if (hours == 0)
		snprintf(text, UNITS_TEXT_MAX, "%" PRId64 "m%02" PRId64 "s", minutes, seconds % 60);
	else if (days == 0)
		snprintf(text, UNITS_TEXT_MAX, "%" PRId64 "h%02" PRId64 "m", hours, minutes % 60);
	else
		snprintf(text, UNITS_TEXT_MAX, "%" PRId64 "d%02" PRId64 "h", days, hours % 24);
	return text;
}

const char *units_time_text(int64_t seconds, char text[UNITS_TEXT_MAX])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!localtime_r(&t, &tm) || !strftime(text, UNITS_TEXT_MAX, "%Y-%m-%d %H:%M:%S", &tm))
		snprintf(text, UNITS_TEXT_MAX, "%" PRId64, seconds);
	return text;
}

const char *units_time_utc_text(int64_t seconds, char text[UNITS_TEXT_MAX])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(text, UNITS_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm))
		snprintf(text, UNITS_TEXT_MAX, "%" PRId64, seconds);
	return text;
}

/* Digits at *text, which moves behind them. No signs, no blanks, no overflow: strtoll would take all three. */
static bool take_digits(const char **text, int64_t *value)
{
	const char *p = *text;
	int64_t number = 0;

	for (; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, *p - '0', &number))
			return false;
	if (p == *text)
		return false;
	*text = p;
	*value = number;
	return true;
}

bool units_number_parse(const char *text, int64_t *number)
{
	return take_digits(&text, number) && !*text;
}

bool units_bytes_parse(const char *text, int64_t *bytes)
{
	int64_t whole, thousandths = 0, unit = 1;
	const char *letter;

	if (!take_digits(&text, &whole))
		return false;
	if (*text == '.') {
		text++;
		if (!isdigit((unsigned char)*text))
			return false;
		for (int64_t weight = 100; isdigit((unsigned char)*text); text++, weight /= 10)
			thousandths += (*text - '0') * weight;
	}
	letter = *text ? strchr(size_letters, toupper((unsigned char)*text)) : NULL;
	if (letter) {
		for (const char *p = size_letters; p <= letter; p++)
			unit *= 1024;
		text++;
	}
	if (*text || __builtin_mul_overflow(whole, unit, &whole))
		return false;
	return !__builtin_add_overflow(whole, unit * thousandths / 1000, bytes);
}

bool units_duration_parse(const char *text, int64_t *seconds)
{
	static const struct {
		char letter;
		int seconds;
	} units[] = { { 'w', 7 * 86400 }, { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
	size_t next = 0;	/* units come in falling order, each at most once */
	int64_t number, total = 0;

	if (units_number_parse(text, seconds))
		return true;
	do {
		if (!take_digits(&text, &number))
			return false;
		while (next < sizeof(units) / sizeof(units[0]) && units[next].letter != *text)
			next++;
		if (next == sizeof(units) / sizeof(units[0]))
			return false;
		if (__builtin_mul_overflow(number, units[next++].seconds, &number) || __builtin_add_overflow(total, number, &total))
			return false;
	} while (*++text);
	*seconds = total;
	return true;
}

bool units_time_parse(const char *text, int64_t *seconds)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

	if (!end || *end) {
		tm = (struct tm){ 0 };
		end = strptime(text, "%Y-%m-%d", &tm);
	}
	if (!end || *end)
		return false;
	*seconds = timegm(&tm);
	return true;
}
