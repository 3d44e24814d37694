/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* IPv4 addresses, prefixes and ranges as people write them. */

#include "lib/addr.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* In host byte order, because only there prefixes and ranges are numbers. */
struct block {
	uint32_t address;
	unsigned length;
	const char *name;
};

static const struct block never_a_client[] = {
	{ 0x00000000, 8, "is in 0.0.0.0/8 (\"this network\")" },
	{ 0x7f000000, 8, "is a loopback address" },
	{ 0xe0000000, 4, "is a multicast address" },
	{ 0xffffffff, 32, "is the broadcast address" },
	{ 0xf0000000, 4, "is a reserved address" },
};

static const struct block private_blocks[] = {
	{ 0x0a000000, 8, "10/8" },
	{ 0xac100000, 12, "172.16/12" },
	{ 0xc0a80000, 16, "192.168/16" },
};

/* A shift by 32 is undefined, so length 0 stands alone. */
static uint32_t netmask(unsigned length)
{
	return length ? UINT32_MAX << (32 - length) : 0;
}

static bool block_contains(const struct block *block, struct in_addr address)
{
	return (ntohl(address.s_addr) & netmask(block->length)) == block->address;
}

const char *addr_text(struct in_addr address, char text[ADDR_TEXT_MAX])
{
	return inet_ntop(AF_INET, &address, text, ADDR_TEXT_MAX);
}

const char *prefix_text(const struct prefix *prefix, char text[ADDR_TEXT_MAX])
{
	size_t used;

	addr_text(prefix->address, text);
	used = strlen(text);
	if (prefix->length < 32)
		snprintf(text + used, ADDR_TEXT_MAX - used, "/%u", prefix->length);
	return text;
}

const char *addr_parse(const char *text, struct in_addr *address)
{
	/* inet_pton takes four decimal numbers and nothing else: no octal, no "10.1", no blanks */
	return inet_pton(AF_INET, text, address) == 1 ? NULL : "must be an IPv4 address";
}

/* One or two digits without a leading zero, 0 to 32. */
static bool length_parse(const char *text, unsigned *length)
{
	unsigned value = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9' && p - text < 2; p++)
		value = value * 10 + (unsigned)(*p - '0');
	if (p == text || *p || value > 32 || (text[0] == '0' && text[1]))
		return false;
	*length = value;
	return true;
}

/* The part of text before its first separator, in a buffer that every address fits into. NULL if it is longer. */
static const char *head(const char *text, const char *separator, char copy[ADDR_TEXT_MAX])
{
	size_t length = (size_t)(separator - text);

	if (length >= ADDR_TEXT_MAX)
		return NULL;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

const char *prefix_parse(const char *text, struct prefix *prefix)
{
	const char *slash = strchr(text, '/');
	char copy[ADDR_TEXT_MAX];
	struct prefix parsed = { .length = 32 };

	if (!slash)
		slash = text + strlen(text);
	if (!head(text, slash, copy) || addr_parse(copy, &parsed.address))
		return "must be an IPv4 address or prefix";
	if (*slash && !length_parse(slash + 1, &parsed.length))
		return "prefix length must be 0 to 32";
	if (ntohl(parsed.address.s_addr) & ~netmask(parsed.length))
		return "must have no bits set beyond the prefix length";
	*prefix = parsed;
	return NULL;
}

struct range prefix_range(const struct prefix *prefix)
{
	return (struct range){ .first = prefix->address, .last.s_addr = prefix->address.s_addr | htonl(~netmask(prefix->length)) };
}

static const char *prefix_range_parse(const char *text, struct range *range)
{
	struct prefix prefix;
	const char *wrong = prefix_parse(text, &prefix);

	if (!wrong)
		*range = prefix_range(&prefix);
	return wrong;
}

const char *range_parse(const char *text, struct range *range)
{
	const char *dash = strchr(text, '-');
	char copy[ADDR_TEXT_MAX];
	struct range parsed;

	if (!dash)
		return prefix_range_parse(text, range);
	if (!head(text, dash, copy) || addr_parse(copy, &parsed.first) || addr_parse(dash + 1, &parsed.last))
		return "must be an IPv4 address, a prefix, or first-last";
	if (ntohl(parsed.first.s_addr) > ntohl(parsed.last.s_addr))
		return "must have its first address not above its last";
	*range = parsed;
	return NULL;
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->address.s_addr == b->address.s_addr && a->length == b->length;
}

bool prefix_overlaps(const struct prefix *a, const struct prefix *b)
{
	return prefix_contains(a, b->address) || prefix_contains(b, a->address);
}

struct prefix prefix_of(struct in_addr address, unsigned length)
{
	return (struct prefix){ .address.s_addr = address.s_addr & htonl(netmask(length)), .length = length };
}

bool ranges_overlap(const struct range *a, const struct range *b)
{
	return ntohl(a->first.s_addr) <= ntohl(b->last.s_addr) && ntohl(b->first.s_addr) <= ntohl(a->last.s_addr);
}

bool prefix_contains(const struct prefix *prefix, struct in_addr address)
{
	return ((address.s_addr ^ prefix->address.s_addr) & htonl(netmask(prefix->length))) == 0;
}

bool range_contains(const struct range *range, struct in_addr address)
{
	uint32_t a = ntohl(address.s_addr);

	return ntohl(range->first.s_addr) <= a && a <= ntohl(range->last.s_addr);
}

const char *addr_objection(struct in_addr address)
{
	for (size_t i = 0; i < sizeof(never_a_client) / sizeof(never_a_client[0]); i++)
		if (block_contains(&never_a_client[i], address))
			return never_a_client[i].name;
	return NULL;
}

bool addr_is_private(struct in_addr address)
{
	for (size_t i = 0; i < sizeof(private_blocks) / sizeof(private_blocks[0]); i++)
		if (block_contains(&private_blocks[i], address))
			return true;
	return false;
}
