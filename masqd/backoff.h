/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Who is slowed down, because the same user on the same line was refused or hung up within seconds, again and again: after the
 * first time he has to wait a second, then two, four, up to a maximum. It is forgotten with a session that lasts, or when
 * nothing has failed for twice the maximum. Pure: the caller says what time it is. */

#ifndef MASQD_BACKOFF_H
#define MASQD_BACKOFF_H

#include <stdint.h>

/* A session that ends sooner, in seconds, counts as failed. */
enum { BACKOFF_SHORT_S = 10 };
/* Beyond so many the one that failed longest ago is forgotten. */
enum { BACKOFF_MAX = 1024 };

struct backoff;

/* NULL without memory. */
struct backoff *backoff_new(void);
void backoff_free(struct backoff *backoff);

/* user and line may be NULL and are any bytes; now_ms is of a clock that does not jump; max_s is how long to wait at most, 0:
 * nobody is slowed down. */
void backoff_failed(struct backoff *backoff, const char *user, const char *line, int64_t now_ms, unsigned max_s);
void backoff_lasted(struct backoff *backoff, const char *user, const char *line);

/* How many seconds he has to wait, rounded up; 0: none. */
unsigned backoff_wait(const struct backoff *backoff, const char *user, const char *line, int64_t now_ms, unsigned max_s);

/* Tells of all who have to wait. user and line are NULL where nobody said. */
void backoff_each(const struct backoff *backoff, int64_t now_ms, unsigned max_s,
		  void (*tell)(void *ctx, const char *user, const char *line, unsigned failures, unsigned wait_s), void *ctx);

#endif
