/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* IPv4 addresses, prefixes and ranges as people write them. */

#ifndef LIB_ADDR_H
#define LIB_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>

struct prefix {
	struct in_addr address;	/* host bits are zero */
	unsigned length;	/* 0 to 32 */
};

struct range {
	struct in_addr first, last;	/* both belong to it */
};

/* Text of an address, prefix ("10.0.0.0/8", or "10.0.0.0" where the length is 32). In a buffer of the caller. */
#define ADDR_TEXT_MAX 19
const char *addr_text(struct in_addr address, char text[ADDR_TEXT_MAX]);
const char *prefix_text(const struct prefix *prefix, char text[ADDR_TEXT_MAX]);

/* Parse strictly. On failure they return NULL's opposite: a static text that says what is wrong, "must be …"; NULL is success. */
const char *addr_parse(const char *text, struct in_addr *address);
const char *prefix_parse(const char *text, struct prefix *prefix);
/* "first-last", a prefix (every address of it) or a single address. */
const char *range_parse(const char *text, struct range *range);

bool prefix_equal(const struct prefix *a, const struct prefix *b);
/* Do they have an address in common? */
bool prefix_overlaps(const struct prefix *a, const struct prefix *b);
/* The prefix of an address, at most 32 bits long. */
struct prefix prefix_of(struct in_addr address, unsigned length);
/* All its addresses. */
struct range prefix_range(const struct prefix *prefix);
bool ranges_overlap(const struct range *a, const struct range *b);
bool prefix_contains(const struct prefix *prefix, struct in_addr address);
bool range_contains(const struct range *range, struct in_addr address);

/* Can a client have it? NULL if so, else why not: "is a loopback address", ... (0/8, 127/8, 224/4, 240/4). */
const char *addr_objection(struct in_addr address);

/* RFC 1918: 10/8, 172.16/12, 192.168/16. */
bool addr_is_private(struct in_addr address);

#endif
