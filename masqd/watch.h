/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Somebody else at our table: `nft flush ruleset`, as a restart of nftables.service runs it, or a hand that deletes a chain, a
 * rule or an element. The kernel tells of every transaction and of who made it. */

#ifndef MASQD_WATCH_H
#define MASQD_WATCH_H

#include <event2/event.h>
#include <stdint.h>

struct watch;

/* on_touched is called soon after a transaction of another process changed the table inet masqgate: at once for the first, a second
 * later for those that follow within a second. What comes from own_port (a netlink port of ours) does not even wake us up: a busy
 * gateway has a thousand such transactions a second. 0 or -errno. */
int watch_open(struct watch **watch, struct event_base *base, uint32_t own_port, void (*on_touched)(void *ctx), void *ctx);
void watch_close(struct watch *watch);

#endif
