/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/ip.h"
#include "masqd/links6.h"
#include "masqd/publish.h"

static bool reaches(const struct link *link, const struct in6_addr *address)
{
	return ip_is_v4(address) ? link_reaches(link, ip_to_v4(address)) : links6_reaches(link, address);
}

/* The named ones, or all LANs whose network has it. */
static json_t *choose_interfaces(const struct gateway *gw, const struct lan_interfaces *named, const struct in6_addr *address)
{
	json_t *interfaces = json_array();

	for (unsigned i = 0; i < LAN_LIST_MAX && named->names[i][0]; i++)
		json_array_append_new(interfaces, json_string(named->names[i]));
	for (unsigned i = 0; i < gw->conf->lan_count && !named->names[0][0]; i++) {
		const struct lan *lan = &gw->conf->lans[i];
		const struct link *link = links_find_name(gw->links, lan->interface);

		if (lan->proxy_arp && link && reaches(link, address))
			json_array_append_new(interfaces, json_string(lan->interface));
	}
	return interfaces;
}

json_t *publish_interfaces(const struct gateway *gw, const struct policy *policy, struct in_addr address)
{
	struct lan_interfaces named = lan_list_interfaces(&policy->lans);
	struct in6_addr mapped = ip_from_v4(address);
	json_t *interfaces = choose_interfaces(gw, &named, &mapped);

	for (size_t i = json_array_size(interfaces); i-- > 0;)
		if (!links_find_name(gw->links, json_string_value(json_array_get(interfaces, i))))
			json_array_remove(interfaces, i);
	return interfaces;
}

/* Where there is no LAN for it, it is withdrawn: perhaps there was one until now. */
static void publish_address(struct gateway *gw, const struct grant *grant, struct in_addr address)
{
	struct in6_addr mapped = ip_from_v4(address);
	json_t *interfaces = choose_interfaces(gw, &grant->lans, &mapped);

	if (json_array_size(interfaces)) {
		arp_publish(gw->arp, address, interfaces);
		return;
	}
	json_decref(interfaces);
	arp_withdraw(gw->arp, address);
}

static void withdraw_address(struct gateway *gw, const struct grant *grant, struct in_addr address)
{
	arp_withdraw(gw->arp, address);
}

static bool is_published(const struct grant *grant, struct in_addr address)
{
	bool is_wanted = grant->address.address.s_addr == address.s_addr;

	for (unsigned i = 0; i < grant->routes.count; i++)
		is_wanted |= prefix_contains(&grant->routes.prefixes[i], address);
	return is_wanted && grant->proxy_arp;
}

/* Each address that the one grant wants on the LANs and the other does not. Large networks are in no LAN's. */
static void each_published(struct gateway *gw, const struct grant *grant, const struct grant *except,
			   void (*act)(struct gateway *gw, const struct grant *grant, struct in_addr address))
{
	if (!grant->proxy_arp)
		return;
	if (!is_published(except, grant->address.address))
		act(gw, grant, grant->address.address);
	for (unsigned i = 0; i < grant->routes.count; i++) {
		struct range range = prefix_range(&grant->routes.prefixes[i]);
		uint32_t first = ntohl(range.first.s_addr), count = ntohl(range.last.s_addr) - first + 1;

		for (uint32_t k = 0; count <= PUBLISH_ROUTE_MAX && k < count; k++) {
			struct in_addr address = { .s_addr = htonl(first + k) };

			if (!is_published(except, address))
				act(gw, grant, address);
		}
	}
}

static bool is_published6(const struct grant *grant)
{
	return grant->ipv6 == IPV6_MODE_PROXY;
}

/* Likewise by IPv6. */
static void publish_address6(struct gateway *gw, const struct grant *grant)
{
	json_t *interfaces = choose_interfaces(gw, &grant->lans, &grant->address6);

	if (json_array_size(interfaces)) {
		arp_publish6(gw->arp, &grant->address6, interfaces);
		return;
	}
	json_decref(interfaces);
	arp_withdraw6(gw->arp, &grant->address6);
}

static void follow6(struct gateway *gw, const struct grant *had, const struct grant *want, bool is_elsewhere)
{
	bool is_same = is_published6(had) && is_published6(want) && ip_equal(&had->address6, &want->address6);

	if (is_published6(had) && !is_same)
		arp_withdraw6(gw->arp, &had->address6);
	if (is_published6(want) && (!is_same || is_elsewhere))
		publish_address6(gw, want);
}

void publish_follow(struct gateway *gw, const struct grant *had, const struct grant *want)
{
	static const struct grant nothing;
	bool is_elsewhere = memcmp(&had->lans, &want->lans, sizeof(had->lans)) != 0;

	each_published(gw, had, want, withdraw_address);
	each_published(gw, want, is_elsewhere ? &nothing : had, publish_address);
	follow6(gw, had, want, is_elsewhere);
}

void publish_replay(struct gateway *gw)
{
	static const struct grant nothing;
	struct session *s, *next;

	session_each(&gw->sessions, s, next) {
		each_published(gw, &s->grant, &nothing, publish_address);
		if (is_published6(&s->grant))
			publish_address6(gw, &s->grant);
	}
}
