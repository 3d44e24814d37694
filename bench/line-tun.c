/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "bench/line-tun.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/measure.h"

struct packet {
	struct iphdr ip;
	struct udphdr udp;
	uint32_t number;
};

static int any_socket(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return fd;
}

static void request(int fd, unsigned long what, struct ifreq *ifr)
{
	if (ioctl(fd, what, ifr))
		fail(ifr->ifr_name);
}

int tun_make(const char *name, unsigned *ifindex)
{
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };

	if (fd < 0)
		fail("/dev/net/tun");
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	request(fd, TUNSETIFF, &ifr);
	if (ioctl(fd, TUNSETPERSIST, 1))
		fail(name);
	request(any_socket(), SIOCGIFINDEX, &ifr);
	*ifindex = (unsigned)ifr.ifr_ifindex;
	return fd;
}

static void set_address(const char *name, unsigned long what, struct in_addr address)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = address };
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	memcpy(&ifr.ifr_addr, &sin, sizeof(sin));
	request(any_socket(), what, &ifr);
}

void tun_set_addresses(const char *name, struct in_addr local, struct in_addr peer)
{
	struct ifreq ifr = { .ifr_flags = IFF_UP | IFF_POINTOPOINT };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	set_address(name, SIOCSIFADDR, local);
	set_address(name, SIOCSIFDSTADDR, peer);
	set_address(name, SIOCSIFNETMASK, (struct in_addr){ INADDR_NONE });
	request(any_socket(), SIOCSIFFLAGS, &ifr);
}

void tun_clear(const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_POINTOPOINT };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	request(any_socket(), SIOCSIFFLAGS, &ifr);
	set_address(name, SIOCSIFADDR, (struct in_addr){ INADDR_ANY });
}

void tun_delete(int fd)
{
	if (ioctl(fd, TUNSETPERSIST, 0))
		fail("tun");
	close(fd);
}

/* RFC 1071, of a header without options. */
static uint16_t checksum(const struct iphdr *ip)
{
	uint16_t words[sizeof(*ip) / 2];
	uint32_t sum = 0;

	memcpy(words, ip, sizeof(*ip));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~(sum + (sum >> 16));
}

void tun_send(int fd, const struct tun_datagram *datagram)
{
	/* A UDP checksum of 0 is none (RFC 768). */
	struct packet packet = {
		.ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP, .tot_len = htons(sizeof(packet)),
			.saddr = datagram->from.s_addr, .daddr = datagram->to.s_addr },
		.udp = { .source = htons(datagram->port_from), .dest = htons(datagram->port_to),
			 .len = htons(sizeof(packet) - sizeof(packet.ip)) },
		.number = htonl(datagram->number),
	};

	packet.ip.check = checksum(&packet.ip);
	if (write(fd, &packet, sizeof(packet)) != (ssize_t)sizeof(packet))
		fail("tun");
}

int tun_receive(int fd, struct tun_datagram *datagram)
{
	unsigned char bytes[2048];
	struct packet packet;
	ssize_t len;

	while ((len = read(fd, bytes, sizeof(bytes))) >= 0) {
		if (len != (ssize_t)sizeof(packet))
			continue;
		memcpy(&packet, bytes, sizeof(packet));
		if (packet.ip.version != 4 || packet.ip.protocol != IPPROTO_UDP)
			continue;
		*datagram = (struct tun_datagram){
			.from = { packet.ip.saddr }, .to = { packet.ip.daddr },
			.port_from = ntohs(packet.udp.source), .port_to = ntohs(packet.udp.dest), .number = ntohl(packet.number),
		};
		return 0;
	}
	return -1;
}
