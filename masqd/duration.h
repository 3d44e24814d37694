/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Times in the configuration: a number of seconds, or of the unit behind it: s, m, h, d; also several of them, as in 1h30m. */

#ifndef MASQD_DURATION_H
#define MASQD_DURATION_H

/* Seconds, at most ten years, so that no sum of times overflows. NULL, or a static text that says what is wrong. */
const char *duration_parse(const char *text, unsigned *seconds);

#endif
