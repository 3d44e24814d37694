/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What only the machine knows: an Ethernet uplink's network is full of others' hosts, and a client with an address of it would
 * be one of theirs. */

#include "config.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/socket.h>
#include <string.h>

#include "lib/netlink.h"
#include "masqd/conf.h"

static void check_pool(const struct pool *pool, struct conffile *file, const struct uplink *uplink, const struct range *network)
{
	char first[ADDR_TEXT_MAX], last[ADDR_TEXT_MAX], begin[ADDR_TEXT_MAX], end[ADDR_TEXT_MAX];

	for (unsigned i = 0; i < pool->range_count; i++)
		if (ranges_overlap(&pool->ranges[i], network))
			conffile_error(file, pool->line, "pool \"%s\": %s-%s: overlaps with the network of uplink \"%s\" (%s-%s on %s)",
				       pool->name, addr_text(pool->ranges[i].first, first), addr_text(pool->ranges[i].last, last),
				       uplink->name, addr_text(network->first, begin), addr_text(network->last, end), uplink->interface);
}

struct asking {
	const struct conf *conf;
	struct conffile *file;
	const struct uplink *uplink;
	unsigned ifindex;
};

static void on_address(void *ctx, struct nlmsghdr *header)
{
	const struct asking *asking = ctx;
	const struct ifaddrmsg *info = nlmsg_data(header);
	struct nlattr *local = nlmsg_find_attr(header, sizeof(*info), IFA_LOCAL);
	struct prefix prefix = { .length = info->ifa_prefixlen };
	struct range network;

	/* An old kernel tells of every interface. */
	if (header->nlmsg_type != RTM_NEWADDR || info->ifa_index != asking->ifindex || !local || nla_len(local) != sizeof(prefix.address))
		return;
	memcpy(&prefix.address, nla_data(local), sizeof(prefix.address));
	prefix.address.s_addr &= prefix.length ? htonl(UINT32_MAX << (32 - prefix.length)) : 0;
	network = prefix_range(&prefix);
	for (unsigned i = 0; i < asking->conf->pool_count; i++)
		check_pool(&asking->conf->pools[i], asking->file, asking->uplink, &network);
}

/* Only the uplinks' addresses: of thousands of lines a machine takes longer to tell than everything else in a start. */
void conf_check_uplinks(const struct conf *conf, struct conffile *file)
{
	struct asking asking = { .conf = conf, .file = file };
	struct nl_sock *sock = netlink_request_open(NETLINK_ROUTE);
	int on = 1;

	if (sock)
		setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	for (unsigned i = 0; sock && i < conf->uplink_count; i++) {
		struct ifaddrmsg info = { .ifa_family = AF_INET, .ifa_index = if_nametoindex(conf->uplinks[i].interface) };
		struct nl_msg *msg = info.ifa_index ? nlmsg_alloc_simple(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP) : NULL;

		asking.uplink = &conf->uplinks[i];
		asking.ifindex = info.ifa_index;
		if (msg && nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) == 0)
			netlink_request(sock, msg, on_address, &asking);
		if (msg)
			nlmsg_free(msg);
	}
	if (sock)
		nl_socket_free(sock);
}
