/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* How long it takes to read everybody's counters. Those of hosts are elements, a line's are its interface's; so there are
 * interfaces first, and what they cost is measured on the way. */

#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/programming-actions.h"
#include "bench/programming-lines.h"
#include "bench/tool.h"
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

void action_hosts(struct sessions *sessions, char *arguments[])
{
	unsigned count = (unsigned)number(arguments[0]), times = (unsigned)number(arguments[1]);
	double *ms = calloc(times, sizeof(*ms));
	struct programmed made;
	struct elements *elements;
	struct spread spread;

	if (!times || !ms)
		fail("times");
	for (unsigned i = 0; i < count; i++)
		sessions_make(sessions, SESSION_HOST, i, &made);
	must(elements_open(&elements), "elements");
	for (unsigned i = 0; i < times; i++) {
		uint64_t start = now_ns();

		must(accounting_refresh_hosts(elements, &sessions->table, NULL), "counters of hosts");
		ms[i] = (double)(now_ns() - start) / 1e6;
	}
	elements_close(elements);
	spread = spread_of(ms, times);
	printf("ms=%.3f max_ms=%.3f\n", spread.median, spread.max);
	free(ms);
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

static struct spread time_refreshes(struct links *links, unsigned times)
{
	double *ms = calloc(times, sizeof(*ms));
	struct spread spread;

	if (!times || !ms)
		fail("times");
	for (unsigned i = 0; i < times; i++) {
		uint64_t start = now_ns();

		must(links_refresh(links, 0), "counters of lines");
		ms[i] = (double)(now_ns() - start) / 1e6;
	}
	spread = spread_of(ms, times);
	free(ms);
	return spread;
}

void action_lines(struct sessions *sessions, char *arguments[])
{
	unsigned count = (unsigned)number(arguments[0]);
	struct links_handler handler = { .on_link = on_link, .on_gone = on_link };
	struct event_base *base = event_base_new();
	struct spread spread;
	struct links *links;
	uint64_t start;

	(void)sessions;
	if (!base)
		fail("event loop");
	make_lines(count);
	start = now_ns();
	must(links_open(&links, base, &handler), "links");
	printf("resync_ms=%.2f ", (double)(now_ns() - start) / 1e6);
	spread = time_refreshes(links, (unsigned)number(arguments[1]));
	printf("ms=%.3f max_ms=%.3f\n", spread.median, spread.max);
	links_close(links);
	event_base_free(base);
	lines_remove(count);
}
