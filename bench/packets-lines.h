/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The clients' ends of lines: tun interfaces ppp0, ppp1, ... of this network namespace, which are to the kernel what pppd's are: without
 * link layer and without ARP. What fails ends the program. */

#ifndef BENCH_PACKETS_LINES_H
#define BENCH_PACKETS_LINES_H

#include <stdint.h>

#include "bench/line-session.h"
#include "bench/packets-frame.h"

struct lines {
	struct line *list;
	unsigned count;
	struct in_addr local;	/* the gateway's address on each */
};

/* The clients' addresses are first, first + 1, ... */
void lines_make(struct lines *lines, unsigned count, const char *first, const char *local);

/* Opens a session of each, which lives as long as the process. */
void lines_open(struct lines *lines, const char *socket_path);

void lines_send(const struct lines *lines, unsigned line, const struct packet *packet);

/* Reads all that has come for this client: how many packets of this flow from the server, with the right addresses. Others are added to
 * *wrong. */
unsigned lines_drain(const struct lines *lines, unsigned line, uint32_t flow, uint32_t server, unsigned long *wrong);

#endif
