/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What has been used of quotas. Bytes are those of the kernel's 64-bit counters, which count also what is with the gateway itself
 * and what the rules drop. They are added to an account: the user's, whatever sessions he has at a time or one after the other;
 * the line's, or else the address's, where there is no user. An account is of one kind of period; the sessions of a user whose
 * policies have different ones add to different accounts.
 *
 * Accounts are kept in the store, written when a session of theirs ends and else some seconds after they change, in slices, together
 * with the counters they stand for: so a daemon that was killed goes on where the kernel is. Lost is, of a session that ended while masqd was not there,
 * what it used since the last write (QUOTA_WRITE_SECONDS, or as much longer as a slice of a thousand rows a second takes). */

#ifndef MASQD_QUOTA_H
#define MASQD_QUOTA_H

#include <event2/event.h>

#include "masqd/session.h"
#include "masqd/store.h"

#define QUOTA_WRITE_SECONDS 5

struct quota;

struct quota_handler {
	/* Asks the kernel for the counters of all sessions. Sessions may end in it. */
	void (*refresh)(void *ctx);
	/* Bytes from the client and to it, as last read. False: unknown. */
	bool (*read)(void *ctx, uint32_t serial, uint64_t *rx, uint64_t *tx);
	/* A session is not what its fact quota_state says any more, or it is over and its policy denies. May end this session, and no
	 * other. */
	void (*on_state)(void *ctx, uint32_t serial);
	void *ctx;
};

/* handler's functions are called by a timer a second, which does not run without quotas; and less often where refresh takes so
 * long that it would take more than a twentieth of the time. 0 or -ENOMEM. store is borrowed for life. */
int quota_open(struct quota **quota, struct event_base *base, struct store *store, const struct quota_handler *handler);
/* Writes all that is not written yet. */
void quota_close(struct quota *quota);

/* Counts a session that is in force and whose policy has a quota, and sets its fact quota_state; does not count any other any more. To be
 * called whenever something of the session has changed. */
void quota_follow(struct quota *quota, struct session *s);

/* Of an account. */
struct quota_use {
	enum quota_state state;
	uint64_t down, up;	/* bytes */
	unsigned percent;	/* of the limit that is nearest to be reached */
	uint64_t left;		/* bytes until it is */
	time_t resets;		/* 0: at the session's end */
};

/* What the session's user has used, by its policy's terms; the session need not be in force. False without a quota. */
bool quota_get(struct quota *quota, const struct session *s, struct quota_use *use);

/* Whose account the session adds to, as quota_reset takes it; text is room for it. */
const char *quota_owner(const struct session *s, char text[ADDR_TEXT_MAX]);

/* The accounts of a user, a line or an address, whatever their period, begin anew. How many there were. */
unsigned quota_reset(struct quota *quota, const char *owner);

/* Sessions that are in this state. */
unsigned quota_count(const struct quota *quota, enum quota_state state);

#endif
