/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* As whom a translated client appears outside: a public address, and the block of its ports that nobody else has. Blocks are
 * given by the client's own address, so that it gets the same one again if it can. Knows nothing of sessions but their
 * serials. */

#ifndef MASQD_PUBLIC_H
#define MASQD_PUBLIC_H

#include <stdbool.h>
#include <stdint.h>

#include "masqd/conf.h"

/* Below are the gateway's own ports, those that are forwarded, and those of clients that have no block. */
enum { PUBLIC_PORT_FIRST = 10000, PUBLIC_PORT_LAST = 65535 };
/* A block is a power of two of ports, and begins at a multiple of its size. */
enum { PUBLIC_BLOCK_MIN = 64, PUBLIC_BLOCK_MAX = 32768 };

struct public {
	struct in_addr address;	/* 0.0.0.0: the uplink's own, whatever it is */
	uint16_t port_first, port_last;	/* 0: any port */
};

/* How many blocks of this size a public address has, and the one of this number. */
unsigned public_block_count(unsigned size);
void public_block(unsigned size, unsigned number, struct public *public);

struct public_table;

/* is_uplink_address: is it what masquerade makes of a client at the moment? Ports of that are not given twice, as the uplink's own and as an
 * address to choose. NULL without memory. */
struct public_table *public_table_new(bool (*is_uplink_address)(void *ctx, struct in_addr address), void *ctx);
void public_table_free(struct public_table *table);

/* Is this what the policy gives? */
bool public_fits(const struct public *public, const struct policy *policy);

/* Chooses for a client with this serial, and claims the ports. user (may be NULL) is who has the same address each time, as far as there
 * is one for him; address (may be 0.0.0.0) decides the block. 0; -ENOSPC when all blocks are in use, -ENOMEM. */
int public_choose(struct public_table *table, const struct policy *policy, uint32_t serial, const char *user, struct in_addr address,
		  struct public *public);

/* Claims what the client has already, as masqd found it. */
void public_claim(struct public_table *table, uint32_t serial, const struct public *public);

/* The client has no right to its ports any more, but its flows still have them: nobody gets them before public_release. */
void public_leave(struct public_table *table, uint32_t serial);
/* The flows of this serial are gone. */
void public_release(struct public_table *table, uint32_t serial);

/* Whose port this is, of this address (0.0.0.0: of the uplink's own); 0: nobody's. */
uint32_t public_find(const struct public_table *table, struct in_addr address, unsigned port);

/* How many more clients of this policy could have a block of ports. */
unsigned long public_count_free(const struct public_table *table, const struct policy *policy);

#endif
