/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* To be preloaded: the clock on the wall goes wrong by as many seconds as stand in the file FAKE_CLOCK, which may change. Those clocks
 * that nobody can set go on. No sanitizers: it comes before theirs. */

#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int file = -1;

__attribute__((constructor)) static void open_file(void)
{
	const char *path = getenv("FAKE_CLOCK");

	file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

static time_t wrong_by(void)
{
	char text[32] = "";

	return file >= 0 && pread(file, text, sizeof(text) - 1, 0) > 0 ? atoll(text) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int rc = (int)syscall(SYS_clock_gettime, clock, now);

	if (!rc && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		now->tv_sec += wrong_by();
	return rc;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec exact;
	int rc = clock_gettime(CLOCK_REALTIME, &exact);

	*now = (struct timeval){ .tv_sec = exact.tv_sec, .tv_usec = exact.tv_nsec / 1000 };
	return rc;
}

time_t time(time_t *where)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (where)
		*where = now.tv_sec;
	return now.tv_sec;
}
