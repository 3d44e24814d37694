/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What the plugin of one pppd says to masqd, without ever waiting: many of them on one loop. What fails ends the program. */

#ifndef BENCH_LINE_SESSION_H
#define BENCH_LINE_SESSION_H

#include <jansson.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/frame.h"

enum line_state { LINE_DOWN, LINE_ADMITTING, LINE_OPENING, LINE_OPEN, LINE_CLOSING };

struct line {
	char name[16];
	char user[24];		/* empty: called as the line is */
	unsigned ifindex;
	int tun;
	int fd;			/* -1: not connected */
	struct frame in;
	enum line_state state;
	struct in_addr address;	/* the client's: asked for, or given */
	uint32_t serial;
	int64_t started;
	uint64_t asked_ns;	/* when the request that is not answered yet was sent */
};

/* Who is called when, by line_read(). */
struct line_handler {
	void (*on_admitted)(void *ctx, struct line *line, uint64_t ns);	/* that long after it was asked for */
	void (*on_open)(void *ctx, struct line *line, uint64_t ns);
	void (*on_ended)(void *ctx, struct line *line);			/* masqd wants it hung up; NULL: nobody cares */
	void (*on_closed)(void *ctx, struct line *line);		/* by masqd, or the connection broke */
	void *ctx;
};

/* 0, or -errno if there is nobody. */
int line_connect(struct line *line, const char *socket_path);
void line_disconnect(struct line *line);

/* Each only sends. Without an address, Admit gets one of the policy's pool. */
void line_admit(struct line *line);
void line_open(struct line *line, struct in_addr local);
void line_up(struct line *line);
void line_close(struct line *line);

/* Takes all that has come. A refusal ends the program. */
void line_read(struct line *line, const struct line_handler *handler);

#endif
