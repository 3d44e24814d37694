/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The engine for many addresses: a BPF program at a LAN's ingress (responder.bpf.c) that answers ARP requests for the
 * addresses added here, IPv4 only, whatever their number. An address costs a bit.
 *
 * It answers as the kernel does for proxy neighbours: only while the interface forwards and the address is routed to another
 * one. A default route is a route too, so who knows that a client is gone must take its address out. RFC 5227's probes and
 * announcements, and whoever uses an address that is published, are passed on and left to the daemon. A bridge's port is no LAN: to
 * it the bridge is another interface, so that it would answer for what is on it.
 *
 * A process that dies leaves its filters in the kernel, with their addresses, and they go on answering for what is routed. Nobody
 * but an almighty process (CAP_SYS_ADMIN) can read which those are. So the next one adds the addresses first, and attaches then: that
 * replaces the old filter between two frames. */

#ifndef ARPD_RESPONDER_H
#define ARPD_RESPONDER_H

#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct responder;

/* Loads the program. Needs CAP_BPF and CAP_NET_ADMIN. 0 or -errno, -ENOSYS if this build has none. */
int responder_open(struct responder **responder);

/* Detaches everywhere. NULL is fine in both. */
void responder_close(struct responder *responder);
/* Closes, but what is attached goes on answering as if the process had died. */
void responder_leave(struct responder *responder);

/* Answers on this interface with this MAC address; also to change that, and to put a filter back that somebody deleted. 0 or
 * -errno: -EEXIST if somebody else's filter is in our place, -ENOSPC for one LAN too many. */
int responder_attach(struct responder *responder, int interface, const unsigned char mac[ETH_ALEN]);
/* Also of an interface that is gone. Its addresses are forgotten. */
void responder_detach(struct responder *responder, int interface);
/* Asks the kernel, since everybody may delete a filter or its qdisc. */
bool responder_is_attached(struct responder *responder, int interface);

/* Removes the filters that an earlier run left on interfaces to which this one (NULL: there is none) is not attached. */
void responder_sweep(struct responder *responder);

/* Is there a filter of an earlier run on any interface? */
bool responder_is_left(void);

/* On an interface that may be attached to, or not yet. Adding twice is adding once. 0 or -ENOSPC: a LAN's addresses are kept
 * in blocks by their upper 16 bits, of which there are 64. */
int responder_add(struct responder *responder, int interface, struct in_addr address);
void responder_del(struct responder *responder, int interface, struct in_addr address);

/* Requests answered on the interface since it was attached to. */
uint64_t responder_answered(struct responder *responder, int interface);

#endif
