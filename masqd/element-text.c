/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "masqd/element-text.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What each set's bytes are (masqd/grant-elements.c), a letter a field: i an interface, a an address, A one of IPv6, # a session's serial,
 * m another mark, b a block of ports, p a protocol, s a port, S a segment's size. */
static const struct layout {
	const char *set, *key, *value;
} layouts[] = {
	{ "serial", "ia", "#" },	 { "serial_net", "ia", "#" },	 { "owner", "ia#", "m" },	{ "owner_net", "ia#", "m" },
	{ "translated", "#", "" },	 { "snat_address", "#", "a" },	 { "port_block", "#", "b" },	{ "peers", "ia", "" },
	{ "peers_net", "ia", "" },	 { "flow_limit", "#", "" },	 { "new_flow_limit", "#", "" }, { "flow_refused", "#", "" },
	{ "route_mark", "ia", "m" },	 { "route_mark_net", "ia", "m" }, { "rate_up", "i", "" },	{ "rate_up_host", "ia", "" },
	{ "rate_down_host", "ia", "" },	 { "rate_up_network", "#", "" }, { "rate_down_network", "#", "" }, { "mss", "i", "S" },
	{ "forwards", "ps", "as" },	 { "forwarded", "iaps", "" },	 { "serial6", "iA", "#" },	{ "owner6", "iA#", "m" },
	{ "neighbours6", "iA", "" },	 { "peers6", "iA", "" },	 { "translated6", "#", "" },	{ "uplink_addresses", "a", "" },
	{ "attached", "i", "" },	 { "host_rx", "ia", "" },	 { "host_tx", "ia", "" },
};

/* A text that grows in a buffer, and is cut where that ends. */
struct line {
	char *text;
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void put(struct line *line, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line->text + line->used, ELEMENT_TEXT_MAX - line->used, format, arguments);
	va_end(arguments);
	if (length > 0)
		line->used += (size_t)length;
	if (line->used >= ELEMENT_TEXT_MAX)
		line->used = ELEMENT_TEXT_MAX - 1;
}

static const struct layout *find_layout(const char *set)
{
	static const struct layout unknown = { "", "", "" };


	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (strcmp(layouts[i].set, set) == 0)
			return &layouts[i];
	return &unknown;
}

static void put_interface(struct line *line, const struct links *links, uint32_t ifindex)
{
	const struct link *link = links_find(links, ifindex);

	if (link)
		put(line, "%s", link->name);
	else
		put(line, "%" PRIu32, ifindex);
}

/* One field, and what it says of whom. Numbers are the host's but in keys of intervals. */
static void put_field(struct line *line, struct element_text *text, const struct links *links, char kind, const unsigned char *bytes,
		      bool is_interval)
{
	char address[INET6_ADDRSTRLEN];
	uint32_t number;
	uint16_t port;

	memcpy(&number, bytes, sizeof(number));
	memcpy(&port, bytes, sizeof(port));
	if (is_interval)
		number = ntohl(number);
	switch (kind) {
	case 'i':
		text->ifindex = number;
		put_interface(line, links, number);
		break;
	case 'a':
		put(line, "%s", inet_ntop(AF_INET, bytes, address, sizeof(address)));
		break;
	case 'A':
		put(line, "%s", inet_ntop(AF_INET6, bytes, address, sizeof(address)));
		break;
	case '#':
		text->serial = number;
		put(line, "#%" PRIu32, number);
		break;
	case 'm':
		put(line, "%" PRIu32, number);
		break;
	case 'b':
		put(line, "%u-%u", number >> 16, number & 0xffff);
		break;
	case 'p':
		put(line, "%s", *bytes == IPPROTO_TCP ? "tcp" : *bytes == IPPROTO_UDP ? "udp" : "?");
		break;
	default:
		put(line, "%u", ntohs(port));
	}
}

/* Fields up to where the bytes end: a value alone is not padded, so that its last field may be shorter. */
static void put_fields(struct line line, struct element_text *text, const struct links *links, const char *kinds,
		       const unsigned char *bytes, size_t length, const unsigned char *end)
{
	unsigned char padded[sizeof(struct in6_addr)], padded_end[sizeof(struct in6_addr)];

	for (const char *kind = kinds; *kind && length; kind++) {
		size_t size = *kind == 'A' ? sizeof(struct in6_addr) : 4, has = size < length ? size : length;

		memset(padded, 0, sizeof(padded));
		memcpy(padded, bytes, has);
		if (kind != kinds)
			put(&line, " . ");
		put_field(&line, text, links, *kind, padded, end);
		if (end) {
			memcpy(padded_end, end, has);
			if (memcmp(padded, padded_end, has) != 0) {
				put(&line, "-");
				put_field(&line, text, links, *kind, padded_end, true);
			}
			end += has;
		}
		bytes += has;
		length -= has;
	}
}

static void put_state(char *to, enum element_state state, uint64_t rate, uint32_t burst, const char *note)
{
	struct line line = { .text = to, .used = strlen(to) };
	const char *gap = *to ? " " : "";

	if (state == ELEMENT_CONNLIMIT)
		put(&line, "%sct count over %" PRIu64, gap, rate);
	else if (state == ELEMENT_LIMIT_BYTES)
		put(&line, "%slimit rate over %" PRIu64 " bytes/second burst %" PRIu32 " bytes", gap, rate, burst);
	else if (state == ELEMENT_LIMIT_PACKETS)
		put(&line, "%slimit rate over %" PRIu64 "/second burst %" PRIu32 " packets", gap, rate, burst);
	else if (state == ELEMENT_COUNTER)
		put(&line, "%scounter", gap);
	if (note && *note)
		put(&line, "%scomment \"%s\"", *to ? " " : "", note);
}

void element_text_wanted(struct element_text *text, const struct links *links, const struct element *wanted)
{
	const struct layout *layout = find_layout(wanted->set);

	*text = (struct element_text){ .serial = 0 };
	put_fields((struct line){ text->key, 0 }, text, links, layout->key, wanted->key.bytes, wanted->key.len,
		   wanted->end.len ? wanted->end.bytes : NULL);
	put_fields((struct line){ text->value, 0 }, text, links, layout->value, wanted->value.bytes, wanted->value.len, NULL);
	put_state(text->value, wanted->state, wanted->rate, wanted->burst, wanted->note);
}

void element_text_found(struct element_text *text, const struct links *links, const struct element *identity,
			const struct element_view *found)
{
	const struct layout *layout = find_layout(identity->set);

	*text = (struct element_text){ .serial = 0 };
	put_fields((struct line){ text->key, 0 }, text, links, layout->key, found->key, found->key_len,
		   found->end_len == found->key_len ? found->end : NULL);
	put_fields((struct line){ text->value, 0 }, text, links, layout->value, found->value, found->value_len, NULL);
	put_state(text->value, found->state, found->rate, found->burst, found->note);
}
