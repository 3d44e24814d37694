/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* How many bytes a session has had. A client with an interface of its own costs the packet path nothing: the interface
 * counts. Hosts of a network share one, so an element each counts for them. */

#ifndef MASQD_ACCOUNTING_H
#define MASQD_ACCOUNTING_H

#include "masqd/elements.h"
#include "masqd/links.h"
#include "masqd/session.h"

/* Reads the counters of one host, or those of all if it is NULL, into the sessions; links are refreshed by links_refresh_counters.
 * 0 or -errno. */
int accounting_refresh_hosts(struct elements *elements, struct session_table *sessions, const struct session *only);

/* Bytes from the client and to it, as last read. False: nobody has counted. */
bool accounting_get(const struct links *links, const struct session *s, uint64_t *rx, uint64_t *tx);

/* Adds to the transaction: what counts for nobody goes. */
int accounting_sweep(struct elements *elements, struct session_table *sessions);

#endif
