/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What the service manager is told and has for us (sd_notify(3), sd_listen_fds(3)); nothing happens where there is none. */

#ifndef LIB_NOTIFY_H
#define LIB_NOTIFY_H

#include <stdint.h>

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);
void notify_status(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How often at least it wants to hear notify_alive, in microseconds; 0: not at all. */
uint64_t notify_watchdog_us(void);
void notify_alive(void);

/* The one listening Unix stream socket at path that was handed over, non-blocking and close-on-exec. -ENOENT if there was none; -E2BIG,
 * -ENOTSOCK, -EADDRNOTAVAIL as in unix_socket_listen. */
int notify_take_socket(const char *path);

#endif
