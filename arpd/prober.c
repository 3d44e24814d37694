/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Probes stand in the order of their beginning, first those that are pending: since all wait equally long, they also end in it. */

#include "arpd/prober.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "lib/ip.h"
#include "lib/varlink-client.h"

/* Ten thousand a second at most. */
enum { BATCH = 100, INTERVAL_US = 10000 };
enum { PROBE_NUM = 2 };
enum { WAIT_DEFAULT_MS = 100 };
/* One that could not be sent for so long (a full queue, a filter that drops it) counts as sent. */
enum { STUCK_MS = 1000 };

struct key {
	struct in6_addr address;
	int interface;
};

struct item {
	struct probe probe;
	struct key key;
	struct link link;
	int64_t next_ms;	/* when the next is sent, or it is over; when it is forgotten */
	int64_t since_ms;
	unsigned sent;
	struct item *prev, *next;
	UT_hash_handle hh;
};

struct prober {
	struct wire *wire;
	struct event *timer;
	void (*on_end)(void *ctx, const struct probe *probe);
	void *ctx;
	unsigned wait_ms;
	struct item *items;	/* by key */
	struct item *pending, *over;
};

static int send_probe(struct prober *prober, const struct item *item)
{
	struct arp_packet arp = { .operation = ARPOP_REQUEST };
	struct nd_packet nd = { .type = ND_NEIGHBOR_SOLICIT, .target = item->probe.address };

	if (!ip_is_v4(&item->probe.address)) {
		packet_solicited_node(&nd.target, &nd.destination);
		return wire_send_nd(prober->wire, &item->link, &nd);
	}
	memcpy(arp.sender_mac, item->link.mac, ETH_ALEN);
	arp.target = ip_to_v4(&item->probe.address);
	return wire_send_arp(prober->wire, &item->link, NULL, &arp);
}

static void schedule(struct prober *prober)
{
	struct timeval interval = { .tv_usec = INTERVAL_US }, second = { .tv_sec = 1 };

	if (prober->pending)
		event_add(prober->timer, &interval);
	else if (prober->over)
		event_add(prober->timer, &second);
}

static void forget(struct prober *prober, struct item *item)
{
	HASH_DEL(prober->items, item);
	free(item);
}

static void finish(struct prober *prober, struct item *item, enum probe_state state)
{
	struct probe probe;

	DL_DELETE(prober->pending, item);
	DL_APPEND(prober->over, item);
	item->probe.state = state;
	item->next_ms = varlink_now_ms() + PROBE_REMEMBERED_MS;
	/* on_end may ask again, and so forget this one. */
	probe = item->probe;
	prober->on_end(prober->ctx, &probe);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct prober *prober = arg;
	int64_t now = varlink_now_ms();
	struct item *item, *next;
	unsigned sent = 0;

	(void)fd;
	(void)what;
	while (prober->over && prober->over->next_ms <= now) {
		item = prober->over;
		DL_DELETE(prober->over, item);
		forget(prober, item);
	}
	DL_FOREACH_SAFE(prober->pending, item, next) {
		int rc;

		if (item->sent == PROBE_NUM && item->next_ms <= now) {
			finish(prober, item, PROBE_FREE);
			/* What came of it may have changed the list. */
			next = prober->pending;
			continue;
		}
		if (item->next_ms > now || sent == BATCH)
			continue;
		rc = send_probe(prober, item);
		sent++;
		/* Try again in the next turn. Another LAN's queue has room. */
		if ((rc == -ENOBUFS || rc == -EAGAIN) && now - item->since_ms < STUCK_MS)
			continue;
		item->sent++;
		item->next_ms = now + prober->wait_ms / PROBE_NUM;
	}
	schedule(prober);
}

int prober_open(struct prober **out, struct event_base *base, struct wire *wire, void (*on_end)(void *ctx, const struct probe *probe),
		void *ctx)
{
	struct prober *prober = calloc(1, sizeof(*prober));

	if (!prober)
		return -ENOMEM;
	prober->wire = wire;
	prober->on_end = on_end;
	prober->ctx = ctx;
	prober->wait_ms = WAIT_DEFAULT_MS;
	prober->timer = evtimer_new(base, on_timer, prober);
	if (!prober->timer) {
		free(prober);
		return -ENOMEM;
	}
	*out = prober;
	return 0;
}

void prober_close(struct prober *prober)
{
	struct item *item, *next;

	if (!prober)
		return;
	HASH_ITER(hh, prober->items, item, next)
		forget(prober, item);
	event_free(prober->timer);
	free(prober);
}

void prober_set_wait(struct prober *prober, unsigned wait_ms)
{
	prober->wait_ms = wait_ms;
}

/* A hash key must have no random bytes between its members. */
static struct key make_key(int interface, const struct in6_addr *address)
{
	struct key key;

	memset(&key, 0, sizeof(key));
	key.address = *address;
	key.interface = interface;
	return key;
}

static struct item *find(struct prober *prober, int interface, const struct in6_addr *address)
{
	struct key key = make_key(interface, address);
	struct item *item;

	HASH_FIND(hh, prober->items, &key, sizeof(key), item);
	return item;
}

const struct probe *prober_ask(struct prober *prober, const struct link *link, const struct in6_addr *address, int64_t age_ms)
{
	struct item *item = find(prober, link->index, address);
	struct timeval now = { 0 };

	if (item && (item->probe.state == PROBE_PENDING || varlink_now_ms() - (item->next_ms - PROBE_REMEMBERED_MS) <= age_ms))
		return &item->probe;
	if (item) {
		DL_DELETE(prober->over, item);
		forget(prober, item);
	}
	item = HASH_COUNT(prober->items) < PROBES_MAX ? calloc(1, sizeof(*item)) : NULL;
	if (!item)
		return NULL;
	item->key = make_key(link->index, address);
	item->probe = (struct probe){ .address = *address, .interface = link->index, .state = PROBE_PENDING };
	item->link = *link;
	item->since_ms = varlink_now_ms();
	HASH_ADD(hh, prober->items, key, sizeof(item->key), item);
	if (!prober->pending)
		event_add(prober->timer, &now);
	DL_APPEND(prober->pending, item);
	return &item->probe;
}

void prober_hear(struct prober *prober, int interface, const struct in6_addr *address, const unsigned char mac[ETH_ALEN])
{
	struct item *item = find(prober, interface, address);

	if (!item || item->probe.state != PROBE_PENDING || memcmp(mac, item->link.mac, ETH_ALEN) == 0)
		return;
	memcpy(item->probe.mac, mac, ETH_ALEN);
	finish(prober, item, PROBE_TAKEN);
}

void prober_range(const struct prober *prober, struct in_addr *first, struct in_addr *last, bool *has_ipv6)
{
	const struct item *item;

	first->s_addr = last->s_addr = 0;
	*has_ipv6 = false;
	DL_FOREACH(prober->pending, item) {
		struct in_addr address = ip_to_v4(&item->probe.address);

		if (!ip_is_v4(&item->probe.address)) {
			*has_ipv6 = true;
			continue;
		}
		if (!first->s_addr || ntohl(address.s_addr) < ntohl(first->s_addr))
			*first = address;
		if (ntohl(address.s_addr) > ntohl(last->s_addr))
			*last = address;
	}
}
