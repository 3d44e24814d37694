/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Which addresses are the gateway's own, and which are broadcast addresses of its networks: a count for each, since thousands of
 * lines may have one in common, and asking must not depend on how many there are. */

#ifndef MASQD_OWN_ADDRESSES_H
#define MASQD_OWN_ADDRESSES_H

#include <netinet/in.h>
#include <stdbool.h>

struct link_address;

/* NULL: none. */
struct own_addresses;

/* An interface has got the address, or has it no more. Without memory it is as if it had not been there. */
void own_addresses_add(struct own_addresses **all, const struct link_address *address);
void own_addresses_del(struct own_addresses **all, const struct link_address *address);

bool own_addresses_has(const struct own_addresses *all, struct in_addr address);
/* The network's all-zeros address counts too: hosts take it for a broadcast (RFC 1122 section 3.3.6). */
bool own_addresses_has_broadcast(const struct own_addresses *all, struct in_addr address);

void own_addresses_free(struct own_addresses **all);

#endif
