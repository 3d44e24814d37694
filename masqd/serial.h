/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Session serials: never used again, not after a crash and not after a reboot, since conntrack entries, log lines and
 * people remember them. The last one stands in a file. */

#ifndef MASQD_SERIAL_H
#define MASQD_SERIAL_H

#include <stdint.h>
#include <sys/types.h>

struct serial_counter;

/* Opens, or creates for user uid, folder/last-serial. Without the file serials start from the clock, with a warning.
 * NULL without memory. */
struct serial_counter *serial_open(const char *folder, uid_t uid, gid_t gid);
void serial_close(struct serial_counter *counter);

uint32_t serial_next(struct serial_counter *counter);

/* A serial was seen in use: all that follow are greater. */
void serial_seen(struct serial_counter *counter, uint32_t serial);

#endif
