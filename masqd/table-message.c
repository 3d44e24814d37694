/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "masqd/table-message.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>

static const char table[] = "masqgate";

/* The table's name is the same attribute of a table, a chain, a rule, a set's elements and an object. */
enum { TABLE_NAME = NFTA_TABLE_NAME };

struct nl_msg *table_message(int type, int flags)
{
	struct nfgenmsg header = { .nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0 };
	struct nl_msg *msg = nlmsg_alloc_simple(NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_REQUEST | flags);

	if (msg && nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO) == 0 && nla_put_string(msg, TABLE_NAME, table) == 0)
		return msg;
	if (msg)
		nlmsg_free(msg);
	return NULL;
}

struct nlattr *table_message_find(struct nlmsghdr *header, int attribute)
{
	return nlmsg_find_attr(header, sizeof(struct nfgenmsg), attribute);
}

bool table_message_is_ours(struct nlmsghdr *header)
{
	struct nlattr *name = table_message_find(header, TABLE_NAME);

	return name && nla_strcmp(name, table) == 0;
}
