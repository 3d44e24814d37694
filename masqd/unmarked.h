/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Clients' connections that are nobody's: they began while somebody had flushed the ruleset, and another table had the kernel track them.
 * They have no mark and no translation, and would not get any as long as the client goes on: the kernel decides that with the first
 * packet. Deleted, they begin anew with the next one. */

#ifndef MASQD_UNMARKED_H
#define MASQD_UNMARKED_H

#include "masqd/gateway.h"

void unmarked_flush(struct gateway *gw);

#endif
