/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* RTM_*NEIGHTBL for proxy_delay, which needs CAP_NET_ADMIN where /proc/sys would need root. */

#include "arpd/neighbour.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#include "lib/netlink.h"

struct delay {
	const char *table;
	int interface;
	uint64_t ms;
	bool is_found;
};

static void on_table(void *ctx, struct nlmsghdr *header)
{
	struct delay *delay = ctx;
	struct nlattr *table[NDTA_MAX + 1], *parameters[NDTPA_MAX + 1];
	int interface;

	if (header->nlmsg_type != RTM_NEWNEIGHTBL || nlmsg_parse(header, sizeof(struct ndtmsg), table, NDTA_MAX, NULL) < 0)
		return;
	if (!table[NDTA_NAME] || nla_strcmp(table[NDTA_NAME], delay->table) != 0 || !table[NDTA_PARMS] ||
	    nla_parse_nested(parameters, NDTPA_MAX, table[NDTA_PARMS], NULL) < 0)
		return;
	interface = (int)netlink_u32(parameters[NDTPA_IFINDEX]);
	if (interface == delay->interface && parameters[NDTPA_PROXY_DELAY]) {
		delay->ms = nla_get_u64(parameters[NDTPA_PROXY_DELAY]);
		delay->is_found = true;
	}
}

/* The kernel's names of its neighbour tables. */
static const char *table_of(int family)
{
	return family == AF_INET6 ? "ndisc_cache" : "arp_cache";
}

int neighbour_get_delay(struct nl_sock *sock, int family, int interface, uint64_t *delay_ms)
{
	struct ndtmsg message = { .ndtm_family = (unsigned char)family };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETNEIGHTBL, NLM_F_REQUEST | NLM_F_DUMP);
	struct delay delay = { .table = table_of(family), .interface = interface };
	int rc = -ENOMEM;

	if (msg && nlmsg_append(msg, &message, sizeof(message), NLMSG_ALIGNTO) == 0)
		rc = netlink_request(sock, msg, on_table, &delay);
	nlmsg_free(msg);
	if (rc)
		return rc;
	*delay_ms = delay.ms;
	return delay.is_found ? 0 : -ENODEV;
}

int neighbour_set_delay(struct nl_sock *sock, int family, int interface, uint64_t delay_ms)
{
	struct ndtmsg message = { .ndtm_family = (unsigned char)family };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_SETNEIGHTBL, NLM_F_REQUEST);
	struct nlattr *parameters;
	int rc = -ENOMEM;

	if (!msg || nlmsg_append(msg, &message, sizeof(message), NLMSG_ALIGNTO) < 0 || nla_put_string(msg, NDTA_NAME, table_of(family)) < 0)
		goto out;
	parameters = nla_nest_start(msg, NDTA_PARMS);
	if (!parameters || nla_put_u32(msg, NDTPA_IFINDEX, (uint32_t)interface) < 0 ||
	    nla_put_u64(msg, NDTPA_PROXY_DELAY, delay_ms) < 0)
		goto out;
	nla_nest_end(msg, parameters);
	rc = netlink_request(sock, msg, NULL, NULL);
out:
	nlmsg_free(msg);
	return rc;
}
