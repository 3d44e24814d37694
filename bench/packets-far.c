/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "bench/packets-far.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/arp-asker.h"

#define RECEIVE_BUFFER (16 * 1024 * 1024)
#define AT(member) ((unsigned)offsetof(struct packet_frame, member))

/* In another network namespace: what is opened there stays there. Its return value is for go_back(). */
static int go_to(const char *namespace)
{
	char path[256];
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there;

	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (here < 0 || there < 0 || setns(there, CLONE_NEWNET))
		fail(namespace);
	close(there);
	return here;
}

static void go_back(int here)
{
	if (setns(here, CLONE_NEWNET))
		fail("back to the gateway");
	close(here);
}

static int packet_socket(int protocol, const char *interface)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons((uint16_t)protocol),
		.sll_ifindex = (int)if_nametoindex(interface),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0 || !address.sll_ifindex || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		fail(interface);
	return fd;
}

/* Hears UDP for the server's port, from the public address if there is one. Of all protocols, so that it hears what is dropped where it
 * comes in. */
static int listening_socket(const struct far *far, const char *interface, int buffer)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, AT(ethernet.ether_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_IP, 0, 10),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, AT(packet.ip.protocol)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 8),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, AT(packet.ip.daddr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(far->server), 0, 6),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, AT(packet.udp.dest)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKETS_PORT, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, AT(packet.ip.saddr)),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, far->public ? UINT32_MAX : 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(far->public), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, sizeof(struct packet_frame)),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };
	int fd = packet_socket(ETH_P_ALL, interface), one = 1;

	if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) ||
	    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		fail("filter");
	return fd;
}

static void look_up_self(struct far *far, const char *interface)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (ioctl(far->out, SIOCGIFHWADDR, &request))
		fail(interface);
	memcpy(far->mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
}

void far_open(struct far *far, const char *namespace, const char *interface, const char *gateway, const char *server, const char *public)
{
	struct ether_addr *mac = ether_aton(gateway);
	struct in_addr addresses[2];
	int here;

	if (!mac || !inet_aton(server, &addresses[0]) || !inet_aton(public, &addresses[1])) {
		errno = EINVAL;
		fail("an address");
	}
	memcpy(far->gateway, mac, ETH_ALEN);
	far->server = addresses[0].s_addr;
	far->public = addresses[1].s_addr;
	far->in = -1;
	here = go_to(namespace);
	far->out = packet_socket(0, interface);
	look_up_self(far, interface);
	/* The smallest buffer that there is: what passes the filter is counted all the same, and nothing copied. */
	far->counter = listening_socket(far, interface, 0);
	go_back(here);
	asker_counter_read(far->counter);
}

void far_listen(struct far *far, const char *namespace, const char *interface)
{
	int here = go_to(namespace);

	far->in = listening_socket(far, interface, RECEIVE_BUFFER);
	go_back(here);
}

void far_listen_no_more(struct far *far)
{
	close(far->in);
	far->in = -1;
}

bool far_receive(const struct far *far, struct endpoint *from, uint32_t *flow)
{
	struct packet_frame frame;
	ssize_t length;

	/* What came before there was a filter may be anything. */
	do
		length = recv(far->in, &frame, sizeof(frame), MSG_DONTWAIT);
	while (length >= 0 && length != sizeof(frame));
	if (length < 0 && errno == EAGAIN)
		return false;
	if (length < 0)
		fail("receive");
	*from = (struct endpoint){ frame.packet.ip.saddr, ntohs(frame.packet.udp.source) };
	*flow = frame.packet.flow;
	return true;
}

void far_make(const struct far *far, struct packet_frame *frame, struct endpoint to, uint32_t flow)
{
	memcpy(frame->ethernet.ether_dhost, far->gateway, ETH_ALEN);
	memcpy(frame->ethernet.ether_shost, far->mac, ETH_ALEN);
	frame->ethernet.ether_type = htons(ETHERTYPE_IP);
	packet_make(&frame->packet, (struct endpoint){ far->server, PACKETS_PORT }, to, flow);
}

void far_send(const struct far *far, const struct packet_frame *const frames[], unsigned count)
{
	struct iovec pieces[FAR_BATCH];
	struct mmsghdr messages[FAR_BATCH];
	unsigned sent = 0;

	memset(messages, 0, count * sizeof(messages[0]));
	for (unsigned i = 0; i < count; i++) {
		pieces[i] = (struct iovec){ (void *)frames[i], sizeof(*frames[i]) };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &pieces[i], .msg_iovlen = 1 };
	}
	while (sent < count) {
		int rc = sendmmsg(far->out, messages + sent, count - sent, 0);

		if (rc > 0)
			sent += (unsigned)rc;
		else if (errno != ENOBUFS && errno != EINTR)
			fail("send");
	}
}
