/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* rtnetlink(7): RTM_*ROUTE. */

#include "config.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "lib/ip.h"
#include "lib/log.h"
#include "lib/netlink.h"
#include "masqd/framed-route.h"

/* The number that proxy neighbours have, too; no routing daemon's (linux/rtnetlink.h, RTPROT_*). */
enum { PROTOCOL = 77 };

struct route_key {
	struct in6_addr address;
	uint32_t length;	/* as in struct ip_prefix */
	uint32_t ifindex;
};

struct framed_route {
	struct route_key key;
	struct in_addr via;	/* of IPv4 only */
	bool is_there;
	bool is_seen;		/* in the last survey */
	bool is_complained;	/* that it cannot be */
	UT_hash_handle hh;
};

struct framed_routes {
	struct framed_route *wanted;
	struct nl_sock *sock;
	struct netlink_monitor *monitor;
	struct netlink_monitor_handler handler;
	bool is_running;
};

static struct framed_route *find(const struct framed_routes *routes, const struct route_key *key)
{
	struct framed_route *route;

	HASH_FIND(hh, routes->wanted, key, sizeof(*key), route);
	return route;
}

static struct route_key make_key(const struct ip_prefix *prefix, unsigned ifindex)
{
	return (struct route_key){ .address = prefix->address, .length = prefix->length, .ifindex = ifindex };
}

static struct ip_prefix from_v4(const struct prefix *prefix)
{
	return (struct ip_prefix){ .address = ip_from_v4(prefix->address), .length = prefix->length + IP_MAPPED_BITS };
}

static struct nl_msg *new_message(int type, int flags, const struct route_key *key)
{
	bool is_v4 = ip_is_v4(&key->address);
	struct in_addr v4 = ip_to_v4(&key->address);
	struct rtmsg info = {
		.rtm_family = is_v4 ? AF_INET : AF_INET6,
		.rtm_dst_len = is_v4 ? key->length - IP_MAPPED_BITS : key->length,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = PROTOCOL,
		.rtm_scope = type == RTM_NEWROUTE ? RT_SCOPE_UNIVERSE : RT_SCOPE_NOWHERE,
		.rtm_type = RTN_UNICAST,
		.rtm_flags = is_v4 ? RTNH_F_ONLINK : 0,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (msg && !nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) &&
	    !(is_v4 ? nla_put(msg, RTA_DST, sizeof(v4), &v4) : nla_put(msg, RTA_DST, sizeof(key->address), &key->address)) &&
	    !nla_put_u32(msg, RTA_OIF, key->ifindex))
		return msg;
	if (msg)
		nlmsg_free(msg);
	return NULL;
}

static int kernel_add(struct framed_routes *routes, const struct framed_route *route)
{
	struct nl_msg *msg = new_message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route->key);
	int rc = -ENOMEM;

	if (msg && (!ip_is_v4(&route->key.address) || !nla_put(msg, RTA_GATEWAY, 4, &route->via)))
		rc = netlink_request(routes->sock, msg, NULL, NULL);
	if (msg)
		nlmsg_free(msg);
	return rc;
}

/* Deletes by prefix, interface and protocol: never another one. */
static int kernel_del(struct framed_routes *routes, const struct route_key *key)
{
	struct nl_msg *msg = new_message(RTM_DELROUTE, 0, key);
	int rc = msg ? netlink_request(routes->sock, msg, NULL, NULL) : -ENOMEM;

	if (msg)
		nlmsg_free(msg);
	return rc;
}

/* Reads a route of ours; false if it is none. */
static bool read_route(struct nlmsghdr *header, struct route_key *key)
{
	const struct rtmsg *info = nlmsg_data(header);
	struct nlattr *to = nlmsg_find_attr(header, sizeof(*info), RTA_DST);
	struct nlattr *ifindex = nlmsg_find_attr(header, sizeof(*info), RTA_OIF);
	struct in_addr v4;

	if (info->rtm_table != RT_TABLE_MAIN || info->rtm_protocol != PROTOCOL || !to || !ifindex || (info->rtm_flags & RTM_F_CLONED))
		return false;
	*key = (struct route_key){ .length = info->rtm_dst_len, .ifindex = netlink_u32(ifindex) };
	if (info->rtm_family == AF_INET && nla_len(to) == sizeof(v4)) {
		memcpy(&v4, nla_data(to), sizeof(v4));
		key->address = ip_from_v4(v4);
		key->length += IP_MAPPED_BITS;
		return true;
	}
	if (info->rtm_family != AF_INET6 || nla_len(to) != sizeof(key->address))
		return false;
	memcpy(&key->address, nla_data(to), sizeof(key->address));
	return true;
}

struct stray {
	struct route_key key;
	struct stray *next;
};

struct survey {
	struct framed_routes *routes;
	struct stray *strays;	/* ours, and not wanted */
};

static void on_route(void *ctx, struct nlmsghdr *header)
{
	struct survey *survey = ctx;
	struct route_key key;
	struct framed_route *route;
	struct stray *stray;

	if (header->nlmsg_type != RTM_NEWROUTE || !read_route(header, &key))
		return;
	route = find(survey->routes, &key);
	if (route) {
		route->is_seen = true;
		return;
	}
	stray = malloc(sizeof(*stray));
	if (!stray)
		return;
	*stray = (struct stray){ .key = key, .next = survey->strays };
	survey->strays = stray;
}

static int dump(struct survey *survey, int family)
{
	struct rtmsg info = { .rtm_family = family };
	int rc;

	do {
		struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP);

		rc = -ENOMEM;
		if (msg && !nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO))
			rc = netlink_request(survey->routes->sock, msg, on_route, survey);
		if (msg)
			nlmsg_free(msg);
	} while (rc == -EINTR);
	return rc;
}

/* What of ours the kernel has. */
static int take_survey(struct survey *survey)
{
	int rc;

	for (struct framed_route *route = survey->routes->wanted; route; route = route->hh.next)
		route->is_seen = false;
	rc = dump(survey, AF_INET);
	return rc ? rc : dump(survey, AF_INET6);
}

static void end_survey(struct survey *survey)
{
	while (survey->strays) {
		struct stray *stray = survey->strays;

		survey->strays = stray->next;
		free(stray);
	}
}

/* Notes which of the wanted routes are there, and deletes what is ours and not wanted. */
static int look(struct framed_routes *routes)
{
	struct survey survey = { .routes = routes };
	int rc = take_survey(&survey);

	for (struct framed_route *route = routes->wanted; route; route = route->hh.next)
		route->is_there = route->is_seen;
	for (const struct stray *stray = survey.strays; !rc && stray; stray = stray->next)
		kernel_del(routes, &stray->key);
	end_survey(&survey);
	return rc;
}

static void tell_mismatch(enum mismatch_type type, const struct route_key *key, const struct links *links,
			  const struct mismatch_handler *handler)
{
	struct ip_prefix prefix = { .address = key->address, .length = key->length };
	const struct link *link = links_find(links, key->ifindex);
	char text[IP_TEXT_MAX];

	handler->tell(handler->ctx, &(struct mismatch){ .type = type, .object = "route", .name = link ? link->name : "?",
							.key = ip_prefix_text(&prefix, text) });
}

int framed_route_compare(struct framed_routes *routes, const struct links *links, const struct mismatch_handler *handler)
{
	struct survey survey = { .routes = routes };
	int rc = take_survey(&survey);

	for (const struct framed_route *route = routes->wanted; !rc && route; route = route->hh.next) {
		const struct link *link = links_find(links, route->key.ifindex);

		if (!route->is_seen && link && link->is_up)
			tell_mismatch(MISMATCH_MISSING, &route->key, links, handler);
	}
	for (const struct stray *stray = survey.strays; !rc && stray; stray = stray->next)
		tell_mismatch(MISMATCH_EXTRA, &stray->key, links, handler);
	end_survey(&survey);
	return rc;
}

static void complain(struct framed_route *route, int rc)
{
	struct ip_prefix prefix = { .address = route->key.address, .length = route->key.length };
	char text[IP_TEXT_MAX];

	if (!route->is_complained)
		log_warn("cannot route %s to its client: %s", ip_prefix_text(&prefix, text),
			 rc == -EEXIST ? "there is a route to it already" : strerror(-rc));
	route->is_complained = true;
}

static void put(struct framed_routes *routes, struct framed_route *route)
{
	int rc;

	if (!routes->is_running || route->is_there)
		return;
	rc = kernel_add(routes, route);
	/* It may be ours, of before the interface's carrier went, or a stray of ours by another interface, which goes by looking. */
	if (rc == -EEXIST && look(routes) == 0)
		rc = route->is_there ? 0 : kernel_add(routes, route);
	/* An interface that is down or gone is told of when it comes up. */
	if (rc && rc != -ENETDOWN && rc != -ENODEV)
		complain(route, rc);
	route->is_there = !rc;
}

static void want(struct framed_routes *routes, const struct grant *grant, const struct ip_prefix *prefix)
{
	struct framed_route *route = calloc(1, sizeof(*route));

	if (!route) {
		log_warn("cannot route to a client: %s", strerror(ENOMEM));
		return;
	}
	route->key = make_key(prefix, grant->ifindex);
	route->via = grant->address.address;
	HASH_ADD(hh, routes->wanted, key, sizeof(route->key), route);
	put(routes, route);
}

static void unwant(struct framed_routes *routes, const struct grant *grant, const struct ip_prefix *prefix)
{
	struct route_key key = make_key(prefix, grant->ifindex);
	struct framed_route *route = find(routes, &key);

	if (!route)
		return;
	/* First, so that its deletion is not taken for somebody else's. */
	HASH_DEL(routes->wanted, route);
	if (route->is_there)
		kernel_del(routes, &key);
	free(route);
}

/* What a grant wants routed. */
struct wishes {
	struct ip_prefix prefixes[ROUTES_MAX + 1];
	unsigned count;
};

static struct wishes wishes_of(const struct grant *grant)
{
	struct wishes wishes = { .count = grant->routes.count };

	for (unsigned i = 0; i < grant->routes.count; i++)
		wishes.prefixes[i] = from_v4(&grant->routes.prefixes[i]);
	if (grant->ipv6 != IPV6_MODE_NO)
		wishes.prefixes[wishes.count++] = ip_prefix_of(&grant->address6, 128);
	return wishes;
}

static bool asks_for(const struct grant *grant, const struct grant *like, const struct ip_prefix *prefix)
{
	struct wishes wishes = wishes_of(grant);

	if (grant->ifindex != like->ifindex || grant->address.address.s_addr != like->address.address.s_addr)
		return false;
	for (unsigned i = 0; i < wishes.count; i++)
		if (wishes.prefixes[i].length == prefix->length && ip_equal(&wishes.prefixes[i].address, &prefix->address))
			return true;
	return false;
}

void framed_route_replace(struct framed_routes *routes, const struct grant *from, const struct grant *to)
{
	struct wishes had = wishes_of(from), has = wishes_of(to);

	for (unsigned i = 0; i < had.count; i++)
		if (!asks_for(to, from, &had.prefixes[i]))
			unwant(routes, from, &had.prefixes[i]);
	for (unsigned i = 0; i < has.count; i++)
		if (!asks_for(from, to, &has.prefixes[i]))
			want(routes, to, &has.prefixes[i]);
}

int framed_route_sync(struct framed_routes *routes)
{
	struct framed_route *route;
	int rc = look(routes);

	routes->is_running = true;
	for (route = routes->wanted; route; route = route->hh.next)
		put(routes, route);
	return rc;
}

unsigned framed_route_find(const struct framed_routes *routes, struct in_addr address)
{
	struct in6_addr mapped = ip_from_v4(address);

	for (const struct framed_route *route = routes->wanted; route; route = route->hh.next) {
		struct ip_prefix prefix = { .address = route->key.address, .length = route->key.length };

		if (ip_is_v4(&prefix.address) && ip_prefix_contains(&prefix, &mapped))
			return route->key.ifindex;
	}
	return 0;
}

void framed_route_link(struct framed_routes *routes, unsigned ifindex, bool is_up)
{
	struct framed_route *route;

	for (route = routes->wanted; route; route = route->hh.next) {
		if (route->key.ifindex != ifindex)
			continue;
		if (is_up)
			put(routes, route);
		else
			route->is_there = false;
	}
}

static void on_message(void *ctx, struct nlmsghdr *header)
{
	struct framed_routes *routes = ctx;
	struct framed_route *route;
	struct route_key key;

	if (header->nlmsg_type != RTM_DELROUTE || !read_route(header, &key))
		return;
	route = find(routes, &key);
	if (!route || !route->is_there)
		return;
	route->is_there = false;
	put(routes, route);
	if (route->is_there)
		log_warn("a route to a client was deleted by somebody else, and is put back");
}

static void on_overrun(void *ctx)
{
	framed_route_sync(ctx);
}

int framed_route_open(struct framed_routes **out, struct event_base *base)
{
	static const int groups[] = { RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, 0 };
	struct framed_routes *routes = calloc(1, sizeof(*routes));
	int rc = -ENOMEM;

	if (!routes)
		return rc;
	routes->handler = (struct netlink_monitor_handler){ .on_message = on_message, .on_overrun = on_overrun, .ctx = routes };
	routes->sock = netlink_request_open(NETLINK_ROUTE);
	if (routes->sock)
		rc = netlink_monitor_open(&routes->monitor, base, NETLINK_ROUTE, groups, &routes->handler);
	if (rc)
		framed_route_close(routes);
	else
		*out = routes;
	return rc;
}

void framed_route_close(struct framed_routes *routes)
{
	struct framed_route *route, *next;

	if (!routes)
		return;
	netlink_monitor_close(routes->monitor);
	HASH_ITER(hh, routes->wanted, route, next) {
		HASH_DEL(routes->wanted, route);
		free(route);
	}
	if (routes->sock)
		nl_socket_free(routes->sock);
	free(routes);
}
