/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What is said and heard on a LAN about who has an address: ARP for Ethernet and IPv4, and neighbour discovery's solicitations
 * and advertisements. Pure: bytes to facts and back. Whoever is on the LAN writes these bytes, so nothing in them is believed:
 * what breaks a rule is no packet. A payload is what follows the Ethernet header (packet sockets of SOCK_DGRAM); it may be at
 * any address in memory, and be longer than the packet, since Ethernet pads. */

#ifndef ARPD_PACKET_H
#define ARPD_PACKET_H

#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#define PACKET_ARP_LENGTH	28
/* IPv6 header, solicitation or advertisement, one option. */
#define PACKET_ND_MAX		(40 + 24 + 8)

struct arp_packet {
	unsigned short operation;	/* ARPOP_REQUEST or ARPOP_REPLY */
	unsigned char sender_mac[ETH_ALEN], target_mac[ETH_ALEN];
	struct in_addr sender, target;
};

enum arp_kind {
	ARP_PROBE,		/* is this address free? A request from 0.0.0.0 */
	ARP_ANNOUNCEMENT,	/* it is mine: request or reply, sender and target are the same */
	ARP_REQUEST,
	ARP_REPLY,
};

/* Writes *packet only if true. False if it is truncated, not for Ethernet and IPv4, neither request nor reply (RFC 826, "Packet
 * format" and "Packet Reception"), or its sender's MAC address is no station's: a group's, or zero (RFC 1812 section 3.3.2). */
bool packet_parse_arp(const void *payload, size_t length, struct arp_packet *packet);

/* RFC 5227 section 1.1; announcements in the form of a reply: section 3. */
enum arp_kind packet_arp_kind(const struct arp_packet *packet);

/* RFC 826, "Packet format". */
void packet_build_arp(const struct arp_packet *packet, unsigned char payload[PACKET_ARP_LENGTH]);

struct nd_packet {
	unsigned char type;		/* ND_NEIGHBOR_SOLICIT or ND_NEIGHBOR_ADVERT */
	struct in6_addr source, destination, target;
	bool has_mac;
	unsigned char mac[ETH_ALEN];	/* of the source of a solicitation, of the target of an advertisement; else zero */
	bool is_router, is_solicited, is_override;	/* an advertisement's */
};

/* Writes *packet only if true. False if it breaks a rule of RFC 4861 section 7.1.1 or 7.1.2; has a group as its source (RFC 4291
 * section 2.7), an IPv4-mapped address, which is an IPv4 address to everybody else here (RFC 6890 section 2.2.3, table 20), or
 * a link-layer address option that is not Ethernet's (RFC 2464 section 6) or no station's. Extension headers are not looked
 * through: neighbour discovery has none (fragments: RFC 6980 section 5). Of several such options the first counts. */
bool packet_parse_nd(const void *payload, size_t length, struct nd_packet *packet);

/* Duplicate address detection: RFC 4862 section 5.4.2. */
bool packet_nd_is_probe(const struct nd_packet *packet);

/* RFC 4861 sections 4.3 and 4.4, with the checksum of RFC 4443 section 2.3. A probe has no option whatever has_mac says, a
 * solicitation no flags. Returns the length. */
size_t packet_build_nd(const struct nd_packet *packet, unsigned char payload[PACKET_ND_MAX]);

/* The group that listens for solicitations of the target: RFC 4291 section 2.7.1. */
void packet_solicited_node(const struct in6_addr *target, struct in6_addr *group);

/* The Ethernet address of an IPv6 group: RFC 2464 section 7. */
void packet_group_mac(const struct in6_addr *group, unsigned char mac[ETH_ALEN]);

#endif
