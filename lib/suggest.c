/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Near words by their optimal string alignment distance. */

#include "lib/suggest.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Longer words are names that nobody typed; they are not worth a quadratic search. */
#define LENGTH_MAX 64

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t max(size_t a, size_t b)
{
	return a > b ? a : b;
}

static char folded(char c)
{
	return (char)tolower((unsigned char)c);
}

size_t suggest_distance(const char *a, const char *b)
{
	size_t rows[3][LENGTH_MAX + 1], la = strlen(a), lb = strlen(b);
	size_t *before = rows[0], *above = rows[1], *row = rows[2], *spare;

	if (la > LENGTH_MAX || lb > LENGTH_MAX)
		return strcasecmp(a, b) == 0 ? 0 : SIZE_MAX;
	for (size_t j = 0; j <= lb; j++)
		above[j] = j;
	for (size_t i = 1; i <= la; i++) {
		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			row[j] = above[j - 1] + (folded(a[i - 1]) != folded(b[j - 1]));
			row[j] = min(row[j], min(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) && folded(a[i - 2]) == folded(b[j - 1]))
				row[j] = min(row[j], before[j - 2] + 1);
		}
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[lb];
}

void suggest_consider(struct suggest *s, const char *candidate)
{
	size_t distance = suggest_distance(s->typed, candidate);

	/* one letter may be wrong, of longer words a third: "bobb" is bob, "carol" is nobody */
	if (distance > max(1, strlen(s->typed) / 3) || distance >= strlen(candidate))
		return;
	if (!s->best || distance < s->distance) {
		s->best = candidate;
		s->distance = distance;
	}
}

const char *suggest_reason(const struct suggest *s, const char *words)
{
	static char text[160];

	snprintf(text, sizeof(text), s->best ? "%s, did you mean \"%s\"?" : "%s", words, s->best);
	return text;
}
