/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* linux/pkt_sched.h. The messages are made here, because libnl-route's tbf has neither 64 bits for a rate nor a burst in bytes
 * (in microseconds of the rate it may end up shorter than a packet), and its htb rounds likewise. */

#include "config.h"

#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/netlink.h"
#include "masqd/rate.h"
#include "masqd/shaper.h"

/* A usual packet, and what an interface puts before it at most. */
enum { PACKET_MAX = 1500, HEADER_MAX = 32 };

/* Bytes in a queue that is not fair to anybody: short. */
enum { PLAIN_QUEUE = 16 * PACKET_MAX };

enum { LOOPBACK_IFINDEX = 1 };

/* Flows told apart in a queue: few, since each client has one of its own (fq_codel takes 72 bytes a flow). */
enum { FLOWS = 128 };

/* From the root inwards: the rate, by htb, whose only class decides which packet goes when it may go; the cutter, a tbf that is
 * never short of tokens and only cuts what segmentation offload has put together, since 64 KiB at once would block a
 * slow line for seconds; and the queue. A tbf alone would hold the next packet in its hand while it waits, so that a
 * short one that comes meanwhile goes behind it. */
#define HANDLE(n) ((SHAPER_HANDLE + (n)) << 16)
static const uint32_t root_handle = HANDLE(0), class_handle = HANDLE(0) | 1, cutter_handle = HANDLE(1), queue_handle = HANDLE(2);
#define CUTTER_RATE 100000000000ULL	/* bytes/s */

struct shaper {
	struct nl_sock *sock;
	bool is_prepared;
	unsigned kind;	/* of the queues, the first that the kernel has; KINDS: none */
};

struct shaper_queue shaper_queue(uint64_t rate)
{
	/* Rate and delay that CoDel's defaults are good for; a slower line's packet alone would exceed them. */
	uint64_t packet_us = PACKET_MAX * 8ULL * 1000000 / rate, packets = rate / 8 / PACKET_MAX;
	struct shaper_queue queue = { .target_us = 5000, .interval_us = 100000, .quantum = rate < 2000000 ? 300 : PACKET_MAX + 14 };

	if (packet_us * 3 / 2 > queue.target_us) {
		queue.target_us = (uint32_t)(packet_us * 3 / 2);
		queue.interval_us = 95000 + queue.target_us;
	}
	/* Two seconds, but not so few that a burst of short packets would not fit. */
	queue.limit = packets * 2 < 128 ? 128 : packets * 2 > 10240 ? 10240 : (uint32_t)packets * 2;
	return queue;
}

static struct nl_msg *message(int type, int flags, unsigned ifindex, uint32_t handle, uint32_t parent)
{
	struct tcmsg info = { .tcm_family = AF_UNSPEC, .tcm_ifindex = (int)ifindex, .tcm_handle = handle, .tcm_parent = parent };
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (msg && nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) == 0)
		return msg;
	if (msg)
		nlmsg_free(msg);
	return NULL;
}

/* Sends and frees it; NULL counts as no memory. */
static int request(struct shaper *shaper, struct nl_msg *msg, void (*on_message)(void *ctx, struct nlmsghdr *header), void *ctx)
{
	int rc = msg ? netlink_request(shaper->sock, msg, on_message, ctx) : -ENOMEM;

	if (msg)
		nlmsg_free(msg);
	return rc;
}

static void on_link(void *ctx, struct nlmsghdr *header)
{
	struct nlattr *mtu = nlmsg_find_attr(header, sizeof(struct ifinfomsg), IFLA_MTU);

	if (header->nlmsg_type == RTM_NEWLINK && mtu)
		*(uint32_t *)ctx = netlink_u32(mtu);
}

/* The longest packet that the cutter lets through as it is; what is longer and cannot be cut would never be sent. */
static uint32_t longest_packet(struct shaper *shaper, unsigned ifindex)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, NLM_F_REQUEST);
	uint32_t mtu = UINT16_MAX;

	if (msg && nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) == 0)
		netlink_request(shaper->sock, msg, on_link, &mtu);
	if (msg)
		nlmsg_free(msg);
	return mtu + HEADER_MAX;
}

static int put_root(struct nl_msg *msg)
{
	struct tc_htb_glob parameters = { .version = 3, .rate2quantum = 10, .defcls = 1 };
	struct nlattr *options;

	if (nla_put_string(msg, TCA_KIND, "htb"))
		return -ENOMEM;
	options = nla_nest_start(msg, TCA_OPTIONS);
	if (!options || nla_put(msg, TCA_HTB_INIT, sizeof(parameters), &parameters))
		return -ENOMEM;
	return nla_nest_end(msg, options);
}

/* In the kernel's ticks of 64 ns. */
static uint32_t ticks(uint32_t bytes, uint64_t rate)
{
	uint64_t count = bytes * 8ULL * 1000000000 / rate / 64;

	return count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
}

static struct tc_htb_opt class_parameters(const struct grant *grant)
{
	uint32_t bytes = grant->rate_down / 8 ? (uint32_t)(grant->rate_down / 8) : 1;
	struct tc_ratespec rate = { .rate = bytes, .overhead = (unsigned short)grant->overhead, .linklayer = TC_LINKLAYER_ETHERNET };
	uint32_t buffer = ticks(grant->burst_down, grant->rate_down);

	return (struct tc_htb_opt){ .rate = rate, .ceil = rate, .buffer = buffer, .cbuffer = buffer, .quantum = PACKET_MAX };
}

static int put_class(struct nl_msg *msg, const struct grant *grant)
{
	struct tc_htb_opt parameters = class_parameters(grant);
	struct nlattr *options;

	if (nla_put_string(msg, TCA_KIND, "htb"))
		return -ENOMEM;
	options = nla_nest_start(msg, TCA_OPTIONS);
	if (!options || nla_put(msg, TCA_HTB_PARMS, sizeof(parameters), &parameters))
		return -ENOMEM;
	return nla_nest_end(msg, options);
}

static int put_cutter(struct nl_msg *msg, uint32_t longest)
{
	struct tc_tbf_qopt parameters = {
		.rate = { .rate = UINT32_MAX, .linklayer = TC_LINKLAYER_ETHERNET },
		.limit = PLAIN_QUEUE,
	};
	struct nlattr *options;

	if (nla_put_string(msg, TCA_KIND, "tbf"))
		return -ENOMEM;
	options = nla_nest_start(msg, TCA_OPTIONS);
	if (!options || nla_put(msg, TCA_TBF_PARMS, sizeof(parameters), &parameters) || nla_put_u64(msg, TCA_TBF_RATE64, CUTTER_RATE) ||
	    nla_put_u32(msg, TCA_TBF_BURST, longest))
		return -ENOMEM;
	return nla_nest_end(msg, options);
}

static int put_fq_codel(struct nl_msg *msg, const struct shaper_queue *queue, bool is_new)
{
	struct nlattr *options = nla_nest_start(msg, TCA_OPTIONS);

	if (!options || nla_put_u32(msg, TCA_FQ_CODEL_TARGET, queue->target_us) || nla_put_u32(msg, TCA_FQ_CODEL_INTERVAL, queue->interval_us) ||
	    nla_put_u32(msg, TCA_FQ_CODEL_QUANTUM, queue->quantum) || nla_put_u32(msg, TCA_FQ_CODEL_LIMIT, queue->limit) ||
	    (is_new && nla_put_u32(msg, TCA_FQ_CODEL_FLOWS, FLOWS)))
		return -ENOMEM;
	return nla_nest_end(msg, options);
}

/* Its own size suits what is slow; flows are told apart anew now and then, since two may have fallen together. */
static int put_sfq(struct nl_msg *msg, const struct shaper_queue *queue, bool is_new)
{
	struct tc_sfq_qopt parameters = { .perturb_period = 10 };

	return nla_put(msg, TCA_OPTIONS, sizeof(parameters), &parameters);
}

static const struct {
	const char *name;
	int (*put)(struct nl_msg *msg, const struct shaper_queue *queue, bool is_new);
} kinds[] = { { "fq_codel", put_fq_codel }, { "sfq", put_sfq } };
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* A message that put has failed for is no message. */
static struct nl_msg *unless(int rc, struct nl_msg *msg)
{
	if (!rc || !msg)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

static int set_class(struct shaper *shaper, const struct grant *grant)
{
	struct nl_msg *msg = message(RTM_NEWTCLASS, NLM_F_CREATE, grant->ifindex, class_handle, root_handle);

	return request(shaper, unless(msg ? put_class(msg, grant) : 0, msg), NULL, NULL);
}

static int set_cutter(struct shaper *shaper, unsigned ifindex)
{
	struct nl_msg *msg = message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, ifindex, cutter_handle, class_handle);
	uint32_t longest = longest_packet(shaper, ifindex);

	return request(shaper, unless(msg ? put_cutter(msg, longest) : 0, msg), NULL, NULL);
}

static int set_queue(struct shaper *shaper, const struct grant *grant, bool is_new)
{
	struct nl_msg *msg = message(RTM_NEWQDISC, is_new ? NLM_F_CREATE | NLM_F_REPLACE : 0, grant->ifindex, queue_handle, cutter_handle | 1);
	struct shaper_queue queue = shaper_queue(grant->rate_down);
	int rc = 0;

	if (msg)
		rc = nla_put_string(msg, TCA_KIND, kinds[shaper->kind].name) || kinds[shaper->kind].put(msg, &queue, is_new);
	return request(shaper, unless(rc, msg), NULL, NULL);
}

/* Asks for one on the loopback interface that cannot be, since the first of the kind's attributes, whatever it means, is too
 * short: the kernel loads its module before it says so. */
static bool has_kind(struct shaper *shaper, const char *kind)
{
	struct nl_msg *msg = message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, LOOPBACK_IFINDEX, root_handle, TC_H_ROOT);
	struct nlattr *options = NULL;

	if (msg && nla_put_string(msg, TCA_KIND, kind) == 0)
		options = nla_nest_start(msg, TCA_OPTIONS);
	if (options && nla_put_u8(msg, 1, 0) == 0)
		nla_nest_end(msg, options);
	return request(shaper, unless(!options, msg), NULL, NULL) != -ENOENT;
}

void shaper_prepare(struct shaper *shaper)
{
	if (shaper->is_prepared)
		return;
	shaper->is_prepared = true;
	if (!has_kind(shaper, "htb") || !has_kind(shaper, "tbf"))
		log_warn("the kernel has no htb or no tbf: clients cannot be shaped");
	while (shaper->kind < KINDS && !has_kind(shaper, kinds[shaper->kind].name))
		shaper->kind++;
	if (shaper->kind)
		log_warn("the kernel has no %s, clients are shaped with %s", kinds[0].name,
			 shaper->kind < KINDS ? kinds[shaper->kind].name : "plain queues");
}

/* An interface's root qdisc. */
struct root {
	bool is_ours, is_foreign;	/* neither: the kernel's default, or none */
	uint64_t drops;
	uint32_t waiting;	/* packets */
};

static void on_root(void *ctx, struct nlmsghdr *header)
{
	const struct tcmsg *info = nlmsg_data(header);
	struct nlattr *kind = nlmsg_find_attr(header, sizeof(*info), TCA_KIND);
	struct nlattr *stats = nlmsg_find_attr(header, sizeof(*info), TCA_STATS2);
	struct nlattr *queue = stats ? nla_find(nla_data(stats), nla_len(stats), TCA_STATS_QUEUE) : NULL;
	struct root *root = ctx;
	bool is_htb = kind && nla_strcmp(kind, "htb") == 0;

	if (header->nlmsg_type != RTM_NEWQDISC || info->tcm_parent != TC_H_ROOT)
		return;
	root->is_ours = is_htb && info->tcm_handle == root_handle;
	/* What the kernel puts there itself has no handle. */
	root->is_foreign = !root->is_ours && info->tcm_handle != 0;
	if (queue && nla_len(queue) >= (int)sizeof(struct gnet_stats_queue)) {
		root->drops = ((const struct gnet_stats_queue *)nla_data(queue))->drops;
		root->waiting = ((const struct gnet_stats_queue *)nla_data(queue))->qlen;
	}
}

static int look(struct shaper *shaper, unsigned ifindex, struct root *root)
{
	/* Echoed, or older kernels tell of it only those who listen to all changes. */
	struct nl_msg *msg = message(RTM_GETQDISC, NLM_F_ECHO, ifindex, 0, TC_H_ROOT);
	int rc;

	memset(root, 0, sizeof(*root));
	rc = request(shaper, msg, on_root, root);
	/* no queue at all */
	return rc == -EINVAL || rc == -ENOENT ? 0 : rc;
}

/* All of it, or what is not yet there: an older masqd may have ended in the middle. */
static int install(struct shaper *shaper, const struct grant *grant)
{
	struct nl_msg *msg;
	struct root root;
	int rc = look(shaper, grant->ifindex, &root);

	if (rc)
		return rc;
	if (root.is_foreign)
		return -EEXIST;
	shaper_prepare(shaper);
	if (!root.is_ours) {
		msg = message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, grant->ifindex, root_handle, TC_H_ROOT);
		rc = request(shaper, unless(msg ? put_root(msg) : 0, msg), NULL, NULL);
	}
	if (!rc)
		rc = set_class(shaper, grant);
	if (!rc)
		rc = set_cutter(shaper, grant->ifindex);
	if (rc || shaper->kind == KINDS || set_queue(shaper, grant, false) == 0)
		return rc;
	return set_queue(shaper, grant, true);
}

/* Removes it, and what waits in it; but if it may drain, only once nothing waits, and until then what waits may go. */
static int remove_root(struct shaper *shaper, unsigned ifindex, bool *drains)
{
	const struct grant unlimited = { .ifindex = ifindex, .rate_down = RATE_MAX, .burst_down = BURST_MAX };
	struct root root;
	int rc = look(shaper, ifindex, &root);

	if (!rc && root.is_ours && root.waiting && drains) {
		*drains = true;
		rc = set_class(shaper, &unlimited);
	} else if (!rc && root.is_ours) {
		rc = request(shaper, message(RTM_DELQDISC, 0, ifindex, root_handle, TC_H_ROOT), NULL, NULL);
	}
	return rc == -ENODEV ? 0 : rc;	/* with the interface everything of it has gone */
}

bool shaper_is_wanted(const struct grant *grant)
{
	return grant->is_open && grant->rate_down && !grant->is_host && !grant->is_network;
}

int shaper_replace(struct shaper *shaper, const struct grant *from, const struct grant *to, bool *drains)
{
	bool had = shaper_is_wanted(from), wants = shaper_is_wanted(to);

	if (had && wants && from->ifindex == to->ifindex && from->rate_down == to->rate_down && from->burst_down == to->burst_down &&
	    from->overhead == to->overhead)
		return 0;
	if (had && (!wants || from->ifindex != to->ifindex)) {
		int rc = remove_root(shaper, from->ifindex, to->is_open ? drains : NULL);

		if (rc)
			return rc;
	}
	return wants ? install(shaper, to) : 0;
}

static void on_class(void *ctx, struct nlmsghdr *header)
{
	const struct tcmsg *info = nlmsg_data(header);
	struct nlattr *options = nlmsg_find_attr(header, sizeof(*info), TCA_OPTIONS);
	struct nlattr *parameters = options ? nla_find(nla_data(options), nla_len(options), TCA_HTB_PARMS) : NULL;

	if (header->nlmsg_type == RTM_NEWTCLASS && info->tcm_handle == class_handle && parameters &&
	    nla_len(parameters) >= (int)sizeof(struct tc_htb_opt))
		memcpy(ctx, nla_data(parameters), sizeof(struct tc_htb_opt));
}

int shaper_holds(struct shaper *shaper, const struct grant *grant)
{
	struct tc_htb_opt is = { 0 }, should;
	struct root root;
	int rc = look(shaper, grant->ifindex, &root);

	if (rc || !root.is_ours)
		return rc;
	should = class_parameters(grant);
	rc = request(shaper, message(RTM_GETTCLASS, NLM_F_DUMP, grant->ifindex, 0, 0), on_class, &is);
	return rc ? rc : is.rate.rate == should.rate.rate && is.ceil.rate == should.ceil.rate && is.rate.overhead == should.rate.overhead;
}

struct each {
	void (*on_shaped)(void *ctx, unsigned ifindex);
	void *ctx;
};

static void on_qdisc(void *ctx, struct nlmsghdr *header)
{
	const struct tcmsg *info = nlmsg_data(header);
	const struct each *each = ctx;
	struct root root = { 0 };

	on_root(&root, header);
	if (root.is_ours)
		each->on_shaped(each->ctx, (unsigned)info->tcm_ifindex);
}

int shaper_each(struct shaper *shaper, void (*on_shaped)(void *ctx, unsigned ifindex), void *ctx)
{
	struct each each = { .on_shaped = on_shaped, .ctx = ctx };
	int rc;

	do
		rc = request(shaper, message(RTM_GETQDISC, NLM_F_DUMP, 0, 0, 0), on_qdisc, &each);
	while (rc == -EINTR);
	return rc;
}

struct found {
	unsigned *ifindexes;
	size_t count, size;
};

static void on_shaped(void *ctx, unsigned ifindex)
{
	struct found *found = ctx;

	if (found->count == found->size) {
		size_t size = found->size ? 2 * found->size : 64;
		unsigned *ifindexes = realloc(found->ifindexes, size * sizeof(*ifindexes));

		if (!ifindexes)
			return;
		found->ifindexes = ifindexes;
		found->size = size;
	}
	found->ifindexes[found->count++] = ifindex;
}

int shaper_sweep(struct shaper *shaper, bool (*is_wanted)(void *ctx, unsigned ifindex), void *ctx, bool *drains)
{
	struct found found = { 0 };
	int rc = shaper_each(shaper, on_shaped, &found);

	for (size_t i = 0; !rc && i < found.count; i++)
		if (!is_wanted(ctx, found.ifindexes[i]))
			rc = remove_root(shaper, found.ifindexes[i], drains);
	free(found.ifindexes);
	return rc;
}

bool shaper_drops(struct shaper *shaper, unsigned ifindex, uint64_t *drops)
{
	struct root root;

	if (look(shaper, ifindex, &root) || !root.is_ours)
		return false;
	*drops = root.drops;
	return true;
}

int shaper_open(struct shaper **out)
{
	struct shaper *shaper = calloc(1, sizeof(*shaper));

	if (!shaper)
		return -ENOMEM;
	shaper->sock = netlink_request_open(NETLINK_ROUTE);
	if (!shaper->sock) {
		free(shaper);
		return -errno;
	}
	*out = shaper;
	return 0;
}

void shaper_close(struct shaper *shaper)
{
	if (!shaper)
		return;
	nl_socket_free(shaper->sock);
	free(shaper);
}
