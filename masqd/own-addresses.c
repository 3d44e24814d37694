/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <uthash.h>

#include "masqd/links.h"
#include "masqd/own-addresses.h"

struct own_addresses {
	struct in_addr address;
	unsigned own, broadcast;	/* how many interfaces have it as that */
	UT_hash_handle hh;
};

static struct own_addresses *find(const struct own_addresses *all, struct in_addr address)
{
	struct own_addresses *entry;

	HASH_FIND(hh, all, &address, sizeof(address), entry);
	return entry;
}

static void count(struct own_addresses **all, struct in_addr address, int own, int broadcast)
{
	struct own_addresses *entry = find(*all, address);

	if (!entry && own + broadcast > 0) {
		entry = calloc(1, sizeof(*entry));
		if (!entry)
			return;
		entry->address = address;
		HASH_ADD(hh, *all, address, sizeof(entry->address), entry);
	}
	if (!entry)
		return;
	entry->own += (unsigned)own;
	entry->broadcast += (unsigned)broadcast;
	if (!entry->own && !entry->broadcast) {
		HASH_DEL(*all, entry);
		free(entry);
	}
}

static void count_all(struct own_addresses **all, const struct link_address *address, int by)
{
	uint32_t host_bits = address->length < 31 ? htonl(UINT32_MAX >> address->length) : 0;
	struct in_addr zeros = { address->address.s_addr & ~host_bits }, ones = { address->address.s_addr | host_bits };

	count(all, address->address, by, 0);
	if (host_bits) {
		count(all, zeros, 0, by);
		count(all, ones, 0, by);
	}
	if (address->broadcast.s_addr)
		count(all, address->broadcast, 0, by);
}

void own_addresses_add(struct own_addresses **all, const struct link_address *address)
{
	count_all(all, address, 1);
}

void own_addresses_del(struct own_addresses **all, const struct link_address *address)
{
	count_all(all, address, -1);
}

bool own_addresses_has(const struct own_addresses *all, struct in_addr address)
{
	const struct own_addresses *entry = find(all, address);

	return entry && entry->own;
}

bool own_addresses_has_broadcast(const struct own_addresses *all, struct in_addr address)
{
	const struct own_addresses *entry = find(all, address);

	return entry && entry->broadcast;
}

void own_addresses_free(struct own_addresses **all)
{
	struct own_addresses *entry, *next;

	HASH_ITER(hh, *all, entry, next) {
		HASH_DEL(*all, entry);
		free(entry);
	}
}
