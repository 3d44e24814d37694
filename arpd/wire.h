/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Packet sockets: what this daemon says on its LANs, and what it hears there of what the kernel leaves to it. A LAN may be full
 * of such packets: the kernel drops those that cannot matter, and of the rest only so many a second are looked at (WIRE_RATE, of
 * each of three kinds, so that none can crowd out another). Answering ordinary requests is the kernel's. */

#ifndef ARPD_WIRE_H
#define ARPD_WIRE_H

#include <event2/event.h>

#include "arpd/link.h"
#include "arpd/packet.h"

#define WIRE_RATE 2000

struct wire;

struct wire_handler {
	void (*on_arp)(void *ctx, int interface, const struct arp_packet *packet);
	void (*on_nd)(void *ctx, int interface, const struct nd_packet *packet);
	void *ctx;
};

/* Needs CAP_NET_RAW. handler is borrowed for life. 0 or -errno. */
int wire_open(struct wire **wire, struct event_base *base, const struct wire_handler *handler);
void wire_close(struct wire *wire);

/* Beside probes (RFC 5227 section 1.1), which are always heard: whose ARP packets are, as senders from first to last; and whether
 * neighbour advertisements are. Costs nothing when nothing has changed. 0 or -errno. */
int wire_listen(struct wire *wire, struct in_addr first, struct in_addr last, bool hears_nd);

/* Packets that were not looked at because there were too many. */
unsigned long wire_missed(const struct wire *wire);

/* An ARP packet, from the link's address; destination NULL: to everybody. 0 or -errno; -ENOBUFS and -EAGAIN: try again later. */
int wire_send_arp(struct wire *wire, const struct link *link, const unsigned char *destination, const struct arp_packet *packet);
/* A neighbour discovery packet to its destination's group, or to everybody. 0 or -errno, as above. */
int wire_send_nd(struct wire *wire, const struct link *link, const struct nd_packet *packet);

#endif
