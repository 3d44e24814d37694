/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Messages of ctnetlink, by linux/netfilter/nfnetlink_conntrack.h. */

#ifndef MASQD_CTNETLINK_H
#define MASQD_CTNETLINK_H

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netlink/msg.h>

/* A request (IPCTNL_MSG_CT_…) with room for a few attributes, to be freed with nlmsg_free(); NULL without memory. */
struct nl_msg *ctnetlink_message(int type, int family, int flags);

/* Asks for those with this mark only, of what the request is about. 0 or a negative number. */
int ctnetlink_put_mark(struct nl_msg *msg, uint32_t mark);

/* The mark of the entry in the message, 0: none. */
uint32_t ctnetlink_mark(struct nlmsghdr *header);

#endif
