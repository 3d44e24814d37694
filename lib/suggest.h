/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* "Did you mean …?". Pure. */

#ifndef LIB_SUGGEST_H
#define LIB_SUGGEST_H

#include <stddef.h>

struct suggest {
	const char *typed;
	const char *best;	/* the candidate that is near enough to suggest, NULL if none was; borrowed */
	size_t distance;	/* of best */
};

/* Looks at one more candidate; typed and best of s must be set before the first. */
void suggest_consider(struct suggest *s, const char *candidate);

/* The words, and what may have been meant: "no such pool, did you mean \"dialin\"?". In a static buffer. */
const char *suggest_reason(const struct suggest *s, const char *words);

/* Insertions, deletions, replacements and swaps of neighbours between two words, letters of either case being equal. */
size_t suggest_distance(const char *a, const char *b);

#endif
