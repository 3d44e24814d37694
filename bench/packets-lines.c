/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "bench/packets-lines.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/measure.h"

/* Besides the lines'. */
enum { FILES = 64 };

/* Stays when it is closed: the kernel waits a while for each interface that goes by itself, but not for a namespace's. */
static int make_line(unsigned line)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "ppp%u", line);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) || ioctl(fd, TUNSETPERSIST, 1))
		fail(request.ifr_name);
	return fd;
}

void lines_make(struct lines *lines, unsigned count, const char *first)
{
	struct rlimit files;
	struct in_addr address;

	lines->fds = calloc(count, sizeof(*lines->fds));
	lines->count = count;
	if (!inet_aton(first, &address))
		fail(first);
	lines->first = ntohl(address.s_addr);
	if (!lines->fds || getrlimit(RLIMIT_NOFILE, &files))
		fail("lines");
	if (files.rlim_cur < count + FILES)
		files.rlim_cur = count + FILES;
	if (files.rlim_max < files.rlim_cur)
		files.rlim_max = files.rlim_cur;
	if (setrlimit(RLIMIT_NOFILE, &files))
		fail("as many files");
	for (unsigned i = 0; i < count; i++)
		lines->fds[i] = make_line(i);
}

uint32_t lines_address(const struct lines *lines, unsigned line)
{
	return htonl(lines->first + line);
}

void lines_send(const struct lines *lines, unsigned line, const struct packet *packet)
{
	if (write(lines->fds[line], packet, sizeof(*packet)) != sizeof(*packet))
		fail("a line's packet");
}

unsigned lines_drain(const struct lines *lines, unsigned line, uint32_t flow, uint32_t server, unsigned long *wrong)
{
	struct packet packet;
	unsigned right = 0;

	for (;;) {
		ssize_t length = read(lines->fds[line], &packet, sizeof(packet));

		if (length < 0 && errno == EAGAIN)
			return right;
		if (length < 0)
			fail("a line");
		if (length == sizeof(packet) && packet.ip.protocol == IPPROTO_UDP && packet.ip.saddr == server &&
		    packet.ip.daddr == lines_address(lines, line) && packet.flow == flow)
			right++;
		else
			++*wrong;
	}
}
