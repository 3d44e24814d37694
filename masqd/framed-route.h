/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Routes to the networks behind clients, in the kernel's main table: by the client's interface, with the client as next hop;
 * and to the clients' addresses of IPv6, which no pppd routes. They carry our protocol number; a route without it is
 * somebody else's and is never touched. Marked, replayed and swept as everything; put back when somebody deletes them. */

#ifndef MASQD_FRAMED_ROUTE_H
#define MASQD_FRAMED_ROUTE_H

#include <event2/event.h>

#include "masqd/links.h"
#include "masqd/mismatch.h"
#include "masqd/policy.h"

struct framed_routes;

/* 0 or -errno. */
int framed_route_open(struct framed_routes **routes, struct event_base *base);
/* The kernel's routes stay. */
void framed_route_close(struct framed_routes *routes);

/* From now on what the one grant asks for is not wanted, and what the other does is; either may be the zero grant. */
void framed_route_replace(struct framed_routes *routes, const struct grant *from, const struct grant *to);

/* All that is wanted is told: puts in force what is missing, and takes away what is ours and not wanted. Before, nothing is
 * done in the kernel. 0 or -errno. */
int framed_route_sync(struct framed_routes *routes);

/* Tells which of the wanted routes are not there, where the interface is up, and which are and are not wanted. 0 or -errno. */
int framed_route_compare(struct framed_routes *routes, const struct links *links, const struct mismatch_handler *handler);

/* The interface behind which the address is; 0 if behind none. */
unsigned framed_route_find(const struct framed_routes *routes, struct in_addr address);

/* An interface went up or down: with down its routes are gone. */
void framed_route_link(struct framed_routes *routes, unsigned ifindex, bool is_up);

#endif
