/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A client's address of IPv6: the prefix of its policy's pool, and the interface identifier that IPv6CP has negotiated (RFC 5072).
 * It is what the client makes for itself of the prefix in a router advertisement (RFC 4862 section 5.5.3). */

#ifndef MASQD_ADDRESS6_H
#define MASQD_ADDRESS6_H

#include "masqd/gateway.h"

/* The line's IPv6CP is up with these link-local addresses; or, if both are ::, down. The caller tells the gateway. */
void address6_set_line(struct session *s, const struct in6_addr *local6, const struct in6_addr *peer6);

/* The kernel remembers that the session had this address. */
void address6_on_remembered(void *ctx, unsigned ifindex, const struct in6_addr *address6, uint32_t serial);

/* Settles which address the session has now: a fact for the decision. One that is somebody else's, or the gateway's own, it does
 * not get, which is logged; what it has of IPv4 stays. */
void address6_settle(struct gateway *gw, struct session *s);

/* A session has ended: whoever was refused its address gets it. */
void address6_give(struct gateway *gw);

/* What else follows from a new grant: connections of a former address, or of another translation, are flushed. */
void address6_follow(struct gateway *gw, const struct session *s, const struct grant *had);

/* Does a policy want IPv6, and the kernel forwards none (net.ipv6.conf.all.forwarding)? */
bool address6_is_not_forwarded(const struct gateway *gw);

#endif
