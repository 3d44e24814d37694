/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdbool.h>
#include <string.h>

#include "lib/netlink.h"
#include "masqd/lookup.h"

static void on_route(void *ctx, struct nlmsghdr *header)
{
	struct lookup *lookup = ctx;
	struct nlattr *a[RTA_MAX + 1];
	const struct rtmsg *route = nlmsg_data(header);

	if (header->nlmsg_type != RTM_NEWROUTE || nlmsg_parse(header, sizeof(*route), a, RTA_MAX, NULL))
		return;
	lookup->type = route->rtm_type;
	lookup->table = a[RTA_TABLE] ? netlink_u32(a[RTA_TABLE]) : route->rtm_table;
	lookup->oif = netlink_u32(a[RTA_OIF]);
	if (a[RTA_GATEWAY] && nla_len(a[RTA_GATEWAY]) >= (int)sizeof(lookup->gateway))
		memcpy(&lookup->gateway, nla_data(a[RTA_GATEWAY]), sizeof(lookup->gateway));
}

static struct nl_msg *question(const struct lookup *lookup)
{
	bool has_source = lookup->from.s_addr != 0;
	struct rtmsg route = { .rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_src_len = has_source ? 32 : 0 };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST);

	if (msg && nlmsg_append(msg, &route, sizeof(route), NLMSG_ALIGNTO) == 0 &&
	    nla_put(msg, RTA_DST, sizeof(lookup->to), &lookup->to) == 0 &&
	    (!has_source || nla_put(msg, RTA_SRC, sizeof(lookup->from), &lookup->from) == 0) &&
	    (!lookup->iif || nla_put_u32(msg, RTA_IIF, lookup->iif) == 0) &&
	    (!lookup->oif || nla_put_u32(msg, RTA_OIF, lookup->oif) == 0) && nla_put_u32(msg, RTA_MARK, lookup->mark) == 0)
		return msg;
	if (msg)
		nlmsg_free(msg);
	return NULL;
}

/* Which entry of the tables is about the address, and not where it would lead: that of a local one says whose it is. */
static struct nl_msg *question_local(struct in_addr address)
{
	struct rtmsg route = { .rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_flags = RTM_F_FIB_MATCH };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST);

	if (msg && nlmsg_append(msg, &route, sizeof(route), NLMSG_ALIGNTO) == 0 && nla_put(msg, RTA_DST, sizeof(address), &address) == 0)
		return msg;
	if (msg)
		nlmsg_free(msg);
	return NULL;
}

static struct nl_msg *question_neighbour6(const struct in6_addr *address, unsigned ifindex)
{
	struct ndmsg neighbour = { .ndm_family = AF_INET6, .ndm_ifindex = (int)ifindex };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETNEIGH, NLM_F_REQUEST);

	if (msg && nlmsg_append(msg, &neighbour, sizeof(neighbour), NLMSG_ALIGNTO) == 0 &&
	    nla_put(msg, NDA_DST, sizeof(*address), address) == 0)
		return msg;
	if (msg)
		nlmsg_free(msg);
	return NULL;
}

static void on_neighbour(void *ctx, struct nlmsghdr *header)
{
	const struct ndmsg *neighbour = nlmsg_data(header);

	if (header->nlmsg_type == RTM_NEWNEIGH)
		*(unsigned *)ctx = neighbour->ndm_state;
}

/* Asks, and frees the question; NULL counts as no memory. */
static int ask(struct nl_msg *msg, void (*on_answer)(void *ctx, struct nlmsghdr *header), void *ctx)
{
	struct nl_sock *sock = netlink_request_open(NETLINK_ROUTE);
	int rc = !sock ? -errno : msg ? netlink_request(sock, msg, on_answer, ctx) : -ENOMEM;

	if (msg)
		nlmsg_free(msg);
	if (sock)
		nl_socket_free(sock);
	return rc;
}

int lookup_route(struct lookup *lookup)
{
	return ask(question(lookup), on_route, lookup);
}

int lookup_local(struct in_addr address, unsigned ifindex)
{
	struct lookup lookup = { 0 };
	int rc = ask(question_local(address), on_route, &lookup);

	if (rc == -ENETUNREACH || rc == -EHOSTUNREACH)
		return -EADDRNOTAVAIL;
	if (rc)
		return rc;
	return lookup.type == RTN_LOCAL && lookup.oif == ifindex ? 0 : -EADDRNOTAVAIL;
}

int lookup_neighbour6(const struct in6_addr *address, unsigned ifindex)
{
	unsigned state = NUD_NONE;
	int rc = ask(question_neighbour6(address, ifindex), on_neighbour, &state);

	return rc ? rc : state & (NUD_PERMANENT | NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE) ? 0 : -ENOENT;
}
