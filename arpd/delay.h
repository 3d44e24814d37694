/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A LAN's proxy_delay (ip-sysctl: neigh/<interface>/proxy_delay) is 0 while we answer there: by default the kernel takes up to
 * 0.8 s for an answer, and gives 160 a second. */

#ifndef ARPD_DELAY_H
#define ARPD_DELAY_H

#include "arpd/table.h"

/* Makes answers immediate for the families that have entries there, and remembers what was there. */
void delay_take(struct nl_sock *sock, struct lan *lan);
/* Puts back what was there, unless somebody else has changed it meanwhile. */
void delay_return(struct nl_sock *sock, struct lan *lan);

#endif
