/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The methods that change nothing. */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/text.h"
#include "masqd/accounting.h"
#include "masqd/api-json.h"
#include "masqd/api-method.h"
#include "masqd/explain.h"
#include "masqd/drops.h"
#include "masqd/flows.h"
#include "masqd/follow.h"

void api_on_status(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;

	follow_catch_up(api->gw);
	varlink_reply(call, api_json_status(api->gw));
}

void api_on_policies(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;

	varlink_reply(call, json_pack("{s:o}", "policies", api_json_policies(api->gw)));
}

void api_on_uplinks(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;

	follow_catch_up(api->gw);
	varlink_reply(call, json_pack("{s:o}", "uplinks", api_json_uplinks(api->gw)));
}

void api_on_list(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	struct session *s, *next;
	bool flows;

	if (!varlink_call_wants_more(call)) {
		varlink_error(call, "org.varlink.service.ExpectedMore", NULL);
		return;
	}
	links_refresh_counters(api->gw->links, 0);
	if (accounting_refresh_hosts(api->gw->elements, &api->gw->sessions, NULL))
		log_warn("cannot read the counters of hosts");
	flows = json_is_true(json_object_get(parameters, "flows")) && flows_count(api->gw);
	if (flows)
		drops_count(api->gw);
	session_each(&api->gw->sessions, s, next)
		varlink_reply_continues(call, json_pack("{s:o}", "session", api_json_session(api->gw, s, flows)));
	varlink_reply(call, json_pack("{s:n}", "session"));
}

/* Is it of a network behind this client? */
static bool is_behind(const struct session *s, struct in_addr address)
{
	for (unsigned i = 0; i < s->grant.routes.count; i++)
		if (prefix_contains(&s->grant.routes.prefixes[i], address))
			return true;
	return false;
}

/* Whose is it: a session's own, a host's, a network's, or behind a client? */
static struct session *find_holder(const struct gateway *gw, struct in_addr address)
{
	struct session *s = session_find_address(&gw->sessions, address), *next;

	if (s)
		return s;
	session_each_host(&gw->sessions, s, next)
		if (s->address.address.s_addr == address.s_addr)
			return s;
	session_each(&gw->sessions, s, next)
		if ((s->type == SESSION_NETWORK && prefix_contains(&s->address, address)) || is_behind(s, address))
			return s;
	return NULL;
}

/* The member "to" and what belongs to it. 1 if it is there, 0 if not, -EINVAL. */
static int get_traffic(json_t *parameters, struct traffic *traffic, const char **wrong)
{
	json_int_t protocol = json_integer_value(json_object_get(parameters, "protocol"));
	json_int_t port = json_integer_value(json_object_get(parameters, "port"));

	*wrong = protocol < 0 || protocol > UINT8_MAX ? "protocol" : port < 0 || port > UINT16_MAX ? "port" : NULL;
	if (!*wrong && !json_is_string(json_object_get(parameters, "to")))
		return 0;
	if (!*wrong && !api_get_address(parameters, "to", &traffic->to))
		*wrong = "to";
	traffic->protocol = (int)protocol;
	traffic->port = (uint16_t)port;
	return *wrong ? -EINVAL : 1;
}

void api_on_explain(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	json_t *serial = json_object_get(parameters, "serial"), *answer;
	struct session *s = api_find_session(api, serial);
	struct in_addr address;
	struct traffic traffic;
	const char *wrong;
	int has_traffic = get_traffic(parameters, &traffic, &wrong);

	if (has_traffic < 0) {
		varlink_error_parameter(call, wrong);
	} else if (json_is_integer(serial) && !s) {
		varlink_error(call, INTERFACE ".NoSuchSession", json_pack("{s:O}", "serial", serial));
	} else if (!s && !api_get_address(parameters, "address", &address)) {
		varlink_error_parameter(call, "address");
	} else {
		if (!s)
			s = find_holder(api->gw, address);
		else if (!api_get_address(parameters, "address", &address))
			address = s->address.address;
		answer = explain(api->gw, s, address, has_traffic ? &traffic : NULL);
		json_object_set_new(answer, "session", s ? api_json_session(api->gw, s, false) : json_null());
		varlink_reply(call, answer);
	}
}
