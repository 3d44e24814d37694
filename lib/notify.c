/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* sd_notify(3) where configure found libsystemd, else nothing. */

#include "config.h"

#include "lib/notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef HAVE_LIBSYSTEMD
#include <systemd/sd-daemon.h>

static void tell(const char *state)
{
	sd_notify(0, state);
}
#else
static void tell(const char *state)
{
	(void)state;
}
#endif

void notify_ready(void)
{
	tell("READY=1");
}

void notify_reloading(void)
{
	struct timespec now;
	char state[64];

	/* Type=notify-reload wants to know which reload this is. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		 (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
	tell(state);
}

void notify_stopping(void)
{
	tell("STOPPING=1");
}

void notify_status(const char *format, ...)
{
	char state[256] = "STATUS=";
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(state + 7, sizeof(state) - 7, format, arguments);
	va_end(arguments);
	tell(state);
}
