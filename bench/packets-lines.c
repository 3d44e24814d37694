/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "bench/packets-lines.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/line-tun.h"
#include "bench/measure.h"

/* Besides the lines'. */
enum { FILES = 64 };

static void make_line(struct line *line, unsigned number, struct in_addr local)
{
	line->fd = -1;
	snprintf(line->name, sizeof(line->name), "ppp%u", number);
	line->tun = tun_make(line->name, &line->ifindex);
	tun_set_addresses(line->name, local, line->address);
}

static void allow_files(unsigned count)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		fail("files");
	if (files.rlim_cur < count)
		files.rlim_cur = count;
	if (files.rlim_max < count)
		files.rlim_max = count;
	if (setrlimit(RLIMIT_NOFILE, &files))
		fail("as many files");
}

void lines_make(struct lines *lines, unsigned count, const char *first, const char *local)
{
	struct in_addr address;

	lines->list = calloc(count, sizeof(*lines->list));
	lines->count = count;
	if (!lines->list || !inet_aton(first, &address) || !inet_aton(local, &lines->local))
		fail(first);
	allow_files(count + FILES);
	for (unsigned i = 0; i < count; i++) {
		lines->list[i].address.s_addr = htonl(ntohl(address.s_addr) + i);
		make_line(&lines->list[i], i, lines->local);
	}
}

static void on_admitted(void *ctx, struct line *line, uint64_t ns)
{
	line_open(line, ((struct lines *)ctx)->local);
}

static void on_open(void *ctx, struct line *line, uint64_t ns)
{
	line_up(line);
}

static void on_closed(void *ctx, struct line *line)
{
	errno = ECONNRESET;
	fail(line->name);
}

static void open_all(struct lines *lines, const char *socket_path)
{
	const struct line_handler handler = { .on_admitted = on_admitted, .on_open = on_open, .on_closed = on_closed, .ctx = lines };

	for (unsigned i = 0; i < lines->count; i++) {
		struct line *line = &lines->list[i];
		struct pollfd answer;
		int rc = line_connect(line, socket_path);

		if (rc) {
			errno = -rc;
			fail(socket_path);
		}
		line_admit(line);
		answer = (struct pollfd){ .fd = line->fd, .events = POLLIN };
		while (line->state != LINE_OPEN) {
			poll(&answer, 1, -1);
			line_read(line, &handler);
		}
	}
}

/* In a process of its own, until this one ends: twice as many files may be more than a process is allowed. */
void lines_open(struct lines *lines, const char *socket_path)
{
	int pipes[2];
	char byte = 0;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pipes) || (pid = fork()) < 0)
		fail("a process for the sessions");
	if (!pid) {
		close(pipes[0]);
		for (unsigned i = 0; i < lines->count; i++)
			close(lines->list[i].tun);
		open_all(lines, socket_path);
		if (write(pipes[1], &byte, 1) != 1 || read(pipes[1], &byte, 1))
			fail("sessions");
		_exit(0);
	}
	close(pipes[1]);
	if (read(pipes[0], &byte, 1) != 1) {
		errno = ECHILD;
		fail("sessions");
	}
}

void lines_send(const struct lines *lines, unsigned line, const struct packet *packet)
{
	if (write(lines->list[line].tun, packet, sizeof(*packet)) != sizeof(*packet))
		fail("a line's packet");
}

unsigned lines_drain(const struct lines *lines, unsigned line, uint32_t flow, uint32_t server, unsigned long *wrong)
{
	struct packet packet;
	unsigned right = 0;

	for (;;) {
		ssize_t length = read(lines->list[line].tun, &packet, sizeof(packet));

		if (length < 0 && errno == EAGAIN)
			return right;
		if (length < 0)
			fail("a line");
		if (length == sizeof(packet) && packet.ip.protocol == IPPROTO_UDP && packet.ip.saddr == server &&
		    packet.ip.daddr == lines->list[line].address.s_addr && packet.flow == flow)
			right++;
		else
			++*wrong;
	}
}
