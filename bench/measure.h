/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What every program that measures needs. */

#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

/* Monotonic nanoseconds. */
uint64_t now_ns(void);
void sleep_us(unsigned us);

/* The number that the text is; anything else ends the program. */
unsigned long number(const char *text);

/* Says what failed, and errno, and ends the program. */
_Noreturn void fail(const char *what);

/* Sorts the values; the one that so many hundredths of them do not exceed. 0 of none. */
void sort_values(double values[], size_t count);
double sorted_percentile(const double values[], size_t count, unsigned percent);

#endif
