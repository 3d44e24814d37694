/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* One client of the soak: a line that is opened and closed again and again, by a user that is another one each time, and that talks as
 * long as it is open. What it sends is numbered, so that it knows its own answers from those of its predecessors. */

#ifndef SOAK_CLIENT_H
#define SOAK_CLIENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/line-session.h"

/* Has a place for each line that is open; the rest is down, or on its way. */
enum { CLIENTS = 96, STEADY = 4, OPEN_WANTED = CLIENTS / 2 };

/* Every other line asks for an address of these, in an order that changes; the others get theirs from the pool. */
#define ASKED_FIRST 0xc0a80010u	/* 192.168.0.16 */
enum { ASKED = 84 };

/* What comes from the LAN goes to the one port. The others are where a session sends from: another one than the last holder of the
 * address, whose connection may take some seconds to go. */
enum { ECHO_PORT = 5000, TALK_PORT = 10000, TALK_PORTS = 50000 };

struct counts {
	unsigned long opened;
	unsigned long hung_up, broken, vanished, ended;	/* vanished: with the interface; ended: by masqd */
	unsigned long sent, received, echoed;
	unsigned long strange;	/* datagrams that were not this session's */
	unsigned long mute;	/* sessions that were open for a while and had no answer */
};

struct soak {
	const char *socket_path;
	struct in_addr local, server;
	uint16_t port;
	unsigned users;			/* how many there are of each kind */
	int epoll;
	bool is_loud;
	uint64_t loud_ns;		/* since then */
	uint32_t number;		/* the last one that was sent */
	unsigned long begun;
	struct in_addr asked[ASKED];	/* those that nobody has, the longest free first */
	size_t asked_count;
	struct counts counts;
};

struct client {
	struct line line;	/* the first member, since a line's handler is given that */
	struct soak *soak;
	bool is_steady, is_asking, is_hanging_up;
	uint64_t open_ns, talk_ns;	/* since when; when it talks next */
	uint32_t first, last;	/* numbers of this session's datagrams; 0: none */
	unsigned long sent, received;
};

void soak_init(struct soak *soak);

void client_init(struct client *client, struct soak *soak, unsigned i);
/* Dials. */
void client_begin(struct client *client);
/* Can it be ended? */
bool client_is_open(const struct client *client);
/* Hangs up, or breaks off, or loses its interface. */
void client_end(struct client *client);
/* Takes what masqd has said. */
void client_read(struct client *client);
/* Sends and receives what is due. */
void client_talk(struct client *client, uint64_t ns);

#endif
