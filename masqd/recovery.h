/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What the kernel remembers of the sessions, found again at a start: doc/design.md, "Coming back". */

#ifndef MASQD_RECOVERY_H
#define MASQD_RECOVERY_H

#include "masqd/gateway.h"

/* 0 or -ENOMEM. */
int recovery_open(struct gateway *gw);
void recovery_close(struct gateway *gw);

/* Makes sessions of what the kernel's elements say. Those that nobody has announced ten seconds later are closed. 0 or -errno,
 * logged. */
int recovery_run(struct gateway *gw);

/* Is it still to be found out who is announced again? */
bool recovery_is_waiting(const struct gateway *gw);

#endif
