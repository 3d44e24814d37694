/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "arpd/hearing.h"

#include <arpa/inet.h>
#include <string.h>
#include <utlist.h>

#include "lib/log.h"

void hearing_add(struct publisher *publisher, const struct in6_addr *address)
{
	struct in_addr v4 = ip_to_v4(address);
	bool is_heard = publisher->heard_first.s_addr && ntohl(publisher->heard_first.s_addr) <= ntohl(v4.s_addr) &&
			ntohl(v4.s_addr) <= ntohl(publisher->heard_last.s_addr);

	if (ip_is_v4(address) ? is_heard : publisher->hears_nd)
		return;
	publisher_flush_soon(publisher);
	publisher->is_deaf = true;
	if (!ip_is_v4(address)) {
		publisher->hears_nd = true;
		return;
	}
	if (!publisher->heard_first.s_addr || ntohl(v4.s_addr) < ntohl(publisher->heard_first.s_addr))
		publisher->heard_first = v4;
	if (ntohl(v4.s_addr) > ntohl(publisher->heard_last.s_addr))
		publisher->heard_last = v4;
}

void hearing_now(struct publisher *publisher)
{
	int rc = wire_listen(publisher->wire, publisher->heard_first, publisher->heard_last, publisher->hears_nd);

	publisher->is_deaf = false;
	if (rc)
		log_warn("cannot listen: %s", strerror(-rc));
}

void hearing_renew(struct publisher *publisher)
{
	const struct lan *lan;
	const struct entry *entry;

	prober_range(publisher->prober, &publisher->heard_first, &publisher->heard_last, &publisher->hears_nd);
	LL_FOREACH(publisher->table.lans, lan) {
		for (entry = lan->entries; entry; entry = entry->hh.next)
			if (entry->is_installed)
				hearing_add(publisher, &entry->address);
	}
	hearing_now(publisher);
}
