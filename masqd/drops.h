/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What the clients' rates have cost them, asked of the kernel when somebody asks. */

#ifndef MASQD_DROPS_H
#define MASQD_DROPS_H

#include "masqd/gateway.h"

/* Sets drops_down and drops_up of every session that has a rate. */
void drops_count(struct gateway *gw);

#endif
