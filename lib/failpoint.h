/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Places at which a daemon can be made to die, for tests: built with --enable-failpoints and started with MASQGATE_FAILPOINT=NAME, or
 * NAME:2 for the second time, it aborts there. Otherwise there is nothing. */

#ifndef LIB_FAILPOINT_H
#define LIB_FAILPOINT_H

#ifdef WITH_FAILPOINTS
void failpoint(const char *name);
#else
#define failpoint(name) ((void)0)
#endif

#endif
