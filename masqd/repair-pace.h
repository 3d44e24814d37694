/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Whoever fights with us over what is ours does not get a busy loop: the first harm is repaired at once, and what follows within a second
 * of a repair waits for one. */

#ifndef MASQD_REPAIR_PACE_H
#define MASQD_REPAIR_PACE_H

#include <stdint.h>
#include <sys/time.h>

#include "lib/varlink-client.h"

struct repair_pace {
	int64_t last_ms;	/* of varlink_now_ms; 0: never yet */
};

static inline void repair_pace_done(struct repair_pace *pace)
{
	pace->last_ms = varlink_now_ms();
}

/* How long the next repair has to wait. */
static inline struct timeval repair_pace_delay(const struct repair_pace *pace)
{
	return (struct timeval){ .tv_sec = pace->last_ms && varlink_now_ms() - pace->last_ms < 1000 };
}

#endif
