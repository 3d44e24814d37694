/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* An array of owners for each public address: a smallest block of ports each. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "masqd/public.h"

enum { SLOTS = 65536 / PUBLIC_BLOCK_MIN };

struct owner {
	uint32_t serial;	/* 0: free */
	bool is_leaving;
};

struct ports {
	struct in_addr address;
	struct owner owners[SLOTS];
	UT_hash_handle hh;
};

struct public_table {
	struct ports *by_address;
	bool (*is_uplink_address)(void *ctx, struct in_addr address);
	void *ctx;
};

/* The first block begins at the first multiple of its size that is not kept back. */
static unsigned first_number(unsigned size)
{
	return (PUBLIC_PORT_FIRST + size - 1) / size;
}

unsigned public_block_count(unsigned size)
{
	return (PUBLIC_PORT_LAST + 1) / size - first_number(size);
}

void public_block(unsigned size, unsigned number, struct public *public)
{
	unsigned first = (first_number(size) + number) * size;

	public->port_first = (uint16_t)first;
	public->port_last = (uint16_t)(first + size - 1);
}

struct public_table *public_table_new(bool (*is_uplink_address)(void *ctx, struct in_addr address), void *ctx)
{
	struct public_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->is_uplink_address = is_uplink_address;
	table->ctx = ctx;
	return table;
}

void public_table_free(struct public_table *table)
{
	struct ports *ports, *next;

	if (!table)
		return;
	HASH_ITER(hh, table->by_address, ports, next) {
		HASH_DEL(table->by_address, ports);
		free(ports);
	}
	free(table);
}

static struct ports *find(const struct public_table *table, struct in_addr address)
{
	struct ports *ports;

	HASH_FIND(hh, table->by_address, &address, sizeof(address), ports);
	return ports;
}

/* NULL without memory. */
static struct ports *find_or_add(struct public_table *table, struct in_addr address)
{
	struct ports *ports = find(table, address);

	if (ports)
		return ports;
	ports = calloc(1, sizeof(*ports));
	if (!ports)
		return NULL;
	ports->address = address;
	HASH_ADD(hh, table->by_address, address, sizeof(ports->address), ports);
	return ports;
}

bool public_fits(const struct public *public, const struct policy *policy)
{
	unsigned size = public->port_first ? public->port_last - public->port_first + 1u : 0;
	bool has_address = public->address.s_addr != 0;

	return size == policy->port_block && has_address == (policy->nat == NAT_SNAT) &&
	       (!has_address || range_list_contains(&policy->snat_address, public->address));
}

/* Are ports of the one ports of the other? */
static bool is_same(const struct public_table *table, struct in_addr a, struct in_addr b)
{
	if (a.s_addr == b.s_addr)
		return true;
	if (a.s_addr && b.s_addr)
		return false;
	return table->is_uplink_address(table->ctx, a.s_addr ? a : b);
}

/* Marks in taken what nobody can have of this address, except the client itself. */
static void collect_taken(const struct public_table *table, struct in_addr address, uint32_t serial, bool taken[SLOTS])
{
	const struct ports *ports, *next;

	memset(taken, 0, SLOTS * sizeof(*taken));
	HASH_ITER(hh, table->by_address, ports, next)
		for (unsigned i = 0; is_same(table, ports->address, address) && i < SLOTS; i++)
			taken[i] |= ports->owners[i].serial && ports->owners[i].serial != serial;
}

static bool is_free(const bool taken[SLOTS], const struct public *public)
{
	for (unsigned i = public->port_first / PUBLIC_BLOCK_MIN; i <= public->port_last / PUBLIC_BLOCK_MIN; i++)
		if (taken[i])
			return false;
	return true;
}

/* The first free block of this address, from the preferred one on. */
static bool choose_block(const struct public_table *table, unsigned size, uint32_t serial, uint32_t preferred, struct public *public)
{
	unsigned count = public_block_count(size);
	bool taken[SLOTS];

	collect_taken(table, public->address, serial, taken);
	for (unsigned i = 0; i < count; i++) {
		public_block(size, (preferred % count + i) % count, public);
		if (is_free(taken, public))
			return true;
	}
	return false;
}

/* FNV-1a. */
static uint32_t hash(const void *bytes, size_t len)
{
	uint32_t sum = 2166136261u;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ ((const unsigned char *)bytes)[i]) * 16777619u;
	return sum;
}

/* The clients of a pool are counted, so that they are spread as evenly as can be. */
static uint32_t preferred_block(const struct policy *policy, uint32_t user, struct in_addr address)
{
	uint32_t before = 0, host = ntohl(address.s_addr);

	if (!address.s_addr)
		return user;
	for (unsigned i = 0; policy->pool && i < policy->pool->range_count; i++) {
		const struct range *range = &policy->pool->ranges[i];

		if (range_contains(range, address))
			return before + host - ntohl(range->first.s_addr);
		before += ntohl(range->last.s_addr) - ntohl(range->first.s_addr) + 1;
	}
	return host;
}

static unsigned long count_addresses(const struct policy *policy)
{
	return policy->nat == NAT_SNAT ? range_list_size(&policy->snat_address) : 1;
}

static struct in_addr nth_address(const struct policy *policy, unsigned long n)
{
	return policy->nat == NAT_SNAT ? range_list_nth(&policy->snat_address, n) : (struct in_addr){ 0 };
}

int public_choose(struct public_table *table, const struct policy *policy, uint32_t serial, const char *user, struct in_addr address,
		  struct public *public)
{
	uint32_t who = user ? hash(user, strlen(user)) : address.s_addr ? hash(&address, sizeof(address)) : hash(&serial, sizeof(serial));
	unsigned long addresses = count_addresses(policy);

	memset(public, 0, sizeof(*public));
	for (unsigned long i = 0; i < addresses; i++) {
		public->address = nth_address(policy, (who % addresses + i) % addresses);
		if (!policy->port_block)
			return 0;
		if (!choose_block(table, policy->port_block, serial, preferred_block(policy, who, address), public))
			continue;
		if (!find_or_add(table, public->address))
			return -ENOMEM;
		public_claim(table, serial, public);
		return 0;
	}
	return -ENOSPC;
}

void public_claim(struct public_table *table, uint32_t serial, const struct public *public)
{
	struct ports *ports = public->port_first ? find_or_add(table, public->address) : NULL;

	for (unsigned i = public->port_first / PUBLIC_BLOCK_MIN; ports && i <= public->port_last / PUBLIC_BLOCK_MIN; i++)
		ports->owners[i] = (struct owner){ .serial = serial };
}

void public_leave(struct public_table *table, uint32_t serial)
{
	struct ports *ports, *next;

	HASH_ITER(hh, table->by_address, ports, next)
		for (unsigned i = 0; i < SLOTS; i++)
			ports->owners[i].is_leaving |= ports->owners[i].serial == serial;
}

void public_release(struct public_table *table, uint32_t serial)
{
	struct ports *ports, *next;

	HASH_ITER(hh, table->by_address, ports, next)
		for (unsigned i = 0; i < SLOTS; i++)
			if (ports->owners[i].serial == serial && ports->owners[i].is_leaving)
				ports->owners[i] = (struct owner){ 0 };
}

uint32_t public_find(const struct public_table *table, struct in_addr address, unsigned port)
{
	const struct ports *ports = find(table, address);

	return ports && port <= PUBLIC_PORT_LAST && !ports->owners[port / PUBLIC_BLOCK_MIN].is_leaving ?
		       ports->owners[port / PUBLIC_BLOCK_MIN].serial :
		       0;
}

unsigned long public_count_free(const struct public_table *table, const struct policy *policy)
{
	unsigned long count = 0;

	for (unsigned long i = 0; policy->port_block && i < count_addresses(policy); i++) {
		struct public public = { .address = nth_address(policy, i) };
		bool taken[SLOTS];

		collect_taken(table, public.address, 0, taken);
		for (unsigned k = 0; k < public_block_count(policy->port_block); k++) {
			public_block(policy->port_block, k, &public);
			count += is_free(taken, &public);
		}
	}
	return count;
}
