/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* One representation for both families, so that tables, comparisons and prefixes need no cases. */

#include "lib/ip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"

static const struct {
	struct ip_prefix prefix;
	const char *name;
} never_a_client[] = {
	{ { { { { 0xff } } }, 8 }, "is a multicast address" },
	{ { { { { 0xfe, 0x80 } } }, 10 }, "is a link-local address" },
	/* ::/8: unspecified, loopback, IPv4 in its several clothes (RFC 4291 section 2.4). */
	{ { { { { 0 } } }, 8 }, "is in ::/8 (reserved)" },
};

bool ip_is_v4(const struct in6_addr *address)
{
	return IN6_IS_ADDR_V4MAPPED(address);
}

struct in6_addr ip_from_v4(struct in_addr address)
{
	struct in6_addr mapped = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	memcpy(&mapped.s6_addr[12], &address, sizeof(address));
	return mapped;
}

struct in_addr ip_to_v4(const struct in6_addr *address)
{
	struct in_addr v4;

	memcpy(&v4, &address->s6_addr[12], sizeof(v4));
	return v4;
}

bool ip_equal(const struct in6_addr *a, const struct in6_addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

const char *ip_text(const struct in6_addr *address, char text[IP_TEXT_MAX])
{
	return ip_is_v4(address) ? addr_text(ip_to_v4(address), text) : inet_ntop(AF_INET6, address, text, IP_TEXT_MAX);
}

const char *ip_prefix_text(const struct ip_prefix *prefix, char text[IP_TEXT_MAX])
{
	size_t used;

	ip_text(&prefix->address, text);
	used = strlen(text);
	if (prefix->length < 128)
		snprintf(text + used, IP_TEXT_MAX - used, "/%u", prefix->length - (ip_is_v4(&prefix->address) ? IP_MAPPED_BITS : 0));
	return text;
}

const char *ip_parse(const char *text, struct in6_addr *address)
{
	struct in_addr v4;

	if (!addr_parse(text, &v4)) {
		*address = ip_from_v4(v4);
		return NULL;
	}
	return inet_pton(AF_INET6, text, address) == 1 && !ip_is_v4(address) ? NULL : "must be an IPv4 or IPv6 address";
}

struct ip_prefix ip_prefix_of(const struct in6_addr *address, unsigned length)
{
	struct ip_prefix prefix = { .address = *address, .length = length };

	for (unsigned i = 0; i < 16; i++) {
		unsigned kept = length > 8 * i ? length - 8 * i : 0;

		if (kept < 8)
			prefix.address.s6_addr[i] &= (unsigned char)(0xff00 >> kept);
	}
	return prefix;
}

const char *ip_prefix_parse(const char *text, struct ip_prefix *prefix)
{
	const char *slash = strchr(text, '/');
	struct ip_prefix parsed = { .length = 128 };
	struct prefix v4;
	char head[IP_TEXT_MAX], *end;
	unsigned long length;

	if (!strchr(text, ':')) {
		const char *wrong = prefix_parse(text, &v4);

		if (!wrong)
			*prefix = (struct ip_prefix){ .address = ip_from_v4(v4.address), .length = v4.length + IP_MAPPED_BITS };
		return wrong;
	}
	snprintf(head, sizeof(head), "%.*s", slash ? (int)(slash - text) : (int)strlen(text), text);
	if (ip_parse(head, &parsed.address))
		return "must be an address or prefix";
	if (slash) {
		length = strtoul(slash + 1, &end, 10);
		if (slash[1] < '0' || slash[1] > '9' || *end || length > 128 || (slash[1] == '0' && slash[2]))
			return "prefix length must be 0 to 128";
		parsed.length = (unsigned)length;
	}
	*prefix = ip_prefix_of(&parsed.address, parsed.length);
	return ip_equal(&prefix->address, &parsed.address) ? NULL : "must have no bits set beyond the prefix length";
}

bool ip_prefix_contains(const struct ip_prefix *prefix, const struct in6_addr *address)
{
	struct ip_prefix of = ip_prefix_of(address, prefix->length);

	return ip_equal(&of.address, &prefix->address);
}

struct in6_addr ip_next(const struct in6_addr *address)
{
	struct in6_addr next = *address;

	for (int i = 15; i >= 0 && ++next.s6_addr[i] == 0; i--)
		;
	return next;
}

const char *ip_objection(const struct in6_addr *address)
{
	if (ip_is_v4(address))
		return addr_objection(ip_to_v4(address));
	for (size_t i = 0; i < sizeof(never_a_client) / sizeof(never_a_client[0]); i++)
		if (ip_prefix_contains(&never_a_client[i].prefix, address))
			return never_a_client[i].name;
	return NULL;
}
