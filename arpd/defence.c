/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* From packets to answers, announcements and conflicts. */

#include "arpd/defence.h"

#include <net/if_arp.h>
#include <string.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/varlink-client.h"

/* The published entry that a packet is about. NULL if there is none there that is answered for. */
static struct entry *find_published(const struct publisher *publisher, int interface, const struct in6_addr *address)
{
	struct lan *lan = table_find_lan_index(&publisher->table, interface);
	struct entry *entry = lan ? table_find(lan, address) : NULL;

	return entry && entry->is_installed ? entry : NULL;
}

/* Is it one of this host's own LANs, of which two may be one Ethernet? */
static bool is_ours(const struct publisher *publisher, const unsigned char mac[ETH_ALEN])
{
	const struct lan *lan;

	LL_FOREACH(publisher->table.lans, lan)
		if (memcmp(lan->link.mac, mac, ETH_ALEN) == 0)
			return true;
	return false;
}

/* Is it the client itself, which is on the LAN as well? The client is who has the address where it is routed to. */
static bool is_client(const struct publisher *publisher, const struct entry *entry, const unsigned char mac[ETH_ALEN])
{
	unsigned char client[ETH_ALEN];

	return neighbour_knows(publisher->sock, entry->route_interface, &entry->address, client) && memcmp(client, mac, ETH_ALEN) == 0;
}

/* One more packet of a station's that has or wants the address. is_news: it is the first one, and not one of too many. */
static struct conflict *note(struct publisher *publisher, struct entry *entry, const unsigned char mac[ETH_ALEN], const char *does,
			     bool *is_news)
{
	char text[IP_TEXT_MAX], mac_buffer[MAC_TEXT_MAX];
	bool is_new;
	struct conflict *conflict = conflict_note(&publisher->conflicts, &entry->address, entry->lan->name, mac, &is_new);

	*is_news = conflict && is_new && conflict_may_log(&publisher->conflicts);
	if (*is_news)
		log_warn("%s on %s: %s %s", ip_text(&entry->address, text), entry->lan->name, mac_text(mac, mac_buffer), does);
	return conflict;
}

/* "Is this address free?" Told to the asker alone. */
static void answer_probe(struct publisher *publisher, struct entry *entry, const struct arp_packet *probe)
{
	const struct link *link = &entry->lan->link;
	struct arp_packet reply = { .operation = ARPOP_REPLY, .sender = probe->target };
	struct conflict *conflict;
	bool is_news;

	if (is_client(publisher, entry, probe->sender_mac))
		return;
	memcpy(reply.sender_mac, link->mac, ETH_ALEN);
	memcpy(reply.target_mac, probe->sender_mac, ETH_ALEN);
	if (wire_send_arp(publisher->wire, link, probe->sender_mac, &reply))
		return;
	publisher->probes_answered++;
	conflict = note(publisher, entry, probe->sender_mac, "asks whether the address is free, and is told that it is not", &is_news);
	if (conflict)
		conflict->defended++;
}

/* Somebody says that the address is his. */
static void defend(struct publisher *publisher, struct entry *entry, const unsigned char mac[ETH_ALEN])
{
	int64_t now_ms = varlink_now_ms();
	struct conflict *conflict;
	bool is_news;

	if (is_client(publisher, entry, mac))
		return;
	conflict = note(publisher, entry, mac, "uses the address", &is_news);
	if (!entry->defended_ms || now_ms - entry->defended_ms >= DEFEND_INTERVAL_MS) {
		entry->defended_ms = now_ms;
		announcer_add(publisher->announcer, entry, 1);
		if (conflict)
			conflict->defended++;
	}
	if (is_news)
		publisher->on_event(publisher->ctx, "conflict", &entry->address, entry->lan->name, mac);
}

void defence_hear_arp(void *ctx, int interface, const struct arp_packet *packet)
{
	struct publisher *publisher = ctx;
	bool is_probe = packet_arp_kind(packet) == ARP_PROBE;
	struct in6_addr about = ip_from_v4(is_probe ? packet->target : packet->sender);
	struct entry *entry = find_published(publisher, interface, &about);

	if (is_ours(publisher, packet->sender_mac))
		return;
	if (!is_probe)
		prober_hear(publisher->prober, interface, &about, packet->sender_mac);
	if (!entry)
		return;
	if (is_probe)
		answer_probe(publisher, entry, packet);
	else
		defend(publisher, entry, packet->sender_mac);
}

void defence_hear_nd(void *ctx, int interface, const struct nd_packet *packet)
{
	struct publisher *publisher = ctx;
	struct entry *entry = find_published(publisher, interface, &packet->target);

	if (packet->type != ND_NEIGHBOR_ADVERT || !packet->has_mac || is_ours(publisher, packet->mac))
		return;
	prober_hear(publisher->prober, interface, &packet->target, packet->mac);
	if (entry)
		defend(publisher, entry, packet->mac);
}
