/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* As whom the sessions appear outside: keeps each session's public address and ports what its policy says, and knows which
 * uplink has which address. */

#ifndef MASQD_TRANSLATION_H
#define MASQD_TRANSLATION_H

#include "masqd/gateway.h"

/* What pool, user or administrator may be told, and the peer too. */
#define TRANSLATION_EXHAUSTED "all port blocks are in use"

/* Makes s->public what the policy in s->policy gives: what it is if that fits, else a new choice. 0; -ENOSPC when all port
 * blocks are in use, -ENOMEM; then the session has no ports. */
int translation_assign(struct gateway *gw, struct session *s);

/* The session has another grant than it had. Flows that are not translated as it says never will be: they go. */
void translation_follow(struct gateway *gw, const struct session *s, const struct grant *had);

/* The session is over: its ports are given away once its flows are gone, at once if it never had any. */
void translation_leave(struct gateway *gw, const struct session *s, bool had_flows);

/* After the kernel has been asked for all that it remembers: s->public is what it is there. Sessions that the policy's
 * ports do not suffice for any more end. */
void translation_recover(struct gateway *gw);

/* For public_table_new: is it the address that masquerading gives? ctx is the gateway. */
bool translation_is_uplink_address(void *ctx, struct in_addr address);

/* The uplink by which the policy's clients leave now; NULL if by none. */
const struct uplink *translation_uplink(const struct gateway *gw, const struct policy *policy);

/* The address as which the session's packets leave now; 0.0.0.0: none. */
struct in_addr translation_address(const struct gateway *gw, const struct session *s);

/* Is an address that was chosen not one of any uplink that is up, so that nothing leaves with it? Then hint has a command that helps
 * (static buffer). */
bool translation_is_stranded(const struct gateway *gw, struct in_addr address, const char **hint);

#endif
