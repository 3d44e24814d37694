/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "masqd/links6.h"

/* On a point-to-point link IFA_LOCAL is ours; elsewhere there is none. */
static bool read_address(struct nlmsghdr *header, struct link_address6 *address)
{
	const struct ifaddrmsg *info = nlmsg_data(header);
	struct nlattr *own = nlmsg_find_attr(header, sizeof(*info), IFA_LOCAL);

	if (!own)
		own = nlmsg_find_attr(header, sizeof(*info), IFA_ADDRESS);
	if (info->ifa_family != AF_INET6 || info->ifa_prefixlen > 128 || !own || nla_len(own) != sizeof(address->address))
		return false;
	memcpy(&address->address, nla_data(own), sizeof(address->address));
	address->length = info->ifa_prefixlen;
	return !IN6_IS_ADDR_LINKLOCAL(&address->address);
}

static struct link_address6 *find(const struct link *link, const struct in6_addr *address)
{
	for (unsigned i = 0; i < link->address6_count; i++)
		if (ip_equal(&link->addresses6[i].address, address))
			return &link->addresses6[i];
	return NULL;
}

bool links6_note(struct link *link, struct nlmsghdr *header)
{
	struct link_address6 address, *known, *all;

	if (!read_address(header, &address))
		return false;
	known = find(link, &address.address);
	if (header->nlmsg_type == RTM_DELADDR) {
		if (known)
			*known = link->addresses6[--link->address6_count];
		return known;
	}
	if (known && known->length == address.length)
		return false;
	if (known) {
		*known = address;
		return true;
	}
	all = realloc(link->addresses6, (link->address6_count + 1) * sizeof(*all));
	if (!all)
		return false;
	link->addresses6 = all;
	link->addresses6[link->address6_count++] = address;
	return true;
}

const struct link *links6_find_own(const struct links *links, const struct in6_addr *address)
{
	for (const struct link *link = links_next(links, NULL); link; link = links_next(links, link))
		if (find(link, address))
			return link;
	return NULL;
}

bool links6_reaches(const struct link *link, const struct in6_addr *address)
{
	for (unsigned i = 0; i < link->address6_count; i++) {
		struct ip_prefix network = ip_prefix_of(&link->addresses6[i].address, link->addresses6[i].length);

		if (ip_prefix_contains(&network, address))
			return true;
	}
	return false;
}
