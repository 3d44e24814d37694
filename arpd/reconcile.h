/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Whatever happened: make the kernel's proxy neighbours what the table says. */

#ifndef ARPD_RECONCILE_H
#define ARPD_RECONCILE_H

#include "arpd/foreign.h"
#include "arpd/publisher.h"

/* At start: takes what an earlier run left in the kernel into the table, as orphans. 0 or -errno. */
int reconcile_adopt(struct publisher *publisher);

/* Marks what the kernel has, puts back what is missing, withdraws ours that nobody wants and orphans that are routed
 * nowhere, or back to the LAN. Looks at others' with foreign. 0 or -errno; then try again. */
int reconcile(struct publisher *publisher, struct foreign *foreign, bool is_cleaning);

/* Only what an event has made uncertain: entries whose route is not known. */
void reconcile_stale(struct publisher *publisher);

#endif
