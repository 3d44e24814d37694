/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* arpd/packet: packets as others wrote them, each rule with a packet that breaks just it, every truncation, every alignment. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <net/if_arp.h>
#include <netinet/ip6.h>
#include <stdlib.h>
#include <string.h>

#include "arpd/packet.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* 02:00:00:00:00:07 asks for 192.168.0.100, from 192.168.0.2. */
static const unsigned char arp_request[] = {
	0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x07, 0xc0, 0xa8, 0x00, 0x02,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc0, 0xa8, 0x00, 0x64,
};

/* fe80::2, 02:00:00:00:00:07, asks for 2001:db8::64 at its solicited-node group. The checksums are another program's. */
static const unsigned char solicitation[] = {
	0x60, 0x00, 0x00, 0x00, 0x00, 0x20, 0x3a, 0xff,
	0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02,
	0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xff, 0x00, 0x00, 0x64,
	0x87, 0x00, 0x4a, 0x94, 0x00, 0x00, 0x00, 0x00,
	0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x64,
	0x01, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x07,
};

/* 2001:db8::64, 02:00:00:00:00:08, answers fe80::2: a router, solicited, override. */
static const unsigned char advertisement[] = {
	0x60, 0x00, 0x00, 0x00, 0x00, 0x20, 0x3a, 0xff,
	0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x64,
	0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02,
	0x88, 0x00, 0x38, 0xde, 0xe0, 0x00, 0x00, 0x00,
	0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x64,
	0x02, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x08,
};

/* Is 2001:db8::64 free? */
static const unsigned char nd_probe[] = {
	0x60, 0x00, 0x00, 0x00, 0x00, 0x18, 0x3a, 0xff,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xff, 0x00, 0x00, 0x64,
	0x87, 0x00, 0x4c, 0x27, 0x00, 0x00, 0x00, 0x00,
	0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x64,
};

/* Where things are in a packet. */
enum {
	IP_LENGTH = 4, IP_NEXT = 6, IP_HOPS = 7, IP_SOURCE = 8, IP_DESTINATION = 24,
	ND_TYPE = 40, ND_CODE = 41, ND_SUM = 42, ND_FLAGS = 44, ND_TARGET = 48, ND_OPTIONS = 64,
};

enum { ROOM = 512 };

struct buffer {
	unsigned char bytes[ROOM];
	size_t length;
};

static const unsigned char mac7[ETH_ALEN] = { 2, 0, 0, 0, 0, 7 }, mac8[ETH_ALEN] = { 2, 0, 0, 0, 0, 8 };

static struct in6_addr ip6(const char *text)
{
	struct in6_addr address;

	assert_int_equal(inet_pton(AF_INET6, text, &address), 1);
	return address;
}

static struct in_addr ip4(const char *text)
{
	struct in_addr address;

	assert_int_equal(inet_pton(AF_INET, text, &address), 1);
	return address;
}

static struct buffer copy(const unsigned char *bytes, size_t length)
{
	struct buffer buffer = { .length = length };

	memcpy(buffer.bytes, bytes, length);
	return buffer;
}

#define COPY(array) copy(array, sizeof(array))

/* A heap block that ends where the packet does, so that a sanitizer sees a byte read too many; and at an odd address. */
static bool parses_arp(const unsigned char *bytes, size_t length, struct arp_packet *packet)
{
	unsigned char *block = malloc(length + 1);
	bool rc;

	assert_non_null(block);
	memcpy(block + 1, bytes, length);
	rc = packet_parse_arp(block + 1, length, packet);
	free(block);
	return rc;
}

static bool parses_nd(const struct buffer *buffer, struct nd_packet *packet)
{
	unsigned char *block = malloc(buffer->length + 1);
	bool rc;

	assert_non_null(block);
	memcpy(block + 1, buffer->bytes, buffer->length);
	rc = packet_parse_nd(block + 1, buffer->length, packet);
	free(block);
	return rc;
}

/* Makes length and checksum right again, by plain long addition, so that only what the test changed is wrong. */
static void mend(struct buffer *buffer)
{
	size_t length = buffer->length - ND_TYPE;
	unsigned long sum = 0x3a + length;

	buffer->bytes[IP_LENGTH] = length >> 8;
	buffer->bytes[IP_LENGTH + 1] = length;
	buffer->bytes[ND_SUM] = buffer->bytes[ND_SUM + 1] = 0;
	for (size_t i = IP_SOURCE; i < buffer->length; i++)
		sum += (unsigned long)buffer->bytes[i] << (i % 2 ? 0 : 8);
	sum = 0xffff - sum % 0xffff;
	buffer->bytes[ND_SUM] = sum >> 8;
	buffer->bytes[ND_SUM + 1] = sum;
}

static bool parses_mended(struct buffer *buffer, struct nd_packet *packet)
{
	mend(buffer);
	return parses_nd(buffer, packet);
}

/* Is it refused with that byte? */
static bool refuses_byte(struct buffer buffer, size_t at, unsigned char value)
{
	struct nd_packet packet;

	buffer.bytes[at] = value;
	return !parses_mended(&buffer, &packet);
}

static bool refuses_address(struct buffer buffer, size_t at, const char *address)
{
	struct in6_addr value = ip6(address);
	struct nd_packet packet;

	memcpy(buffer.bytes + at, &value, sizeof(value));
	return !parses_mended(&buffer, &packet);
}

/* The packet with these options in place of its own. */
static struct buffer with_options(struct buffer buffer, const unsigned char *options, size_t length)
{
	memcpy(buffer.bytes + ND_OPTIONS, options, length);
	buffer.length = ND_OPTIONS + length;
	mend(&buffer);
	return buffer;
}

static void assert_nd_equal(const struct nd_packet *a, const struct nd_packet *b)
{
	assert_int_equal(a->type, b->type);
	assert_memory_equal(&a->source, &b->source, sizeof(a->source));
	assert_memory_equal(&a->destination, &b->destination, sizeof(a->destination));
	assert_memory_equal(&a->target, &b->target, sizeof(a->target));
	assert_int_equal(a->has_mac, b->has_mac);
	assert_memory_equal(a->mac, b->mac, ETH_ALEN);
	assert_int_equal(a->is_router, b->is_router);
	assert_int_equal(a->is_solicited, b->is_solicited);
	assert_int_equal(a->is_override, b->is_override);
}

static void arp_as_others_write_it(void **state)
{
	unsigned char built[PACKET_ARP_LENGTH];
	struct arp_packet packet;

	(void)state;
	assert_true(parses_arp(arp_request, sizeof(arp_request), &packet));
	assert_int_equal(packet.operation, ARPOP_REQUEST);
	assert_memory_equal(packet.sender_mac, mac7, ETH_ALEN);
	assert_int_equal(packet.sender.s_addr, ip4("192.168.0.2").s_addr);
	assert_int_equal(packet.target.s_addr, ip4("192.168.0.100").s_addr);
	packet_build_arp(&packet, built);
	assert_memory_equal(built, arp_request, sizeof(built));
}

static void arp_round_trips(void **state)
{
	static const struct {
		unsigned short operation;
		const char *sender, *target;
		enum arp_kind kind;
	} cases[] = {
		{ ARPOP_REQUEST, "0.0.0.0", "192.168.0.100", ARP_PROBE },
		{ ARPOP_REQUEST, "192.168.0.100", "192.168.0.100", ARP_ANNOUNCEMENT },
		{ ARPOP_REPLY, "192.168.0.100", "192.168.0.100", ARP_ANNOUNCEMENT },
		{ ARPOP_REQUEST, "192.168.0.2", "192.168.0.100", ARP_REQUEST },
		{ ARPOP_REPLY, "192.168.0.100", "192.168.0.2", ARP_REPLY },
		/* The answer to a probe. */
		{ ARPOP_REPLY, "192.168.0.100", "0.0.0.0", ARP_REPLY },
		{ ARPOP_REPLY, "0.0.0.0", "192.168.0.100", ARP_REPLY },
		{ ARPOP_REQUEST, "0.0.0.0", "0.0.0.0", ARP_PROBE },
	};
	unsigned char payload[PACKET_ARP_LENGTH];
	struct arp_packet packet, again;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		packet = (struct arp_packet){ .operation = cases[i].operation, .sender = ip4(cases[i].sender), .target = ip4(cases[i].target) };
		memcpy(packet.sender_mac, mac7, ETH_ALEN);
		memcpy(packet.target_mac, mac8, ETH_ALEN);
		packet_build_arp(&packet, payload);
		assert_true(parses_arp(payload, sizeof(payload), &again));
		assert_int_equal(packet_arp_kind(&again), cases[i].kind);
		assert_int_equal(again.operation, packet.operation);
		assert_memory_equal(again.sender_mac, mac7, ETH_ALEN);
		assert_memory_equal(again.target_mac, mac8, ETH_ALEN);
		assert_int_equal(again.sender.s_addr, packet.sender.s_addr);
		assert_int_equal(again.target.s_addr, packet.target.s_addr);
	}
}

static void arp_rules(void **state)
{
	static const struct {
		size_t at;
		unsigned char value;
	} wrong[] = {
		{ 0, 1 }, { 1, 6 }, { 2, 0x86 }, { 3, 6 }, { 4, 8 }, { 4, 0 }, { 5, 16 }, { 5, 0 },
		/* RARP, InARP, nothing, and one that is right in its last byte only. */
		{ 7, 3 }, { 7, 8 }, { 7, 0 }, { 6, 1 },
		/* A group of stations. */
		{ 8, 0x03 }, { 8, 0x01 },
	};
	struct arp_packet packet, before;
	struct buffer buffer;

	(void)state;
	memset(&packet, 0x55, sizeof(packet));
	before = packet;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		buffer = COPY(arp_request);
		buffer.bytes[wrong[i].at] = wrong[i].value;
		assert_false(parses_arp(buffer.bytes, buffer.length, &packet));
	}
	buffer = COPY(arp_request);
	memset(buffer.bytes + 8, 0, ETH_ALEN);
	assert_false(parses_arp(buffer.bytes, buffer.length, &packet));
	memset(buffer.bytes + 8, 0xff, ETH_ALEN);
	assert_false(parses_arp(buffer.bytes, buffer.length, &packet));
	for (size_t length = 0; length < sizeof(arp_request); length++)
		assert_false(parses_arp(arp_request, length, &packet));
	assert_memory_equal(&packet, &before, sizeof(packet));
	/* Ethernet pads to 46 bytes, with whatever. */
	buffer = COPY(arp_request);
	memset(buffer.bytes + buffer.length, 0xee, 18);
	assert_true(parses_arp(buffer.bytes, 46, &packet));
}

static void nd_as_others_write_it(void **state)
{
	struct buffer ns = COPY(solicitation), na = COPY(advertisement), dad = COPY(nd_probe);
	unsigned char built[PACKET_ND_MAX];
	struct in6_addr target = ip6("2001:db8::64"), host = ip6("fe80::2");
	struct nd_packet packet;

	(void)state;
	assert_true(parses_nd(&ns, &packet));
	assert_int_equal(packet.type, ND_NEIGHBOR_SOLICIT);
	assert_memory_equal(&packet.source, &host, sizeof(host));
	assert_memory_equal(&packet.target, &target, sizeof(target));
	assert_true(packet.has_mac && !packet.is_router && !packet.is_solicited && !packet.is_override);
	assert_memory_equal(packet.mac, mac7, ETH_ALEN);
	assert_false(packet_nd_is_probe(&packet));
	assert_int_equal(packet_build_nd(&packet, built), sizeof(solicitation));
	assert_memory_equal(built, solicitation, sizeof(solicitation));

	assert_true(parses_nd(&na, &packet));
	assert_int_equal(packet.type, ND_NEIGHBOR_ADVERT);
	assert_memory_equal(&packet.source, &target, sizeof(target));
	assert_memory_equal(&packet.destination, &host, sizeof(host));
	assert_true(packet.has_mac && packet.is_router && packet.is_solicited && packet.is_override);
	assert_memory_equal(packet.mac, mac8, ETH_ALEN);
	assert_false(packet_nd_is_probe(&packet));
	assert_int_equal(packet_build_nd(&packet, built), sizeof(advertisement));
	assert_memory_equal(built, advertisement, sizeof(advertisement));

	assert_true(parses_nd(&dad, &packet));
	assert_true(packet_nd_is_probe(&packet));
	assert_false(packet.has_mac);
	assert_int_equal(packet_build_nd(&packet, built), sizeof(nd_probe));
	assert_memory_equal(built, nd_probe, sizeof(nd_probe));
	/* Whatever the caller says of an option. */
	packet.has_mac = true;
	assert_int_equal(packet_build_nd(&packet, built), sizeof(nd_probe));
	assert_memory_equal(built, nd_probe, sizeof(nd_probe));
}

static void nd_round_trips(void **state)
{
	unsigned char payload[PACKET_ND_MAX];
	struct nd_packet packet, again;
	struct buffer buffer;

	(void)state;
	/* Each flag, with and without the option; a hundred targets, so that sums carry. */
	for (unsigned i = 0; i < 1600; i++) {
		packet = (struct nd_packet){
			.type = ND_NEIGHBOR_ADVERT, .source = ip6("2001:db8::ffff"), .destination = ip6("fe80::2"),
			.target = ip6("2001:db8:ffff:ffff::"), .has_mac = i & 1, .is_router = i & 2, .is_solicited = i & 4,
			.is_override = i & 8,
		};
		memset(&packet.target.s6_addr[8], (int)(i * 37 % 256), 8);
		if (packet.has_mac)
			memcpy(packet.mac, mac8, ETH_ALEN);
		buffer = copy(payload, packet_build_nd(&packet, payload));
		assert_int_equal(buffer.length, packet.has_mac ? 72 : 64);
		assert_true(parses_nd(&buffer, &again));
		assert_nd_equal(&packet, &again);
	}
	packet = (struct nd_packet){
		.type = ND_NEIGHBOR_SOLICIT, .source = ip6("fe80::1"), .destination = ip6("fe80::2"), .target = ip6("fe80::2"),
	};
	buffer = copy(payload, packet_build_nd(&packet, payload));
	assert_true(parses_nd(&buffer, &again));
	assert_nd_equal(&packet, &again);
	/* A solicitation's flags are reserved: neither written nor read. */
	packet.is_router = packet.is_solicited = packet.is_override = true;
	assert_int_equal(packet_build_nd(&packet, payload), 64);
	assert_memory_equal(payload, buffer.bytes, 64);
	memset(buffer.bytes + ND_FLAGS, 0xff, 4);
	assert_true(parses_mended(&buffer, &again));
	assert_false(again.is_router || again.is_solicited || again.is_override);
}

static void nd_header_rules(void **state)
{
	static const unsigned char *const packets[] = { solicitation, advertisement, nd_probe };
	static const size_t lengths[] = { sizeof(solicitation), sizeof(advertisement), sizeof(nd_probe) };
	struct nd_packet packet;

	(void)state;
	for (size_t i = 0; i < COUNT(packets); i++) {
		struct buffer good = copy(packets[i], lengths[i]), buffer;

		assert_true(parses_mended(&good, &packet));
		assert_memory_equal(good.bytes, packets[i], lengths[i]);
		assert_true(refuses_byte(good, 0, 0x40));
		assert_true(refuses_byte(good, 0, 0x70));
		assert_true(refuses_byte(good, IP_NEXT, 17));
		/* A fragment, hop-by-hop options. */
		assert_true(refuses_byte(good, IP_NEXT, 44));
		assert_true(refuses_byte(good, IP_NEXT, 0));
		assert_true(refuses_byte(good, IP_HOPS, 254));
		assert_true(refuses_byte(good, IP_HOPS, 0));
		assert_true(refuses_byte(good, ND_TYPE, ND_ROUTER_ADVERT));
		assert_true(refuses_byte(good, ND_TYPE, ND_REDIRECT));
		assert_true(refuses_byte(good, ND_CODE, 1));
		assert_true(refuses_address(good, ND_TARGET, "ff02::1"));
		assert_true(refuses_address(good, IP_SOURCE, "ff02::1"));
		assert_true(refuses_address(good, ND_TARGET, "::ffff:192.168.0.100"));
		assert_true(refuses_address(good, IP_SOURCE, "::ffff:192.168.0.2"));
		assert_true(refuses_address(good, IP_DESTINATION, "::ffff:192.168.0.100"));
		/* Traffic class and flow label are free. */
		buffer = good;
		memset(buffer.bytes + 1, 0xff, 3);
		buffer.bytes[0] = 0x6f;
		assert_true(parses_nd(&buffer, &packet));
		/* One wrong bit anywhere in what the checksum covers; the sum itself as well. */
		for (size_t bit = IP_SOURCE * 8; bit < good.length * 8; bit++) {
			buffer = good;
			buffer.bytes[bit / 8] ^= 1U << bit % 8;
			assert_false(parses_nd(&buffer, &packet));
		}
	}
}

static void nd_lengths(void **state)
{
	static const unsigned char *const packets[] = { solicitation, advertisement, nd_probe };
	static const size_t lengths[] = { sizeof(solicitation), sizeof(advertisement), sizeof(nd_probe) };
	static const unsigned char unknown[] = { 99, 1, 0, 0, 0, 0, 0, 0 };
	struct nd_packet packet, before;

	(void)state;
	memset(&packet, 0x55, sizeof(packet));
	before = packet;
	for (size_t i = 0; i < COUNT(packets); i++) {
		struct buffer buffer = copy(packets[i], lengths[i]);

		for (buffer.length = 0; buffer.length < lengths[i]; buffer.length++)
			assert_false(parses_nd(&buffer, &packet));
		/* Short, and says so: the sum is right, too. What remains is whole only without the option. */
		for (buffer.length = ND_TARGET; buffer.length < lengths[i]; buffer.length++) {
			struct buffer shorter = buffer;

			memset(shorter.bytes + shorter.length, 0, ROOM - shorter.length);
			assert_int_equal(parses_mended(&shorter, &packet), shorter.length == ND_OPTIONS);
			if (shorter.length == ND_OPTIONS)
				packet = before;
			/* The same in a long frame, full of what looks like options. */
			for (size_t at = ND_OPTIONS; at < ROOM; at += 8)
				memcpy(shorter.bytes + at, unknown, sizeof(unknown));
			shorter.length = ROOM;
			assert_int_equal(parses_nd(&shorter, &packet), buffer.length == ND_OPTIONS);
			if (buffer.length == ND_OPTIONS)
				packet = before;
		}
		/* It claims more than came. */
		buffer = copy(packets[i], lengths[i]);
		buffer.bytes[IP_LENGTH] = 0xff;
		assert_false(parses_nd(&buffer, &packet));
		/* A jumbogram. */
		buffer.bytes[IP_LENGTH] = buffer.bytes[IP_LENGTH + 1] = 0;
		assert_false(parses_nd(&buffer, &packet));
		assert_memory_equal(&packet, &before, sizeof(packet));
		/* Padding is not part of it. */
		buffer = copy(packets[i], lengths[i]);
		memset(buffer.bytes + buffer.length, 0xee, 20);
		buffer.length += 20;
		assert_true(parses_nd(&buffer, &packet));
		packet = before;
	}
}

static void nd_options(void **state)
{
	static const unsigned char none[] = { 1, 0, 2, 0, 0, 0, 0, 7 };
	static const unsigned char unknown_none[] = { 99, 0, 0, 0, 0, 0, 0, 0 };
	static const unsigned char none_last[] = { 1, 1, 2, 0, 0, 0, 0, 7, 99, 0, 0, 0, 0, 0, 0, 0 };
	static const unsigned char too_long[] = { 99, 2, 0, 0, 0, 0, 0, 0 };
	static const unsigned char far_too_long[] = { 99, 255, 0, 0, 0, 0, 0, 0 };
	static const unsigned char long_mac[] = { 1, 2, 2, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const unsigned char group_mac[] = { 1, 1, 3, 0, 0, 0, 0, 7 };
	static const unsigned char zero_mac[] = { 1, 1, 0, 0, 0, 0, 0, 0 };
	static const unsigned char second_is_group[] = { 1, 1, 2, 0, 0, 0, 0, 7, 1, 1, 3, 0, 0, 0, 0, 7 };
	static const unsigned char stray_byte[] = { 1, 1, 2, 0, 0, 0, 0, 7, 0 };
	static const struct {
		const unsigned char *options;
		size_t length;
	} bad[] = {
		{ none, sizeof(none) }, { unknown_none, sizeof(unknown_none) }, { none_last, sizeof(none_last) },
		{ too_long, sizeof(too_long) }, { far_too_long, sizeof(far_too_long) }, { long_mac, sizeof(long_mac) },
		{ group_mac, sizeof(group_mac) }, { zero_mac, sizeof(zero_mac) }, { second_is_group, sizeof(second_is_group) },
		{ stray_byte, sizeof(stray_byte) },
	};
	/* A nonce (RFC 3971), two of the same, and the other's option, which means nothing here. */
	static const unsigned char good[] = {
		14, 1, 1, 2, 3, 4, 5, 6, 99, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		1, 1, 2, 0, 0, 0, 0, 7, 1, 1, 2, 0, 0, 0, 0, 8,
	};
	struct nd_packet packet;
	struct buffer buffer;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		buffer = with_options(COPY(solicitation), bad[i].options, bad[i].length);
		assert_false(parses_nd(&buffer, &packet));
	}
	buffer = with_options(COPY(solicitation), good, sizeof(good));
	assert_true(parses_nd(&buffer, &packet));
	assert_true(packet.has_mac);
	assert_memory_equal(packet.mac, mac7, ETH_ALEN);
	/* The same of an advertisement: there, type 2 counts. */
	buffer = with_options(COPY(advertisement), group_mac, sizeof(group_mac));
	assert_true(parses_nd(&buffer, &packet));
	assert_false(packet.has_mac);
	buffer.bytes[ND_OPTIONS] = ND_OPT_TARGET_LINKADDR;
	assert_false(parses_mended(&buffer, &packet));
}

static void nd_addresses(void **state)
{
	static const unsigned char source_mac[] = { 1, 1, 2, 0, 0, 0, 0, 7 };
	static const unsigned char nonce[] = { 14, 1, 1, 2, 3, 4, 5, 6 };
	struct buffer buffer = COPY(advertisement);
	struct nd_packet packet;

	(void)state;
	/* Solicited, and to everybody. */
	assert_true(refuses_address(buffer, IP_DESTINATION, "ff02::1"));
	buffer.bytes[ND_FLAGS] = 0xa0;
	assert_false(refuses_address(buffer, IP_DESTINATION, "ff02::1"));
	/* A probe goes to a solicited-node group, and carries no source link-layer address. */
	buffer = COPY(nd_probe);
	assert_true(refuses_address(buffer, IP_DESTINATION, "ff02::1"));
	assert_true(refuses_address(buffer, IP_DESTINATION, "2001:db8::64"));
	assert_true(refuses_address(buffer, IP_DESTINATION, "ff02::1:fe00:64"));
	assert_true(refuses_address(buffer, IP_DESTINATION, "ff05::1:ff00:64"));
	buffer = with_options(COPY(nd_probe), source_mac, sizeof(source_mac));
	assert_false(parses_nd(&buffer, &packet));
	/* Enhanced duplicate address detection (RFC 7527). */
	buffer = with_options(COPY(nd_probe), nonce, sizeof(nonce));
	assert_true(parses_nd(&buffer, &packet));
	assert_true(packet_nd_is_probe(&packet));
	/* Others may solicit by unicast. */
	assert_false(refuses_address(COPY(solicitation), IP_DESTINATION, "2001:db8::64"));
}

static void groups(void **state)
{
	static const unsigned char mac[] = { 0x33, 0x33, 0xff, 0x0e, 0x8c, 0x6c };
	struct in6_addr group = ip6("4037::1:800:200e:8c6c"), want = ip6("ff02::1:ff0e:8c6c");
	unsigned char got[ETH_ALEN];

	(void)state;
	/* The example in RFC 4291 section 2.7.1; in place. */
	packet_solicited_node(&group, &group);
	assert_memory_equal(&group, &want, sizeof(want));
	packet_group_mac(&group, got);
	assert_memory_equal(got, mac, sizeof(mac));
}

/* Built and parsed at each of eight alignments; UBSan looks on. */
static void unaligned(void **state)
{
	unsigned char room[PACKET_ND_MAX + 8];

	(void)state;
	for (size_t shift = 0; shift < 8; shift++) {
		struct arp_packet arp;
		struct nd_packet nd;

		memcpy(room + shift, arp_request, sizeof(arp_request));
		assert_true(packet_parse_arp(room + shift, sizeof(arp_request), &arp));
		memset(room, 0, sizeof(room));
		packet_build_arp(&arp, room + shift);
		assert_memory_equal(room + shift, arp_request, sizeof(arp_request));
		memcpy(room + shift, advertisement, sizeof(advertisement));
		assert_true(packet_parse_nd(room + shift, sizeof(advertisement), &nd));
		memset(room, 0, sizeof(room));
		assert_int_equal(packet_build_nd(&nd, room + shift), sizeof(advertisement));
		assert_memory_equal(room + shift, advertisement, sizeof(advertisement));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(arp_as_others_write_it),
		cmocka_unit_test(arp_round_trips),
		cmocka_unit_test(arp_rules),
		cmocka_unit_test(nd_as_others_write_it),
		cmocka_unit_test(nd_round_trips),
		cmocka_unit_test(nd_header_rules),
		cmocka_unit_test(nd_lengths),
		cmocka_unit_test(nd_options),
		cmocka_unit_test(nd_addresses),
		cmocka_unit_test(groups),
		cmocka_unit_test(unaligned),
	};

	return cmocka_run_group_tests_name("packet", tests, NULL, NULL);
}
