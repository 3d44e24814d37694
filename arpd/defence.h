/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What the kernel does not do for a published address: it lets a host that asks whether the address is free (RFC 5227 section
 * 2.1.1) take it, and says nothing when one claims it. Defended once in DEFEND_INTERVAL, and for ever (section 2.4 (c)). IPv6:
 * the kernel answers duplicate address detection itself. */

#ifndef ARPD_DEFENCE_H
#define ARPD_DEFENCE_H

#include "arpd/publisher.h"

/* A packet of somebody else's has come in by this interface; wire_handler's functions, ctx is the publisher. */
void defence_hear_arp(void *ctx, int interface, const struct arp_packet *packet);
void defence_hear_nd(void *ctx, int interface, const struct nd_packet *packet);

#endif
