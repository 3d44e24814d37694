/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Our own rules and tables of the kernel's IPv4 routing (rtnetlink). What is ours carries our protocol
 * number ("proto 77" in ip rule and ip route) and the number of a list of uplinks, which is its mark and its table:
 *
 *	7700: from all fwmark ID lookup main suppress_prefixlength 0	all of the system's routes but the default ones
 *	7701: from all fwmark ID lookup ID				ours
 *	table ID: default dev isp0 metric 1				the list's uplinks, those that can be used
 *	          default via 192.0.2.1 dev eth1 metric 2 onlink
 *	          unreachable default metric 4294967295			and none else
 *
 * An uplink that goes takes its route along, so that the kernel itself falls to the next one. */

#ifndef MASQD_FIB_H
#define MASQD_FIB_H

#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdint.h>

enum fib_type {
	FIB_UNREACHABLE,	/* in this order they are put in force, and taken back in the opposite one */
	FIB_DEFAULT,
	FIB_RULE_OURS,
	FIB_RULE_MAIN,
};

/* Compared as bytes: without padding, and zero what is not said of its type. */
struct fib_entry {
	uint32_t type;	/* enum fib_type */
	uint32_t id;
	uint32_t metric;	/* of FIB_DEFAULT: the place in the list, from 1 on */
	uint32_t ifindex;	/* of FIB_DEFAULT */
	struct in_addr gateway;	/* of FIB_DEFAULT; 0.0.0.0: none, as on a point-to-point link */
};

struct fib;

int fib_open(struct fib **fib);
void fib_close(struct fib *fib);

/* 0 or -errno. A default route replaces the one with its metric; a rule that is there already is fine. */
int fib_add(struct fib *fib, const struct fib_entry *entry);
/* 0, also if it is not there any more, or -errno. */
int fib_del(struct fib *fib, const struct fib_entry *entry);

/* Tells what of ours the kernel has. 0 or -errno. */
int fib_dump(struct fib *fib, void (*on_entry)(void *ctx, const struct fib_entry *entry), void *ctx);

/* Does this notification tell that somebody else touched what is ours, or a default route of the system's? */
enum fib_news {
	FIB_NEWS_NONE,
	FIB_NEWS_OURS,
	FIB_NEWS_SYSTEM,
};
enum fib_news fib_news(const struct fib *fib, struct nlmsghdr *header);

#endif
