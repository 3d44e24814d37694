/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <string.h>

#include "lib/log.h"
#include "lib/text.h"
#include "masqd/translation.h"
#include "masqd/who.h"

struct search {
	struct gateway *gw;
	int protocol;
	json_t *owners;
};

static json_t *address_or_null(struct in_addr address)
{
	char text[ADDR_TEXT_MAX];

	return address.s_addr ? json_string(addr_text(address, text)) : json_null();
}

/* A session; NULL for the gateway itself. */
static void add_owner(struct search *search, const struct session *s, const char *by)
{
	json_t *json = json_object();
	char address[ADDR_TEXT_MAX];

	json_object_set_new(json, "by", json_string(by));
	json_object_set_new(json, "serial", s ? json_integer(s->serial) : json_null());
	json_object_set_new(json, "type", s ? json_string(session_type_text(s->type)) : json_null());
	json_object_set_new(json, "user", text_json(s ? s->user : NULL));
	json_object_set_new(json, "user_hex", text_json_hex(s ? s->user : NULL));
	json_object_set_new(json, "caller", text_json(s ? s->caller : NULL));
	json_object_set_new(json, "tty", text_json(s ? s->tty : NULL));
	json_object_set_new(json, "ifname", text_json(s ? s->ifname : NULL));
	json_object_set_new(json, "policy", text_json(s ? s->policy->name : NULL));
	json_object_set_new(json, "nat", s ? json_string(nat_mode_text(s->grant.nat)) : json_null());
	json_object_set_new(json, "address", s ? json_string(prefix_text(&s->address, address)) : json_null());
	json_object_set_new(json, "public", s ? address_or_null(translation_address(search->gw, s)) : json_null());
	json_object_set_new(json, "ports", s && s->grant.port_first ? json_sprintf("%u-%u", s->grant.port_first, s->grant.port_last) :
								       json_null());
	json_object_set_new(json, "started", s ? json_integer(s->started) : json_null());
	json_object_set_new(json, "ended", json_null());
	json_array_append_new(search->owners, json);
}

static bool is_listed(const struct search *search, uint32_t serial)
{
	const json_t *owner;
	size_t i;

	json_array_foreach(search->owners, i, owner)
		if (json_integer_value(json_object_get(owner, "serial")) == serial)
			return true;
	return false;
}

static void on_flow(void *ctx, const struct conntrack_flow *flow)
{
	struct search *search = ctx;
	const struct session *s = session_find(&search->gw->sessions, flow->mark);

	if (search->protocol && search->protocol != flow->protocol)
		return;
	/* Flows of one that is no more are about to be deleted; those without a mark are not a client's. */
	if ((s || !flow->mark) && !is_listed(search, flow->mark))
		add_owner(search, s, "connection");
}

static bool is_uplinks(const struct gateway *gw, struct in_addr address)
{
	for (unsigned i = 0; i < gw->conf->uplink_count; i++) {
		const struct link *link = links_find_name(gw->links, gw->conf->uplinks[i].interface);

		if (link && link_has(link, address))
			return true;
	}
	return false;
}

static bool has_blocks(int protocol)
{
	return !protocol || protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_ICMP;
}

/* A client that is not translated is who it is; a network's host rather than the network. */
static const struct session *find_routed(const struct gateway *gw, struct in_addr address)
{
	struct session *s, *next, *found = NULL;

	session_each(&gw->sessions, s, next)
		if (s->grant.is_open && s->grant.nat == NAT_NONE && prefix_contains(&s->address, address) &&
		    (!found || s->address.length > found->address.length))
			found = s;
	return found;
}

json_t *who(struct gateway *gw, struct in_addr address, unsigned port, int protocol)
{
	struct search search = { .gw = gw, .protocol = protocol, .owners = json_array() };
	uint32_t serial = has_blocks(protocol) ? public_find(gw->publics, address, port) : 0;
	const struct session *s;
	int rc;

	if (!serial && has_blocks(protocol) && is_uplinks(gw, address))
		serial = public_find(gw->publics, (struct in_addr){ 0 }, port);
	s = session_find(&gw->sessions, serial);
	if (s)
		add_owner(&search, s, "block");
	s = find_routed(gw, address);
	if (s)
		add_owner(&search, s, "address");
	rc = conntrack_each_public(gw->conntrack, address, port, on_flow, &search);
	if (rc)
		log_warn("cannot look through the connections: %s", strerror(-rc));
	return search.owners;
}
