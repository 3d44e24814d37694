/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Headers are copied out of the payload, never pointed at in it: a payload has no alignment. */

#include "arpd/packet.h"

#include <arpa/inet.h>
#include <assert.h>
#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>
#include <stdint.h>
#include <string.h>

#include "lib/ip.h"

/* Solicitations and advertisements have one form: reserved or flags, then the target. */
struct nd_head {
	struct ip6_hdr ip;
	struct nd_neighbor_solicit nd;
};

/* A link-layer address option of Ethernet's (RFC 2464 section 6). */
struct mac_option {
	struct nd_opt_hdr head;
	unsigned char mac[ETH_ALEN];
};

enum { OPTION_UNIT = 8 };

static_assert(sizeof(struct ether_arp) == PACKET_ARP_LENGTH, "as on the wire");
static_assert(sizeof(struct nd_head) + sizeof(struct mac_option) == PACKET_ND_MAX, "as on the wire");
static_assert(sizeof(struct mac_option) == OPTION_UNIT, "as on the wire");

/* The groups of RFC 4291 section 2.7.1. */
static const struct ip_prefix solicited_nodes = { { .s6_addr = { 0xff, 0x02, [11] = 1, [12] = 0xff } }, 104 };

static bool is_station(const unsigned char mac[ETH_ALEN])
{
	static const unsigned char zero[ETH_ALEN];

	return !(mac[0] & 1) && memcmp(mac, zero, ETH_ALEN) != 0;
}

bool packet_parse_arp(const void *payload, size_t length, struct arp_packet *packet)
{
	struct ether_arp arp;

	if (length < sizeof(arp))
		return false;
	memcpy(&arp, payload, sizeof(arp));
	if (arp.arp_hrd != htons(ARPHRD_ETHER) || arp.arp_pro != htons(ETHERTYPE_IP) || arp.arp_hln != ETH_ALEN ||
	    arp.arp_pln != sizeof(packet->sender))
		return false;
	if (arp.arp_op != htons(ARPOP_REQUEST) && arp.arp_op != htons(ARPOP_REPLY))
		return false;
	if (!is_station(arp.arp_sha))
		return false;
	packet->operation = ntohs(arp.arp_op);
	memcpy(packet->sender_mac, arp.arp_sha, ETH_ALEN);
	memcpy(packet->target_mac, arp.arp_tha, ETH_ALEN);
	memcpy(&packet->sender, arp.arp_spa, sizeof(packet->sender));
	memcpy(&packet->target, arp.arp_tpa, sizeof(packet->target));
	return true;
}

enum arp_kind packet_arp_kind(const struct arp_packet *packet)
{
	if (packet->operation == ARPOP_REQUEST && packet->sender.s_addr == INADDR_ANY)
		return ARP_PROBE;
	if (packet->sender.s_addr == packet->target.s_addr)
		return ARP_ANNOUNCEMENT;
	return packet->operation == ARPOP_REQUEST ? ARP_REQUEST : ARP_REPLY;
}

void packet_build_arp(const struct arp_packet *packet, unsigned char payload[PACKET_ARP_LENGTH])
{
	struct ether_arp arp = {
		.ea_hdr = { .ar_hrd = htons(ARPHRD_ETHER), .ar_pro = htons(ETHERTYPE_IP), .ar_hln = ETH_ALEN,
			    .ar_pln = sizeof(packet->sender), .ar_op = htons(packet->operation) },
	};

	memcpy(arp.arp_sha, packet->sender_mac, ETH_ALEN);
	memcpy(arp.arp_tha, packet->target_mac, ETH_ALEN);
	memcpy(arp.arp_spa, &packet->sender, sizeof(packet->sender));
	memcpy(arp.arp_tpa, &packet->target, sizeof(packet->target));
	memcpy(payload, &arp, sizeof(arp));
}

/* Adds to a sum of 16-bit words (RFC 1071); 64 KiB of them do not overflow it. */
static uint32_t sum_words(uint32_t sum, const unsigned char *bytes, size_t length)
{
	size_t i;

	for (i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	if (i < length)
		sum += (uint32_t)bytes[i] << 8;
	return sum;
}

/* RFC 4443 section 2.3, RFC 8200 section 8.1: over the pseudo-header and the message. In network byte order; over a message whose
 * checksum is right, 0. */
static uint16_t checksum(const struct ip6_hdr *ip, const unsigned char *message, size_t length)
{
	uint32_t sum = IPPROTO_ICMPV6 + length;

	sum = sum_words(sum, ip->ip6_src.s6_addr, sizeof(ip->ip6_src));
	sum = sum_words(sum, ip->ip6_dst.s6_addr, sizeof(ip->ip6_dst));
	sum = sum_words(sum, message, length);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum & 0xffff);
}

/* Addresses that no neighbour discovery packet has. */
static bool are_plausible(const struct nd_head *head)
{
	const struct in6_addr *source = &head->ip.ip6_src, *destination = &head->ip.ip6_dst, *target = &head->nd.nd_ns_target;

	if (IN6_IS_ADDR_MULTICAST(source) || IN6_IS_ADDR_MULTICAST(target))
		return false;
	return !ip_is_v4(source) && !ip_is_v4(destination) && !ip_is_v4(target);
}

/* What is asked of options is asked of all, also of those that mean nothing here. */
static bool parse_options(const unsigned char *options, size_t length, struct nd_packet *packet)
{
	unsigned char wanted = packet->type == ND_NEIGHBOR_SOLICIT ? ND_OPT_SOURCE_LINKADDR : ND_OPT_TARGET_LINKADDR;
	struct mac_option option;
	size_t size;

	for (; length; options += size, length -= size) {
		if (length < sizeof(option))
			return false;
		memcpy(&option, options, sizeof(option));
		size = (size_t)option.head.nd_opt_len * OPTION_UNIT;
		if (!size || size > length)
			return false;
		if (option.head.nd_opt_type != wanted)
			continue;
		if (size != sizeof(option) || !is_station(option.mac))
			return false;
		if (!packet->has_mac)
			memcpy(packet->mac, option.mac, ETH_ALEN);
		packet->has_mac = true;
	}
	return true;
}

/* The rules that are about one type. */
static bool is_valid(const struct nd_packet *packet)
{
	if (packet_nd_is_probe(packet))
		return ip_prefix_contains(&solicited_nodes, &packet->destination) && !packet->has_mac;
	return !packet->is_solicited || !IN6_IS_ADDR_MULTICAST(&packet->destination);
}

bool packet_parse_nd(const void *payload, size_t length, struct nd_packet *packet)
{
	const unsigned char *message = (const unsigned char *)payload + sizeof(struct ip6_hdr);
	struct nd_packet parsed = { 0 };
	struct nd_head head;
	size_t message_length;
	uint32_t flags;

	if (length < sizeof(head))
		return false;
	memcpy(&head, payload, sizeof(head));
	message_length = ntohs(head.ip.ip6_plen);
	if (message_length < sizeof(head.nd) || message_length > length - sizeof(head.ip))
		return false;
	if (head.ip.ip6_vfc >> 4 != 6 || head.ip.ip6_nxt != IPPROTO_ICMPV6 || head.ip.ip6_hlim != 255)
		return false;
	if ((head.nd.nd_ns_type != ND_NEIGHBOR_SOLICIT && head.nd.nd_ns_type != ND_NEIGHBOR_ADVERT) || head.nd.nd_ns_code != 0)
		return false;
	if (!are_plausible(&head) || checksum(&head.ip, message, message_length) != 0)
		return false;
	parsed.type = head.nd.nd_ns_type;
	parsed.source = head.ip.ip6_src;
	parsed.destination = head.ip.ip6_dst;
	parsed.target = head.nd.nd_ns_target;
	/* A solicitation's are reserved, and to be ignored. */
	flags = parsed.type == ND_NEIGHBOR_ADVERT ? head.nd.nd_ns_reserved : 0;
	parsed.is_router = flags & ND_NA_FLAG_ROUTER;
	parsed.is_solicited = flags & ND_NA_FLAG_SOLICITED;
	parsed.is_override = flags & ND_NA_FLAG_OVERRIDE;
	if (!parse_options(message + sizeof(head.nd), message_length - sizeof(head.nd), &parsed) || !is_valid(&parsed))
		return false;
	*packet = parsed;
	return true;
}

bool packet_nd_is_probe(const struct nd_packet *packet)
{
	return packet->type == ND_NEIGHBOR_SOLICIT && IN6_IS_ADDR_UNSPECIFIED(&packet->source);
}

size_t packet_build_nd(const struct nd_packet *packet, unsigned char payload[PACKET_ND_MAX])
{
	bool is_advert = packet->type == ND_NEIGHBOR_ADVERT;
	size_t option_length = packet->has_mac && !packet_nd_is_probe(packet) ? sizeof(struct mac_option) : 0;
	size_t message_length = sizeof(struct nd_neighbor_solicit) + option_length;
	struct mac_option option = {
		.head = { .nd_opt_type = is_advert ? ND_OPT_TARGET_LINKADDR : ND_OPT_SOURCE_LINKADDR, .nd_opt_len = 1 },
	};
	struct nd_head head = { 0 };

	head.ip.ip6_flow = htonl(6U << 28);
	head.ip.ip6_plen = htons(message_length);
	head.ip.ip6_nxt = IPPROTO_ICMPV6;
	head.ip.ip6_hlim = 255;
	head.ip.ip6_src = packet->source;
	head.ip.ip6_dst = packet->destination;
	head.nd.nd_ns_type = packet->type;
	if (is_advert)
		head.nd.nd_ns_reserved = (packet->is_router ? ND_NA_FLAG_ROUTER : 0) | (packet->is_solicited ? ND_NA_FLAG_SOLICITED : 0) |
					 (packet->is_override ? ND_NA_FLAG_OVERRIDE : 0);
	head.nd.nd_ns_target = packet->target;
	memcpy(option.mac, packet->mac, ETH_ALEN);
	memcpy(payload, &head, sizeof(head));
	memcpy(payload + sizeof(head), &option, option_length);
	head.nd.nd_ns_cksum = checksum(&head.ip, payload + sizeof(head.ip), message_length);
	memcpy(payload, &head, sizeof(head));
	return sizeof(head.ip) + message_length;
}

void packet_solicited_node(const struct in6_addr *target, struct in6_addr *group)
{
	struct in6_addr node = solicited_nodes.address;

	memcpy(&node.s6_addr[13], &target->s6_addr[13], 3);
	*group = node;
}

void packet_group_mac(const struct in6_addr *group, unsigned char mac[ETH_ALEN])
{
	mac[0] = mac[1] = 0x33;
	memcpy(&mac[2], &group->s6_addr[12], 4);
}
