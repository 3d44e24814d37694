/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What only the machine knows: an Ethernet uplink's network is full of others' hosts, and a client with an address of it would
 * be one of theirs. */

#include "config.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <string.h>

#include "masqd/conf.h"

static void check_pool(const struct pool *pool, struct conffile *file, const struct uplink *uplink, const struct range *network)
{
	char first[ADDR_TEXT_MAX], last[ADDR_TEXT_MAX], begin[ADDR_TEXT_MAX], end[ADDR_TEXT_MAX];

	for (unsigned i = 0; i < pool->range_count; i++)
		if (ranges_overlap(&pool->ranges[i], network))
			conffile_error(file, pool->line, "pool \"%s\": %s-%s: overlaps with the network of uplink \"%s\" (%s-%s on %s)",
				       pool->name, addr_text(pool->ranges[i].first, first), addr_text(pool->ranges[i].last, last),
				       uplink->name, addr_text(network->first, begin), addr_text(network->last, end), uplink->interface);
}

static bool get_network(const struct ifaddrs *address, struct range *network)
{
	struct in_addr mask;

	if (!address->ifa_addr || address->ifa_addr->sa_family != AF_INET || !address->ifa_netmask)
		return false;
	network->first = ((const struct sockaddr_in *)address->ifa_addr)->sin_addr;
	mask = ((const struct sockaddr_in *)address->ifa_netmask)->sin_addr;
	network->first.s_addr &= mask.s_addr;
	network->last.s_addr = network->first.s_addr | ~mask.s_addr;
	return true;
}

void conf_check_uplinks(const struct conf *conf, struct conffile *file)
{
	struct ifaddrs *addresses = NULL;
	struct range network;

	if (getifaddrs(&addresses))
		return;
	for (const struct ifaddrs *address = addresses; address; address = address->ifa_next) {
		const struct uplink *uplink = conf_find_uplink(conf, address->ifa_name);

		for (unsigned i = 0; uplink && get_network(address, &network) && i < conf->pool_count; i++)
			check_pool(&conf->pools[i], file, uplink, &network);
	}
	freeifaddrs(addresses);
}
