/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Forwarded ports, as far as it concerns more than one session: who has which, and who gets it next; and the addresses that
 * they are ports of. */

#ifndef MASQD_PORTS_H
#define MASQD_PORTS_H

#include "masqd/gateway.h"

/* Finds out who has the ports that lead to this session, and says it when it has changed. */
void ports_claim(struct gateway *gw, struct session *s);

/* Whoever waits for ports that are free now has them. */
void ports_give(struct gateway *gw);

/* Connections from inside by the public address are not the session's to which they lead, but of who opened them. Those of the first grant
 * go, unless the other one has ports at the same address: before the session has some, since they were to a former holder, and
 * when it has none any more. */
void ports_forget(struct gateway *gw, const struct session *s, const struct grant *grant, const struct grant *other);

/* The kernel remembers a port that leads to this address. ctx is the gateway. */
void ports_on_remembered(void *ctx, struct in_addr to);
/* After all of these: gives the sessions their grants, first to those with ports, so that nobody else has them now. */
void ports_recover(struct gateway *gw);

/* Calls put with the addresses that the uplinks have now. */
void ports_each_uplink_address(struct gateway *gw, void (*put)(struct elements *elements, struct in_addr address));
/* Adds them to a transaction of elements; and does it, 0 or -errno. */
void ports_put_uplink_addresses(struct gateway *gw);
int ports_follow_uplinks(struct gateway *gw);

#endif
