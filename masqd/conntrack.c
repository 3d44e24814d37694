/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* ctnetlink, by linux/netfilter/nfnetlink_conntrack.h. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <netlink/attr.h>
#include <netlink/socket.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/netlink.h"
#include "lib/varlink-client.h"
#include "masqd/conntrack.h"
#include "masqd/ctnetlink.h"
#include "masqd/flusher.h"

struct conntrack {
	struct flush_sockets sockets;
	struct flusher *flusher;
	void (*on_flushed)(void *ctx, uint32_t serial);
	void *ctx;
	int64_t looked_ms, warned_ms;	/* of varlink_now_ms; 0: not yet */
};

/* Between two looks, and two warnings, at how full the kernel's table is. */
enum { LOOK_MS = 1000, WARN_MS = 60 * 1000 };

static void on_done(void *ctx, const struct flush *flush)
{
	const struct conntrack *ct = ctx;

	if (flush->rc)
		log_warn("#%u: cannot delete its connections: %s", flush->serial, strerror(-flush->rc));
	if (!flush->status && !flush->address.s_addr && !flush->family)
		ct->on_flushed(ct->ctx, flush->serial);
}

int conntrack_open(struct conntrack **out, struct event_base *base, void (*on_flushed)(void *ctx, uint32_t serial), void *ctx)
{
	struct conntrack *ct = calloc(1, sizeof(*ct));
	int rc;

	if (!ct)
		return -ENOMEM;
	ct->on_flushed = on_flushed;
	ct->ctx = ctx;
	rc = flush_sockets_open(&ct->sockets);
	if (!rc)
		rc = flusher_open(&ct->flusher, base, on_done, ct);
	if (rc)
		conntrack_close(ct);
	else
		*out = ct;
	return rc;
}

void conntrack_close(struct conntrack *ct)
{
	if (!ct)
		return;
	flusher_close(ct->flusher);
	flush_sockets_close(&ct->sockets);
	free(ct);
}

static void flush_later(struct conntrack *ct, const struct flush *flush)
{
	if (flusher_add(ct->flusher, flush))
		log_warn("#%u: cannot delete its connections: %s", flush->serial, strerror(ENOMEM));
}

void conntrack_flush_later(struct conntrack *ct, uint32_t serial)
{
	flush_later(ct, &(struct flush){ .serial = serial });
}

void conntrack_flush_address_later(struct conntrack *ct, uint32_t serial, struct in_addr address)
{
	flush_later(ct, &(struct flush){ .serial = serial, .address = address });
}

void conntrack_flush_ipv6_later(struct conntrack *ct, uint32_t serial)
{
	flush_later(ct, &(struct flush){ .serial = serial, .family = AF_INET6 });
}

void conntrack_flush_translated_later(struct conntrack *ct, uint32_t serial)
{
	flush_later(ct, &(struct flush){ .serial = serial, .status = IPS_SRC_NAT });
	flush_later(ct, &(struct flush){ .serial = serial, .status = IPS_DST_NAT });
}

int conntrack_flush_forwarded(struct conntrack *ct, const struct in_addr *addresses, unsigned count)
{
	return flush_forwarded(&ct->sockets, addresses, count);
}

int conntrack_flush_unmarked(struct conntrack *ct, flush_is_meant *is_meant, void *ctx)
{
	return flush_unmarked(&ct->sockets, is_meant, ctx);
}

struct each {
	void (*on_mark)(void *ctx, uint32_t mark);
	void *ctx;
};

static void on_entry(void *ctx, struct nlmsghdr *header)
{
	struct each *each = ctx;
	uint32_t mark = ctnetlink_mark(header);

	if (mark)
		each->on_mark(each->ctx, mark);
}

int conntrack_each_mark(struct conntrack *ct, void (*on_mark)(void *ctx, uint32_t mark), void *ctx)
{
	struct each each = { .on_mark = on_mark, .ctx = ctx };
	struct nl_msg *msg = ctnetlink_message(IPCTNL_MSG_CT_GET, AF_UNSPEC, NLM_F_DUMP);
	int rc = msg ? netlink_request(ct->sockets.reading, msg, on_entry, &each) : -ENOMEM;

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
	flow.mark = ctnetlink_mark(header);
	flow.protocol = there.protocol;
	each->on_flow(each->ctx, &flow);
}

int conntrack_each_public(struct conntrack *ct, struct in_addr address, unsigned port,
			  void (*on_flow)(void *ctx, const struct conntrack_flow *flow), void *ctx)
{
	struct each_public each = { .address = address, .port = port, .on_flow = on_flow, .ctx = ctx };
	struct nl_msg *msg = ctnetlink_message(IPCTNL_MSG_CT_GET, AF_UNSPEC, NLM_F_DUMP);
	int rc = msg ? netlink_request(ct->sockets.reading, msg, on_public_entry, &each) : -ENOMEM;

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

bool conntrack_is_nearly_full(long count, long max)
{
	return max > 0 && count >= max - max / 5;
}

void conntrack_look(struct conntrack *ct)
{
	int64_t now_ms = varlink_now_ms();
	long count, max;

	if (ct->looked_ms && now_ms - ct->looked_ms < LOOK_MS)
		return;
	ct->looked_ms = now_ms;
	count = conntrack_count();
	max = conntrack_max();
	if (!conntrack_is_nearly_full(count, max) || (ct->warned_ms && now_ms - ct->warned_ms < WARN_MS))
		return;
	ct->warned_ms = now_ms;
	log_warn("the kernel's connection table is nearly full: %ld of %ld, see sysctl net.netfilter.nf_conntrack_max", count, max);
}
