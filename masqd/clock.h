/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Two clocks: the one on the wall, which somebody may set, and the time since the machine was booted, which nobody can. The second says
 * how old something is; what the kernel remembers of a session is gone with the boot, too. */

#ifndef MASQD_CLOCK_H
#define MASQD_CLOCK_H

#include <stdint.h>

/* Seconds since the boot, suspended or not. */
int64_t clock_since_boot(void);

/* What was last seen of the wall clock; zeroed is good. */
struct clock {
	int64_t ahead;	/* of the time since the boot, in seconds */
	int64_t since;	/* when it was set, or first seen, in seconds since the boot */
};

/* For how many seconds it has not been set, as far as one can tell: it is looked at when this is called, and only then. */
int64_t clock_settled_sec(struct clock *clock);

#endif
