/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* RTM_GETROUTE with RTM_F_FIB_MATCH: the entry of the routing table that matched, not the route made from it. */

#include "arpd/route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/netlink.h"

static void on_route(void *ctx, struct nlmsghdr *header)
{
	struct route *route = ctx;
	struct rtmsg *message = nlmsg_data(header);
	struct nlattr *attributes[RTA_MAX + 1];

	if (header->nlmsg_type != RTM_NEWROUTE || nlmsg_parse(header, sizeof(*message), attributes, RTA_MAX, NULL) < 0)
		return;
	route->type = message->rtm_type;
	route->length = message->rtm_dst_len;
	route->interface = (int)netlink_u32(attributes[RTA_OIF]);
}

bool route_parse_notice(struct nlmsghdr *header, struct ip_prefix *destination)
{
	struct rtmsg *message = nlmsg_data(header);
	struct nlattr *attributes[RTA_MAX + 1];
	unsigned char *bytes = destination->address.s6_addr;
	size_t size;

	if ((header->nlmsg_type != RTM_NEWROUTE && header->nlmsg_type != RTM_DELROUTE) ||
	    nlmsg_parse(header, sizeof(*message), attributes, RTA_MAX, NULL) < 0)
		return false;
	size = message->rtm_family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	if ((message->rtm_family != AF_INET && message->rtm_family != AF_INET6) || message->rtm_dst_len > 8 * size)
		return false;
	*destination = (struct ip_prefix){ .length = 0 };
	if (!attributes[RTA_DST] || nla_len(attributes[RTA_DST]) != (int)size)
		return message->rtm_dst_len == 0;
	memcpy(bytes + sizeof(struct in6_addr) - size, nla_data(attributes[RTA_DST]), size);
	if (message->rtm_family == AF_INET)
		bytes[10] = bytes[11] = 0xff;
	destination->length = message->rtm_dst_len + (message->rtm_family == AF_INET ? 96 : 0);
	return true;
}

int route_get(struct nl_sock *sock, const struct in6_addr *address, struct route *route)
{
	bool is_v4 = ip_is_v4(address);
	struct in_addr v4 = ip_to_v4(address);
	struct rtmsg message = {
		.rtm_family = is_v4 ? AF_INET : AF_INET6,
		.rtm_dst_len = is_v4 ? 32 : 128,
		.rtm_flags = RTM_F_FIB_MATCH,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST);
	int rc = -ENOMEM;

	*route = (struct route){ .type = RTN_UNREACHABLE };
	if (msg && nlmsg_append(msg, &message, sizeof(message), NLMSG_ALIGNTO) == 0 &&
	    nla_put(msg, RTA_DST, is_v4 ? sizeof(v4) : sizeof(*address), is_v4 ? (const void *)&v4 : address) == 0)
		rc = netlink_request(sock, msg, on_route, route);
	nlmsg_free(msg);
	/* No route, and routes of the types unreachable, prohibit and blackhole. */
	if (rc == -ENETUNREACH || rc == -EHOSTUNREACH || rc == -EACCES || rc == -EINVAL)
		rc = 0;
	return rc;
}
