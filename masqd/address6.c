/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "masqd/address6.h"
#include "masqd/links6.h"
#include "masqd/lookup.h"

/* An address of this one's prefix and that one's interface identifier. */
static struct in6_addr join(const struct in6_addr *prefix, const struct in6_addr *identifier)
{
	struct in6_addr address = *prefix;

	memcpy(&address.s6_addr[8], &identifier->s6_addr[8], 8);
	return address;
}

void address6_set_line(struct session *s, const struct in6_addr *local6, const struct in6_addr *peer6)
{
	s->local6 = *local6;
	s->peer6 = *peer6;
	s->refused6 = in6addr_any;
}

void address6_on_remembered(void *ctx, unsigned ifindex, const struct in6_addr *address6, uint32_t serial)
{
	static const struct in6_addr link_local = { .s6_addr = { 0xfe, 0x80 } };
	struct gateway *gw = ctx;
	struct session *s = session_find(&gw->sessions, serial);

	if (s && s->ifindex == ifindex)
		s->peer6 = join(&link_local, address6);
}

/* All routers of the subnet (RFC 4291 section 2.6.1), and other reserved anycast identifiers (RFC 5453 section 3, RFC 2526). */
static bool is_anycast(const struct in6_addr *address)
{
	static const unsigned char zeros[8], reserved[7] = { 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	return memcmp(&address->s6_addr[8], zeros, 8) == 0 ||
	       (memcmp(&address->s6_addr[8], reserved, 7) == 0 && address->s6_addr[15] >= 0x80);
}

/* The LAN on which a host is known to have the address. */
static const struct lan *find_lan(const struct gateway *gw, const struct in6_addr *address)
{
	for (unsigned i = 0; i < gw->conf->lan_count; i++) {
		const struct link *link = links_find_name(gw->links, gw->conf->lans[i].interface);

		if (link && links6_reaches(link, address) && lookup_neighbour6(address, link->ifindex) == 0)
			return &gw->conf->lans[i];
	}
	return NULL;
}

/* What is against it; false if nothing is. What the session has already nobody can have taken. */
static bool find_objection(const struct gateway *gw, const struct session *s, const struct in6_addr *address, char reason[64])
{
	const struct session *holder = session_find_address6(&gw->sessions, address);
	const struct lan *lan = gw->is_running && !ip_equal(&s->address6, address) ? find_lan(gw, address) : NULL;

	*reason = '\0';
	if (holder && holder != s)
		snprintf(reason, 64, "in use by session #%u", holder->serial);
	else if (links6_find_own(gw->links, address))
		snprintf(reason, 64, "the gateway's own");
	else if (is_anycast(address))
		snprintf(reason, 64, "an anycast address");
	else if (lan)
		snprintf(reason, 64, "in use on %s", lan->interface);
	return *reason;
}

/* Logged once each time that a line says what it has. */
static bool is_refused(struct gateway *gw, struct session *s, const struct in6_addr *address)
{
	char text[IP_TEXT_MAX], reason[64];

	if (!find_objection(gw, s, address, reason))
		return false;
	if (!ip_equal(&s->refused6, address))
		log_warn("%s: its IPv6 stays closed: address %s is %s", session_text(s), ip_text(address, text), reason);
	s->refused6 = *address;
	gw->has_refused6 = true;
	return true;
}

void address6_settle(struct gateway *gw, struct session *s)
{
	struct in6_addr address = in6addr_any;

	if (s->state != SESSION_ADMITTED && s->policy && s->policy->ipv6 != IPV6_MODE_NO && !IN6_IS_ADDR_UNSPECIFIED(&s->peer6))
		address = join(&s->policy->pool->prefix.address, &s->peer6);
	if (IN6_IS_ADDR_UNSPECIFIED(&address) || !is_refused(gw, s, &address))
		s->refused6 = in6addr_any;
	else
		address = in6addr_any;
	if (!ip_equal(&s->address6, &address))
		session_set_address6(&gw->sessions, s, &address);
}

void address6_give(struct gateway *gw)
{
	struct session *s, *next;

	if (!gw->has_refused6)
		return;
	gw->has_refused6 = false;	/* until somebody is refused again */
	session_each(&gw->sessions, s, next)
		if (!IN6_IS_ADDR_UNSPECIFIED(&s->refused6) && gateway_session_changed(gw, s) == 0 && s->grant.ipv6 != IPV6_MODE_NO &&
		    gw->on_event)
			gw->on_event(gw->ctx, GATEWAY_CHANGED, s, NULL);
}

void address6_follow(struct gateway *gw, const struct session *s, const struct grant *had)
{
	const struct grant *has = &s->grant;
	char text[IP_TEXT_MAX];

	if (had->ipv6 == has->ipv6 && ip_equal(&had->address6, &has->address6))
		return;
	/* With the session all of its connections go. */
	if (had->ipv6 != IPV6_MODE_NO && has->is_open)
		conntrack_flush_ipv6_later(gw->conntrack, s->serial);
	if (has->ipv6 != IPV6_MODE_NO)
		log_info("%s: IPv6 open: %s, %s", session_text(s), ip_text(&has->address6, text), ipv6_mode_text(has->ipv6));
	else if (has->is_open)
		log_info("%s: IPv6 closed", session_text(s));
}

bool address6_is_not_forwarded(const struct gateway *gw)
{
	FILE *file = fopen("/proc/sys/net/ipv6/conf/all/forwarding", "re");
	bool is_wanted = false;
	int forwards = 0;

	if (file && fscanf(file, "%d", &forwards) != 1)
		forwards = 0;
	if (file)
		fclose(file);
	for (unsigned i = 0; i < gw->conf->policy_count; i++)
		is_wanted |= gw->conf->policies[i].ipv6 != IPV6_MODE_NO;
	return is_wanted && !forwards;
}
