/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Addresses that hosts on the LANs use, although they are our clients' or were about to be. Pure. */

#ifndef MASQD_CONFLICTS_H
#define MASQD_CONFLICTS_H

#include <stdbool.h>
#include <stdint.h>

#include "masqd/arp.h"

/* So long an address that somebody else was found to have is not given away. */
enum { CONFLICTS_AVOID_MS = 10 * 60 * 1000 };
/* So many are remembered, the latest: a LAN may claim whatever is asked for. */
enum { CONFLICTS_MAX = 256 };

struct conflict {
	struct conflict *prev, *next;
	struct arp_event event;
	int64_t heard_ms;	/* on the clock of varlink_now_ms, as now_ms below */
};

/* Zero it before. */
struct conflicts {
	struct conflict *list;
	unsigned count;
};

/* Remembers a conflict, with the host that was heard last: there may be several, or one that says it is. Is it news, of
 * another address or LAN? */
bool conflicts_note(struct conflicts *conflicts, const struct arp_event *event, int64_t now_ms);

/* Forgets those of an address, on this interface or, if it is "", on all. Were there any? */
bool conflicts_forget(struct conflicts *conflicts, const struct in6_addr *address, const char *interface);

/* Is the address to be avoided? */
bool conflicts_has(const struct conflicts *conflicts, const struct in6_addr *address, int64_t now_ms);

/* Forgets what has no owner (one of ours who has the address) and is not avoided any more. */
void conflicts_sweep(struct conflicts *conflicts, int64_t now_ms, bool (*has_owner)(void *ctx, const struct in6_addr *address), void *ctx);

/* Forgets what has an owner. */
void conflicts_drop_owned(struct conflicts *conflicts, bool (*has_owner)(void *ctx, const struct in6_addr *address), void *ctx);

void conflicts_free(struct conflicts *conflicts);

#endif
