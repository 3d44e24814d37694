/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Hours of a week, by the local clock on the wall: what it leaves out when the clocks are changed is not open, and what it shows
 * twice is open twice. Pure. */

#ifndef MASQD_HOURS_H
#define MASQD_HOURS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

struct conf;

struct hours_span {
	uint8_t days;		/* on which it begins; bit 0 is Monday */
	uint16_t from, to;	/* minutes of the day; it ends on the next one if to is not after from */
};

enum { HOURS_MAX = 16 };
struct hours {
	struct hours_span spans[HOURS_MAX];
	unsigned count;	/* 0: always open */
};

/* Is this a time of these hours? */
bool hours_contain(const struct hours *hours, time_t now);

/* "Mon 08:00": when they begin next, at a time that is not of these hours. */
#define HOURS_TEXT_MAX 16
const char *hours_next(const struct hours *hours, time_t now, char text[HOURS_TEXT_MAX]);

/* A type of policy keys, in the signatures of masqd/policy-key.h: a list of such as "Mon-Fri 08:00-18:00", "Sat,Sun 10:00-12:00",
 * "Fri 22:00-04:00" and, each day, "06:00-24:00". */
const char *hours_parse(const struct conf *conf, const char *text, void *member);
void hours_print(FILE *out, const void *member);
json_t *hours_json(const void *member);
void hours_release(void *member);

#endif
