/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Address pools. Only addresses that were used once are remembered, oldest first, so a large pool costs nothing. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "masqd/pool.h"

/* An address that somebody had. uthash keeps them in the order in which they were added: oldest first. */
struct lease {
	struct in_addr address;
	char *user;	/* NULL: unknown */
	UT_hash_handle by_address, by_user;
};

struct pool_memory {
	struct lease *by_address;
	struct lease *by_user;	/* the last address of each user */
};

struct pool_memory *pool_memory_new(void)
{
	return calloc(1, sizeof(struct pool_memory));
}

static void forget(struct pool_memory *memory, struct lease *lease)
{
	HASH_DELETE(by_address, memory->by_address, lease);
	if (lease->user)
		HASH_DELETE(by_user, memory->by_user, lease);
	free(lease->user);
	free(lease);
}

void pool_memory_free(struct pool_memory *memory)
{
	struct lease *lease, *next;

	if (!memory)
		return;
	HASH_ITER(by_address, memory->by_address, lease, next)
		forget(memory, lease);
	free(memory);
}

static struct lease *find(const struct pool_memory *memory, struct in_addr address)
{
	struct lease *lease;

	HASH_FIND(by_address, memory->by_address, &address, sizeof(address), lease);
	return lease;
}

static struct lease *find_user(const struct pool_memory *memory, const char *user)
{
	struct lease *lease = NULL;

	if (user)
		HASH_FIND(by_user, memory->by_user, user, strlen(user), lease);
	return lease;
}

void pool_remember(struct pool_memory *memory, struct in_addr address, const char *user)
{
	struct lease *lease = find(memory, address);

	if (lease)
		forget(memory, lease);
	/* A user's older address goes back to nobody, but keeps its place in the queue. */
	lease = find_user(memory, user);
	if (lease) {
		HASH_DELETE(by_user, memory->by_user, lease);
		free(lease->user);
		lease->user = NULL;
	}
	lease = calloc(1, sizeof(*lease));
	if (!lease)
		return;
	lease->address = address;
	lease->user = user ? strdup(user) : NULL;
	HASH_ADD(by_address, memory->by_address, address, sizeof(lease->address), lease);
	if (lease->user)
		HASH_ADD_KEYPTR(by_user, memory->by_user, lease->user, strlen(lease->user), lease);
}

bool pool_contains(const struct pool *pool, struct in_addr address)
{
	for (unsigned i = 0; i < pool->range_count; i++)
		if (range_contains(&pool->ranges[i], address))
			return true;
	return false;
}

unsigned long pool_size(const struct pool *pool)
{
	unsigned long size = 0;

	for (unsigned i = 0; i < pool->range_count; i++)
		size += (unsigned long)ntohl(pool->ranges[i].last.s_addr) - ntohl(pool->ranges[i].first.s_addr) + 1;
	return size;
}

int pool_choose(struct pool_memory *memory, const struct pool *pool, const char *user,
		bool (*is_free)(void *ctx, struct in_addr address), void *ctx, struct in_addr *address)
{
	struct lease *lease = find_user(memory, user), *next;

	if (lease && pool_contains(pool, lease->address) && is_free(ctx, lease->address)) {
		*address = lease->address;
		return 0;
	}
	for (unsigned i = 0; i < pool->range_count; i++) {
		uint32_t last = ntohl(pool->ranges[i].last.s_addr);

		for (uint32_t host = ntohl(pool->ranges[i].first.s_addr);; host++) {
			struct in_addr candidate = { .s_addr = htonl(host) };

			if (!find(memory, candidate) && is_free(ctx, candidate)) {
				*address = candidate;
				return 0;
			}
			if (host == last)
				break;
		}
	}
	HASH_ITER(by_address, memory->by_address, lease, next) {
		if (pool_contains(pool, lease->address) && is_free(ctx, lease->address)) {
			*address = lease->address;
			return 0;
		}
	}
	return -ENOSPC;
}
