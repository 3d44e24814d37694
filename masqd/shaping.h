/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Shaping of the sessions: who says what could not be done, and tries it again. A client that cannot be shaped is served all
 * the same. */

#ifndef MASQD_SHAPING_H
#define MASQD_SHAPING_H

#include "masqd/gateway.h"
#include "masqd/mismatch.h"

int shaping_open(struct gateway *gw);
void shaping_close(struct gateway *gw);

/* The session has another grant than it had. */
void shaping_follow(struct gateway *gw, struct session *s, const struct grant *had);

/* Brings all into accord with the grants, after a time in which nobody looked. */
void shaping_replay(struct gateway *gw);

/* Tells which sessions' interfaces are not shaped as they should be, and which others are. What could not be shaped because somebody else's
 * qdisc is there is not told of. 0 or -errno. */
int shaping_compare(struct gateway *gw, const struct mismatch_handler *handler);

/* Tries again where it could not be done. */
void shaping_retry(struct gateway *gw);

#endif
