/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Deleting sessions' entries from the kernel's table of connections. The kernel finds a session's by its mark, in one walk of the
 * whole table, some 25 ms in 100 000 entries; of more than a few sessions all are found in one reading of it. Blocks as long as that
 * takes: for masqd/flusher.c, whose thread has nothing else to do. */

#ifndef MASQD_FLUSH_H
#define MASQD_FLUSH_H

#include <netinet/in.h>
#include <netlink/socket.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of more sessions, reading the table once is quicker than having the kernel walk it for each. */
enum { FLUSH_FEW = 8 };

/* A session's entries: those with one of the bits of its status, those of one address of it, those of a family, or all. */
struct flush {
	uint32_t serial;
	uint32_t status;	/* one bit, IPS_…; 0: all */
	struct in_addr address;	/* 0.0.0.0: all */
	int family;		/* AF_UNSPEC: both */
	int rc;			/* what became of it: 0 or -errno */
};

struct flush_sockets {
	struct nl_sock *reading, *deleting;
};

/* 0 or -ENOMEM; to be closed in either case. Closing is safe for what was never opened (all NULL). */
int flush_sockets_open(struct flush_sockets *sockets);
void flush_sockets_close(struct flush_sockets *sockets);

/* Sorts them, runs them all, and fills in each one's rc. */
void flush_run(const struct flush_sockets *sockets, struct flush list[], size_t count);

/* Deletes the entries of connections whose destination was translated to one of these addresses. 0 or -errno. */
int flush_forwarded(const struct flush_sockets *sockets, const struct in_addr addresses[], unsigned count);

/* Does this concern connections whose first packet was from and to these (IPv4 mapped)? */
typedef bool flush_is_meant(void *ctx, const struct in6_addr *from, const struct in6_addr *to);

/* Deletes the entries that have no mark and that are meant. 0 or -errno. */
int flush_unmarked(const struct flush_sockets *sockets, flush_is_meant *is_meant, void *ctx);

#endif
