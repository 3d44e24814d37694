/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The second lock of the uplinks: a filter at the egress of each that drops what has a private source which is not of the uplink's own
 * networks. The rules say that too, and more; but between a flush of the ruleset and its repair the kernel forwards what it knows and
 * translates nothing, and a flush does not reach this. masqd's end does not either. */

#ifndef MASQD_EGRESS_LOCK_H
#define MASQD_EGRESS_LOCK_H

#include <event2/event.h>
#include <stdbool.h>

#include "masqd/conf.h"
#include "masqd/links.h"
#include "masqd/mismatch.h"

struct egress_lock;

/* on_repaired is told when somebody else had removed a filter, and it is there again. links is borrowed for life. 0 or -errno. */
int egress_lock_open(struct egress_lock **lock, struct event_base *base, const struct links *links, void (*on_repaired)(void *ctx),
		     void *ctx);
/* The filters stay. */
void egress_lock_close(struct egress_lock *lock);

/* Locks this configuration's uplinks, and no others: but as long as an uplink is absent, what an earlier run has locked may be it, renamed,
 * and stays locked. Private addresses of these policies' snat-address may leave. Failures are logged, once each. */
void egress_lock_set(struct egress_lock *lock, const struct conf *conf, const struct policy *const *policies, unsigned count);

/* One more policy. */
void egress_lock_allow(struct egress_lock *lock, const struct policy *policy);

/* An interface is new, or its addresses have changed. */
void egress_lock_follow(struct egress_lock *lock, const struct link *link);

/* Tells which uplinks that are there have no filter, or another one of ours. */
void egress_lock_compare(const struct egress_lock *lock, const struct mismatch_handler *handler);

/* Is the uplink locked? Not one that is absent. */
bool egress_lock_has(const struct egress_lock *lock, const struct uplink *uplink);

#endif
