/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <arpa/inet.h>
#include <netlink/attr.h>
#include <stdint.h>

#include "lib/netlink.h"
#include "masqd/ctnetlink.h"

/* A page for each would be a lot: there may be as many as connections. */
enum { MESSAGE_MAX = 256 };

struct nl_msg *ctnetlink_message(int type, int family, int flags)
{
	struct nfgenmsg header = { .nfgen_family = family, .version = NFNETLINK_V0 };
	struct nl_msg *msg = nlmsg_alloc_size(MESSAGE_MAX);

	if (msg && nlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, NFNL_SUBSYS_CTNETLINK << 8 | type, 0, NLM_F_REQUEST | flags) &&
	    nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO) == 0)
		return msg;
	if (msg)
		nlmsg_free(msg);
	return NULL;
}

int ctnetlink_put_mark(struct nl_msg *msg, uint32_t mark)
{
	int rc = nla_put_u32(msg, CTA_MARK, htonl(mark));

	return rc ? rc : nla_put_u32(msg, CTA_MARK_MASK, UINT32_MAX);
}

uint32_t ctnetlink_mark(struct nlmsghdr *header)
{
	struct nlattr *mark = nlmsg_find_attr(header, sizeof(struct nfgenmsg), CTA_MARK);

	return ntohl(netlink_u32(mark));
}
