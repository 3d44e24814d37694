/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* sd_watchdog_enabled(3) */

#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/notify.h"
#include "lib/watchdog.h"

struct watchdog {
	struct event *timer;
	struct timeval pause;
	bool (*is_well)(void *ctx);
	void *ctx;
};

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	static const struct timeval second = { .tv_sec = 1 };
	struct watchdog *watchdog = ctx;
	bool is_well = !watchdog->is_well || watchdog->is_well(watchdog->ctx);

	if (is_well)
		notify_alive();
	/* After the half it would be too late for a second look. */
	event_add(watchdog->timer, is_well || evutil_timercmp(&watchdog->pause, &second, <) ? &watchdog->pause : &second);
}

int watchdog_open(struct watchdog **out, struct event_base *base, bool (*is_well)(void *ctx), void *ctx)
{
	uint64_t half_us = notify_watchdog_us() / 2;
	struct watchdog *watchdog;

	*out = NULL;
	if (!half_us)
		return 0;
	watchdog = calloc(1, sizeof(*watchdog));
	if (!watchdog)
		return -ENOMEM;
	watchdog->pause = (struct timeval){ .tv_sec = half_us / 1000000, .tv_usec = half_us % 1000000 };
	watchdog->is_well = is_well;
	watchdog->ctx = ctx;
	watchdog->timer = evtimer_new(base, on_timer, watchdog);
	if (!watchdog->timer || event_add(watchdog->timer, &watchdog->pause)) {
		watchdog_close(watchdog);
		return -ENOMEM;
	}
	*out = watchdog;
	return 0;
}

void watchdog_close(struct watchdog *watchdog)
{
	if (!watchdog)
		return;
	if (watchdog->timer)
		event_free(watchdog->timer);
	free(watchdog);
}
