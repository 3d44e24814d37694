/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* rtnetlink(7): RTM_*NEIGH. */

#include "config.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/netlink.h"
#include "masqd/neighbours.h"

struct neighbours {
	const struct neighbours_handler *handler;
	struct netlink_monitor *monitor;
	struct netlink_monitor_handler monitor_handler;
	struct nl_sock *asking;
};

static enum neighbour_state state_of(const struct nlmsghdr *header, const struct ndmsg *info)
{
	if (header->nlmsg_type == RTM_DELNEIGH || info->ndm_state & (NUD_FAILED | NUD_INCOMPLETE))
		return NEIGHBOUR_GONE;
	if (info->ndm_state & NUD_PERMANENT)
		return NEIGHBOUR_FIXED;
	return info->ndm_state & NUD_REACHABLE ? NEIGHBOUR_CONFIRMED : NEIGHBOUR_KNOWN;
}

static void on_message(void *ctx, struct nlmsghdr *header)
{
	struct neighbours *neighbours = ctx;
	const struct ndmsg *info = nlmsg_data(header);
	struct nlattr *address = nlmsg_find_attr(header, sizeof(*info), NDA_DST);
	struct nlattr *mac = nlmsg_find_attr(header, sizeof(*info), NDA_LLADDR);
	struct neighbour neighbour = { 0 };

	if (header->nlmsg_type != RTM_NEWNEIGH && header->nlmsg_type != RTM_DELNEIGH)
		return;
	/* Those that are proxied, and those of links without ARP (multicast too), say nothing of anybody. */
	if (info->ndm_family != AF_INET || info->ndm_flags & NTF_PROXY || info->ndm_state & NUD_NOARP || !address || nla_len(address) != 4)
		return;
	neighbour.ifindex = (unsigned)info->ndm_ifindex;
	memcpy(&neighbour.address, nla_data(address), 4);
	neighbour.state = state_of(header, info);
	if (mac && nla_len(mac) == 6) {
		const unsigned char *byte = nla_data(mac);

		snprintf(neighbour.mac, sizeof(neighbour.mac), "%02x:%02x:%02x:%02x:%02x:%02x", byte[0], byte[1], byte[2], byte[3], byte[4],
			 byte[5]);
	}
	neighbours->handler->on_neighbour(neighbours->handler->ctx, &neighbour);
}

int neighbours_replay(struct neighbours *neighbours)
{
	struct ndmsg info = { .ndm_family = AF_INET };
	int rc;

	do {
		struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP);

		if (!msg || nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO))
			rc = -ENOMEM;
		else
			rc = netlink_request(neighbours->asking, msg, on_message, neighbours);
		if (msg)
			nlmsg_free(msg);
	} while (rc == -EINTR);
	return rc;
}

static void on_overrun(void *ctx)
{
	int rc = neighbours_replay(ctx);

	log_warn("lost notifications of neighbours, read them all again%s%s", rc ? ": " : "", rc ? strerror(-rc) : "");
}

int neighbours_open(struct neighbours **out, struct event_base *base, const struct neighbours_handler *handler)
{
	static const int groups[] = { RTNLGRP_NEIGH, 0 };
	struct neighbours *neighbours = calloc(1, sizeof(*neighbours));
	int rc;

	if (!neighbours)
		return -ENOMEM;
	neighbours->handler = handler;
	neighbours->monitor_handler =
		(struct netlink_monitor_handler){ .on_message = on_message, .on_overrun = on_overrun, .ctx = neighbours };
	neighbours->asking = netlink_request_open(NETLINK_ROUTE);
	rc = neighbours->asking ?
		     netlink_monitor_open(&neighbours->monitor, base, NETLINK_ROUTE, groups, &neighbours->monitor_handler) :
		     -errno;
	if (rc)
		neighbours_close(neighbours);
	else
		*out = neighbours;
	return rc;
}

void neighbours_close(struct neighbours *neighbours)
{
	if (!neighbours)
		return;
	netlink_monitor_close(neighbours->monitor);
	if (neighbours->asking)
		nl_socket_free(neighbours->asking);
	free(neighbours);
}

int neighbours_ask(struct neighbours *neighbours, unsigned ifindex, struct in_addr address)
{
	struct ndmsg info = { .ndm_family = AF_INET, .ndm_ifindex = (int)ifindex, .ndm_state = NUD_PROBE };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWNEIGH, NLM_F_REQUEST | NLM_F_REPLACE);
	int rc = -ENOMEM;

	if (msg && nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) == 0 && nla_put(msg, NDA_DST, sizeof(address), &address) == 0)
		rc = netlink_request(neighbours->asking, msg, NULL, NULL);
	if (msg)
		nlmsg_free(msg);
	return rc;
}
