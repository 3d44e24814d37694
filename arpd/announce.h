/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Tells a LAN that an address is here now, so that hosts that knew it elsewhere turn to us at once: an ARP announcement
 * (RFC 5227 section 2.3, the request form), or an unsolicited neighbour advertisement (RFC 4861 section 7.2.6), to everybody. Twice,
 * since one may be lost. Paced: queues drained by a timer. */

#ifndef ARPD_ANNOUNCE_H
#define ARPD_ANNOUNCE_H

#include <event2/event.h>

#include "arpd/table.h"
#include "arpd/wire.h"

/* RFC 5227 section 1.1: ANNOUNCE_NUM and ANNOUNCE_INTERVAL. */
enum { ANNOUNCE_NUM = 2, ANNOUNCE_INTERVAL_MS = 2000 };

struct announcer;

/* wire is borrowed for life. 0 or -ENOMEM. */
int announcer_open(struct announcer **announcer, struct event_base *base, struct wire *wire);
void announcer_close(struct announcer *announcer);

/* Begins the announcements of an installed entry, anew if it had begun; and takes it out again: before the entry is freed or no
 * longer published. */
void announcer_add(struct announcer *announcer, struct entry *entry, unsigned times);
void announcer_del(struct announcer *announcer, struct entry *entry);

#endif
