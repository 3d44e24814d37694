/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* RTM_GETLINK for one interface at a time: LANs are few, however many lines the gateway has. */

#include "arpd/link.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/netlink.h"

static const struct nla_policy policy[IFLA_MAX + 1] = {
	[IFLA_IFNAME] = { .type = NLA_STRING, .maxlen = IFNAMSIZ },
	[IFLA_AF_SPEC] = { .type = NLA_NESTED },
	[IFLA_LINKINFO] = { .type = NLA_NESTED },
};

/* A value of conf/<interface>/ of one family: IFLA_AF_SPEC { family { kind: array of values } }, the n-th from 0. */
static bool parse_conf(struct nlattr *spec, int family, int kind, size_t n)
{
	struct nlattr *of = spec ? nla_find(nla_data(spec), nla_len(spec), family) : NULL;
	struct nlattr *conf = of ? nla_find(nla_data(of), nla_len(of), kind) : NULL;
	uint32_t value;

	if (!conf || (size_t)nla_len(conf) < (n + 1) * sizeof(value))
		return false;
	memcpy(&value, (const char *)nla_data(conf) + n * sizeof(value), sizeof(value));
	return value != 0;
}

/* IFLA_LINKINFO { IFLA_INFO_SLAVE_KIND }: a master that takes the packets away, as bridges do and a VRF does not. */
static bool parse_is_port(struct nlattr *info)
{
	struct nlattr *kind = info ? nla_find(nla_data(info), nla_len(info), IFLA_INFO_SLAVE_KIND) : NULL;

	return kind && nla_strcmp(kind, "vrf") != 0;
}

static void on_link(void *ctx, struct nlmsghdr *header)
{
	struct link *link = ctx;
	struct ifinfomsg *info = nlmsg_data(header);
	struct nlattr *attributes[IFLA_MAX + 1];

	if (header->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse(header, sizeof(*info), attributes, IFLA_MAX, (struct nla_policy *)policy) < 0)
		return;
	link->index = info->ifi_index;
	link->is_up = info->ifi_flags & IFF_UP;
	link->is_ethernet = info->ifi_type == ARPHRD_ETHER && !(info->ifi_flags & IFF_NOARP);
	link->has_carrier = info->ifi_flags & IFF_RUNNING;
	link->is_port = attributes[IFLA_MASTER] && parse_is_port(attributes[IFLA_LINKINFO]);
	/* The constants of IPv4 begin with 1, those of IPv6 with 0. */
	link->is_forwarding = parse_conf(attributes[IFLA_AF_SPEC], AF_INET, IFLA_INET_CONF, IPV4_DEVCONF_FORWARDING - 1);
	link->is_forwarding6 = parse_conf(attributes[IFLA_AF_SPEC], AF_INET6, IFLA_INET6_CONF, DEVCONF_FORWARDING);
	link->has_proxy_ndp = parse_conf(attributes[IFLA_AF_SPEC], AF_INET6, IFLA_INET6_CONF, DEVCONF_PROXY_NDP);
	if (attributes[IFLA_IFNAME])
		nla_strlcpy(link->name, attributes[IFLA_IFNAME], sizeof(link->name));
	if (attributes[IFLA_ADDRESS] && nla_len(attributes[IFLA_ADDRESS]) == ETH_ALEN)
		memcpy(link->mac, nla_data(attributes[IFLA_ADDRESS]), ETH_ALEN);
}

int link_get(struct nl_sock *sock, const char *name, int index, struct link *link)
{
	struct ifinfomsg info = { .ifi_index = name ? 0 : index };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, NLM_F_REQUEST);
	int rc = -ENOMEM;

	memset(link, 0, sizeof(*link));
	if (!msg || nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) < 0 || (name && nla_put_string(msg, IFLA_IFNAME, name) < 0))
		goto out;
	rc = netlink_request(sock, msg, on_link, link);
	if (!rc && !link->index)
		rc = -ENODEV;
out:
	nlmsg_free(msg);
	return rc;
}

static void on_address(void *ctx, struct nlmsghdr *header)
{
	struct link *link = ctx;
	struct ifaddrmsg *message = nlmsg_data(header);
	struct nlattr *attributes[IFA_MAX + 1];

	if (header->nlmsg_type != RTM_NEWADDR || nlmsg_parse(header, sizeof(*message), attributes, IFA_MAX, NULL) < 0)
		return;
	if (message->ifa_family == AF_INET6 && (int)message->ifa_index == link->index && message->ifa_scope == RT_SCOPE_LINK &&
	    attributes[IFA_ADDRESS] && nla_len(attributes[IFA_ADDRESS]) == sizeof(link->link_local))
		memcpy(&link->link_local, nla_data(attributes[IFA_ADDRESS]), sizeof(link->link_local));
}

void link_get_local(struct nl_sock *sock, struct link *link)
{
	struct ifaddrmsg message = { .ifa_family = AF_INET6, .ifa_index = (unsigned)link->index };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP);

	if (msg && nlmsg_append(msg, &message, sizeof(message), NLMSG_ALIGNTO) == 0)
		netlink_request(sock, msg, on_address, link);
	nlmsg_free(msg);
}

static void on_netconf(void *ctx, struct nlmsghdr *header)
{
	struct nlattr *attributes[NETCONFA_MAX + 1];

	if (header->nlmsg_type == RTM_NEWNETCONF &&
	    nlmsg_parse(header, sizeof(struct netconfmsg), attributes, NETCONFA_MAX, NULL) == 0 && attributes[NETCONFA_PROXY_NEIGH])
		*(bool *)ctx = netlink_u32(attributes[NETCONFA_PROXY_NEIGH]) != 0;
}

bool link_all_proxy_ndp(struct nl_sock *sock)
{
	struct netconfmsg message = { .ncm_family = AF_INET6 };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETNETCONF, NLM_F_REQUEST);
	bool is_on = false;

	if (msg && nlmsg_append(msg, &message, sizeof(message), NLMSG_ALIGNTO) == 0 &&
	    nla_put_u32(msg, NETCONFA_IFINDEX, (uint32_t)NETCONFA_IFINDEX_ALL) == 0)
		netlink_request(sock, msg, on_netconf, &is_on);
	nlmsg_free(msg);
	return is_on;
}

bool link_parse_notice(struct nlmsghdr *header, int *index, char name[IFNAMSIZ], bool *has_carrier)
{
	struct ifinfomsg *info = nlmsg_data(header);
	struct nlattr *attributes[IFLA_MAX + 1];

	if (header->nlmsg_type != RTM_NEWLINK && header->nlmsg_type != RTM_DELLINK)
		return false;
	if (nlmsg_parse(header, sizeof(*info), attributes, IFLA_MAX, (struct nla_policy *)policy) < 0)
		return false;
	*index = info->ifi_index;
	*has_carrier = info->ifi_flags & IFF_RUNNING;
	name[0] = '\0';
	if (attributes[IFLA_IFNAME])
		nla_strlcpy(name, attributes[IFLA_IFNAME], IFNAMSIZ);
	return true;
}
