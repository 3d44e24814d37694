/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* NFT_MSG_GETTABLE and NFT_MSG_GETOBJ, by linux/netfilter/nf_tables.h. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <stdio.h>

#include "lib/netlink.h"
#include "masqd/table.h"

static const char table[] = "masqgate";

/* Userdata is a list of type, length, value; a table's type 0 is its comment (a C string). */
enum { COMMENT_TYPE = 0 };

static struct nl_msg *question(int type)
{
	struct nfgenmsg header = { .nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0 };
	struct nl_msg *msg = nlmsg_alloc_simple(NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_REQUEST);

	if (msg && nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO) == 0)
		return msg;
	if (msg)
		nlmsg_free(msg);
	return NULL;
}

static void on_table(void *ctx, struct nlmsghdr *header)
{
	struct nlattr *data = nlmsg_find_attr(header, sizeof(struct nfgenmsg), NFTA_TABLE_USERDATA);
	const unsigned char *tlv = data ? nla_data(data) : NULL;
	char *comment = ctx;

	if (tlv && nla_len(data) >= 2 && nla_len(data) >= 2 + tlv[1] && tlv[0] == COMMENT_TYPE)
		snprintf(comment, TABLE_COMMENT_MAX + 1, "%.*s", tlv[1], (const char *)tlv + 2);
}

int table_comment(struct nl_sock *sock, char comment[TABLE_COMMENT_MAX + 1])
{
	struct nl_msg *msg = question(NFT_MSG_GETTABLE);
	int rc = -ENOMEM;

	comment[0] = '\0';
	if (msg && nla_put_string(msg, NFTA_TABLE_NAME, table) == 0)
		rc = netlink_request(sock, msg, on_table, comment);
	if (msg)
		nlmsg_free(msg);
	return rc;
}

bool table_has_helper(struct nl_sock *sock, const char *name)
{
	struct nl_msg *msg = question(NFT_MSG_GETOBJ);
	int rc = -ENOMEM;

	if (msg && nla_put_string(msg, NFTA_OBJ_TABLE, table) == 0 && nla_put_string(msg, NFTA_OBJ_NAME, name) == 0 &&
	    nla_put_u32(msg, NFTA_OBJ_TYPE, htonl(NFT_OBJECT_CT_HELPER)) == 0)
		rc = netlink_request(sock, msg, NULL, NULL);
	if (msg)
		nlmsg_free(msg);
	return !rc;
}
