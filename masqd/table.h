/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What libnftables tells of the table inet masqgate only together with all its elements. */

#ifndef MASQD_TABLE_H
#define MASQD_TABLE_H

#include <netlink/netlink.h>
#include <stdbool.h>

enum { TABLE_COMMENT_MAX = 128 };

/* Reads the table's comment, "" if it has none. 0, -ENOENT if there is no such table, or another -errno. sock is one of
 * NETLINK_NETFILTER. */
int table_comment(struct nl_sock *sock, char comment[TABLE_COMMENT_MAX + 1]);

/* Has it a conntrack helper of this name? */
bool table_has_helper(struct nl_sock *sock, const char *name);

#endif
