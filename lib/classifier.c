/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* RTM_*TFILTER, not libbpf's bpf_tc_attach(): that does not say whose filter it is about to replace, and runs the program for
 * every frame, not just for one protocol. */

#include "lib/classifier.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/netlink.h"

/* A request about our place. NULL without memory. */
static struct nl_msg *build(int type, int flags, const struct classifier *place, int interface)
{
	struct tcmsg message = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = interface,
		.tcm_parent = TC_H_MAKE(TC_H_CLSACT, place->hook),
		.tcm_handle = place->handle,
		.tcm_info = TC_H_MAKE((uint32_t)place->preference << 16, htons(place->protocol)),
	};
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (msg && nlmsg_append(msg, &message, sizeof(message), NLMSG_ALIGNTO) == 0 && nla_put_string(msg, TCA_KIND, "bpf") == 0)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

static int send_and_free(struct nl_sock *sock, struct nl_msg *msg, void (*on_message)(void *ctx, struct nlmsghdr *header), void *ctx)
{
	int rc = msg ? netlink_request(sock, msg, on_message, ctx) : -ENOMEM;

	nlmsg_free(msg);
	return rc;
}

struct answer {
	const struct classifier *place;
	struct classifier_found *found;
	bool is_there;
};

static void on_filter(void *ctx, struct nlmsghdr *header)
{
	struct answer *answer = ctx;
	struct classifier_found *found = answer->found;
	struct nlattr *attributes[TCA_MAX + 1], *options[TCA_BPF_MAX + 1], *classic;

	if (header->nlmsg_type != RTM_NEWTFILTER || nlmsg_parse(header, sizeof(struct tcmsg), attributes, TCA_MAX, NULL) < 0)
		return;
	answer->is_there = true;
	if (!attributes[TCA_OPTIONS] || nla_parse_nested(options, TCA_BPF_MAX, attributes[TCA_OPTIONS], NULL) < 0)
		return;
	classic = options[TCA_BPF_OPS];
	if (classic && nla_len(classic) <= (int)sizeof(found->classic)) {
		nla_memcpy(found->classic, classic, sizeof(found->classic));
		found->length = (unsigned)nla_len(classic) / sizeof(*found->classic);
	}
	found->program = netlink_u32(options[TCA_BPF_ID]);
	if (answer->place->name)
		found->is_ours = options[TCA_BPF_NAME] && nla_strcmp(options[TCA_BPF_NAME], answer->place->name) == 0;
	else
		found->is_ours = found->length && found->classic[0].code == (BPF_LD | BPF_IMM) && found->classic[0].k == answer->place->signature;
}

int classifier_find(struct nl_sock *sock, const struct classifier *place, int interface, struct classifier_found *found)
{
	struct answer answer = { .place = place, .found = found };
	int rc;

	memset(found, 0, sizeof(*found));
	rc = send_and_free(sock, build(RTM_GETTFILTER, 0, place, interface), on_filter, &answer);
	/* In this order: no qdisc, no filter, no interface. */
	if (rc == -EINVAL || rc == -ENOENT || rc == -ENODEV)
		return 0;
	return !rc && answer.is_there && !found->is_ours ? -EEXIST : rc;
}

static int add_qdisc(struct nl_sock *sock, int interface)
{
	struct tcmsg message = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = interface,
		.tcm_parent = TC_H_CLSACT,
		.tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0),
	};
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWQDISC, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
	int rc = -ENOMEM;

	if (msg && nlmsg_append(msg, &message, sizeof(message), NLMSG_ALIGNTO) == 0 && nla_put_string(msg, TCA_KIND, "clsact") == 0)
		rc = netlink_request(sock, msg, NULL, NULL);
	nlmsg_free(msg);
	return rc == -EEXIST ? 0 : rc;
}

/* What the two kinds of programs differ in. */
static int put_program(struct nl_msg *msg, const struct classifier *place, int program_fd, const struct sock_filter *classic, unsigned length)
{
	if (!classic)
		return nla_put_u32(msg, TCA_BPF_FD, (uint32_t)program_fd) || nla_put_string(msg, TCA_BPF_NAME, place->name);
	return nla_put_u16(msg, TCA_BPF_OPS_LEN, (uint16_t)length) || nla_put(msg, TCA_BPF_OPS, (int)(length * sizeof(*classic)), classic);
}

static int set(struct nl_sock *sock, const struct classifier *place, int interface, int program_fd, const struct sock_filter *classic,
	       unsigned length)
{
	struct classifier_found found;
	struct nl_msg *msg = NULL;
	struct nlattr *options;
	int rc = add_qdisc(sock, interface);

	if (!rc)
		rc = classifier_find(sock, place, interface, &found);
	if (rc)
		return rc;
	msg = build(RTM_NEWTFILTER, NLM_F_CREATE, place, interface);
	options = msg ? nla_nest_start(msg, TCA_OPTIONS) : NULL;
	if (!options || put_program(msg, place, program_fd, classic, length) || nla_put_u32(msg, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	nla_nest_end(msg, options);
	return send_and_free(sock, msg, NULL, NULL);
}

int classifier_set_program(struct nl_sock *sock, const struct classifier *place, int interface, int program_fd)
{
	return set(sock, place, interface, program_fd, NULL, 0);
}

int classifier_set_classic(struct nl_sock *sock, const struct classifier *place, int interface, const struct sock_filter *program,
			   unsigned length)
{
	return set(sock, place, interface, -1, program, length);
}

/* Interfaces where filters can be. */
struct candidates {
	int *interfaces;
	size_t count, size;
	int error;
};

static void on_qdisc(void *ctx, struct nlmsghdr *header)
{
	const struct tcmsg *message = nlmsg_data(header);
	struct nlattr *kind = nlmsg_find_attr(header, sizeof(*message), TCA_KIND);
	struct candidates *candidates = ctx;

	if (header->nlmsg_type != RTM_NEWQDISC || !kind || (nla_strcmp(kind, "clsact") != 0 && nla_strcmp(kind, "ingress") != 0))
		return;
	if (candidates->count == candidates->size) {
		size_t size = candidates->size ? 2 * candidates->size : 64;
		int *interfaces = realloc(candidates->interfaces, size * sizeof(*interfaces));

		if (!interfaces) {
			candidates->error = -ENOMEM;
			return;
		}
		candidates->interfaces = interfaces;
		candidates->size = size;
	}
	candidates->interfaces[candidates->count++] = message->tcm_ifindex;
}

static int find_candidates(struct nl_sock *sock, struct candidates *candidates)
{
	struct tcmsg message = { .tcm_family = AF_UNSPEC };
	int rc;

	do {
		struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETQDISC, NLM_F_REQUEST | NLM_F_DUMP);

		candidates->count = 0;
		rc = -ENOMEM;
		if (msg && nlmsg_append(msg, &message, sizeof(message), NLMSG_ALIGNTO) == 0)
			rc = netlink_request(sock, msg, on_qdisc, candidates);
		nlmsg_free(msg);
	} while (rc == -EINTR);
	return rc ? rc : candidates->error;
}

int classifier_each(struct nl_sock *sock, const struct classifier *place, void (*on_found)(void *ctx, int interface), void *ctx)
{
	struct candidates candidates = { 0 };
	struct classifier_found found;
	int rc = find_candidates(sock, &candidates);

	for (size_t i = 0; i < candidates.count; i++)
		if (classifier_find(sock, place, candidates.interfaces[i], &found) == 0 && found.is_ours)
			on_found(ctx, candidates.interfaces[i]);
	free(candidates.interfaces);
	return rc;
}

int classifier_del(struct nl_sock *sock, const struct classifier *place, int interface)
{
	struct classifier_found found;
	int rc = classifier_find(sock, place, interface, &found);

	if (rc || !found.is_ours)
		return rc == -EEXIST ? 0 : rc;
	rc = send_and_free(sock, build(RTM_DELTFILTER, 0, place, interface), NULL, NULL);
	return rc == -EINVAL || rc == -ENOENT || rc == -ENODEV ? 0 : rc;
}
