/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A host on the LAN that asks for addresses (ARP requests, broadcast) and looks closely at the answers. For bench/arp-load only:
 * what fails ends the program. */

#ifndef BENCH_ARP_ASKER_H
#define BENCH_ARP_ASKER_H

#include <net/ethernet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bench/measure.h"

#define ASKER_BATCH 64

struct asker {
	int out;			/* sends, receives nothing */
	int in;				/* ARP replies, for asker_receive() */
	uint8_t mac[ETH_ALEN];		/* ours */
	uint8_t router[ETH_ALEN];	/* who must answer */
	uint32_t source;		/* our address, in host's order, as all here */
	uint32_t first, count;		/* asked for: first, first + 1, ... */
	unsigned long wrong;		/* replies that said something else */
};

void asker_open(struct asker *asker, const char *interface, const char *router, const char *first, const char *count);

/* Asks for the addresses first + indices[0], ...; at most ASKER_BATCH. */
void asker_ask(const struct asker *asker, const uint32_t indices[], unsigned count);

/* The index of an address that was rightly answered, or -1 when there is no more. Does not wait. */
long asker_receive(struct asker *asker);

/* A socket on which the kernel itself counts right answers, for next to nothing; and what it counted since last asked. */
int asker_counter_open(const struct asker *asker, const char *interface);
unsigned asker_counter_read(int counter);

#endif
