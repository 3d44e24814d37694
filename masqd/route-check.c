/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "masqd/publish.h"
#include "masqd/route-check.h"

__attribute__((format(printf, 2, 3))) static int because(char reason[ROUTE_REASON_MAX], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, ROUTE_REASON_MAX, format, arguments);
	va_end(arguments);
	return -EACCES;
}

/* A part of a LAN's network may be behind a client if the LAN is told so. */
static int check_network(const struct gateway *gw, const struct policy *policy, const struct prefix *route, const struct link *link,
			 const struct link_address *own, char reason[ROUTE_REASON_MAX])
{
	struct prefix network = prefix_of(own->address, own->length);
	const struct lan *lan = conf_find_lan(gw->conf, link->name);
	struct range all = prefix_range(&network);

	if (prefix_contains(route, own->address))
		return because(reason, "has an address of the gateway's own");
	if (own->length == 32 || !prefix_overlaps(route, &network))
		return 0;
	if (!policy->proxy_arp || !lan || !lan->proxy_arp || !lan_list_has(&policy->lans, lan->interface) || route->length <= network.length)
		return because(reason, "overlaps with the network of interface %s", link->name);
	if (route->length < 32 && (UINT32_MAX >> route->length) >= PUBLISH_ROUTE_MAX)
		return because(reason, "is in the network of interface %s and has more than %d addresses to publish", link->name,
			       PUBLISH_ROUTE_MAX);
	/* With all bits zero too (RFC 1122 section 3.3.6). */
	if (prefix_contains(route, all.last) || prefix_contains(route, all.first))
		return because(reason, "has the broadcast address of interface %s", link->name);
	return 0;
}

static int check_links(const struct gateway *gw, const struct session *s, const struct policy *policy, const struct prefix *route,
		       char reason[ROUTE_REASON_MAX])
{
	int rc = 0;

	for (const struct link *link = links_next(gw->links, NULL); link && !rc; link = links_next(gw->links, link))
		for (unsigned i = 0; link->ifindex != s->ifindex && i < link->address_count && !rc; i++)
			rc = check_network(gw, policy, route, link, &link->addresses[i], reason);
	return rc;
}

static bool routes_of(const struct session *s)
{
	return s->policy && s->type != SESSION_NETWORK && s->type != SESSION_HOST;
}

static int check_sessions(const struct gateway *gw, const struct session *s, const struct prefix *route, char reason[ROUTE_REASON_MAX])
{
	struct session *other, *next;

	session_each(&gw->sessions, other, next) {
		if (other == s)
			continue;
		if (other->address.address.s_addr && prefix_overlaps(route, &other->address))
			return because(reason, "has the address of session #%u", other->serial);
		for (unsigned i = 0; routes_of(other) && i < other->policy->routes.count; i++)
			if (prefix_overlaps(route, &other->policy->routes.prefixes[i]))
				return because(reason, "is behind session #%u", other->serial);
	}
	return 0;
}

int route_check(const struct gateway *gw, const struct session *s, const struct policy *policy, char reason[ROUTE_REASON_MAX])
{
	char why[ROUTE_REASON_MAX], text[ADDR_TEXT_MAX];
	const char *objection;
	int rc = 0;

	for (unsigned i = 0; i < policy->routes.count && !rc; i++) {
		const struct prefix *route = &policy->routes.prefixes[i];

		objection = conf_route_objection(gw->conf, policy, route);
		rc = objection ? because(why, "%s", objection) : 0;
		if (!rc)
			rc = check_links(gw, s, policy, route, why);
		if (!rc)
			rc = check_sessions(gw, s, route, why);
		if (rc)
			because(reason, "route %s %.80s", prefix_text(route, text), why);
	}
	return rc;
}
