/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Sessions that end by themselves: at their time, or because their client is not heard any more. Idle means that nothing
 * came in on the client's interface: neither its pppd's LCP echoes (which never reach the interface) nor what others send to
 * it keep a session alive. One timer a second for all, and none when there is nothing to watch. */

#ifndef MASQD_EXPIRY_H
#define MASQD_EXPIRY_H

#include <event2/event.h>

#include "masqd/links.h"
#include "masqd/policy.h"

struct expiry;

/* on_expired may end the session it is told of, and no other. links is borrowed for life. 0 or -errno. */
int expiry_open(struct expiry **expiry, struct event_base *base, struct links *links,
		void (*on_expired)(void *ctx, uint32_t serial, const char *reason), void *ctx);
void expiry_close(struct expiry *expiry);

/* Watches what the new grant says, and no longer what the old one said. 0 or -ENOMEM. */
int expiry_replace(struct expiry *expiry, const struct grant *from, const struct grant *to);

#endif
