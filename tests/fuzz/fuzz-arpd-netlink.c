/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masq-arpd's readers of netlink messages, with the input as the kernel (tests/fuzz/kernel.h). The first byte chooses the reader.
 * Nothing is read behind a message's end, however short or odd it is, and what comes out is what the caller may rely on. */

#include "config.h"

#include <event2/event.h>

#include "arpd/link.h"
#include "arpd/neighbour.h"
#include "arpd/route.h"
#include "lib/netlink.h"
#include "tests/fuzz/kernel.h"

static struct event_base *base;
static struct nl_sock *sock;

/* What arpd/arpd.c asks of every notification. */
static void on_notice(void *ctx, struct nlmsghdr *header)
{
	struct ip_prefix destination;
	char name[IFNAMSIZ] = "";
	bool has_carrier;
	int index = 0;

	(void)ctx;
	if (link_parse_notice(header, &index, name, &has_carrier))
		must(strlen(name) < sizeof(name));
	if (route_parse_notice(header, &destination))
		must(destination.length <= 128);
}

static void nothing(void *ctx)
{
	(void)ctx;
}

static void try_notices(void)
{
	static const struct netlink_monitor_handler handler = { .on_message = on_notice, .on_overrun = nothing };
	static const int groups[] = { 0 };
	struct netlink_monitor *monitor;

	must(netlink_monitor_open(&monitor, base, NETLINK_ROUTE, groups, &handler) == 0);
	kernel_notify();
	netlink_monitor_close(monitor);
}

static void try_link(void)
{
	struct link link;

	if (link_get(sock, "eth0", 0, &link) == 0)
		must(link.index && strlen(link.name) < sizeof(link.name));
	link_get_local(sock, &link);
	link_all_proxy_ndp(sock);
	try_notices();
}

static void on_result(void *ctx, const struct neighbour_change *change, int rc)
{
	must(change->interface == 5);
	*(unsigned *)ctx += 1;
}

static void try_neighbours(void)
{
	static char data;
	struct in6_addr address = { .s6_addr = { 0x20, 1, 0xd, 0xb8 } };
	struct neighbour_batch batch = { 0 };
	struct neighbour *found = NULL;
	unsigned char mac[6];
	unsigned results = 0;
	size_t count = 0;

	if (neighbour_list(sock, &found, &count) == 0)
		for (size_t i = 0; i + 1 < count; i++)
			neighbour_compare(&found[i], &found[i + 1]);
	free(found);
	neighbour_knows(sock, 5, &address, mac);
	must(neighbour_add(&batch, 5, &address, &data) && neighbour_del(&batch, 5, &address));
	neighbour_run(&batch, sock, on_result, &results);
	must(results == 2 && batch.count == 0);
	neighbour_batch_free(&batch);
}

static void try_delay(void)
{
	uint64_t delay_ms;

	neighbour_get_delay(sock, AF_INET, 5, &delay_ms);
	neighbour_get_delay(sock, AF_INET6, 0, &delay_ms);
	neighbour_set_delay(sock, AF_INET, 5, 0);
}

static void try_route(void)
{
	struct in6_addr address = ip_from_v4((struct in_addr){ 0x0100000a });
	struct route route;

	route_get(sock, &address, &route);
	try_notices();
}

/* By the first byte, from 'A' on. */
static void (*const tries[])(void) = { try_link, try_neighbours, try_delay, try_route };
enum { TRIES = sizeof(tries) / sizeof(tries[0]) };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (!base) {
		base = event_base_new();
		sock = netlink_request_open(NETLINK_ROUTE);
	}
	must(base && sock);
	kernel_begin(data + 1, size - 1);
	tries[(unsigned char)(data[0] - 'A') % TRIES]();
	return 0;
}
