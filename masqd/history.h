/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Who had what, and when: a row for each session that was open, and one for each public address and block of ports that it had, in
 * masqd/store.h's file. What cannot be written there is missing here, and nowhere else. Old rows go by themselves. */

#ifndef MASQD_HISTORY_H
#define MASQD_HISTORY_H

#include <jansson.h>

#include "masqd/gateway.h"

/* The session has been opened, or its grant is another one. */
void history_follow(struct gateway *gw, const struct session *s);
/* Perhaps an uplink has another address, and so have its clients. */
void history_follow_all(struct gateway *gw);
/* It is over. */
void history_close(struct gateway *gw, const struct session *s, const char *reason);
/* Flushes the connections of sessions that the kernel's elements do not have any more: the masqd before this one may have died
 * between taking a session out and flushing it. */
void history_flush_lost(struct gateway *gw);
/* What was open when masqd ended and is not any more is over. */
void history_sweep(struct gateway *gw);

/* Sessions that were open between these times (seconds since the epoch), the newest first, as the API's Past; no more than
 * HISTORY_ROWS_MAX. */
enum { HISTORY_ROWS_MAX = 10000 };
json_t *history_sessions(struct gateway *gw, time_t since, time_t until);

/* Sessions that had this port of this address at that time, as the API's Owner. Those whose block it was alone, if there are any; else
 * all that shared the address. */
json_t *history_owners(struct gateway *gw, struct in_addr address, unsigned port, time_t at);

#endif
