/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What the kernel has is compared with what it should have, all of it: the answer to "is everything as it should be?", which asks the
 * kernel and trusts nothing that was thought before. What is watched is put right by itself; this is for what nobody told of. */

#ifndef MASQD_RECONCILE_H
#define MASQD_RECONCILE_H

#include "masqd/gateway.h"
#include "masqd/mismatch.h"

/* Tells of each mismatch: the table's rules and elements, the uplinks' routes, rules and locks, the clients' routes, qdiscs, interfaces and
 * their forwarding. Changes nothing. 0 or -errno. */
int reconcile_compare(struct gateway *gw, const struct mismatch_handler *handler);

/* Puts all of that right. 0 or -errno, of the last thing that failed. */
int reconcile_repair(struct gateway *gw);

#endif
