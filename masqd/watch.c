/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The notification group of nf_tables. A transaction's changes come first, then NFT_MSG_NEWGEN with the name of the process. */

#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "lib/netlink.h"
#include "masqd/repair-pace.h"
#include "masqd/watch.h"

struct watch {
	struct netlink_monitor *monitor;
	struct netlink_monitor_handler handler;
	struct event *repair;
	void (*on_touched)(void *ctx);
	void *ctx;
	struct repair_pace pace;
	bool is_touched;	/* by the transaction being told of */
};

static void on_repair(evutil_socket_t fd, short what, void *ctx)
{
	struct watch *watch = ctx;

	repair_pace_done(&watch->pace);
	watch->on_touched(watch->ctx);
}

static void repair_soon(struct watch *watch)
{
	struct timeval delay = repair_pace_delay(&watch->pace);

	if (!evtimer_pending(watch->repair, NULL))
		event_add(watch->repair, &delay);
}

/* The table's name is attribute 1 of every message about a table or something in it. */
static bool is_about_our_table(struct nlmsghdr *header)
{
	const struct nfgenmsg *info = nlmsg_data(header);
	struct nlattr *table = nlmsg_find_attr(header, sizeof(*info), NFTA_TABLE_NAME);

	return info->nfgen_family == NFPROTO_INET && table && nla_len(table) == sizeof("masqgate") &&
	       memcmp(nla_data(table), "masqgate", sizeof("masqgate")) == 0;
}

static bool is_our_transaction(struct nlmsghdr *header)
{
	struct nlattr *process = nlmsg_find_attr(header, sizeof(struct nfgenmsg), NFTA_GEN_PROC_NAME);
	char name[16] = "";

	prctl(PR_GET_NAME, name);
	return process && nla_len(process) <= (int)sizeof(name) && strncmp(nla_data(process), name, nla_len(process)) == 0;
}

static void on_message(void *ctx, struct nlmsghdr *header)
{
	struct watch *watch = ctx;

	if (header->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES)
		return;
	if ((header->nlmsg_type & 0xff) != NFT_MSG_NEWGEN) {
		watch->is_touched |= is_about_our_table(header);
		return;
	}
	if (watch->is_touched && !is_our_transaction(header))
		repair_soon(watch);
	watch->is_touched = false;
}

/* What was lost may have been about our table. */
static void on_overrun(void *ctx)
{
	repair_soon(ctx);
}

int watch_open(struct watch **out, struct event_base *base, uint32_t own_port, void (*on_touched)(void *ctx), void *ctx)
{
	static const int groups[] = { NFNLGRP_NFTABLES, 0 };
	struct watch *watch = calloc(1, sizeof(*watch));
	int rc;

	if (!watch)
		return -ENOMEM;
	watch->on_touched = on_touched;
	watch->ctx = ctx;
	watch->handler = (struct netlink_monitor_handler){ .on_message = on_message, .on_overrun = on_overrun, .ctx = watch };
	watch->repair = evtimer_new(base, on_repair, watch);
	rc = watch->repair ? netlink_monitor_open(&watch->monitor, base, NETLINK_NETFILTER, groups, &watch->handler) : -ENOMEM;
	if (!rc)
		netlink_monitor_ignore(watch->monitor, own_port);
	if (rc)
		watch_close(watch);
	else
		*out = watch;
	return rc;
}

void watch_close(struct watch *watch)
{
	if (!watch)
		return;
	netlink_monitor_close(watch->monitor);
	if (watch->repair)
		event_free(watch->repair);
	free(watch);
}
