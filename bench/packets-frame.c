/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "bench/packets-frame.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

/* RFC 1071; the length is even. */
static uint32_t add_up(const void *data, size_t length, uint32_t sum)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < length; i += 2)
		sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

void packet_make(struct packet *packet, struct endpoint from, struct endpoint to, uint32_t flow)
{
	const uint16_t length = sizeof(*packet) - offsetof(struct packet, udp);
	uint32_t pseudo;

	memset(packet, 0, sizeof(*packet));
	packet->ip = (struct iphdr){ .version = 4, .ihl = 5, .tot_len = htons(sizeof(*packet)), .frag_off = htons(IP_DF), .ttl = 64,
				     .protocol = IPPROTO_UDP, .saddr = from.address, .daddr = to.address };
	packet->ip.check = fold(add_up(&packet->ip, sizeof(packet->ip), 0));
	packet->udp = (struct udphdr){ .source = htons(from.port), .dest = htons(to.port), .len = htons(length) };
	packet->flow = flow;
	pseudo = add_up(&packet->ip.saddr, 2 * sizeof(packet->ip.saddr), IPPROTO_UDP + length);
	packet->udp.check = fold(add_up(&packet->udp, length, pseudo));
	if (!packet->udp.check)
		packet->udp.check = 0xffff;
}
