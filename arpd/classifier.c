/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* RTM_*TFILTER, not libbpf's bpf_tc_attach(): that does not say whose filter it is about to replace, and runs the program for
 * every frame, not just for ARP. */

#include "arpd/classifier.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/netlink.h"

#define PREFERENCE	7700
#define HANDLE		77
#define NAME		"masq-arpd"

/* A request about our place. NULL without memory. */
static struct nl_msg *build(int type, int flags, int interface)
{
	struct tcmsg message = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = interface,
		.tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
		.tcm_handle = HANDLE,
		.tcm_info = TC_H_MAKE((uint32_t)PREFERENCE << 16, htons(ETH_P_ARP)),
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

struct filter {
	bool is_there, is_ours;
	uint32_t program;
};

static void on_filter(void *ctx, struct nlmsghdr *header)
{
	struct filter *filter = ctx;
	struct nlattr *attributes[TCA_MAX + 1], *options[TCA_BPF_MAX + 1];

	if (header->nlmsg_type != RTM_NEWTFILTER || nlmsg_parse(header, sizeof(struct tcmsg), attributes, TCA_MAX, NULL) < 0)
		return;
	filter->is_there = true;
	if (!attributes[TCA_OPTIONS] || nla_parse_nested(options, TCA_BPF_MAX, attributes[TCA_OPTIONS], NULL) < 0)
		return;
	filter->is_ours = options[TCA_BPF_NAME] && nla_strcmp(options[TCA_BPF_NAME], NAME) == 0;
	if (options[TCA_BPF_ID])
		filter->program = nla_get_u32(options[TCA_BPF_ID]);
}

int classifier_find(struct nl_sock *sock, int interface, uint32_t *program)
{
	struct filter filter = { 0 };
	int rc = send_and_free(sock, build(RTM_GETTFILTER, 0, interface), on_filter, &filter);

	*program = filter.is_ours ? filter.program : 0;
	/* In this order: no qdisc, no filter, no interface. */
	if (rc == -EINVAL || rc == -ENOENT || rc == -ENODEV)
		return 0;
	return !rc && filter.is_there && !filter.is_ours ? -EEXIST : rc;
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

int classifier_set(struct nl_sock *sock, int interface, int program_fd)
{
	struct nl_msg *msg = NULL;
	struct nlattr *options;
	uint32_t program;
	int rc = add_qdisc(sock, interface);

	if (!rc)
		rc = classifier_find(sock, interface, &program);
	if (rc)
		return rc;
	msg = build(RTM_NEWTFILTER, NLM_F_CREATE, interface);
	options = msg ? nla_nest_start(msg, TCA_OPTIONS) : NULL;
	if (!options || nla_put_u32(msg, TCA_BPF_FD, (uint32_t)program_fd) < 0 || nla_put_string(msg, TCA_BPF_NAME, NAME) < 0 ||
	    nla_put_u32(msg, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	nla_nest_end(msg, options);
	return send_and_free(sock, msg, NULL, NULL);
}

int classifier_del(struct nl_sock *sock, int interface)
{
	uint32_t program;
	int rc = classifier_find(sock, interface, &program);

	if (rc || !program)
		return rc == -EEXIST ? 0 : rc;
	rc = send_and_free(sock, build(RTM_DELTFILTER, 0, interface), NULL, NULL);
	return rc == -EINVAL || rc == -ENOENT || rc == -ENODEV ? 0 : rc;
}
