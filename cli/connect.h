/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Calls to masqd and masq-arpd, and the words for everything that can go wrong with them. */

#ifndef CLI_CONNECT_H
#define CLI_CONNECT_H

#include <jansson.h>
#include <stdint.h>

#include "cli/options.h"
#include "lib/varlink-client.h"

enum connect_daemon {
	CONNECT_MASQD,
	CONNECT_ARPD,
};

struct connect {
	struct varlink_client client;
	enum connect_daemon daemon;
	const struct options *opt;
};

#define CONNECT_INIT { .client = VARLINK_CLIENT_INIT }

/* Monotonic milliseconds at which a call that starts now is given up: after --timeout, or else after otherwise_sec. */
int64_t connect_deadline(const struct options *opt, long otherwise_sec);

/* Connects. 0, or an exit code with the failure reported. */
int connect_open(struct connect *c, enum connect_daemon daemon, const struct options *opt);
void connect_close(struct connect *c);

/* Connects without a word about failures: 0 or -errno. */
int connect_try(struct connect *c, enum connect_daemon daemon, const struct options *opt);

/* Calls a method (its name without the interface); takes over parameters. 0 with a reply to be freed, which may be an
 * error; or an exit code, reported. */
int connect_ask(struct connect *c, const char *method, json_t *parameters, struct varlink_reply *reply);

/* The same, but an error reply is reported, too. *answer (may be NULL) gets the reply's parameters, the caller owns them. */
int connect_call(struct connect *c, const char *method, json_t *parameters, json_t **answer);

/* Calls a method with more and hands over one member of each reply, a borrowed object, as it comes. The parameters of the last reply are
 * the caller's in *last (may be NULL). */
int connect_each(struct connect *c, const char *method, json_t *parameters, const char *member, void (*take)(void *ctx, json_t *row), void *ctx,
		 json_t **last);

/* Calls a method with more and collects one member of all its replies in a new array. */
int connect_list(struct connect *c, const char *method, json_t *parameters, const char *member, json_t **rows);

/* The sessions with the members that a SEL can be about, in a new array. */
int connect_list_selectable(struct connect *c, json_t **sessions);

/* Sends a call with more, whose replies are to be received by the caller. 0 or -errno, without a word. */
int connect_subscribe(struct connect *c, const char *method);

/* Reports why a call of this method failed: by the transport's -errno, or by the daemon's error reply. Returns the exit code. */
int connect_report_transport(const struct connect *c, int rc);
int connect_report_error(const struct connect *c, const char *method, const struct varlink_reply *reply);

/* Is it this error (its name without the interface)? */
bool connect_is_error(const struct connect *c, const struct varlink_reply *reply, const char *name);

#endif
