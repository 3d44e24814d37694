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

struct spread {
	double median, p99, max;	/* p99: 99 of 100 are no more */
};

/* Sorts values. All 0 without any. */
struct spread spread_of(double values[], size_t count);

#endif
