/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* ctnetlink, by linux/netfilter/nfnetlink_conntrack.h. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netlink/attr.h>
#include <netlink/socket.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/netlink.h"
#include "masqd/conntrack.h"

/* A session's entries to be flushed: those with one of the bits of its status, those of one address of it, or all. */
struct pending {
	uint32_t serial;
	uint32_t status;	/* one bit, IPS_…; 0: all */
	struct in_addr address;	/* 0.0.0.0: all */
	int family;		/* AF_UNSPEC: both */
};

struct conntrack {
	struct nl_sock *sock;
	struct event *work;
	struct pending *pending;
	size_t count, size;
	void (*on_flushed)(void *ctx, uint32_t serial);
	void *ctx;
};

static struct nl_msg *message(int type, int family, int flags)
{
	struct nfgenmsg header = { .nfgen_family = family, .version = NFNETLINK_V0 };
	struct nl_msg *msg = nlmsg_alloc_simple(NFNL_SUBSYS_CTNETLINK << 8 | type, NLM_F_REQUEST | flags);

	if (msg && nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO) == 0)
		return msg;
	if (msg)
		nlmsg_free(msg);
	return NULL;
}

/* Without a mark in it this request would empty the whole table. */
static int flush_mark(struct conntrack *ct, uint32_t mark, uint32_t status, int family)
{
	struct nl_msg *msg = mark ? message(IPCTNL_MSG_CT_DELETE, family, 0) : NULL;
	int rc = -ENOMEM;

	/* Version 0 deletes those of every family, whatever it says: that is how the kernel knows who means it. */
	if (msg && family != AF_UNSPEC)
		((struct nfgenmsg *)nlmsg_data(nlmsg_hdr(msg)))->version = 1;

	if (msg && nla_put_u32(msg, CTA_MARK, htonl(mark)) == 0 && nla_put_u32(msg, CTA_MARK_MASK, UINT32_MAX) == 0 &&
	    (!status || (nla_put_u32(msg, CTA_STATUS, htonl(status)) == 0 && nla_put_u32(msg, CTA_STATUS_MASK, htonl(status)) == 0)))
		rc = netlink_request(ct->sock, msg, NULL, NULL);
	if (msg)
		nlmsg_free(msg);
	return rc == -ENOENT ? 0 : rc;
}

/* Requests that delete what was found, to be sent once the table has been read. */
struct found {
	bool (*is_meant)(const struct found *found, struct nlmsghdr *header);
	const struct in_addr *addresses;
	unsigned address_count;
	struct nl_msg **requests;
	size_t count;
	int error;
};

/* Does one of the addresses send the packets of this direction? */
static bool is_from(const struct found *found, struct nlmsghdr *header, int direction)
{
	struct nlattr *tuple = nlmsg_find_attr(header, sizeof(struct nfgenmsg), direction);
	struct nlattr *ip = tuple ? nla_find(nla_data(tuple), nla_len(tuple), CTA_TUPLE_IP) : NULL;
	struct nlattr *source = ip ? nla_find(nla_data(ip), nla_len(ip), CTA_IP_V4_SRC) : NULL;

	for (unsigned i = 0; source && nla_len(source) == sizeof(struct in_addr) && i < found->address_count; i++)
		if (memcmp(&found->addresses[i], nla_data(source), sizeof(struct in_addr)) == 0)
			return true;
	return false;
}

static bool is_forwarded(const struct found *found, struct nlmsghdr *header)
{
	struct nlattr *status = nlmsg_find_attr(header, sizeof(struct nfgenmsg), CTA_STATUS);

	/* What a helper expected is its session's own. */
	return status && nla_len(status) >= 4 && (ntohl(nla_get_u32(status)) & (IPS_DST_NAT | IPS_EXPECTED)) == IPS_DST_NAT &&
	       is_from(found, header, CTA_TUPLE_REPLY);
}

static bool is_either(const struct found *found, struct nlmsghdr *header)
{
	return is_from(found, header, CTA_TUPLE_ORIG) || is_from(found, header, CTA_TUPLE_REPLY);
}

static void on_perhaps_meant(void *ctx, struct nlmsghdr *header)
{
	struct found *found = ctx;
	struct nlattr *tuple = nlmsg_find_attr(header, sizeof(struct nfgenmsg), CTA_TUPLE_ORIG);
	struct nl_msg *msg, **requests;

	if (!tuple || !found->is_meant(found, header))
		return;
	msg = message(IPCTNL_MSG_CT_DELETE, AF_INET, 0);
	requests = realloc(found->requests, (found->count + 1) * sizeof(*requests));
	if (requests)
		found->requests = requests;
	if (!msg || !requests || nla_put(msg, CTA_TUPLE_ORIG | NLA_F_NESTED, nla_len(tuple), nla_data(tuple))) {
		found->error = -ENOMEM;
		if (msg)
			nlmsg_free(msg);
		return;
	}
	found->requests[found->count++] = msg;
}

/* Deletes what is meant of the entries with this mark, 0: of all. */
static int flush_found(struct conntrack *ct, uint32_t mark, struct found *found)
{
	struct nl_msg *msg = message(IPCTNL_MSG_CT_GET, AF_INET, NLM_F_DUMP);
	int rc = -ENOMEM;

	if (msg && (!mark || (nla_put_u32(msg, CTA_MARK, htonl(mark)) == 0 && nla_put_u32(msg, CTA_MARK_MASK, UINT32_MAX) == 0)))
		rc = netlink_request(ct->sock, msg, on_perhaps_meant, found);
	if (msg)
		nlmsg_free(msg);
	if (!rc)
		rc = found->error;
	for (size_t i = 0; i < found->count; i++) {
		int deleted = netlink_request(ct->sock, found->requests[i], NULL, NULL);

		if (!rc && deleted != -ENOENT)
			rc = deleted;
		nlmsg_free(found->requests[i]);
	}
	free(found->requests);
	return rc;
}

int conntrack_flush_forwarded(struct conntrack *ct, const struct in_addr *addresses, unsigned count)
{
	struct found found = { .is_meant = is_forwarded, .addresses = addresses, .address_count = count };

	return flush_found(ct, 0, &found);
}

/* A kernel that finds them itself is not asked to: 6.1 cannot. */
static int flush_address(struct conntrack *ct, uint32_t mark, struct in_addr address)
{
	struct found found = { .is_meant = is_either, .addresses = &address, .address_count = 1 };

	return flush_found(ct, mark, &found);
}

static void on_work(evutil_socket_t fd, short what, void *ctx)
{
	struct conntrack *ct = ctx;
	struct timeval soon = { 0 };
	struct pending next = ct->pending[--ct->count];
	int rc = next.address.s_addr ? flush_address(ct, next.serial, next.address) : flush_mark(ct, next.serial, next.status, next.family);

	if (rc)
		log_warn("#%u: cannot delete its connections: %s", next.serial, strerror(-rc));
	if (ct->count)
		event_add(ct->work, &soon);
	if (!next.status && !next.address.s_addr && !next.family)
		ct->on_flushed(ct->ctx, next.serial);
}

int conntrack_open(struct conntrack **out, struct event_base *base, void (*on_flushed)(void *ctx, uint32_t serial), void *ctx)
{
	struct conntrack *ct = calloc(1, sizeof(*ct));

	if (!ct)
		return -ENOMEM;
	ct->on_flushed = on_flushed;
	ct->ctx = ctx;
	ct->sock = netlink_request_open(NETLINK_NETFILTER);
	ct->work = evtimer_new(base, on_work, ct);
	if (!ct->sock || !ct->work) {
		conntrack_close(ct);
		return -ENOMEM;
	}
	*out = ct;
	return 0;
}

void conntrack_close(struct conntrack *ct)
{
	if (!ct)
		return;
	if (ct->work)
		event_free(ct->work);
	if (ct->sock)
		nl_socket_free(ct->sock);
	free(ct->pending);
	free(ct);
}

static void flush_later(struct conntrack *ct, const struct pending *which)
{
	struct timeval soon = { 0 };

	if (ct->count == ct->size) {
		size_t size = ct->size ? 2 * ct->size : 64;
		struct pending *pending = realloc(ct->pending, size * sizeof(*pending));

		if (!pending) {
			log_warn("#%u: cannot delete its connections: %s", which->serial, strerror(ENOMEM));
			return;
		}
		ct->pending = pending;
		ct->size = size;
	}
	ct->pending[ct->count++] = *which;
	event_add(ct->work, &soon);
}

void conntrack_flush_later(struct conntrack *ct, uint32_t serial)
{
	flush_later(ct, &(struct pending){ .serial = serial });
}

void conntrack_flush_address_later(struct conntrack *ct, uint32_t serial, struct in_addr address)
{
	flush_later(ct, &(struct pending){ .serial = serial, .address = address });
}

void conntrack_flush_ipv6_later(struct conntrack *ct, uint32_t serial)
{
	flush_later(ct, &(struct pending){ .serial = serial, .family = AF_INET6 });
}

void conntrack_flush_translated_later(struct conntrack *ct, uint32_t serial)
{
	flush_later(ct, &(struct pending){ .serial = serial, .status = IPS_SRC_NAT });
	flush_later(ct, &(struct pending){ .serial = serial, .status = IPS_DST_NAT });
}

struct each {
	void (*on_mark)(void *ctx, uint32_t mark);
	void *ctx;
};

static void on_entry(void *ctx, struct nlmsghdr *header)
{
	struct each *each = ctx;
	struct nlattr *mark = nlmsg_find_attr(header, sizeof(struct nfgenmsg), CTA_MARK);

	if (mark && nla_len(mark) >= 4 && nla_get_u32(mark))
		each->on_mark(each->ctx, ntohl(nla_get_u32(mark)));
}

int conntrack_each_mark(struct conntrack *ct, void (*on_mark)(void *ctx, uint32_t mark), void *ctx)
{
	struct each each = { .on_mark = on_mark, .ctx = ctx };
	struct nl_msg *msg = message(IPCTNL_MSG_CT_GET, AF_UNSPEC, NLM_F_DUMP);
	int rc = msg ? netlink_request(ct->sock, msg, on_entry, &each) : -ENOMEM;

	if (msg)
		nlmsg_free(msg);
	return rc;
}

/* One direction of an entry. */
struct tuple {
	struct in_addr from, to;
	int protocol;
	unsigned port_to;	/* or the identifier of a ping */
};

static bool read_tuple(struct nlattr *nest, struct tuple *tuple)
{
	struct nlattr *parts[CTA_TUPLE_MAX + 1], *ip[CTA_IP_MAX + 1], *proto[CTA_PROTO_MAX + 1], *port;

	if (!nest || nla_parse_nested(parts, CTA_TUPLE_MAX, nest, NULL) || !parts[CTA_TUPLE_IP] || !parts[CTA_TUPLE_PROTO] ||
	    nla_parse_nested(ip, CTA_IP_MAX, parts[CTA_TUPLE_IP], NULL) || nla_parse_nested(proto, CTA_PROTO_MAX, parts[CTA_TUPLE_PROTO], NULL))
		return false;
	port = proto[CTA_PROTO_DST_PORT] ? proto[CTA_PROTO_DST_PORT] : proto[CTA_PROTO_ICMP_ID];
	if (!ip[CTA_IP_V4_SRC] || !ip[CTA_IP_V4_DST] || !proto[CTA_PROTO_NUM] || !port || nla_len(ip[CTA_IP_V4_SRC]) != 4 ||
	    nla_len(ip[CTA_IP_V4_DST]) != 4 || nla_len(proto[CTA_PROTO_NUM]) != 1 || nla_len(port) != 2)
		return false;
	memcpy(&tuple->from, nla_data(ip[CTA_IP_V4_SRC]), 4);
	memcpy(&tuple->to, nla_data(ip[CTA_IP_V4_DST]), 4);
	tuple->protocol = nla_get_u8(proto[CTA_PROTO_NUM]);
	tuple->port_to = ntohs(nla_get_u16(port));
	return true;
}

struct each_public {
	struct in_addr address;
	unsigned port;
	void (*on_flow)(void *ctx, const struct conntrack_flow *flow);
	void *ctx;
};

static void on_public_entry(void *ctx, struct nlmsghdr *header)
{
	struct each_public *each = ctx;
	struct nlattr *a[CTA_MAX + 1];
	struct tuple there, back;
	struct conntrack_flow flow = { 0 };
	bool is_outbound, is_inbound;

	if (nlmsg_parse(header, sizeof(struct nfgenmsg), a, CTA_MAX, NULL) || !read_tuple(a[CTA_TUPLE_ORIG], &there) ||
	    !read_tuple(a[CTA_TUPLE_REPLY], &back))
		return;
	is_outbound = back.to.s_addr == each->address.s_addr && back.port_to == each->port;
	/* what is for the gateway itself is nobody's */
	is_inbound = there.to.s_addr == each->address.s_addr && there.port_to == each->port && back.from.s_addr != there.to.s_addr;
	if (!is_outbound && !is_inbound)
		return;
	flow.mark = a[CTA_MARK] ? ntohl(nla_get_u32(a[CTA_MARK])) : 0;
	flow.protocol = there.protocol;
	each->on_flow(each->ctx, &flow);
}

int conntrack_each_public(struct conntrack *ct, struct in_addr address, unsigned port,
			  void (*on_flow)(void *ctx, const struct conntrack_flow *flow), void *ctx)
{
	struct each_public each = { .address = address, .port = port, .on_flow = on_flow, .ctx = ctx };
	struct nl_msg *msg = message(IPCTNL_MSG_CT_GET, AF_UNSPEC, NLM_F_DUMP);
	int rc = msg ? netlink_request(ct->sock, msg, on_public_entry, &each) : -ENOMEM;

	if (msg)
		nlmsg_free(msg);
	return rc;
}

static long read_number(const char *path)
{
	FILE *file = fopen(path, "re");
	long number = -1;

	if (file && fscanf(file, "%ld", &number) != 1)
		number = -1;
	if (file)
		fclose(file);
	return number;
}

long conntrack_count(void)
{
	return read_number("/proc/sys/net/netfilter/nf_conntrack_count");
}

long conntrack_max(void)
{
	return read_number("/proc/sys/net/netfilter/nf_conntrack_max");
}
