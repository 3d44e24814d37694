/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Three listening sockets with filters in the kernel (socket(7): SO_ATTACH_FILTER), and one to send by. */

#include "arpd/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/varlink-client.h"

/* Looked at before other events get their turn; after that the socket rests until it may go on. */
enum { BURST = 64 };
/* What is not looked at in time is dropped by the kernel, since this is all that it keeps. */
enum { RECEIVE_BUFFER = 128 * 1024 };
/* The largest packet that can be one of ours; the rest of a larger one is cut off. */
enum { PACKET_MAX = 256 };

struct ear {
	struct wire *wire;
	int fd;			/* -1: closed */
	struct event *readable, *rest;
	int64_t since_ms;	/* of the second in which so many were */
	unsigned heard;
	unsigned long missed;
	void (*take)(struct wire *wire, int interface, const void *payload, size_t length);
};

struct wire {
	struct event_base *base;
	const struct wire_handler *handler;
	int fd;			/* sends, and never receives: its protocol is 0 */
	struct ear probes, senders, neighbours;
	struct in_addr first, last;
};

/* Offsets in an ARP payload. */
enum { ARP_OPERATION = 6, ARP_SENDER = 14 };

/* Probes: requests whose sender is 0.0.0.0. */
static const struct sock_filter probe_filter[] = {
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ARP_OPERATION),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPOP_REQUEST, 0, 3),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARP_SENDER),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, PACKET_MAX),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

/* Neighbour advertisements (RFC 4443: next header 58; RFC 4861: type 136, hop limit 255). */
static const struct sock_filter neighbour_filter[] = {
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6 << 8 | 255, 0, 3),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, sizeof(struct ip6_hdr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_ADVERT, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, PACKET_MAX),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

static int attach(int fd, const struct sock_filter *filter, size_t count)
{
	struct sock_fprog program = { .len = (unsigned short)count, .filter = (struct sock_filter *)filter };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ? -errno : 0;
}

/* Of the senders from first to last; in network byte order 0 is none. */
static int attach_senders(int fd, struct in_addr first, struct in_addr last)
{
	const struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARP_SENDER),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, ntohl(first.s_addr), 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, ntohl(last.s_addr), 1, 0),
		BPF_STMT(BPF_RET | BPF_K, PACKET_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return attach(fd, filter, sizeof(filter) / sizeof(filter[0]));
}

static void take_arp(struct wire *wire, int interface, const void *payload, size_t length)
{
	struct arp_packet packet;

	if (packet_parse_arp(payload, length, &packet))
		wire->handler->on_arp(wire->handler->ctx, interface, &packet);
}

static void take_nd(struct wire *wire, int interface, const void *payload, size_t length)
{
	struct nd_packet packet;

	if (packet_parse_nd(payload, length, &packet))
		wire->handler->on_nd(wire->handler->ctx, interface, &packet);
}

/* How many more this ear may look at in this second. */
static unsigned allowance(struct ear *ear)
{
	int64_t now = varlink_now_ms();

	if (now - ear->since_ms >= 1000) {
		ear->since_ms = now;
		ear->heard = 0;
	}
	return WIRE_RATE - ear->heard;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct ear *ear = arg;
	struct timeval pause = { .tv_usec = 100 * 1000 };
	unsigned most = allowance(ear);
	unsigned char bytes[PACKET_MAX];

	(void)what;
	for (unsigned i = 0; i < BURST && i < most; i++) {
		struct sockaddr_ll from = { 0 };
		socklen_t size = sizeof(from);
		ssize_t length = recvfrom(fd, bytes, sizeof(bytes), MSG_DONTWAIT, (struct sockaddr *)&from, &size);

		if (length < 0)
			return;
		ear->heard++;
		ear->take(ear->wire, from.sll_ifindex, bytes, (size_t)length);
		if (ear->fd < 0)
			return;
	}
	if (most > BURST)
		return;
	/* Enough for this second. */
	event_del(ear->readable);
	event_add(ear->rest, &pause);
}

static void note_missed(struct ear *ear)
{
	struct tpacket_stats stats;
	socklen_t size = sizeof(stats);

	if (getsockopt(ear->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0)
		ear->missed += stats.tp_drops;
}

static void on_rest(evutil_socket_t fd, short what, void *arg)
{
	struct ear *ear = arg;
	struct timeval pause = { .tv_usec = 100 * 1000 };

	(void)fd;
	(void)what;
	note_missed(ear);
	event_add(allowance(ear) ? ear->readable : ear->rest, allowance(ear) ? NULL : &pause);
}

static void ear_close(struct ear *ear)
{
	if (ear->readable)
		event_free(ear->readable);
	if (ear->rest)
		event_free(ear->rest);
	if (ear->fd >= 0)
		close(ear->fd);
	ear->readable = ear->rest = NULL;
	ear->fd = -1;
}

/* Opens it deaf (protocol 0), so that nothing comes before the filter is there; ear_begin opens it. */
static int ear_open(struct ear *ear)
{
	int size = RECEIVE_BUFFER, yes = 1;

	ear->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ear->fd < 0)
		return -errno;
	setsockopt(ear->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	/* Our own packets are no news. */
	if (setsockopt(ear->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes)))
		return -errno;
	ear->readable = event_new(ear->wire->base, ear->fd, EV_READ | EV_PERSIST, on_readable, ear);
	ear->rest = evtimer_new(ear->wire->base, on_rest, ear);
	return ear->readable && ear->rest && event_add(ear->readable, NULL) == 0 ? 0 : -ENOMEM;
}

static int ear_begin(struct ear *ear, unsigned short protocol)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(protocol) };

	return bind(ear->fd, (struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
}

/* An ear for what the filter lets through. 0 or -errno; then it is closed. */
static int ear_start(struct ear *ear, const struct sock_filter *filter, size_t count, unsigned short protocol)
{
	int rc = ear_open(ear);

	if (!rc)
		rc = attach(ear->fd, filter, count);
	if (!rc)
		rc = ear_begin(ear, protocol);
	if (rc)
		ear_close(ear);
	return rc;
}

int wire_open(struct wire **out, struct event_base *base, const struct wire_handler *handler)
{
	struct wire *wire = calloc(1, sizeof(*wire));
	int rc;

	if (!wire)
		return -ENOMEM;
	wire->base = base;
	wire->handler = handler;
	wire->probes = wire->senders = (struct ear){ .wire = wire, .fd = -1, .take = take_arp };
	wire->neighbours = (struct ear){ .wire = wire, .fd = -1, .take = take_nd };
	wire->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	rc = wire->fd < 0 ? -errno : ear_start(&wire->probes, probe_filter, sizeof(probe_filter) / sizeof(probe_filter[0]), ETH_P_ARP);
	if (rc)
		wire_close(wire);
	else
		*out = wire;
	return rc;
}

void wire_close(struct wire *wire)
{
	if (!wire)
		return;
	ear_close(&wire->probes);
	ear_close(&wire->senders);
	ear_close(&wire->neighbours);
	if (wire->fd >= 0)
		close(wire->fd);
	free(wire);
}

static int listen_senders(struct wire *wire, struct in_addr first, struct in_addr last)
{
	int rc = 0;

	if (wire->first.s_addr == first.s_addr && wire->last.s_addr == last.s_addr)
		return 0;
	if (!first.s_addr) {
		ear_close(&wire->senders);
	} else if (wire->senders.fd < 0) {
		rc = ear_open(&wire->senders);
		if (!rc)
			rc = attach_senders(wire->senders.fd, first, last);
		if (!rc)
			rc = ear_begin(&wire->senders, ETH_P_ARP);
	} else {
		rc = attach_senders(wire->senders.fd, first, last);
	}
	if (rc) {
		ear_close(&wire->senders);
		first.s_addr = last.s_addr = 0;
	}
	wire->first = first;
	wire->last = last;
	return rc;
}

int wire_listen(struct wire *wire, struct in_addr first, struct in_addr last, bool hears_nd)
{
	int rc = listen_senders(wire, first, last);

	if (hears_nd && wire->neighbours.fd < 0 && !rc)
		rc = ear_start(&wire->neighbours, neighbour_filter, sizeof(neighbour_filter) / sizeof(neighbour_filter[0]), ETH_P_IPV6);
	else if (!hears_nd)
		ear_close(&wire->neighbours);
	return rc;
}

unsigned long wire_missed(const struct wire *wire)
{
	return wire->probes.missed + wire->senders.missed + wire->neighbours.missed;
}

static int wire_send(const struct wire *wire, const struct link *link, unsigned short protocol, const unsigned char *destination,
		     const void *payload, size_t length)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = link->index,
		.sll_halen = ETH_ALEN,
	};

	memcpy(to.sll_addr, destination, ETH_ALEN);
	return sendto(wire->fd, payload, length, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

int wire_send_arp(struct wire *wire, const struct link *link, const unsigned char *destination, const struct arp_packet *packet)
{
	static const unsigned char everybody[ETH_ALEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	unsigned char payload[PACKET_ARP_LENGTH];

	packet_build_arp(packet, payload);
	return wire_send(wire, link, ETH_P_ARP, destination ? destination : everybody, payload, sizeof(payload));
}

int wire_send_nd(struct wire *wire, const struct link *link, const struct nd_packet *packet)
{
	unsigned char payload[PACKET_ND_MAX], mac[ETH_ALEN];
	size_t length = packet_build_nd(packet, payload);

	packet_group_mac(&packet->destination, mac);
	return wire_send(wire, link, ETH_P_IPV6, mac, payload, length);
}
