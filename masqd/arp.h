/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What masq-arpd is asked to publish, over a standing connection on which masqd is the holder "masqd". masq-arpd keeps a
 * holder's entries when the connection breaks; whoever comes back publishes again and sweeps the rest. On a second one it
 * says who else uses an address. */

#ifndef MASQD_ARP_H
#define MASQD_ARP_H

#include <event2/event.h>
#include <jansson.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <time.h>

struct arp;

#define ARP_MAC_MAX 18

enum arp_what {
	ARP_FREE,	/* nobody answered arp_probe */
	ARP_CONFLICT,	/* a host on that LAN uses the address: it answered, or was heard of later */
	ARP_RESOLVED,	/* not any more */
};

struct arp_event {
	enum arp_what what;
	struct in6_addr address;	/* as lib/ip.h has them */
	char interface[IFNAMSIZ];	/* "": on none of those that were asked for */
	char mac[ARP_MAC_MAX];		/* "": unknown */
	time_t heard;			/* of the host, wall clock; 0: just now */
};

struct arp_handler {
	/* After each connection: calls arp_publish for all that is wanted; the rest is swept. */
	void (*replay)(void *ctx);
	/* After each connection for events, which begins with all conflicts there are: what was known of them is old. */
	void (*on_listening)(void *ctx);
	void (*on_event)(void *ctx, const struct arp_event *event);
	void *ctx;
};

int arp_open(struct arp **arp, struct event_base *base, const char *socket, struct arp_handler handler);
void arp_close(struct arp *arp);
bool arp_is_connected(const struct arp *arp);

/* Takes over interfaces, a JSON array of names. Dropped while masq-arpd is away, since the replay follows. */
void arp_publish(struct arp *arp, struct in_addr address, json_t *interfaces);
void arp_withdraw(struct arp *arp, struct in_addr address);
/* The same for an address of IPv6, by neighbour discovery. */
void arp_publish6(struct arp *arp, const struct in6_addr *address, json_t *interfaces);
void arp_withdraw6(struct arp *arp, const struct in6_addr *address);

/* Asks on these LANs whether somebody has it; ARP_FREE or ARP_CONFLICT follows, if nothing goes wrong. Takes over interfaces.
 * False if masq-arpd is away or not to be understood: then nothing follows. */
bool arp_probe(struct arp *arp, struct in_addr address, json_t *interfaces);

#endif
