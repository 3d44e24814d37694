/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Netlink messages about the table inet masqgate itself, its chains, rules, sets and objects (linux/netfilter/nf_tables.h). */

#ifndef MASQD_TABLE_MESSAGE_H
#define MASQD_TABLE_MESSAGE_H

#include <netlink/msg.h>
#include <stdbool.h>

/* A request of this type, NFT_MSG_*, with the table's name. The caller frees it; NULL without memory. */
struct nl_msg *table_message(int type, int flags);

/* Is this answer about the table? A kernel may answer with what all tables have. */
bool table_message_is_ours(struct nlmsghdr *header);

/* NULL if it is not there. */
struct nlattr *table_message_find(struct nlmsghdr *header, int attribute);

#endif
