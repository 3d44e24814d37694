/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A blocking Varlink client in which every wait has a deadline. Used by masqctl and by the pppd plugin; links libc
 * and jansson only. The daemons use lib/varlink-link.h, which lives on the event loop. */

#ifndef LIB_VARLINK_CLIENT_H
#define LIB_VARLINK_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/frame.h"

struct varlink_client {
	int fd;		/* -1 when not connected; non-blocking, close-on-exec */
	struct frame in;
	bool (*is_cancelled)(void);	/* asked when a signal interrupts a wait; NULL: signals never cancel */
};

enum varlink_flags {
	VARLINK_ONEWAY = 1 << 0,	/* no reply is wanted */
	VARLINK_MORE = 1 << 1,		/* several replies are wanted */
};

struct varlink_reply {
	json_t *parameters;	/* an object, never NULL; owned, json_decref it by varlink_reply_free */
	char *error;		/* qualified error name, NULL if the call succeeded; owned */
	bool continues;		/* more replies follow */
};

/* Monotonic milliseconds, the clock of all deadlines here. */
int64_t varlink_now_ms(void);

/* Deadlines are points on that clock. Each of these functions gives 0 or -errno; after any error but -EAGAIN the
 * connection is in an unknown state: close it, so that a late answer is never taken for the next call's. */

/* Connects to the stream socket at path. -ENOENT, -ECONNREFUSED (nobody listens), -EACCES, -ENAMETOOLONG, -ETIMEDOUT,
 * -EINTR (a signal came and is_cancelled says so). c must not be connected. */
int varlink_client_open(struct varlink_client *c, const char *path, int64_t deadline_ms);

/* Forgets what was received and closes. Safe when not connected. */
void varlink_client_close(struct varlink_client *c);
#define VARLINK_CLIENT_INIT { .fd = -1 }

/* The message of a call; takes over parameters (may be NULL for none). NULL: no memory. The caller frees it. */
char *varlink_call_text(const char *method, json_t *parameters, enum varlink_flags flags);

/* Sends a call; takes over parameters (may be NULL for none), also on error. -ENOTCONN, -ENOMEM, -EPIPE (the other end is
 * gone), -ETIMEDOUT, -EINTR. */
int varlink_client_send(struct varlink_client *c, const char *method, json_t *parameters, enum varlink_flags flags, int64_t deadline_ms);

/* Receives the next reply. A deadline of 0 only looks for what is there already (-EAGAIN if nothing is).
 * -ENOTCONN, -ETIMEDOUT, -ECONNRESET (end of file), -EPIPE (the other end went without having read what it was sent:
 * unix(7)), -EINTR, -EBADMSG (not Varlink), -EMSGSIZE, -ENOMEM. */
int varlink_client_receive(struct varlink_client *c, struct varlink_reply *reply, int64_t deadline_ms);

/* Sends a call and receives its one reply. */
int varlink_client_call(struct varlink_client *c, const char *method, json_t *parameters, struct varlink_reply *reply, int64_t deadline_ms);

void varlink_reply_free(struct varlink_reply *reply);

#endif
