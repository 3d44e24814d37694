/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Shaping towards the client: an htb with one class as the root qdisc of the client's interface, and in it a queue that is fair
 * to its flows, so that a download does not stop a terminal session. The qdisc is known as ours by its handle; what
 * somebody else has put there stays. Interfaces that clients share are not shaped: masqd/elements.h. */

#ifndef MASQD_SHAPER_H
#define MASQD_SHAPER_H

#include <stdbool.h>
#include <stdint.h>

#include "masqd/policy.h"

/* Major number of the qdisc's handle, "4d47:" for tc. */
#define SHAPER_HANDLE 0x4d47U

struct shaper;

int shaper_open(struct shaper **shaper);
void shaper_close(struct shaper *shaper);

/* Finds out what the kernel has, which may load modules: better before a line waits for it. */
void shaper_prepare(struct shaper *shaper);

/* Leads from one grant to the other; either may be the zero grant. A shaped interface gets another rate without losing a
 * packet. One that is to be shaped no more keeps the qdisc, without a limit, as long as packets wait in it: then drains is
 * set, and shaper_sweep is to be called again. 0; -EEXIST if the interface has a root qdisc that is neither ours nor the
 * kernel's default, which is left alone; another -errno. */
int shaper_replace(struct shaper *shaper, const struct grant *from, const struct grant *to, bool *drains);

/* Does the grant want its interface shaped? */
bool shaper_is_wanted(const struct grant *grant);

/* Is it shaped as the grant wants it? 1, 0 or -errno. */
int shaper_holds(struct shaper *shaper, const struct grant *grant);

/* Tells of each interface that has a qdisc of ours, of some perhaps twice. 0 or -errno. */
int shaper_each(struct shaper *shaper, void (*on_shaped)(void *ctx, unsigned ifindex), void *ctx);

/* Removes our qdiscs from the interfaces that are not wanted; drains as above. 0 or -errno. */
int shaper_sweep(struct shaper *shaper, bool (*is_wanted)(void *ctx, unsigned ifindex), void *ctx, bool *drains);

/* How many packets to the interface our qdisc has dropped; false if there is none of ours. */
bool shaper_drops(struct shaper *shaper, unsigned ifindex, uint64_t *drops);

/* The queue inside, by the rate (bit/s) that empties it. */
struct shaper_queue {
	uint32_t target_us;	/* the delay that CoDel aims for: more than the largest packet takes */
	uint32_t interval_us;	/* in which it expects the delay to come down once */
	uint32_t quantum;	/* bytes a flow sends in its turn */
	uint32_t limit;		/* packets */
};

struct shaper_queue shaper_queue(uint64_t rate);

#endif
