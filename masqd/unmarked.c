/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <string.h>

#include "lib/ip.h"
#include "lib/log.h"
#include "masqd/unmarked.h"

/* A client, a host of a network, or one behind a client. */
static bool is_clients_v4(const struct gateway *gw, struct in_addr address)
{
	if (session_find_address(&gw->sessions, address) || framed_route_find(gw->routes, address))
		return true;
	for (unsigned i = 0; i < gw->conf->network_count; i++)
		if (prefix_contains(&gw->conf->networks[i].prefix, address))
			return true;
	return false;
}

static bool is_clients(const struct gateway *gw, const struct in6_addr *address)
{
	return ip_is_v4(address) ? is_clients_v4(gw, ip_to_v4(address)) : session_find_address6(&gw->sessions, address) != NULL;
}

/* What the gateway itself opens to a client has no mark. */
static bool is_meant(void *ctx, const struct in6_addr *from, const struct in6_addr *to)
{
	const struct gateway *gw = ctx;

	if (ip_is_v4(from) && links_is_own(gw->links, ip_to_v4(from)))
		return false;
	return is_clients(gw, from) || (ip_is_v4(to) && is_clients(gw, to));
}

void unmarked_flush(struct gateway *gw)
{
	int rc = conntrack_flush_unmarked(gw->conntrack, is_meant, gw);

	if (rc)
		log_warn("connections that clients began without rules stay: %s", strerror(-rc));
}
