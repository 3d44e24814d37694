/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "masqd/lookup.h"
#include "masqd/translation.h"

int translation_assign(struct gateway *gw, struct session *s)
{
	struct public public = { 0 };
	int rc = 0;

	if (public_fits(&s->public, s->policy))
		return 0;
	translation_leave(gw, s, s->grant.is_open);
	if (s->policy->nat != NAT_NONE)
		rc = public_choose(gw->publics, s->policy, s->serial, s->user, s->address.address, &public);
	if (rc)
		public = (struct public){ 0 };
	s->public = public;
	return rc;
}

void translation_leave(struct gateway *gw, const struct session *s, bool had_flows)
{
	public_leave(gw->publics, s->serial);
	if (!had_flows)
		public_release(gw->publics, s->serial);
}

static bool is_translated_alike(const struct grant *a, const struct grant *b)
{
	return a->nat == b->nat && a->snat_address.s_addr == b->snat_address.s_addr && a->port_first == b->port_first &&
	       a->port_last == b->port_last;
}

void translation_follow(struct gateway *gw, const struct session *s, const struct grant *had)
{
	struct in_addr address = s->grant.snat_address;
	char text[ADDR_TEXT_MAX];
	const char *hint;

	if (had->is_open && s->grant.is_open && s->grant.nat != NAT_NONE && !is_translated_alike(had, &s->grant))
		conntrack_flush_later(gw->conntrack, s->serial);
	if (!address.s_addr || address.s_addr == had->snat_address.s_addr || !translation_is_stranded(gw, address, &hint))
		return;
	log_warn("%s: nothing of it can leave: %s is not an uplink's\nhint: %s", session_text(s), addr_text(address, text), hint);
}

void translation_recover(struct gateway *gw)
{
	struct session *s, *next;

	/* What is in force comes before what may have to be changed. */
	session_each(&gw->sessions, s, next)
		public_claim(gw->publics, s->serial, &s->public);
	session_each(&gw->sessions, s, next) {
		struct public had = s->public;

		s->grant.is_open = true;	/* the kernel has it, and its flows */
		if (translation_assign(gw, s)) {
			log_info("%s: closed: " TRANSLATION_EXHAUSTED, session_text(s));
			conntrack_flush_later(gw->conntrack, s->serial);
			session_free(&gw->sessions, s);
			continue;
		}
		if (memcmp(&had, &s->public, sizeof(had)) != 0)
			conntrack_flush_later(gw->conntrack, s->serial);
		s->grant = gateway_decide(gw, s);
	}
}

/* The first address of an uplink: the others are there to be chosen. */
static struct in_addr uplink_address(const struct gateway *gw, const struct uplink *uplink)
{
	const struct link *link = links_find_name(gw->links, uplink->interface);

	return link && link->address_count ? link->addresses[0].address : (struct in_addr){ 0 };
}

bool translation_is_uplink_address(void *ctx, struct in_addr address)
{
	const struct gateway *gw = ctx;

	for (unsigned i = 0; i < gw->conf->uplink_count; i++)
		if (uplink_address(gw, &gw->conf->uplinks[i]).s_addr == address.s_addr)
			return true;
	return false;
}

const struct uplink *translation_uplink(const struct gateway *gw, const struct policy *policy)
{
	const struct link *link = links_find(gw->links, uplinks_ifindex(gw->uplinks, policy->uplinks.id));

	return link ? conf_find_uplink(gw->conf, link->name) : NULL;
}

struct in_addr translation_address(const struct gateway *gw, const struct session *s)
{
	const struct uplink *uplink = translation_uplink(gw, s->policy);
	struct in_addr address = s->grant.snat_address;

	if (!s->grant.is_open || s->grant.nat == NAT_NONE)
		return (struct in_addr){ 0 };
	if (!address.s_addr && uplink)
		address = uplink_address(gw, uplink);
	/* Without a default route, whatever a more specific one leads to. */
	for (unsigned i = 0; !s->grant.route_mark && !address.s_addr && i < gw->conf->uplink_count; i++)
		address = uplink_address(gw, &gw->conf->uplinks[i]);
	return address;
}

bool translation_is_stranded(const struct gateway *gw, struct in_addr address, const char **hint)
{
	static char command[64];
	char text[ADDR_TEXT_MAX];
	bool is_stranded = false;

	for (unsigned i = gw->conf->uplink_count; i-- > 0;) {
		const struct link *link = links_find_name(gw->links, gw->conf->uplinks[i].interface);

		/* An uplink that is down has no address, and that is said already. */
		if (!link || !link->is_up)
			continue;
		if (lookup_local(address, link->ifindex) == 0)
			return false;
		snprintf(command, sizeof(command), "ip route add local %s dev %s", addr_text(address, text), link->name);
		is_stranded = true;
	}
	*hint = command;
	return is_stranded;
}
