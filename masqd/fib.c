/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* rtnetlink(7), linux/fib_rules.h. */

#include "config.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/socket.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/netlink.h"
#include "masqd/fib.h"
#include "masqd/uplink-list.h"

/* As masq-arpd's. */
enum { OUR_PROTOCOL = 77 };

enum {
	PRIORITY_MAIN = 7700,
	PRIORITY_OURS = 7701,
};

struct fib {
	struct nl_sock *sock;
};

static bool is_our_id(uint32_t id)
{
	return id >= UPLINK_LIST_ID_FIRST && id <= UPLINK_LIST_ID_LAST;
}

int fib_open(struct fib **out)
{
	struct fib *fib = calloc(1, sizeof(*fib));
	int on = 1;

	if (!fib)
		return -ENOMEM;
	fib->sock = netlink_request_open(NETLINK_ROUTE);
	if (!fib->sock) {
		free(fib);
		return -errno;
	}
	/* So that a dump of our routes is not one of the whole Internet's; else they are picked out here. */
	setsockopt(nl_socket_get_fd(fib->sock), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	*out = fib;
	return 0;
}

void fib_close(struct fib *fib)
{
	if (!fib)
		return;
	nl_socket_free(fib->sock);
	free(fib);
}

static struct nl_msg *message(int type, int flags, const void *header, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (msg && nlmsg_append(msg, (void *)header, len, NLMSG_ALIGNTO) == 0)
		return msg;
	if (msg)
		nlmsg_free(msg);
	return NULL;
}

static struct nl_msg *rule_message(int type, int flags, const struct fib_entry *entry)
{
	bool is_main = entry->type == FIB_RULE_MAIN;
	struct fib_rule_hdr header = { .family = AF_INET, .table = is_main ? RT_TABLE_MAIN : RT_TABLE_UNSPEC, .action = FR_ACT_TO_TBL };
	struct nl_msg *msg = message(type, flags, &header, sizeof(header));

	if (!msg)
		return NULL;
	if (nla_put_u32(msg, FRA_PRIORITY, is_main ? PRIORITY_MAIN : PRIORITY_OURS) || nla_put_u32(msg, FRA_FWMARK, entry->id) ||
	    nla_put_u32(msg, FRA_FWMASK, UINT32_MAX) || nla_put_u32(msg, FRA_TABLE, is_main ? RT_TABLE_MAIN : entry->id) ||
	    nla_put_u8(msg, FRA_PROTOCOL, OUR_PROTOCOL) || (is_main && nla_put_u32(msg, FRA_SUPPRESS_PREFIXLEN, 0))) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static struct nl_msg *route_message(int type, int flags, const struct fib_entry *entry)
{
	bool is_unreachable = entry->type == FIB_UNREACHABLE, has_gateway = entry->gateway.s_addr != 0;
	struct rtmsg header = {
		.rtm_family = AF_INET,
		.rtm_protocol = OUR_PROTOCOL,
		.rtm_type = is_unreachable ? RTN_UNREACHABLE : RTN_UNICAST,
		.rtm_scope = is_unreachable || has_gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
		/* An uplink's gateway is on its link, whatever the address's prefix says. */
		.rtm_flags = has_gateway ? RTNH_F_ONLINK : 0,
	};
	struct nl_msg *msg = message(type, flags, &header, sizeof(header));

	if (!msg)
		return NULL;
	if (nla_put_u32(msg, RTA_TABLE, entry->id) || nla_put_u32(msg, RTA_PRIORITY, is_unreachable ? UINT32_MAX : entry->metric) ||
	    (!is_unreachable && nla_put_u32(msg, RTA_OIF, entry->ifindex)) ||
	    (has_gateway && nla_put(msg, RTA_GATEWAY, sizeof(entry->gateway), &entry->gateway))) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static bool is_rule(const struct fib_entry *entry)
{
	return entry->type == FIB_RULE_OURS || entry->type == FIB_RULE_MAIN;
}

static int request(struct fib *fib, struct nl_msg *msg, void (*on_message)(void *ctx, struct nlmsghdr *header), void *ctx)
{
	int rc = msg ? netlink_request(fib->sock, msg, on_message, ctx) : -ENOMEM;

	if (msg)
		nlmsg_free(msg);
	return rc;
}

int fib_add(struct fib *fib, const struct fib_entry *entry)
{
	int rc;

	if (!is_rule(entry))
		return request(fib, route_message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, entry), NULL, NULL);
	rc = request(fib, rule_message(RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, entry), NULL, NULL);
	return rc == -EEXIST ? 0 : rc;
}

int fib_del(struct fib *fib, const struct fib_entry *entry)
{
	int rc = request(fib, is_rule(entry) ? rule_message(RTM_DELRULE, 0, entry) : route_message(RTM_DELROUTE, 0, entry), NULL, NULL);

	return rc == -ESRCH || rc == -ENOENT ? 0 : rc;
}

/* Is this a rule of ours, and which? */
static bool read_rule(struct nlmsghdr *header, struct fib_entry *entry)
{
	struct nlattr *a[FRA_MAX + 1];
	uint32_t priority;

	if (nlmsg_parse(header, sizeof(struct fib_rule_hdr), a, FRA_MAX, NULL) ||
	    netlink_u8(a[FRA_PROTOCOL]) != OUR_PROTOCOL)
		return false;
	priority = netlink_u32(a[FRA_PRIORITY]);
	*entry = (struct fib_entry){ .type = priority == PRIORITY_MAIN ? FIB_RULE_MAIN : FIB_RULE_OURS, .id = netlink_u32(a[FRA_FWMARK]) };
	return (priority == PRIORITY_MAIN || priority == PRIORITY_OURS) && is_our_id(entry->id);
}

/* Is this a route in a table of ours, and which? */
static bool read_route(struct nlmsghdr *header, struct fib_entry *entry)
{
	const struct rtmsg *info = nlmsg_data(header);
	struct nlattr *a[RTA_MAX + 1];

	if (nlmsg_parse(header, sizeof(*info), a, RTA_MAX, NULL) || info->rtm_protocol != OUR_PROTOCOL || info->rtm_dst_len)
		return false;
	*entry = (struct fib_entry){ .type = info->rtm_type == RTN_UNREACHABLE ? FIB_UNREACHABLE : FIB_DEFAULT,
				     .id = netlink_u32(a[RTA_TABLE]) };
	if (entry->type == FIB_DEFAULT) {
		entry->metric = netlink_u32(a[RTA_PRIORITY]);
		entry->ifindex = netlink_u32(a[RTA_OIF]);
		entry->gateway.s_addr = netlink_u32(a[RTA_GATEWAY]);
	}
	return is_our_id(entry->id);
}

struct dump {
	void (*on_entry)(void *ctx, const struct fib_entry *entry);
	void *ctx;
};

static void on_dumped(void *ctx, struct nlmsghdr *header)
{
	struct dump *dump = ctx;
	struct fib_entry entry;

	if ((header->nlmsg_type == RTM_NEWRULE && read_rule(header, &entry)) ||
	    (header->nlmsg_type == RTM_NEWROUTE && read_route(header, &entry)))
		dump->on_entry(dump->ctx, &entry);
}

int fib_dump(struct fib *fib, void (*on_entry)(void *ctx, const struct fib_entry *entry), void *ctx)
{
	struct fib_rule_hdr rules = { .family = AF_INET };
	struct rtmsg routes = { .rtm_family = AF_INET, .rtm_protocol = OUR_PROTOCOL };
	struct dump dump = { .on_entry = on_entry, .ctx = ctx };
	int rc;

	do
		rc = request(fib, message(RTM_GETRULE, NLM_F_DUMP, &rules, sizeof(rules)), on_dumped, &dump);
	while (rc == -EINTR);
	while (!rc) {
		rc = request(fib, message(RTM_GETROUTE, NLM_F_DUMP, &routes, sizeof(routes)), on_dumped, &dump);
		if (rc != -EINTR)
			break;
		rc = 0;
	}
	return rc;
}

enum fib_news fib_news(const struct fib *fib, struct nlmsghdr *header)
{
	const struct rtmsg *info = nlmsg_data(header);
	struct fib_entry entry;
	struct nlattr *table;

	/* Ours, or the kernel's own for an interface that has gone. */
	if (header->nlmsg_pid == nl_socket_get_local_port(fib->sock) || header->nlmsg_pid == 0)
		return FIB_NEWS_NONE;
	if (header->nlmsg_type == RTM_NEWRULE || header->nlmsg_type == RTM_DELRULE)
		return read_rule(header, &entry) ? FIB_NEWS_OURS : FIB_NEWS_NONE;
	if (header->nlmsg_type != RTM_NEWROUTE && header->nlmsg_type != RTM_DELROUTE)
		return FIB_NEWS_NONE;
	if (info->rtm_dst_len == 0 && info->rtm_table == RT_TABLE_MAIN)
		return FIB_NEWS_SYSTEM;
	/* Also of another protocol: it may be in the place of ours. */
	table = nlmsg_find_attr(header, sizeof(*info), RTA_TABLE);
	return is_our_id(netlink_u32(table)) ? FIB_NEWS_OURS : FIB_NEWS_NONE;
}
