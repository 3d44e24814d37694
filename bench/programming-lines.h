/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Interfaces in great number. */

#ifndef BENCH_PROGRAMMING_LINES_H
#define BENCH_PROGRAMMING_LINES_H

/* Makes so many as pppd would, one after the other: an interface, its addresses, up. Says what each step took. */
void lines_make(unsigned count);

/* All of them at once. */
void lines_remove(unsigned count);

#endif
