/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* How long it takes to read everybody's counters. Those of hosts are elements, a line's are its interface's; so there are
 * interfaces first, and what they cost is measured on the way. */

#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/programming-actions.h"
#include "bench/programming-lines.h"
#include "bench/measure.h"
#include "lib/netlink.h"
#include "masqd/accounting.h"

/* Nothing that was asked of masqd's code may fail. */
static void must(int rc, const char *what)
{
	if (!rc)
		return;
	errno = -rc;
	fail(what);
}

static void time_readings(const char *name, int (*read_all)(void *ctx), void *ctx, unsigned times)
{
	double *ms = calloc(times, sizeof(*ms));

	if (!times || !ms)
		fail("times");
	for (unsigned i = 0; i < times; i++) {
		uint64_t start = now_ns();

		must(read_all(ctx), name);
		ms[i] = (double)(now_ns() - start) / 1e6;
	}
	printf("%s=%.3f ", name, spread_of(ms, times).median);
	free(ms);
}

struct hosts {
	struct elements *elements;
	struct session_table *table;
};

static int refresh_hosts(void *ctx)
{
	struct hosts *hosts = ctx;

	return accounting_refresh_hosts(hosts->elements, hosts->table, NULL);
}

void action_hosts(struct sessions *sessions, char *arguments[])
{
	unsigned count = (unsigned)number(arguments[0]);
	struct hosts hosts = { .table = &sessions->table };
	struct programmed made;

	for (unsigned i = 0; i < count; i++)
		sessions_make(sessions, SESSION_HOST, i, &made);
	must(elements_open(&hosts.elements), "elements");
	time_readings("read_ms", refresh_hosts, &hosts, (unsigned)number(arguments[1]));
	printf("\n");
	elements_close(hosts.elements);
}

struct heard {
	uint64_t messages, overruns;
};

static void on_message(void *ctx, struct nlmsghdr *header)
{
	struct heard *heard = ctx;

	(void)header;
	heard->messages++;
}

static void on_overrun(void *ctx)
{
	struct heard *heard = ctx;

	heard->overruns++;
}

/* Reads what waits, in turns as masqd's event loop does, until there is no more. */
static void hear(struct event_base *base, struct heard *heard)
{
	uint64_t start = now_ns(), before;

	do {
		before = heard->messages + heard->overruns;
		event_base_loop(base, EVLOOP_NONBLOCK);
	} while (heard->messages + heard->overruns != before);
	printf("messages=%" PRIu64 " overruns=%" PRIu64 " hear_ms=%.2f ", heard->messages, heard->overruns,
	       (double)(now_ns() - start) / 1e6);
}

/* Makes them while a listener with masqd's groups and masqd's buffer is busy elsewhere: it reads nothing until all are there. */
static void make_lines(unsigned count)
{
	static const int groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, 0 };
	struct heard heard = { 0 };
	struct netlink_monitor_handler handler = { .on_message = on_message, .on_overrun = on_overrun, .ctx = &heard };
	struct event_base *base = event_base_new();
	struct netlink_monitor *monitor;

	if (!base)
		fail("event loop");
	must(netlink_monitor_open(&monitor, base, NETLINK_ROUTE, groups, &handler), "listener");
	lines_make(count);
	hear(base, &heard);
	netlink_monitor_close(monitor);
	event_base_free(base);
}

static void on_link(void *ctx, const struct link *link)
{
	(void)ctx;
	(void)link;
}

static int refresh(void *ctx)
{
	return links_refresh_counters(ctx, 0);
}

static void on_counters(void *ctx, struct nlmsghdr *header)
{
	struct nlattr *stats = nlmsg_find_attr(header, sizeof(struct if_stats_msg), IFLA_STATS_LINK_64);
	struct rtnl_link_stats64 *last = ctx;

	if (stats && nla_len(stats) >= (int)sizeof(*last))
		memcpy(last, nla_data(stats), sizeof(*last));
}

/* The least that it can take: the kernel tells of counters and of nothing else. */
static int read_bare(void *ctx)
{
	struct if_stats_msg info = { .filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64) };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETSTATS, NLM_F_REQUEST | NLM_F_DUMP);
	struct rtnl_link_stats64 last;
	int rc = msg ? nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) : -ENOMEM;

	if (!rc)
		rc = netlink_request(ctx, msg, on_counters, &last);
	nlmsg_free(msg);
	return rc;
}

void action_lines(struct sessions *sessions, char *arguments[])
{
	unsigned count = (unsigned)number(arguments[0]), times = (unsigned)number(arguments[1]);
	struct links_handler handler = { .on_link = on_link, .on_gone = on_link };
	struct event_base *base = event_base_new();
	struct nl_sock *sock = netlink_request_open(NETLINK_ROUTE);
	struct links *links;
	uint64_t start;

	(void)sessions;
	if (!base || !sock)
		fail("event loop or rtnetlink");
	make_lines(count);
	start = now_ns();
	must(links_open(&links, base, &handler), "links");
	printf("resync_ms=%.2f ", (double)(now_ns() - start) / 1e6);
	time_readings("read_ms", refresh, links, times);
	time_readings("bare_ms", read_bare, sock, times);
	printf("\n");
	nl_socket_free(sock);
	links_close(links);
	event_base_free(base);
	lines_remove(count);
}
