/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What of a grant is found on the LANs, by masq-arpd: the client's address, and the addresses of networks behind it. */

#ifndef MASQD_PUBLISH_H
#define MASQD_PUBLISH_H

#include "masqd/gateway.h"

/* Of a LAN's network a part of so many addresses may be behind a client: each is published for itself. */
enum { PUBLISH_ROUTE_MAX = 256 };

/* A session's grant has changed; either may be the zero grant. */
void publish_follow(struct gateway *gw, const struct grant *had, const struct grant *want);

/* The LANs that are there on which an address of this policy's would be published; a new array of names. */
json_t *publish_interfaces(const struct gateway *gw, const struct policy *policy, struct in_addr address);

/* Everything again: a LAN has changed, or masq-arpd is back. */
void publish_replay(struct gateway *gw);

#endif
