/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The methods by which administrators change something. */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/text.h"
#include "masqd/admission.h"
#include "masqd/api-method.h"
#include "masqd/hang-ups.h"

/* Can the session be ended from here? NULL if so, else why not. */
static json_t *kick_objection(const struct session *s)
{
	if (s->state == SESSION_ORPHANED && !s->is_quarantined)
		return json_sprintf("session #%u has not been announced again yet, try again in a second", s->serial);
	if (s->type == SESSION_HOST)
		return json_sprintf("session #%u is a host of a network: it would be there again at once; it ends when it is silent and "
				    "ARP does not find it",
				    s->serial);
	if (s->type == SESSION_SERIAL || s->type == SESSION_NETWORK)
		return json_sprintf("session #%u is configured: take it out of the configuration, or its interface down", s->serial);
	return NULL;
}

void api_on_kick(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	json_t *serials = json_object_get(parameters, "serials"), *item, *objection;
	const char *reason = json_string_value(json_object_get(parameters, "reason"));
	struct session *s;
	size_t i;

	if (!json_is_array(serials)) {
		varlink_error_parameter(call, "serials");
		return;
	}
	links_catch_up(api->gw->links);
	json_array_foreach(serials, i, item) {
		s = api_find_session(api, item);
		objection = s ? kick_objection(s) : NULL;
		if (!s) {
			api_no_session(call, item);
			return;
		}
		if (objection) {
			api_fail(call, objection);
			return;
		}
	}
	json_array_foreach(serials, i, item) {
		s = api_find_session(api, item);
		if (!s)
			continue;
		/* These are its last. */
		if (s->ifindex)
			links_refresh_counters(api->gw->links, s->ifindex);
		gateway_end(api->gw, s, reason ? reason : "ended by the administrator");
	}
	varlink_reply(call, json_object());
}

void api_on_attach(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	struct line line = {
		.ifname = json_string_value(json_object_get(parameters, "ifname")),
		.policy = json_string_value(json_object_get(parameters, "policy")),
		.user = json_string_value(json_object_get(parameters, "user")),
	};
	struct in_addr address;
	char reason[REASON_MAX];
	struct session *s;

	hang_ups_finish(api->hang_ups);
	/* Whoever makes an interface attaches it at once. */
	links_catch_up(api->gw->links);
	if (!line.ifname)
		varlink_error_parameter(call, "ifname");
	else if (!api_get_address(parameters, "address", &address))
		varlink_error_parameter(call, "address");
	else if (admission_attach(api->gw, &line, address, &s, reason))
		api_refuse(call, reason);
	else
		varlink_reply(call, json_pack("{s:I}", "serial", (json_int_t)s->serial));
}

void api_on_detach(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	const char *ifname = json_string_value(json_object_get(parameters, "ifname"));
	const struct link *link;
	struct session *s;
	uint32_t serial;

	links_catch_up(api->gw->links);
	link = ifname ? links_find_name(api->gw->links, ifname) : NULL;
	s = link ? session_find_ifindex(&api->gw->sessions, link->ifindex) : NULL;
	serial = s ? s->serial : 0;
	if (!ifname) {
		varlink_error_parameter(call, "ifname");
	} else if (!s || s->type != SESSION_ATTACHED) {
		varlink_error(call, INTERFACE ".NoSuchInterface", json_pack("{s:s}", "ifname", ifname));
	} else {
		links_refresh_counters(api->gw->links, s->ifindex);
		gateway_end(api->gw, s, "detached");
		varlink_reply(call, json_pack("{s:I}", "serial", (json_int_t)serial));
	}
}

void api_on_reset_quota(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	char *owner = text_from_json(json_object_get(parameters, "owner"), json_object_get(parameters, "owner_hex"));
	unsigned accounts = owner ? quota_reset(api->gw->quota, owner) : 0;

	if (accounts) {
		log_info("quota of %.128s reset", owner);
		gateway_sessions_changed(api->gw);
		varlink_reply(call, json_pack("{s:i}", "accounts", (int)accounts));
	} else if (owner) {
		api_fail(call, json_string("nothing is counted for anybody of this name"));
	} else {
		varlink_error_parameter(call, "owner");
	}
	free(owner);
}
