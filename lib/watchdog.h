/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Tells the service manager, if it wants to hear it (WatchdogSec= in the unit), that the event loop turns and its daemon is well. Who does
 * not say so for that long is killed and started again. */

#ifndef LIB_WATCHDOG_H
#define LIB_WATCHDOG_H

#include <event2/event.h>
#include <stdbool.h>

struct watchdog;

/* Asks is_well(ctx), which logs why not, twice in that time, and every second once it says no; NULL: that the loop turns is enough. *watchdog is NULL where nobody
 * wants to hear. 0 or -ENOMEM. */
int watchdog_open(struct watchdog **watchdog, struct event_base *base, bool (*is_well)(void *ctx), void *ctx);
void watchdog_close(struct watchdog *watchdog);

#endif
