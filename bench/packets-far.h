/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The server beyond the uplink, in a network namespace of its own: packet sockets, since its kernel is not to look at what comes. What
 * fails ends the program. */

#ifndef BENCH_PACKETS_FAR_H
#define BENCH_PACKETS_FAR_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/packets-frame.h"

#define FAR_BATCH 64

struct far {
	int out;		/* sends, receives nothing */
	int counter;		/* for asker_counter_read(): packets that came for the server */
	int in;			/* the same packets, while somebody looks; else -1 */
	uint8_t mac[ETH_ALEN];
	uint8_t gateway[ETH_ALEN];
	uint32_t server;	/* network order, as the next */
	uint32_t public;	/* from where they must come; 0: from anywhere */
};

/* namespace and interface are the server's, gateway is the Ethernet address of the uplink's other end. */
void far_open(struct far *far, const char *namespace, const char *interface, const char *gateway, const char *server, const char *public);

void far_listen(struct far *far, const char *namespace, const char *interface);
void far_listen_no_more(struct far *far);
/* A packet's source and its flow; false if there is no more. Does not wait. */
bool far_receive(const struct far *far, struct endpoint *from, uint32_t *flow);

void far_make(const struct far *far, struct packet_frame *frame, struct endpoint to, uint32_t flow);
void far_send(const struct far *far, const struct packet_frame *const frames[], unsigned count);

#endif
