/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* rtnetlink(7): RTM_*LINK and RTM_*ADDR. */

#include "config.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/netlink.h"
#include "masqd/links.h"
#include "masqd/links6.h"
#include "masqd/own-addresses.h"

struct links {
	struct link *by_index, *by_name;
	struct own_addresses *own;
	const struct links_handler *handler;
	struct netlink_monitor *monitor;
	struct netlink_monitor_handler monitor_handler;
	struct nl_sock *asking;
	struct nl_sock *telling;	/* of its own, since handlers tell in the middle of a dump */
	bool is_resyncing;		/* half of it is not known */
};

static void forget_addresses(struct links *links, struct link *link)
{
	for (unsigned i = 0; i < link->address_count; i++)
		own_addresses_del(&links->own, &link->addresses[i]);
	link->address_count = 0;
}

static void link_free(struct links *links, struct link *link)
{
	HASH_DEL(links->by_index, link);
	HASH_DELETE(by_name, links->by_name, link);
	forget_addresses(links, link);
	free(link->addresses);
	free(link->addresses6);
	free(link);
}

static struct link *find(const struct links *links, unsigned ifindex)
{
	struct link *link;

	HASH_FIND(hh, links->by_index, &ifindex, sizeof(ifindex), link);
	return link;
}

/* net.ipv4.conf.*.forwarding, which stands deep in the message: IFLA_AF_SPEC, AF_INET, IFLA_INET_CONF, an array of 32 bits
 * each that begins with setting number 1. */
static bool read_forwarding(struct nlmsghdr *header)
{
	struct nlattr *spec = nlmsg_find_attr(header, sizeof(struct ifinfomsg), IFLA_AF_SPEC);
	struct nlattr *inet = spec ? nla_find(nla_data(spec), nla_len(spec), AF_INET) : NULL;
	struct nlattr *conf = inet ? nla_find(nla_data(inet), nla_len(inet), IFLA_INET_CONF) : NULL;
	const uint32_t *settings = conf ? nla_data(conf) : NULL;

	return settings && nla_len(conf) >= 4 * IPV4_DEVCONF_FORWARDING && settings[IPV4_DEVCONF_FORWARDING - 1];
}

static void read_counters(struct link *link, struct nlattr *stats)
{
	struct rtnl_link_stats64 counters = { 0 };

	if (!stats)
		return;
	memcpy(&counters, nla_data(stats), nla_len(stats) < (int)sizeof(counters) ? nla_len(stats) : (int)sizeof(counters));
	link->rx = counters.rx_bytes;
	link->tx = counters.tx_bytes;
}

/* In the middle of a resync a link may lack addresses that it has; all are told of when it is done. */
static void tell(struct links *links, const struct link *link)
{
	if (!links->is_resyncing)
		links->handler->on_link(links->handler->ctx, link);
}

static void link_changed(struct links *links, struct nlmsghdr *header)
{
	const struct ifinfomsg *info = nlmsg_data(header);
	struct nlattr *name_attr = nlmsg_find_attr(header, sizeof(*info), IFLA_IFNAME);
	struct nlattr *carrier = nlmsg_find_attr(header, sizeof(*info), IFLA_CARRIER);
	bool is_up = (info->ifi_flags & IFF_UP) && (!carrier || netlink_u8(carrier)), forwards = read_forwarding(header), is_same;
	char name[IFNAMSIZ];
	struct link *link = find(links, info->ifi_index);

	/* A bridge tells of its ports in a family of its own. */
	if (info->ifi_family != AF_UNSPEC || !name_attr)
		return;
	nla_strlcpy(name, name_attr, sizeof(name));
	is_same = link && link->is_up == is_up && link->forwards == forwards && strcmp(link->name, name) == 0;
	if (!link) {
		link = calloc(1, sizeof(*link));
		if (!link)
			return;
		link->ifindex = info->ifi_index;
		HASH_ADD(hh, links->by_index, ifindex, sizeof(link->ifindex), link);
	} else {
		HASH_DELETE(by_name, links->by_name, link);
	}
	memcpy(link->name, name, sizeof(link->name));
	HASH_ADD_KEYPTR(by_name, links->by_name, link->name, strlen(link->name), link);
	link->is_up = is_up;
	link->forwards = forwards;
	link->needs_gateway = !(info->ifi_flags & (IFF_POINTOPOINT | IFF_NOARP));
	link->is_stale = false;
	read_counters(link, nlmsg_find_attr(header, sizeof(*info), IFLA_STATS64));
	if (!is_same)
		tell(links, link);
}

static void link_gone(struct links *links, struct link *link)
{
	links->handler->on_gone(links->handler->ctx, link);
	link_free(links, link);
}

/* The address in the message; on a point-to-point link IFA_LOCAL is ours and IFA_ADDRESS the peer's. */
static bool read_address(struct nlmsghdr *header, struct link_address *address)
{
	const struct ifaddrmsg *info = nlmsg_data(header);
	struct nlattr *local = nlmsg_find_attr(header, sizeof(*info), IFA_LOCAL);
	struct nlattr *broadcast = nlmsg_find_attr(header, sizeof(*info), IFA_BROADCAST);

	if (info->ifa_family != AF_INET || info->ifa_prefixlen > 32 || !local || nla_len(local) != 4)
		return false;
	memset(address, 0, sizeof(*address));
	memcpy(&address->address, nla_data(local), 4);
	if (broadcast && nla_len(broadcast) == 4)
		memcpy(&address->broadcast, nla_data(broadcast), 4);
	address->length = info->ifa_prefixlen;
	return true;
}

static struct link_address *find_address(struct link *link, const struct link_address *address)
{
	for (unsigned i = 0; i < link->address_count; i++)
		if (link->addresses[i].address.s_addr == address->address.s_addr && link->addresses[i].length == address->length)
			return &link->addresses[i];
	return NULL;
}

static void address_changed(struct links *links, struct nlmsghdr *header)
{
	const struct ifaddrmsg *info = nlmsg_data(header);
	struct link *link = find(links, info->ifa_index);
	struct link_address address, *known, *all;

	if (!link || !read_address(header, &address))
		return;
	known = find_address(link, &address);
	if (known) {
		own_addresses_del(&links->own, known);
		*known = address;
		own_addresses_add(&links->own, known);
		return;
	}
	all = realloc(link->addresses, (link->address_count + 1) * sizeof(*all));
	if (!all)
		return;
	link->addresses = all;
	link->addresses[link->address_count++] = address;
	own_addresses_add(&links->own, &address);
	tell(links, link);
}

static void address_gone(struct links *links, struct nlmsghdr *header)
{
	const struct ifaddrmsg *info = nlmsg_data(header);
	struct link *link = find(links, info->ifa_index);
	struct link_address address, *known;

	if (!link || !read_address(header, &address))
		return;
	known = find_address(link, &address);
	if (!known)
		return;
	own_addresses_del(&links->own, known);
	*known = link->addresses[--link->address_count];
	tell(links, link);
}

static void address6_news(struct links *links, struct nlmsghdr *header)
{
	const struct ifaddrmsg *info = nlmsg_data(header);
	struct link *link = find(links, info->ifa_index);

	if (link && links6_note(link, header))
		tell(links, link);
}

static void on_message(void *ctx, struct nlmsghdr *header)
{
	struct links *links = ctx;
	const struct ifinfomsg *info = nlmsg_data(header);

	if (header->nlmsg_type == RTM_NEWLINK) {
		link_changed(links, header);
	} else if (header->nlmsg_type == RTM_DELLINK && info->ifi_family == AF_UNSPEC) {
		struct link *link = find(links, info->ifi_index);

		if (!link)
			return;
		/* the last there will be */
		read_counters(link, nlmsg_find_attr(header, sizeof(*info), IFLA_STATS64));
		link_gone(links, link);
	} else if (header->nlmsg_type == RTM_NEWADDR) {
		address_changed(links, header);
		address6_news(links, header);
	} else if (header->nlmsg_type == RTM_DELADDR) {
		address_gone(links, header);
		address6_news(links, header);
	}
}

/* About one interface. */
static int request(struct links *links, int type, const void *header, size_t len, void (*on_answer)(void *ctx, struct nlmsghdr *header))
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST);
	int rc = -ENOMEM;

	if (msg && nlmsg_append(msg, (void *)header, len, NLMSG_ALIGNTO) == 0)
		rc = netlink_request(links->asking, msg, on_answer, links);
	if (msg)
		nlmsg_free(msg);
	return rc;
}

static int request_dump(struct links *links, int type, const void *header, size_t len,
			void (*on_answer)(void *ctx, struct nlmsghdr *header), void *ctx)
{
	/* IPv6's own counters, which nobody looks at, are half of what the kernel has to say of a link. */
	uint32_t filter = RTEXT_FILTER_SKIP_STATS;
	int rc;

	do {
		struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | NLM_F_DUMP);

		if (!msg || nlmsg_append(msg, (void *)header, len, NLMSG_ALIGNTO) ||
		    (type == RTM_GETLINK && nla_put_u32(msg, IFLA_EXT_MASK, filter)))
			rc = -ENOMEM;
		else
			rc = netlink_request(links->asking, msg, on_answer, ctx);
		if (msg)
			nlmsg_free(msg);
	} while (rc == -EINTR);
	return rc;
}

static int dump_links(struct links *links)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };

	return request_dump(links, RTM_GETLINK, &info, sizeof(info), on_message, links);
}

static int dump_addresses(struct links *links, int family)
{
	struct ifaddrmsg info = { .ifa_family = family };

	return request_dump(links, RTM_GETADDR, &info, sizeof(info), on_message, links);
}

static void on_stats(void *ctx, struct nlmsghdr *header)
{
	const struct if_stats_msg *info = nlmsg_data(header);
	struct link *link = header->nlmsg_type == RTM_NEWSTATS ? find(ctx, info->ifindex) : NULL;

	if (link)
		read_counters(link, nlmsg_find_attr(header, sizeof(*info), IFLA_STATS_LINK_64));
}

int links_refresh_counters(struct links *links, unsigned ifindex)
{
	struct if_stats_msg info = { .ifindex = ifindex, .filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64) };

	if (!ifindex)
		return request_dump(links, RTM_GETSTATS, &info, sizeof(info), on_stats, links);
	return request(links, RTM_GETSTATS, &info, sizeof(info), on_stats);
}

struct telling {
	void (*on_link)(void *ctx, unsigned ifindex, bool forwards);
	void *ctx;
};

static void on_link_in_kernel(void *ctx, struct nlmsghdr *header)
{
	const struct telling *telling = ctx;
	const struct ifinfomsg *info = nlmsg_data(header);

	if (header->nlmsg_type == RTM_NEWLINK && info->ifi_family == AF_UNSPEC)
		telling->on_link(telling->ctx, (unsigned)info->ifi_index, read_forwarding(header));
}

int links_each_in_kernel(struct links *links, void (*on_link)(void *ctx, unsigned ifindex, bool forwards), void *ctx)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct telling telling = { .on_link = on_link, .ctx = ctx };

	return request_dump(links, RTM_GETLINK, &info, sizeof(info), on_link_in_kernel, &telling);
}

void links_catch_up(struct links *links)
{
	netlink_monitor_catch_up(links->monitor);
}

void links_replay(struct links *links)
{
	struct link *link, *next;

	HASH_ITER(hh, links->by_index, link, next)
		links->handler->on_link(links->handler->ctx, link);
}

/* Mark, replay, sweep. */
static int resync(struct links *links)
{
	struct link *link, *next;
	int rc;

	HASH_ITER(hh, links->by_index, link, next) {
		link->is_stale = true;
		link->address6_count = 0;
		forget_addresses(links, link);
	}
	links->is_resyncing = true;
	rc = dump_links(links);
	if (!rc)
		rc = dump_addresses(links, AF_INET);
	if (!rc)
		rc = dump_addresses(links, AF_INET6);
	links->is_resyncing = false;
	if (rc)
		return rc;
	HASH_ITER(hh, links->by_index, link, next)
		if (link->is_stale)
			link_gone(links, link);
	links_replay(links);
	return 0;
}

static void on_overrun(void *ctx)
{
	int rc = resync(ctx);

	log_warn("lost notifications of links, read them all again%s%s", rc ? ": " : "", rc ? strerror(-rc) : "");
}

int links_open(struct links **out, struct event_base *base, const struct links_handler *handler)
{
	static const int groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, 0 };
	struct links *links = calloc(1, sizeof(*links));
	int rc = -ENOMEM;

	if (!links)
		return rc;
	*out = links;	/* handlers may ask for it */
	links->handler = handler;
	links->monitor_handler = (struct netlink_monitor_handler){ .on_message = on_message, .on_overrun = on_overrun, .ctx = links };
	links->asking = netlink_request_open(NETLINK_ROUTE);
	links->telling = netlink_request_open(NETLINK_ROUTE);
	if (links->asking && links->telling)
		rc = netlink_monitor_open(&links->monitor, base, NETLINK_ROUTE, groups, &links->monitor_handler);
	if (!rc)
		rc = resync(links);
	if (rc) {
		links_close(links);
		*out = NULL;
	}
	return rc;
}

void links_close(struct links *links)
{
	struct link *link, *next;

	if (!links)
		return;
	netlink_monitor_close(links->monitor);
	HASH_ITER(hh, links->by_index, link, next)
		link_free(links, link);
	own_addresses_free(&links->own);
	if (links->asking)
		nl_socket_free(links->asking);
	if (links->telling)
		nl_socket_free(links->telling);
	free(links);
}

const struct link *links_find(const struct links *links, unsigned ifindex)
{
	return find(links, ifindex);
}

const struct link *links_find_name(const struct links *links, const char *name)
{
	struct link *link;

	HASH_FIND(by_name, links->by_name, name, strlen(name), link);
	return link;
}

const struct link *links_next(const struct links *links, const struct link *link)
{
	return link ? link->hh.next : links->by_index;
}

bool links_is_own(const struct links *links, struct in_addr address)
{
	return own_addresses_has(links->own, address);
}

bool links_is_broadcast(const struct links *links, struct in_addr address)
{
	return own_addresses_has_broadcast(links->own, address);
}

bool link_has(const struct link *link, struct in_addr address)
{
	for (unsigned i = 0; i < link->address_count; i++)
		if (link->addresses[i].address.s_addr == address.s_addr)
			return true;
	return false;
}

bool link_reaches(const struct link *link, struct in_addr address)
{
	for (unsigned i = 0; i < link->address_count; i++) {
		const struct link_address *own = &link->addresses[i];
		uint32_t host_bits = own->length < 32 ? htonl(UINT32_MAX >> own->length) : 0;

		if (((own->address.s_addr ^ address.s_addr) & ~host_bits) == 0)
			return true;
	}
	return false;
}

int links_refresh(struct links *links, unsigned ifindex)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex };

	return request(links, RTM_GETLINK, &info, sizeof(info), on_message);
}

int links_enable_forwarding(struct links *links, unsigned ifindex)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_SETLINK, NLM_F_REQUEST);
	struct nlattr *spec, *inet, *conf;
	int rc = -ENOMEM;

	if (!msg || nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO))
		goto out;
	spec = nla_nest_start(msg, IFLA_AF_SPEC | NLA_F_NESTED);
	inet = spec ? nla_nest_start(msg, AF_INET | NLA_F_NESTED) : NULL;
	conf = inet ? nla_nest_start(msg, IFLA_INET_CONF | NLA_F_NESTED) : NULL;
	if (!conf || nla_put_u32(msg, IPV4_DEVCONF_FORWARDING, 1))
		goto out;
	nla_nest_end(msg, conf);
	nla_nest_end(msg, inet);
	nla_nest_end(msg, spec);
	rc = netlink_request(links->telling, msg, NULL, NULL);
out:
	if (msg)
		nlmsg_free(msg);
	return rc;
}
