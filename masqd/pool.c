/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Address pools. Only addresses that were used once are remembered, so a large pool costs nothing; and to choose one takes the same
 * time however many are in use: what is in use is not in the queue, and what was passed once is not looked at again. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "masqd/pool.h"

/* An address that somebody had. */
struct lease {
	struct in_addr address;
	char *user;	/* NULL: unknown */
	struct lease **in;	/* the queue that it is in, NULL: it was given away */
	struct lease *prev, *next;
	UT_hash_handle by_address, by_user;
};

/* How far a range has been given away for the first time. */
struct progress {
	struct range range;
	uint32_t next;	/* in host order; all before it were in use, or have a lease */
	bool is_through;
	UT_hash_handle hh;
};

struct pool_memory {
	struct lease *by_address;
	struct lease *by_user;	/* the last address of each user */
	struct lease *queue;	/* what came back, oldest first */
	struct lease *unused;	/* what was given away and not used, the last one first */
	struct progress *progress;
};

struct pool_memory *pool_memory_new(void)
{
	return calloc(1, sizeof(struct pool_memory));
}

static void unqueue(struct lease *lease)
{
	if (lease->in)
		DL_DELETE(*lease->in, lease);
	lease->in = NULL;
}

static void forget_user(struct pool_memory *memory, struct lease *lease)
{
	if (lease->user)
		HASH_DELETE(by_user, memory->by_user, lease);
	free(lease->user);
	lease->user = NULL;
}

void pool_memory_free(struct pool_memory *memory)
{
	struct lease *lease, *next;
	struct progress *progress, *other;

	if (!memory)
		return;
	HASH_ITER(by_address, memory->by_address, lease, next) {
		forget_user(memory, lease);
		HASH_DELETE(by_address, memory->by_address, lease);
		free(lease);
	}
	HASH_ITER(hh, memory->progress, progress, other) {
		HASH_DEL(memory->progress, progress);
		free(progress);
	}
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

/* What is known of the address, in no queue. NULL without memory. */
static struct lease *lease_of(struct pool_memory *memory, struct in_addr address)
{
	struct lease *lease = find(memory, address);

	if (!lease) {
		lease = calloc(1, sizeof(*lease));
		if (!lease)
			return NULL;
		lease->address = address;
		HASH_ADD(by_address, memory->by_address, address, sizeof(lease->address), lease);
	}
	unqueue(lease);
	return lease;
}

void pool_give_back(struct pool_memory *memory, struct in_addr address)
{
	struct lease *lease = lease_of(memory, address);

	if (!lease)
		return;
	DL_PREPEND(memory->unused, lease);
	lease->in = &memory->unused;
}

void pool_remember(struct pool_memory *memory, struct in_addr address, const char *user)
{
	struct lease *lease = find_user(memory, user);

	/* A user's older address is nobody's, but keeps its place in the queue. */
	if (lease)
		forget_user(memory, lease);
	lease = lease_of(memory, address);
	if (!lease)
		return;
	DL_APPEND(memory->queue, lease);
	lease->in = &memory->queue;
	forget_user(memory, lease);
	lease->user = user ? strdup(user) : NULL;
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

/* NULL without memory: then it begins at the beginning. */
static struct progress *progress_of(struct pool_memory *memory, const struct range *range)
{
	struct progress *progress;

	HASH_FIND(hh, memory->progress, range, sizeof(*range), progress);
	if (progress)
		return progress;
	progress = calloc(1, sizeof(*progress));
	if (!progress)
		return NULL;
	progress->range = *range;
	progress->next = ntohl(range->first.s_addr);
	HASH_ADD(hh, memory->progress, range, sizeof(progress->range), progress);
	return progress;
}

struct choosing {
	struct pool_memory *memory;
	bool (*is_free)(void *ctx, struct in_addr address);
	void *ctx;
	struct in_addr *address;
};

static bool take(const struct choosing *choosing, struct in_addr candidate)
{
	struct lease *lease;

	if (!choosing->is_free(choosing->ctx, candidate))
		return false;
	lease = find(choosing->memory, candidate);
	if (lease)
		unqueue(lease);
	*choosing->address = candidate;
	return true;
}

/* What nobody has had. */
static bool take_new(const struct choosing *choosing, const struct range *range)
{
	struct progress *progress = progress_of(choosing->memory, range);
	uint32_t last = ntohl(range->last.s_addr);

	while (progress && !progress->is_through) {
		struct in_addr candidate = { .s_addr = htonl(progress->next) };

		progress->is_through = progress->next == last;
		if (!progress->is_through)
			progress->next++;
		if (!find(choosing->memory, candidate) && take(choosing, candidate))
			return true;
	}
	return false;
}

static bool take_first(const struct choosing *choosing, const struct pool *pool, struct lease *queue)
{
	struct lease *lease, *next;

	DL_FOREACH_SAFE(queue, lease, next)
		if (pool_contains(pool, lease->address) && take(choosing, lease->address))
			return true;
	return false;
}

/* What was not to be had when it was passed, and is now. */
static bool take_any(const struct choosing *choosing, const struct range *range)
{
	for (uint32_t host = ntohl(range->first.s_addr);; host++) {
		if (take(choosing, (struct in_addr){ .s_addr = htonl(host) }))
			return true;
		if (host == ntohl(range->last.s_addr))
			return false;
	}
}

int pool_choose(struct pool_memory *memory, const struct pool *pool, const char *user,
		bool (*is_free)(void *ctx, struct in_addr address), void *ctx, struct in_addr *address)
{
	const struct choosing choosing = { .memory = memory, .is_free = is_free, .ctx = ctx, .address = address };
	const struct lease *lease = find_user(memory, user);

	if (lease && pool_contains(pool, lease->address) && take(&choosing, lease->address))
		return 0;
	if (take_first(&choosing, pool, memory->unused))
		return 0;
	for (unsigned i = 0; i < pool->range_count; i++)
		if (take_new(&choosing, &pool->ranges[i]))
			return 0;
	if (take_first(&choosing, pool, memory->queue))
		return 0;
	for (unsigned i = 0; i < pool->range_count; i++)
		if (take_any(&choosing, &pool->ranges[i]))
			return 0;
	return -ENOSPC;
}
