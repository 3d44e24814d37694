/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Facts from rtnetlink: a vanished interface ends its session, a renamed one may; uplinks and LANs that come are made to
 * forward; and what the configuration names by its interface (serial lines without pppd, networks) is open as long as that is
 * there. */

#ifndef MASQD_FOLLOW_H
#define MASQD_FOLLOW_H

#include "masqd/gateway.h"

/* What gateway_open is to be told by the links. */
struct links_handler follow_handler(struct gateway *gw);

/* All that the kernel has told so far, and of the uplinks and LANs also what it tells late. Not for handlers. */
void follow_catch_up(struct gateway *gw);

#endif
