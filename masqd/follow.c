/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* From links to sessions. */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "masqd/admission.h"
#include "masqd/configured.h"
#include "masqd/follow.h"
#include "masqd/history.h"
#include "masqd/ports.h"
#include "masqd/hosts.h"
#include "masqd/publish.h"

static void follow_serial(struct gateway *gw, const struct serial_line *serial, const struct link *link)
{
	struct session *s = session_find_ifindex(&gw->sessions, link->ifindex);
	struct prefix address = { .address = serial->address, .length = 32 };
	const struct session *holder = session_find_address(&gw->sessions, serial->address);

	if (s && !link->is_up && s->type == SESSION_SERIAL)
		gateway_end(gw, s, "link down");
	if (s || !link->is_up)
		return;
	if (holder)
		log_warn("serial \"%s\": its address is in use by session #%u", serial->name, holder->serial);
	else
		configured_open(gw, SESSION_SERIAL, serial->name, link, &address);
}

static struct session *find_session(struct gateway *gw, const struct network *network, unsigned ifindex)
{
	struct session *s, *next;

	session_each(&gw->sessions, s, next)
		if (s->type == SESSION_NETWORK && s->ifindex == ifindex && prefix_equal(&s->address, &network->prefix))
			return s;
	return NULL;
}

static void follow_network(struct gateway *gw, const struct network *network, const struct link *link)
{
	if (!find_session(gw, network, link->ifindex))
		configured_open(gw, SESSION_NETWORK, network->name, link, &network->prefix);
	hosts_look(gw->hosts);
}

static void follow_configured(struct gateway *gw, const struct link *link)
{
	for (unsigned i = 0; i < gw->conf->serial_count; i++)
		if (strcmp(gw->conf->serials[i].interface, link->name) == 0)
			follow_serial(gw, &gw->conf->serials[i], link);
	for (unsigned i = 0; i < gw->conf->network_count; i++)
		if (strcmp(gw->conf->networks[i].interface, link->name) == 0)
			follow_network(gw, &gw->conf->networks[i], link);
}

/* An uplink or a LAN must forward too, or no answer comes in. */
static void open_shared_interface(struct gateway *gw, const struct link *link)
{
	bool is_shared = conf_find_uplink(gw->conf, link->name) || conf_find_lan(gw->conf, link->name);
	int rc;

	if (!is_shared || link->forwards)
		return;
	rc = links_enable_forwarding(gw->links, link->ifindex);
	if (rc)
		log_warn("cannot enable forwarding on %s: %s", link->name, strerror(-rc));
}

/* Clients and LANs reach forwarded ports by the uplink's address too. */
static void follow_uplink(struct gateway *gw, const struct link *link)
{
	int rc = conf_find_uplink(gw->conf, link->name) ? ports_follow_uplinks(gw) : 0;

	if (rc)
		log_warn("cannot note the addresses of %s: %s", link->name, strerror(-rc));
}

/* A line is no uplink, unless it was one under another name: that has time, since thousands of lines come and go at once. */
static void refresh_uplinks(struct gateway *gw, const struct link *link)
{
	if (conf_is_line(gw->conf, link->name))
		uplinks_refresh_later(gw->uplinks);
	else
		uplinks_refresh(gw->uplinks);
}

static void on_link(void *ctx, const struct link *link)
{
	struct gateway *gw = ctx;
	struct session *s = session_find_ifindex(&gw->sessions, link->ifindex);

	if (!gw->is_running)
		return;
	if (s)
		snprintf(s->ifname, sizeof(s->ifname), "%s", link->name);
	/* The rules judge lines by name: under another one it would be anybody's. */
	if (s && (s->type == SESSION_PPP || s->type == SESSION_SERIAL) && !conf_is_line(gw->conf, link->name))
		gateway_end(gw, s, "its interface's new name does not fit client-interfaces");
	framed_route_link(gw->routes, link->ifindex, link->is_up);
	refresh_uplinks(gw, link);
	egress_lock_follow(gw->egress_lock, link);
	open_shared_interface(gw, link);
	follow_uplink(gw, link);
	follow_configured(gw, link);
	if (conf_find_uplink(gw->conf, link->name))
		history_follow_all(gw);
	if (conf_find_lan(gw->conf, link->name))
		publish_replay(gw);
}

/* A network and its hosts have one interface; for the others there is one each. */
static void end_sessions(struct gateway *gw, unsigned ifindex)
{
	struct session *s = session_find_ifindex(&gw->sessions, ifindex), *next;

	if (s) {
		admission_hung_up(gw, s);
		gateway_end(gw, s, "link-gone");
	}
	if (!gw->conf->network_count)
		return;
	session_each(&gw->sessions, s, next)
		if (s->ifindex == ifindex)
			gateway_end(gw, s, "link-gone");
}

static void on_gone(void *ctx, const struct link *link)
{
	struct gateway *gw = ctx;
	const struct session *s = session_find_ifindex(&gw->sessions, link->ifindex);
	bool is_line = conf_is_line(gw->conf, link->name) && !(s && s->type == SESSION_ATTACHED);

	end_sessions(gw, link->ifindex);
	refresh_uplinks(gw, link);
	if (conf_find_uplink(gw->conf, link->name))
		history_follow_all(gw);
	/* Whether it was ever attached only the kernel knows; mostly it was not, and this fails. */
	if (is_line)
		return;
	elements_begin(gw->elements);
	elements_detach(gw->elements, link->ifindex);
	elements_commit(gw->elements);
}

static void refresh_named(struct gateway *gw, const char *interface)
{
	const struct link *link = links_find_name(gw->links, interface);

	if (link)
		links_refresh(gw->links, link->ifindex);
}

void follow_catch_up(struct gateway *gw)
{
	links_catch_up(gw->links);
	for (unsigned i = 0; i < gw->conf->uplink_count; i++)
		refresh_named(gw, gw->conf->uplinks[i].interface);
	for (unsigned i = 0; i < gw->conf->lan_count; i++)
		refresh_named(gw, gw->conf->lans[i].interface);
}

struct links_handler follow_handler(struct gateway *gw)
{
	return (struct links_handler){ .on_link = on_link, .on_gone = on_gone, .ctx = gw };
}
