/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <netlink/attr.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ip.h"
#include "lib/netlink.h"
#include "masqd/ctnetlink.h"
#include "masqd/flush.h"

/* Requests that are sent together. */
enum { REQUESTS = 256 };

int flush_sockets_open(struct flush_sockets *sockets)
{
	sockets->reading = netlink_request_open(NETLINK_NETFILTER);
	sockets->deleting = netlink_request_open(NETLINK_NETFILTER);
	return sockets->reading && sockets->deleting ? 0 : -ENOMEM;
}

void flush_sockets_close(struct flush_sockets *sockets)
{
	if (sockets->reading)
		nl_socket_free(sockets->reading);
	if (sockets->deleting)
		nl_socket_free(sockets->deleting);
}

/* Without a mark in it this request would empty the whole table. */
static int flush_mark(const struct flush_sockets *sockets, const struct flush *flush)
{
	struct nl_msg *msg = flush->serial ? ctnetlink_message(IPCTNL_MSG_CT_DELETE, flush->family, 0) : NULL;
	int rc = -ENOMEM;

	/* Version 0 deletes those of every family, whatever it says: that is how the kernel knows who means it. */
	if (msg && flush->family != AF_UNSPEC)
		((struct nfgenmsg *)nlmsg_data(nlmsg_hdr(msg)))->version = 1;
	if (msg && ctnetlink_put_mark(msg, flush->serial) == 0 &&
	    (!flush->status || (nla_put_u32(msg, CTA_STATUS, htonl(flush->status)) == 0 &&
				nla_put_u32(msg, CTA_STATUS_MASK, htonl(flush->status)) == 0)))
		rc = netlink_request(sockets->deleting, msg, NULL, NULL);
	if (msg)
		nlmsg_free(msg);
	return rc == -ENOENT ? 0 : rc;
}

/* Reading the table, and deleting what is meant. */
struct reading {
	const struct flush_sockets *sockets;
	bool (*is_meant)(const struct reading *reading, struct nlmsghdr *header);
	const struct flush *list;	/* sorted by serial */
	size_t count;
	const struct in_addr *addresses;
	unsigned address_count;
	flush_is_meant *is_meant_unmarked;
	void *ctx;			/* of that */
	struct nl_msg *requests[REQUESTS];
	size_t request_count;
	int error;
};

static void on_deleted(void *ctx, size_t number, int rc)
{
	struct reading *reading = ctx;

	/* It may have ended by itself. */
	if (rc && rc != -ENOENT && !reading->error)
		reading->error = rc;
}

static void send_requests(struct reading *reading)
{
	netlink_request_many(reading->sockets->deleting, reading->requests, reading->request_count, on_deleted, reading);
	while (reading->request_count)
		nlmsg_free(reading->requests[--reading->request_count]);
}

static void on_entry(void *ctx, struct nlmsghdr *header)
{
	struct reading *reading = ctx;
	const struct nfgenmsg *info = nlmsg_data(header);
	struct nlattr *tuple = nlmsg_find_attr(header, sizeof(*info), CTA_TUPLE_ORIG), *id = nlmsg_find_attr(header, sizeof(*info), CTA_ID);
	struct nl_msg *msg;

	if (!tuple || !reading->is_meant(reading, header))
		return;
	msg = ctnetlink_message(IPCTNL_MSG_CT_DELETE, info->nfgen_family, 0);
	/* This very entry, and not one that has come into its place. */
	if (!msg || nla_put(msg, CTA_TUPLE_ORIG | NLA_F_NESTED, nla_len(tuple), nla_data(tuple)) ||
	    (id && nla_put(msg, CTA_ID, nla_len(id), nla_data(id)))) {
		reading->error = -ENOMEM;
		if (msg)
			nlmsg_free(msg);
		return;
	}
	reading->requests[reading->request_count++] = msg;
	if (reading->request_count == REQUESTS)
		send_requests(reading);
}

/* Of the entries with this mark, NULL: of all. */
static int read_table(struct reading *reading, int family, const uint32_t *mark)
{
	struct nl_msg *msg = ctnetlink_message(IPCTNL_MSG_CT_GET, family, NLM_F_DUMP);
	int rc = -ENOMEM;

	if (msg && (!mark || ctnetlink_put_mark(msg, *mark) == 0))
		rc = netlink_request(reading->sockets->reading, msg, on_entry, reading);
	if (msg)
		nlmsg_free(msg);
	send_requests(reading);
	return rc ? rc : reading->error;
}

/* The addresses of the packets of this direction. */
static struct nlattr *find_ip(struct nlmsghdr *header, int direction)
{
	struct nlattr *tuple = nlmsg_find_attr(header, sizeof(struct nfgenmsg), direction);

	return tuple ? nla_find(nla_data(tuple), nla_len(tuple), CTA_TUPLE_IP) : NULL;
}

/* Does one of the addresses send the packets of this direction? */
static bool is_from(const struct in_addr addresses[], unsigned count, struct nlmsghdr *header, int direction)
{
	struct nlattr *ip = find_ip(header, direction);
	struct nlattr *source = ip ? nla_find(nla_data(ip), nla_len(ip), CTA_IP_V4_SRC) : NULL;

	for (unsigned i = 0; source && nla_len(source) == sizeof(struct in_addr) && i < count; i++)
		if (memcmp(&addresses[i], nla_data(source), sizeof(struct in_addr)) == 0)
			return true;
	return false;
}

static uint32_t status_of(struct nlmsghdr *header)
{
	struct nlattr *status = nlmsg_find_attr(header, sizeof(struct nfgenmsg), CTA_STATUS);

	return ntohl(netlink_u32(status));
}

static bool is_forwarded(const struct reading *reading, struct nlmsghdr *header)
{
	/* What a helper expected is its session's own. */
	return (status_of(header) & (IPS_DST_NAT | IPS_EXPECTED)) == IPS_DST_NAT &&
	       is_from(reading->addresses, reading->address_count, header, CTA_TUPLE_REPLY);
}

static bool has(const struct flush *flush, struct nlmsghdr *header)
{
	const struct nfgenmsg *info = nlmsg_data(header);

	return (!flush->status || (status_of(header) & flush->status)) && (!flush->family || flush->family == info->nfgen_family) &&
	       (!flush->address.s_addr || is_from(&flush->address, 1, header, CTA_TUPLE_ORIG) ||
		is_from(&flush->address, 1, header, CTA_TUPLE_REPLY));
}

static int compare(const void *a, const void *b)
{
	const struct flush *x = a, *y = b;

	return (x->serial > y->serial) - (x->serial < y->serial);
}

static bool is_listed(const struct reading *reading, struct nlmsghdr *header)
{
	const struct flush key = { .serial = ctnetlink_mark(header) }, *end = reading->list + reading->count;
	const struct flush *flush = key.serial ? bsearch(&key, reading->list, reading->count, sizeof(key), compare) : NULL;

	while (flush && flush > reading->list && flush[-1].serial == key.serial)
		flush--;
	for (; flush && flush < end && flush->serial == key.serial; flush++)
		if (has(flush, header))
			return true;
	return false;
}

/* A kernel that finds an address itself is not asked to: 6.1 cannot. */
static int flush_one(const struct flush_sockets *sockets, const struct flush *flush)
{
	struct reading reading = { .sockets = sockets, .is_meant = is_listed, .list = flush, .count = 1 };

	return flush->address.s_addr ? read_table(&reading, AF_INET, &flush->serial) : flush_mark(sockets, flush);
}

void flush_run(const struct flush_sockets *sockets, struct flush list[], size_t count)
{
	struct reading reading = { .sockets = sockets, .is_meant = is_listed, .list = list, .count = count };
	int rc = 0;

	qsort(list, count, sizeof(*list), compare);
	if (count > FLUSH_FEW)
		rc = read_table(&reading, AF_UNSPEC, NULL);
	for (size_t i = 0; i < count; i++)
		list[i].rc = count > FLUSH_FEW ? rc : flush_one(sockets, &list[i]);
}

int flush_forwarded(const struct flush_sockets *sockets, const struct in_addr addresses[], unsigned count)
{
	struct reading reading = { .sockets = sockets, .is_meant = is_forwarded, .addresses = addresses, .address_count = count };

	return read_table(&reading, AF_INET, NULL);
}

/* An address of either family, by the attribute that has it. */
static bool read_address(struct nlattr *ip, int v4, int v6, struct in6_addr *address)
{
	struct nlattr *short_one = nla_find(nla_data(ip), nla_len(ip), v4), *long_one = nla_find(nla_data(ip), nla_len(ip), v6);

	if (short_one && nla_len(short_one) == sizeof(struct in_addr))
		*address = ip_from_v4(*(const struct in_addr *)nla_data(short_one));
	else if (long_one && nla_len(long_one) == sizeof(*address))
		memcpy(address, nla_data(long_one), sizeof(*address));
	else
		return false;
	return true;
}

static bool is_unmarked(const struct reading *reading, struct nlmsghdr *header)
{
	struct nlattr *ip = find_ip(header, CTA_TUPLE_ORIG);
	struct in6_addr from, to;

	return ip && !ctnetlink_mark(header) && read_address(ip, CTA_IP_V4_SRC, CTA_IP_V6_SRC, &from) &&
	       read_address(ip, CTA_IP_V4_DST, CTA_IP_V6_DST, &to) && reading->is_meant_unmarked(reading->ctx, &from, &to);
}

int flush_unmarked(const struct flush_sockets *sockets, flush_is_meant *is_meant, void *ctx)
{
	static const uint32_t no_mark;
	struct reading reading = { .sockets = sockets, .is_meant = is_unmarked, .is_meant_unmarked = is_meant, .ctx = ctx };

	return read_table(&reading, AF_UNSPEC, &no_mark);
}
