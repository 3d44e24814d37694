/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Sizes, durations and times as people write and read them. Pure. */

#ifndef CLI_UNITS_H
#define CLI_UNITS_H

#include <stdbool.h>
#include <stdint.h>

/* Every text of this module fits. */
#define UNITS_TEXT_MAX 40

/* "512", "9.5K", "140M", "1.2G": a factor of 1024 a letter, a fraction below ten. */
const char *units_bytes_text(int64_t bytes, char text[UNITS_TEXT_MAX]);

/* "12s", "5m03s", "3h04m", "2d05h". */
const char *units_duration_text(int64_t seconds, char text[UNITS_TEXT_MAX]);

/* "2026-11-22 09:30:00", in the local time zone. */
const char *units_time_text(int64_t seconds, char text[UNITS_TEXT_MAX]);

/* "2026-11-22T08:30:00Z" (RFC 3339). */
const char *units_time_utc_text(int64_t seconds, char text[UNITS_TEXT_MAX]);

/* The reverse. False if text is not one.
 * bytes: a number, perhaps with a fraction, perhaps with a letter K, M, G or T.
 * duration: numbers with s, m, h, d or w, as in "90s", "1h30m"; seconds without a letter.
 * time: RFC 3339 in UTC ("2026-11-22T08:30:00Z"), or its date alone.
 * number: decimal digits. */
bool units_bytes_parse(const char *text, int64_t *bytes);
bool units_duration_parse(const char *text, int64_t *seconds);
bool units_time_parse(const char *text, int64_t *seconds);
bool units_number_parse(const char *text, int64_t *number);

#endif
