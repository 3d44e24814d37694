/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The clients' ends of lines: tun interfaces ppp0, ppp1, ... of this network namespace, which are to the kernel what pppd's are: without
 * link layer, without ARP. What fails ends the program. */

#ifndef BENCH_PACKETS_LINES_H
#define BENCH_PACKETS_LINES_H

#include <stdint.h>

#include "bench/packets-frame.h"

struct lines {
	int *fds;
	unsigned count;
	uint32_t first;		/* the address of ppp0's client, in host's order; the others' follow */
};

void lines_make(struct lines *lines, unsigned count, const char *first);
uint32_t lines_address(const struct lines *lines, unsigned line);

void lines_send(const struct lines *lines, unsigned line, const struct packet *packet);

/* Reads all that has come for this client: how many packets of this flow from the server, with the right addresses. Others are added to
 * *wrong. */
unsigned lines_drain(const struct lines *lines, unsigned line, uint32_t flow, uint32_t server, unsigned long *wrong);

#endif
