/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Somebody else at our table: `nft flush ruleset`, as a restart of nftables.service runs it, or a hand that deletes a chain, a
 * rule or an element. The kernel tells of every transaction and of who made it. */

#ifndef MASQD_WATCH_H
#define MASQD_WATCH_H

#include <event2/event.h>

struct watch;

/* on_touched is called soon after a transaction of another process changed the table inet masqgate: at once for the first,
 * a second later for those that follow within a second. 0 or -errno. */
int watch_open(struct watch **watch, struct event_base *base, void (*on_touched)(void *ctx), void *ctx);
void watch_close(struct watch *watch);

#endif
