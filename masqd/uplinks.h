/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Which uplink leads out: for each list of uplinks that a policy names, the kernel has a routing table of ours (masqd/fib.h)
 * with those that can be used, in the list's order. Packets get there by their mark (struct grant, route_mark). */

#ifndef MASQD_UPLINKS_H
#define MASQD_UPLINKS_H

#include <event2/event.h>
#include <netinet/in.h>
#include <stdint.h>

#include "masqd/conf.h"
#include "masqd/links.h"
#include "masqd/mismatch.h"

struct uplinks;

struct uplinks_handler {
	/* The packets with this mark leave by another uplink than before. */
	void (*on_moved)(void *ctx, uint32_t mark);
	/* Somebody had changed our tables or rules. */
	void (*on_repaired)(void *ctx);
	void *ctx;
};

/* Nothing is done before uplinks_add. links is borrowed for life. 0 or -errno. */
int uplinks_open(struct uplinks **uplinks, struct event_base *base, const struct links *links, const struct uplinks_handler *handler);
/* Tables and rules stay. */
void uplinks_close(struct uplinks *uplinks);

/* Gives the lists of these policies their tables and rules, which are in force when this returns; those of before stay. A
 * list that is there already is now this one, whose uplinks may have other interfaces. The uplinks are borrowed until
 * uplinks_keep. 0, or -errno after a log line: then uplinks_keep puts it right. */
int uplinks_add(struct uplinks *uplinks, const struct policy *const *policies, unsigned count);

/* Keeps the lists of these policies only. What the others had in the kernel goes in the next turn of the event loop. 0 or
 * -ENOMEM. */
int uplinks_keep(struct uplinks *uplinks, const struct policy *const *policies, unsigned count);

/* Tells where the kernel's tables and rules are not those of the lists. 0 or -errno. */
int uplinks_compare(const struct uplinks *uplinks, const struct mismatch_handler *handler);
/* Makes them so now. 0 or -errno. */
int uplinks_repair(struct uplinks *uplinks);

/* An uplink's interface or address has changed: the tables follow, in the next turn of the event loop. */
void uplinks_refresh(struct uplinks *uplinks);
/* The same within a second, and once for all that happens in it. */
void uplinks_refresh_later(struct uplinks *uplinks);

/* Why nothing can leave by the uplink: static text; NULL if it can. gateway: by which (0.0.0.0: none is needed). */
const char *uplinks_problem(const struct uplinks *uplinks, const struct uplink *uplink, struct in_addr *gateway);

/* The interface by which packets with this mark leave now, those without one for 0; 0 if by none. */
unsigned uplinks_ifindex(const struct uplinks *uplinks, uint32_t mark);

/* Would the kernel take what comes in from far away by this uplink, or does its reverse path filter drop it
 * (ip-sysctl: rp_filter)? */
bool uplinks_accepts(const struct uplinks *uplinks, const struct uplink *uplink);

#endif
