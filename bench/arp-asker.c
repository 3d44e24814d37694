/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Packet sockets: one that sends, one that receives, and one that only counts. */

#include "config.h"

#include "bench/arp-asker.h"
#include "bench/measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/ether.h>
#include <netinet/if_ether.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECEIVE_BUFFER (32 * 1024 * 1024)

struct frame {
	struct ether_header ethernet;
	struct ether_arp arp;
} __attribute__((packed));

#define AT(member) ((unsigned)offsetof(struct frame, member))
/* Goes on if the half word, or the word, is that; else to the last instruction of a program of that length. */
#define IS_HALF(at, offset, value, length) \
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (offset)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (length) - (at) - 3)
#define IS_WORD(at, offset, value, length) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (length) - (at) - 3)

static int packet_socket(int protocol, const char *interface)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons((uint16_t)protocol),
		.sll_ifindex = (int)if_nametoindex(interface),
	};
	/* It hears nothing before it is bound. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0 || !address.sll_ifindex || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		fail(interface);
	return fd;
}

/* Of all protocols: such a socket hears what is dropped where it comes in, before the host's kernel looks at it. */
static int listening_socket(const char *interface)
{
	int fd = packet_socket(ETH_P_ALL, interface), one = 1;

	if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)))
		fail("not what goes out");
	return fd;
}

static void attach(int fd, struct sock_filter *code, size_t length)
{
	struct sock_fprog program = { .len = (unsigned short)length, .filter = code };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		fail("filter");
}

static void look_up_self(struct asker *asker, const char *interface)
{
	struct ifreq request = { 0 };
	struct sockaddr_in address;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request))
		fail(interface);
	memcpy(asker->mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
	if (ioctl(fd, SIOCGIFADDR, &request))
		fail(interface);
	memcpy(&address, &request.ifr_addr, sizeof(address));
	asker->source = ntohl(address.sin_addr.s_addr);
	close(fd);
}

static void open_receiver(struct asker *asker, const char *interface)
{
	enum { LENGTH = 6 };
	struct sock_filter replies[LENGTH] = {
		IS_HALF(0, AT(ethernet.ether_type), ETH_P_ARP, LENGTH),
		IS_HALF(2, AT(arp.ea_hdr.ar_op), ARPOP_REPLY, LENGTH),
		BPF_STMT(BPF_RET | BPF_K, sizeof(struct frame)),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	int size = RECEIVE_BUFFER;

	asker->in = listening_socket(interface);
	attach(asker->in, replies, LENGTH);
	if (setsockopt(asker->in, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		fail("receive buffer");
}

void asker_open(struct asker *asker, const char *interface, const char *router, const char *first, const char *count)
{
	struct ether_addr *mac = ether_aton(router);
	struct in_addr address;

	if (!mac || !inet_aton(first, &address)) {
		errno = EINVAL;
		fail(mac ? first : router);
	}
	memcpy(asker->router, mac, ETH_ALEN);
	asker->first = ntohl(address.s_addr);
	asker->count = (uint32_t)number(count);
	look_up_self(asker, interface);
	asker->out = packet_socket(0, interface);
	open_receiver(asker, interface);
}

void asker_ask(const struct asker *asker, const uint32_t indices[], unsigned count)
{
	struct frame frames[ASKER_BATCH];
	struct iovec pieces[ASKER_BATCH];
	struct mmsghdr messages[ASKER_BATCH];
	uint32_t source = htonl(asker->source);
	unsigned sent = 0;

	memset(frames, 0, count * sizeof(frames[0]));
	memset(messages, 0, count * sizeof(messages[0]));
	for (unsigned i = 0; i < count; i++) {
		struct frame *frame = &frames[i];
		uint32_t target = htonl(asker->first + indices[i]);

		memset(frame->ethernet.ether_dhost, 0xff, ETH_ALEN);
		memcpy(frame->ethernet.ether_shost, asker->mac, ETH_ALEN);
		frame->ethernet.ether_type = htons(ETH_P_ARP);
		frame->arp.ea_hdr = (struct arphdr){ htons(ARPHRD_ETHER), htons(ETH_P_IP), ETH_ALEN, sizeof(target), htons(ARPOP_REQUEST) };
		memcpy(frame->arp.arp_sha, asker->mac, ETH_ALEN);
		memcpy(frame->arp.arp_spa, &source, sizeof(source));
		memcpy(frame->arp.arp_tpa, &target, sizeof(target));
		pieces[i] = (struct iovec){ frame, sizeof(*frame) };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &pieces[i], .msg_iovlen = 1 };
	}
	while (sent < count) {
		int rc = sendmmsg(asker->out, messages + sent, count - sent, 0);

		if (rc > 0)
			sent += (unsigned)rc;
		else if (errno != ENOBUFS && errno != EINTR)
			fail("send");
	}
}

/* The asker's Ethernet address may be missing, and hosts do not look: farpd answers by broadcast, to everybody. */
static bool is_answer(const struct asker *asker, const struct frame *frame, uint32_t *index)
{
	static const uint8_t everybody[ETH_ALEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	uint32_t spa, tpa;

	memcpy(&spa, frame->arp.arp_spa, sizeof(spa));
	memcpy(&tpa, frame->arp.arp_tpa, sizeof(tpa));
	*index = ntohl(spa) - asker->first;
	return frame->ethernet.ether_type == htons(ETH_P_ARP) && frame->arp.arp_op == htons(ARPOP_REPLY) &&
	       !memcmp(frame->ethernet.ether_shost, asker->router, ETH_ALEN) && !memcmp(frame->arp.arp_sha, asker->router, ETH_ALEN) &&
	       (!memcmp(frame->arp.arp_tha, asker->mac, ETH_ALEN) || !memcmp(frame->arp.arp_tha, everybody, ETH_ALEN)) &&
	       ntohl(tpa) == asker->source && *index < asker->count;
}

long asker_receive(struct asker *asker)
{
	struct frame frame;
	uint32_t index;

	for (;;) {
		ssize_t length = recv(asker->in, &frame, sizeof(frame), MSG_DONTWAIT);

		if (length < 0 && errno == EAGAIN)
			return -1;
		if (length < 0)
			fail("receive");
		if ((size_t)length == sizeof(frame) && is_answer(asker, &frame, &index))
			return index;
		asker->wrong++;
	}
}

static uint32_t word(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint32_t half(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 8 | bytes[1];
}

/* The smallest buffer that there is: once it is full, an answer that passes the filter is counted as dropped, and nothing copied. */
int asker_counter_open(const struct asker *asker, const char *interface)
{
	enum { LENGTH = 19 };
	struct sock_filter answers[LENGTH] = {
		IS_HALF(0, AT(ethernet.ether_type), ETH_P_ARP, LENGTH),
		IS_HALF(2, AT(arp.ea_hdr.ar_op), ARPOP_REPLY, LENGTH),
		IS_WORD(4, AT(ethernet.ether_shost), word(asker->router), LENGTH),
		IS_HALF(6, AT(ethernet.ether_shost) + 4, half(asker->router + 4), LENGTH),
		IS_WORD(8, AT(arp.arp_sha), word(asker->router), LENGTH),
		IS_HALF(10, AT(arp.arp_sha) + 4, half(asker->router + 4), LENGTH),
		IS_WORD(12, AT(arp.arp_tpa), asker->source, LENGTH),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, AT(arp.arp_spa)),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, asker->first),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, asker->count, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	int fd = listening_socket(interface), size = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)))
		fail("receive buffer");
	attach(fd, answers, LENGTH);
	asker_counter_read(fd);
	return fd;
}

unsigned asker_counter_read(int counter)
{
	struct tpacket_stats counted;
	socklen_t length = sizeof(counted);

	if (getsockopt(counter, SOL_PACKET, PACKET_STATISTICS, &counted, &length))
		fail("statistics");
	return counted.tp_packets;
}
