/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Days are bits, times minutes; a week is short enough to look through. */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/text-stream.h"
#include "masqd/hours.h"

enum { DAYS = 7, DAY_MINUTES = 24 * 60, ALL_DAYS = (1 << DAYS) - 1 };

static const char *const day_names[DAYS] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

/* Where in the week the local clock is: the day, 0 is Monday, and the minute in it. */
static unsigned local_time(time_t now, unsigned *minute)
{
	struct tm tm;

	localtime_r(&now, &tm);
	*minute = (unsigned)(tm.tm_hour * 60 + tm.tm_min);
	return (unsigned)(tm.tm_wday + 6) % DAYS;
}

static bool is_on(const struct hours_span *span, unsigned day)
{
	return span->days >> (day % DAYS) & 1;
}

static bool span_contains(const struct hours_span *span, unsigned day, unsigned minute)
{
	if (span->to > span->from)
		return is_on(span, day) && minute >= span->from && minute < span->to;
	return (is_on(span, day) && minute >= span->from) || (is_on(span, day + DAYS - 1) && minute < span->to);
}

bool hours_contain(const struct hours *hours, time_t now)
{
	unsigned minute, day = local_time(now, &minute);

	for (unsigned i = 0; i < hours->count; i++)
		if (span_contains(&hours->spans[i], day, minute))
			return true;
	return hours->count == 0;
}

const char *hours_next(const struct hours *hours, time_t now, char text[HOURS_TEXT_MAX])
{
	unsigned minute, day = local_time(now, &minute), nearest = UINT16_MAX;

	for (unsigned i = 0; i < hours->count; i++) {
		/* The same day of next week is as far as it gets. */
		for (unsigned later = 0; later <= DAYS; later++) {
			unsigned from = later * DAY_MINUTES + hours->spans[i].from;

			if (is_on(&hours->spans[i], day + later) && from > minute && from < nearest)
				nearest = from;
		}
	}
	snprintf(text, HOURS_TEXT_MAX, "%s %02u:%02u", day_names[(day + nearest / DAY_MINUTES) % DAYS], nearest % DAY_MINUTES / 60,
		 nearest % 60);
	return text;
}

/* "Mon" and what follows; NULL if there is no day. */
static const char *parse_day(const char *text, unsigned *day)
{
	for (*day = 0; *day < DAYS; (*day)++)
		if (strncasecmp(text, day_names[*day], 3) == 0)
			return text + 3;
	return NULL;
}

/* "Mon,Wed-Fri" and what follows; NULL if it is wrong. */
static const char *parse_days(const char *text, uint8_t *days)
{
	unsigned first, last;

	do {
		text = parse_day(text, &first);
		last = first;
		if (text && *text == '-')
			text = parse_day(text + 1, &last);
		if (!text)
			return NULL;
		for (unsigned day = first; day % DAYS != last; day++)
			*days |= (uint8_t)(1 << day % DAYS);
		*days |= (uint8_t)(1 << last);
	} while (*text++ == ',');
	return text - 1;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "08:30" and what follows; NULL if it is wrong. */
static const char *parse_time(const char *text, uint16_t *minutes)
{
	unsigned hour, minute;

	if (!is_digit(text[0]) || !is_digit(text[1]) || text[2] != ':' || !is_digit(text[3]) || !is_digit(text[4]))
		return NULL;
	hour = (unsigned)((text[0] - '0') * 10 + text[1] - '0');
	minute = (unsigned)((text[3] - '0') * 10 + text[4] - '0');
	*minutes = (uint16_t)(hour * 60 + minute);
	return minute < 60 && *minutes <= DAY_MINUTES ? text + 5 : NULL;
}

const char *hours_parse(const struct conf *conf, const char *text, void *member)
{
	static const char bad[] = "must be days and times, as in Mon-Fri 08:00-18:00, Sat,Sun 22:00-04:00 or 06:00-24:00";
	struct hours *hours = member;
	struct hours_span span = { 0 };

	if (!is_digit(*text)) {
		text = parse_days(text, &span.days);
		if (!text || *text != ' ')
			return bad;
		text += strspn(text, " ");
	} else {
		span.days = ALL_DAYS;
	}
	text = parse_time(text, &span.from);
	if (!text || *text != '-' || span.from == DAY_MINUTES)
		return bad;
	text = parse_time(text + 1, &span.to);
	if (!text || *text)
		return bad;
	if (span.from == span.to)
		return "begins when it ends; the whole day is 00:00-24:00";
	if (hours->count == HOURS_MAX)
		return "there may be at most 16 of these";
	hours->spans[hours->count++] = span;
	return NULL;
}

/* "Mon-Wed,Fri ", nothing for every day. */
static void print_days(FILE *out, uint8_t days)
{
	const char *before = "";

	if (days == ALL_DAYS)
		return;
	for (unsigned first = 0, last; first < DAYS; first = last + 1) {
		last = first;
		if (!(days >> first & 1))
			continue;
		while (last + 1 < DAYS && days >> (last + 1) & 1)
			last++;
		fprintf(out, "%s%s", before, day_names[first]);
		if (last > first)
			fprintf(out, "%c%s", last > first + 1 ? '-' : ',', day_names[last]);
		before = ",";
	}
	fputc(' ', out);
}

static void print_span(FILE *out, const struct hours_span *span)
{
	print_days(out, span->days);
	fprintf(out, "%02d:%02d-%02d:%02d", span->from / 60, span->from % 60, span->to / 60, span->to % 60);
}

void hours_print(FILE *out, const void *member)
{
	const struct hours *hours = member;

	fputc('{', out);
	for (unsigned i = 0; i < hours->count; i++) {
		fputs(i ? ", \"" : "\"", out);
		print_span(out, &hours->spans[i]);
		fputc('"', out);
	}
	fputc('}', out);
}

json_t *hours_json(const void *member)
{
	const struct hours *hours = member;
	json_t *json = json_array();

	for (unsigned i = 0; i < hours->count; i++) {
		struct text_stream stream;
		FILE *out = text_stream_open(&stream);
		char *text;

		if (out)
			print_span(out, &hours->spans[i]);
		text = text_stream_close(&stream);
		json_array_append_new(json, json_string(text ? text : ""));
		free(text);
	}
	return json;
}

void hours_release(void *member)
{
	memset(member, 0, sizeof(struct hours));
}
