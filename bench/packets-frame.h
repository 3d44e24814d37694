/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A client's UDP packets, and the frames that answer them. All checksums are right, since conntrack looks at them. */

#ifndef BENCH_PACKETS_FRAME_H
#define BENCH_PACKETS_FRAME_H

#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdint.h>

/* The server's, at the far side. */
#define PACKETS_PORT 4000

struct packet {
	struct iphdr ip;
	struct udphdr udp;
	uint32_t flow;		/* whose it is, whatever has become of the addresses */
	uint8_t rest[28];
} __attribute__((packed));

struct packet_frame {
	struct ether_header ethernet;
	struct packet packet;
} __attribute__((packed));

struct endpoint {
	uint32_t address;	/* in network order */
	uint16_t port;		/* in host's order */
};

void packet_make(struct packet *packet, struct endpoint from, struct endpoint to, uint32_t flow);

#endif
