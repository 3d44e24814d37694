/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Can a network be behind a client, or is it somewhere else already? */

#ifndef MASQD_ROUTE_CHECK_H
#define MASQD_ROUTE_CHECK_H

#include "masqd/gateway.h"

enum { ROUTE_REASON_MAX = 128 };

/* All routes of this policy, for this session and beside what there is now: addresses, other sessions and their routes. 0,
 * or -EACCES with the reason ("route 10.1.0.0/24 overlaps with ..."). */
int route_check(const struct gateway *gw, const struct session *s, const struct policy *policy, char reason[ROUTE_REASON_MAX]);

#endif
