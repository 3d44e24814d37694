/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Who has the ports that policies forward: the first session that is online and asks for one. The others of the same policy
 * wait for it. */

#ifndef MASQD_CLAIM_H
#define MASQD_CLAIM_H

#include "masqd/session.h"

/* Finds out for each forward of the session's policy whether another session has one of its ports: forward_holders. */
void claim_forwards(const struct session_table *table, struct session *s);

/* For now it claims only what it has: it waits for the others, for itself where nobody else is known. */
void claim_nothing_new(struct session *s);

/* Does the session wait for a port that another one has? */
bool claim_is_waiting(const struct session *s);

#endif
