/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Stands in for lib/log in targets: nothing is printed, but each line is made, as a log would have it, and must be printable. */

#ifndef TESTS_FUZZ_QUIET_H
#define TESTS_FUZZ_QUIET_H

/* How many errors and warnings there were. */
extern unsigned quiet_errors, quiet_warnings;

#endif
