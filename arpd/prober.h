/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Is an address free on a LAN? Before one is published, the LAN is asked (RFC 5227 section 2.1.1; IPv6: RFC 4862 section 5.4):
 * two probes within a short time, so that a client that dials in does not wait for the seconds that the RFC's hosts take. Any
 * packet from another station that has the address is an answer. What was found out is remembered for some seconds, so that
 * whoever has asked before may publish at once. */

#ifndef ARPD_PROBER_H
#define ARPD_PROBER_H

#include <event2/event.h>
#include <stdint.h>

#include "arpd/link.h"
#include "arpd/wire.h"

/* How long an answer counts at most: from a line's admission to its opening, if it takes its time. */
#define PROBE_REMEMBERED_MS 30000

struct prober;

enum probe_state {
	PROBE_PENDING,
	PROBE_FREE,
	PROBE_TAKEN,
};

struct probe {
	struct in6_addr address;
	int interface;
	enum probe_state state;
	unsigned char mac[ETH_ALEN];	/* who has it */
};

/* on_end is called when a probe is over. 0 or -ENOMEM. wire is borrowed for life. */
int prober_open(struct prober **prober, struct event_base *base, struct wire *wire, void (*on_end)(void *ctx, const struct probe *probe),
		void *ctx);
void prober_close(struct prober *prober);

/* How long a probe waits for an answer, in milliseconds. */
void prober_set_wait(struct prober *prober, unsigned wait_ms);

/* What is known: asks if nothing is, or what is remembered is older than that many milliseconds. NULL without memory, or with too many at a
 * time (PROBES_MAX): then the address may be taken for free. */
enum { PROBES_MAX = 100000 };
const struct probe *prober_ask(struct prober *prober, const struct link *link, const struct in6_addr *address, int64_t age_ms);

/* Somebody on the LAN has this address. */
void prober_hear(struct prober *prober, int interface, const struct in6_addr *address, const unsigned char mac[ETH_ALEN]);

/* Of what is being asked for: the lowest and the highest IPv4 address, both 0.0.0.0 if none, and whether there is any of IPv6. */
void prober_range(const struct prober *prober, struct in_addr *first, struct in_addr *last, bool *has_ipv6);

#endif
