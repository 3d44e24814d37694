/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* sd-daemon(3) where configure found libsystemd, else nothing. */

#include "config.h"

#include "lib/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#ifdef HAVE_LIBSYSTEMD
#include <systemd/sd-daemon.h>

static void tell(const char *state)
{
	sd_notify(0, state);
}

uint64_t notify_watchdog_us(void)
{
	uint64_t us;

	return sd_watchdog_enabled(0, &us) > 0 ? us : 0;
}

int notify_take_socket(const char *path)
{
	int fd = SD_LISTEN_FDS_START, count = sd_listen_fds(1);

	if (count <= 0)
		return count < 0 ? count : -ENOENT;
	if (count > 1)
		return -E2BIG;
	if (sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) <= 0)
		return -ENOTSOCK;
	if (sd_is_socket_unix(fd, SOCK_STREAM, 1, path, 0) <= 0)
		return -EADDRNOTAVAIL;
	return fcntl(fd, F_SETFL, O_NONBLOCK) ? -errno : fd;
}
#else
static void tell(const char *state)
{
	(void)state;
}

uint64_t notify_watchdog_us(void)
{
	return 0;
}

int notify_take_socket(const char *path)
{
	(void)path;
	return -ENOENT;
}
#endif

void notify_alive(void)
{
	tell("WATCHDOG=1");
}

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
