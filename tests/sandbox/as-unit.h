/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The parts of as-unit. Whatever goes wrong in one ends the program, with words. */

#ifndef TESTS_SANDBOX_AS_UNIT_H
#define TESTS_SANDBOX_AS_UNIT_H

#include <stdbool.h>
#include <stdio.h>

/* What the unit says for a key that as-unit knows: NULL if nothing. */
const char *unit_text(const char *key);
const char *unit_need(const char *key);
bool unit_has(const char *key);

/* A file system of its own: everything is read-only but folder. Where the program is in it. */
const char *mounts_apply(const char *folder, const char *program);

/* System calls, by seccomp. The sets are read while their file is still to be seen. */
void filter_read_sets(void);
void filter_apply(void);

#endif
