/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What of the rules is for connection tracking helpers: an object for each that a policy names, and who is assigned which. */

#ifndef MASQD_RULESET_HELPER_H
#define MASQD_RULESET_HELPER_H

#include <netlink/netlink.h>
#include <nftables/libnftables.h>
#include <stdio.h>

/* Asks the kernel for those in mask, which loads their modules. Returns those that there are; about the others, and about those that
 * do not translate, there is a warning, once. */
unsigned ruleset_helper_probe(struct nft_ctx *nft, unsigned mask);

/* Commands that delete the table's objects that are not in mask. sock is one of NETLINK_NETFILTER. */
void ruleset_helper_print_deletions(FILE *out, unsigned mask, struct nl_sock *sock);

/* The objects, inside a table; and the statements that assign them to a chain's new flows. */
void ruleset_helper_print_objects(FILE *out, unsigned mask);
void ruleset_helper_print_rules(FILE *out, unsigned mask);

#endif
