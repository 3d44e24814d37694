/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A daemon inside the target, in a network namespace and with a /run of its own, which end with the process; and its clients. */

#ifndef TESTS_FUZZ_DAEMON_H
#define TESTS_FUZZ_DAEMON_H

#include <event2/event.h>

#include "tests/fuzz/fuzz.h"

/* Leaves the machine's network and /run, as root or with a user namespace; then runs these commands. Before any thread. */
void daemon_isolate(const char *const commands[]);

/* Runs the loop until nothing is left to do at once. */
void daemon_settle(struct event_base *base);

/* Plays the input to the daemon that listens at path. Bytes are a client's, message by message as they stand there; a byte 1 goes on
 * as the next one of three clients, a byte 2 hangs up, a byte 3 is a pause in which the daemon reads what it has until then, and
 * on_byte is told of 4 to 7. Each reply must be one, and no call have two. In the end all hang up, after on_end. */
struct daemon_events {
	void (*on_byte)(unsigned char byte);
	void (*on_end)(void);
};
void daemon_play(struct event_base *base, const char *path, const struct daemon_events *events, const uint8_t *data, size_t size);

#endif
