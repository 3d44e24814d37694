/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Which address a new client gets: every address of a pool's ranges once, a returning user's last one if it is free, else the
 * one that has been free for longest. Knows nothing of sessions: the caller says what is in use. */

#ifndef MASQD_POOL_H
#define MASQD_POOL_H

#include "masqd/conf.h"

struct pool_memory;

/* Remembers who had what. NULL without memory. */
struct pool_memory *pool_memory_new(void);
void pool_memory_free(struct pool_memory *memory);

/* Chooses an address of the pool for this user (may be NULL). is_free is asked for each candidate. It is not chosen before others
 * any more until it comes back, by one of the next two. 0 or -ENOSPC. */
int pool_choose(struct pool_memory *memory, const struct pool *pool, const char *user,
		bool (*is_free)(void *ctx, struct in_addr address), void *ctx, struct in_addr *address);

/* The address was not used after all: it is the next to be given away. */
void pool_give_back(struct pool_memory *memory, struct in_addr address);

/* The address came back (or was taken by this user, at the start): it goes to the end of the queue. user may be NULL. */
void pool_remember(struct pool_memory *memory, struct in_addr address, const char *user);

bool pool_contains(const struct pool *pool, struct in_addr address);
/* How many addresses it has. */
unsigned long pool_size(const struct pool *pool);

#endif
