/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Addresses of both families as one type: an IPv4 address is its IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2), which no
 * packet on a wire ever carries. lib/addr.h is for what is IPv4 only. */

#ifndef LIB_IP_H
#define LIB_IP_H

#include <netinet/in.h>
#include <stdbool.h>

/* How many bits of the mapped form stand before an IPv4 address. */
enum { IP_MAPPED_BITS = 96 };

struct ip_prefix {
	struct in6_addr address;	/* host bits are zero */
	unsigned length;		/* 0 to 128; of an IPv4 prefix 96 more than people say */
};

/* Text of an address, or of a prefix (without "/LENGTH" where it is one address). In a buffer of the caller. */
#define IP_TEXT_MAX 50
const char *ip_text(const struct in6_addr *address, char text[IP_TEXT_MAX]);
const char *ip_prefix_text(const struct ip_prefix *prefix, char text[IP_TEXT_MAX]);

/* Parse strictly. NULL, or a static text that says what is wrong, "must be …". An IPv4-mapped address is none. */
const char *ip_parse(const char *text, struct in6_addr *address);
const char *ip_prefix_parse(const char *text, struct ip_prefix *prefix);

bool ip_is_v4(const struct in6_addr *address);
struct in6_addr ip_from_v4(struct in_addr address);
/* Of an address that is one. */
struct in_addr ip_to_v4(const struct in6_addr *address);
bool ip_equal(const struct in6_addr *a, const struct in6_addr *b);

/* The prefix of an address; length as in struct ip_prefix. */
struct ip_prefix ip_prefix_of(const struct in6_addr *address, unsigned length);
bool ip_prefix_contains(const struct ip_prefix *prefix, const struct in6_addr *address);
/* The address that follows; after the last one comes the first. */
struct in6_addr ip_next(const struct in6_addr *address);

/* Can a client have it? NULL if so, else why not: "is a loopback address", ... IPv6: neither link-local (fe80::/10) nor ::/8. */
const char *ip_objection(const struct in6_addr *address);

#endif
