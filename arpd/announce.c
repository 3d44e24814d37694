/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Two queues, each in the order of time: what is to be sent now, and what is to be sent again after a while. */

#include "arpd/announce.h"

#include <errno.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/varlink-client.h"

/* Ten thousand a second at most: 5 Mbit/s of a LAN. */
enum { BATCH = 100, INTERVAL_US = 10000 };

struct announcer {
	struct wire *wire;
	struct event *timer;
	struct entry *now, *later;
};

static int announce_ipv4(struct announcer *announcer, const struct entry *entry)
{
	const struct link *link = &entry->lan->link;
	struct arp_packet packet = { .operation = ARPOP_REQUEST };

	memcpy(packet.sender_mac, link->mac, ETH_ALEN);
	packet.sender = packet.target = ip_to_v4(&entry->address);
	return wire_send_arp(announcer->wire, link, NULL, &packet);
}

static int announce_ipv6(struct announcer *announcer, const struct entry *entry)
{
	const struct link *link = &entry->lan->link;
	struct nd_packet packet = {
		.type = ND_NEIGHBOR_ADVERT,
		.source = link->link_local,
		.destination = { .s6_addr = { 0xff, 0x02, [15] = 1 } },
		.target = entry->address,
		.has_mac = true,
		.is_router = link->is_forwarding6,
		.is_override = true,
	};

	/* Without an address of its own, it has nothing to say in IPv6. */
	if (IN6_IS_ADDR_UNSPECIFIED(&link->link_local))
		return -EADDRNOTAVAIL;
	memcpy(packet.mac, link->mac, ETH_ALEN);
	return wire_send_nd(announcer->wire, link, &packet);
}

/* When the timer has to run next. */
static void schedule(struct announcer *announcer)
{
	struct timeval interval = { .tv_usec = INTERVAL_US };
	int64_t wait_ms;

	if (announcer->now) {
		event_add(announcer->timer, &interval);
	} else if (announcer->later) {
		wait_ms = announcer->later->announce_ms - varlink_now_ms();
		if (wait_ms < 0)
			wait_ms = 0;
		interval = (struct timeval){ .tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000 };
		event_add(announcer->timer, &interval);
	}
}

/* One announcement of the first in the queue. */
static void announce(struct announcer *announcer, struct entry *entry, int64_t now_ms)
{
	int rc = entry_family(entry) == FAMILY_IPV4 ? announce_ipv4(announcer, entry) : announce_ipv6(announcer, entry);
	unsigned left = entry->announcements;
	char text[IP_TEXT_MAX];

	announcer_del(announcer, entry);
	/* Its device's queue is full; others' are not. */
	if (rc == -ENOBUFS || rc == -EAGAIN)
		left++;
	if (rc)
		log_debug("cannot announce: %s on %s: %s", ip_text(&entry->address, text), entry->lan->name, strerror(-rc));
	else
		entry->announced++;
	if (left > 1) {
		entry->announcements = (unsigned char)(left - 1);
		entry->announce_ms = now_ms + ANNOUNCE_INTERVAL_MS;
		DL_APPEND(announcer->later, entry);
	}
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct announcer *announcer = arg;
	int64_t now_ms = varlink_now_ms();

	(void)fd;
	(void)what;
	while (announcer->later && announcer->later->announce_ms <= now_ms) {
		struct entry *entry = announcer->later;

		DL_DELETE(announcer->later, entry);
		entry->announce_ms = 0;
		DL_APPEND(announcer->now, entry);
	}
	for (int i = 0; i < BATCH && announcer->now; i++)
		announce(announcer, announcer->now, now_ms);
	schedule(announcer);
}

int announcer_open(struct announcer **out, struct event_base *base, struct wire *wire)
{
	struct announcer *announcer = calloc(1, sizeof(*announcer));

	if (!announcer)
		return -ENOMEM;
	announcer->wire = wire;
	announcer->timer = evtimer_new(base, on_timer, announcer);
	if (!announcer->timer) {
		free(announcer);
		return -ENOMEM;
	}
	*out = announcer;
	return 0;
}

void announcer_close(struct announcer *announcer)
{
	if (!announcer)
		return;
	while (announcer->now)
		announcer_del(announcer, announcer->now);
	while (announcer->later)
		announcer_del(announcer, announcer->later);
	event_free(announcer->timer);
	free(announcer);
}

void announcer_add(struct announcer *announcer, struct entry *entry, unsigned times)
{
	struct timeval now = { 0 };

	announcer_del(announcer, entry);
	entry->announcements = (unsigned char)times;
	/* The timer of what is to come later would be too late. */
	if (!announcer->now)
		event_add(announcer->timer, &now);
	DL_APPEND(announcer->now, entry);
}

void announcer_del(struct announcer *announcer, struct entry *entry)
{
	if (!entry->announcements)
		return;
	if (entry->announce_ms)
		DL_DELETE(announcer->later, entry);
	else
		DL_DELETE(announcer->now, entry);
	entry->announcements = 0;
	entry->announce_ms = 0;
}
