/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Towards a line the qdisc counts, everywhere else the element of the limit. */

#include "config.h"

#include <string.h>

#include "lib/log.h"
#include "masqd/drops.h"

static struct session *find(const struct session_table *sessions, const struct dropped *dropped)
{
	if (dropped->serial)
		return session_find(sessions, dropped->serial);
	if (dropped->address.s_addr)
		return session_find_host(sessions, dropped->ifindex, dropped->address);
	return session_find_ifindex(sessions, dropped->ifindex);
}

static void on_dropped(void *ctx, const struct dropped *dropped)
{
	struct session *s = find(ctx, dropped);

	if (s && dropped->is_down)
		s->drops_down = dropped->packets;
	else if (s)
		s->drops_up = dropped->packets;
}

void drops_count(struct gateway *gw)
{
	struct session *s, *next;
	int rc = elements_each_dropped(gw->elements, on_dropped, &gw->sessions);

	if (rc)
		log_warn("cannot count what was dropped: %s", strerror(-rc));
	session_each(&gw->sessions, s, next)
		if (s->grant.rate_down && !s->grant.is_host && !s->grant.is_network)
			shaper_drops(gw->shaper, s->ifindex, &s->drops_down);
}
