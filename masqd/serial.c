/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The counter. Each serial is written before it is used, in place and without a sync: that survives a killed daemon, and
 * a crashed kernel has no conntrack entries left to be mistaken. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/log.h"
#include "masqd/serial.h"

struct serial_counter {
	int fd;	/* -1: serials are not kept */
	uint32_t last;
};

/* Reads what the file holds: one decimal number. A file that holds something else counts as lost. */
static int read_last(struct serial_counter *counter)
{
	char text[16] = "";
	ssize_t len = pread(counter->fd, text, sizeof(text) - 1, 0);
	char *end;
	unsigned long last;

	if (len < 0)
		return -errno;
	if (len == 0)
		return 0;
	last = strtoul(text, &end, 10);
	if (end == text || *end != '\n' || last > UINT32_MAX)
		return -EINVAL;
	counter->last = (uint32_t)last;
	return 0;
}

struct serial_counter *serial_open(const char *folder, uid_t uid, gid_t gid)
{
	struct serial_counter *counter = calloc(1, sizeof(*counter));
	char path[PATH_MAX];
	int rc;

	if (!counter)
		return NULL;
	snprintf(path, sizeof(path), "%s/last-serial", folder);
	if (mkdir(folder, 0750) == 0 && geteuid() == 0 && chown(folder, uid, gid))
		log_warn("cannot give %s to its user: %s", folder, strerror(errno));
	counter->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	/* Made by root, before it is nobody special any more. */
	if (counter->fd >= 0 && geteuid() == 0 && fchown(counter->fd, uid, gid))
		log_warn("cannot give %s to its user: %s", path, strerror(errno));
	rc = counter->fd < 0 ? -errno : read_last(counter);
	if (rc) {
		log_warn("cannot read %s: %s; serials start from the clock", path, strerror(-rc));
		counter->last = (uint32_t)time(NULL);
	}
	return counter;
}

void serial_close(struct serial_counter *counter)
{
	if (!counter)
		return;
	if (counter->fd >= 0)
		close(counter->fd);
	free(counter);
}

static void keep(struct serial_counter *counter)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%010u\n", counter->last);

	if (counter->fd < 0 || pwrite(counter->fd, text, len, 0) == len)
		return;
	log_warn("cannot keep the last serial: %s; a restart may use serials again", strerror(errno));
	close(counter->fd);
	counter->fd = -1;
}

uint32_t serial_next(struct serial_counter *counter)
{
	if (++counter->last == 0)
		counter->last = 1;
	keep(counter);
	return counter->last;
}

void serial_seen(struct serial_counter *counter, uint32_t serial)
{
	if (serial > counter->last) {
		counter->last = serial;
		keep(counter);
	}
}
