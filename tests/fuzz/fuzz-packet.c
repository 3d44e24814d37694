/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* arpd/packet: whatever the bytes are, they are read within their bounds; and what is a packet says the same after it was built
 * again. Random changes hardly ever leave a checksum right, so each input is also read with its checksum mended. */

#include "config.h"

#include "arpd/packet.h"
#include "lib/ip.h"
#include "tests/fuzz/fuzz.h"

enum { IP_LENGTH = 4, IP_SOURCE = 8, ND_TYPE = 40, ND_SUM = 42, ND_TARGET = 48 };

static void try_arp(const uint8_t *data, size_t size)
{
	unsigned char payload[PACKET_ARP_LENGTH];
	struct arp_packet packet;

	if (!packet_parse_arp(data, size, &packet))
		return;
	must(packet_arp_kind(&packet) <= ARP_REPLY);
	packet_build_arp(&packet, payload);
	/* ARP leaves no freedom. */
	must(memcmp(payload, data, sizeof(payload)) == 0);
}

static void same(const struct nd_packet *a, const struct nd_packet *b)
{
	must(a->type == b->type);
	must(ip_equal(&a->source, &b->source) && ip_equal(&a->destination, &b->destination) && ip_equal(&a->target, &b->target));
	must(a->has_mac == b->has_mac && memcmp(a->mac, b->mac, ETH_ALEN) == 0);
	must(a->is_router == b->is_router && a->is_solicited == b->is_solicited && a->is_override == b->is_override);
}

static void try_nd(const uint8_t *data, size_t size)
{
	unsigned char payload[PACKET_ND_MAX];
	struct nd_packet packet, again;
	size_t length;

	if (!packet_parse_nd(data, size, &packet))
		return;
	/* What callers build upon. */
	must(!IN6_IS_ADDR_MULTICAST(&packet.target) && !ip_is_v4(&packet.target));
	must(!(packet.mac[0] & 1));
	must(!packet_nd_is_probe(&packet) || (!packet.has_mac && IN6_IS_ADDR_MULTICAST(&packet.destination)));
	length = packet_build_nd(&packet, payload);
	must(length <= size && length <= sizeof(payload));
	must(packet_parse_nd(payload, length, &again));
	same(&packet, &again);
}

/* As long as the header says; as far as there is so much. */
static void mend_checksum(uint8_t *data, size_t size)
{
	size_t length = (size_t)data[IP_LENGTH] << 8 | data[IP_LENGTH + 1];
	unsigned long sum = IPPROTO_ICMPV6 + length;

	if (length > size - ND_TYPE)
		return;
	data[ND_SUM] = data[ND_SUM + 1] = 0;
	for (size_t i = IP_SOURCE; i < ND_TYPE + length; i++)
		sum += (unsigned long)data[i] << (i % 2 ? 0 : 8);
	sum = 0xffff - sum % 0xffff;
	data[ND_SUM] = sum >> 8;
	data[ND_SUM + 1] = sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *mended;

	try_arp(data, size);
	try_nd(data, size);
	if (size < ND_TARGET)
		return 0;
	mended = malloc(size);
	must(mended);
	memcpy(mended, data, size);
	mend_checksum(mended, size);
	try_nd(mended, size);
	free(mended);
	return 0;
}
