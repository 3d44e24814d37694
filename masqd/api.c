/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The table of methods and who may call them, what they share, and the events. */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/text.h"
#include "lib/varlink-server.h"
#include "masqd/admission.h"
#include "masqd/api-method.h"
#include "masqd/api-session.h"
#include "masqd/api.h"
#include "masqd/hang-ups.h"
#include "masqd/probe.h"

struct monitor {
	struct monitor *prev, *next;
	struct varlink_call *call;
};

static const char *const event_texts[] = {
	[GATEWAY_ADMITTED] = "admitted",
	[GATEWAY_OPEN] = "open",
	[GATEWAY_CHANGED] = "changed",
	[GATEWAY_CLOSED] = "closed",
};

void api_refuse(struct varlink_call *call, const char *reason)
{
	varlink_error(call, INTERFACE ".Refused", json_pack("{s:o}", "reason", text_json(reason)));
}

void api_fail(struct varlink_call *call, json_t *reason)
{
	varlink_error(call, INTERFACE ".Failed", json_pack("{s:o}", "reason", reason));
}

bool api_get_address(json_t *parameters, const char *member, struct in_addr *address)
{
	const char *text = json_string_value(json_object_get(parameters, member));

	return text && !addr_parse(text, address);
}

/* A positive integer of 32 bits. */
bool api_get_number(json_t *parameters, const char *member, uint32_t *number)
{
	json_int_t value = json_integer_value(json_object_get(parameters, member));

	*number = (uint32_t)value;
	return value > 0 && value <= UINT32_MAX;
}

struct session *api_find_session(const struct api *api, json_t *serial)
{
	json_int_t value = json_integer_value(serial);

	return value > 0 && value <= UINT32_MAX ? session_find(&api->gw->sessions, (uint32_t)value) : NULL;
}

void api_no_session(struct varlink_call *call, json_t *serial)
{
	if (json_is_integer(serial))
		varlink_error(call, INTERFACE ".NoSuchSession", json_pack("{s:O}", "serial", serial));
	else
		varlink_error_parameter(call, "serials");
}

static void on_monitor(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	struct monitor *monitor = calloc(1, sizeof(*monitor));

	if (!monitor) {
		api_fail(call, json_string("out of memory"));
		return;
	}
	monitor->call = call;
	DL_APPEND(api->monitors, monitor);
	varlink_reply_continues(call, json_pack("{s:s, s:n, s:n}", "event", "ready", "session", "reason"));
}

static const struct varlink_method methods[] = {
	{ INTERFACE ".Status", VARLINK_EVERYBODY, .call = api_on_status },
	{ INTERFACE ".List", VARLINK_EVERYBODY, .call = api_on_list, .needs_more = true },
	{ INTERFACE ".Policies", VARLINK_EVERYBODY, .call = api_on_policies },
	{ INTERFACE ".Uplinks", VARLINK_EVERYBODY, .call = api_on_uplinks },
	{ INTERFACE ".Monitor", VARLINK_EVERYBODY, .call = on_monitor, .needs_more = true },
	{ INTERFACE ".Explain", VARLINK_EVERYBODY, .call = api_on_explain },
	{ INTERFACE ".Who", VARLINK_GROUP, .call = api_on_who },
	{ INTERFACE ".History", VARLINK_GROUP, .call = api_on_history, .needs_more = true },
	{ INTERFACE ".Kick", VARLINK_GROUP, .call = api_on_kick },
	{ INTERFACE ".Attach", VARLINK_GROUP, .call = api_on_attach },
	{ INTERFACE ".Detach", VARLINK_GROUP, .call = api_on_detach },
	{ INTERFACE ".Set", VARLINK_GROUP, .call = api_on_set },
	{ INTERFACE ".Unset", VARLINK_GROUP, .call = api_on_unset },
	{ INTERFACE ".Diff", VARLINK_GROUP, .call = api_on_diff, .needs_more = true },
	{ INTERFACE ".Reconcile", VARLINK_GROUP, .call = api_on_reconcile, .needs_more = true },
	{ INTERFACE ".Reload", VARLINK_GROUP, .call = api_on_reload },
	{ INTERFACE ".Confirm", VARLINK_GROUP, .call = api_on_confirm },
	{ INTERFACE ".Rollback", VARLINK_GROUP, .call = api_on_rollback },
	{ INTERFACE ".ResetQuota", VARLINK_GROUP, .call = api_on_reset_quota },
	{ INTERFACE ".Admit", VARLINK_ROOT, .call = api_on_admit },
	{ INTERFACE ".Open", VARLINK_ROOT, .call = api_on_open, .needs_more = true },
	{ INTERFACE ".Up", VARLINK_ROOT, .call = api_on_up },
	{ INTERFACE ".UpIpv6", VARLINK_ROOT, .call = api_on_up_ipv6 },
	{ INTERFACE ".DownIpv6", VARLINK_ROOT, .call = api_on_down_ipv6 },
	{ INTERFACE ".Close", VARLINK_ROOT, .call = api_on_close },
	{ 0 },
};

/* A session's end is the last answer to its open call, or the answer to its call of Admit if that still waits. */
static void let_go(const struct gateway *gw, struct session *s, const char *reason)
{
	struct varlink_call *call = s->call;

	if (s->connection)
		varlink_connection_set_data(s->connection, NULL);
	s->connection = NULL;
	s->call = NULL;
	if (call && probe_is_waiting(gw, s))
		api_refuse(call, reason);
	else if (call)
		varlink_reply(call, json_pack("{s:s, s:o}", "state", "closed", "reason", text_json(reason)));
}

static void on_event(void *ctx, enum gateway_event event, struct session *s, const char *reason)
{
	struct api *api = ctx;
	struct monitor *monitor;

	/* Who was not admitted is no session, for those who look. */
	if (event == GATEWAY_REFUSED) {
		let_go(api->gw, s, reason);
		return;
	}
	DL_FOREACH(api->monitors, monitor)
		varlink_reply_continues(monitor->call,
					json_pack("{s:s, s:o, s:o}", "event", event_texts[event], "session",
						  api_session_json_all(api->gw, s), "reason", text_json(reason)));
	if (event == GATEWAY_ADMITTED && s->call) {
		api_admitted(s->call, s);
		s->call = NULL;
	}
	if (event == GATEWAY_CHANGED && s->call && s->has_told_ipv6 != (s->grant.ipv6 != IPV6_MODE_NO))
		api_opened(s);
	if (event == GATEWAY_CLOSED)
		let_go(api->gw, s, reason);
}

/* With its last counters, if its interface is still there. If something else has happened to that, the session has ended. */
static void end_session(void *ctx, uint32_t serial, const char *cause)
{
	struct api *api = ctx;
	struct session *s;

	links_catch_up(api->gw->links);
	s = session_find(&api->gw->sessions, serial);
	if (!s)
		return;
	if (s->ifindex)
		links_refresh_counters(api->gw->links, s->ifindex);
	admission_hung_up(api->gw, s);
	gateway_end(api->gw, s, cause);
}

static void on_disconnect(void *ctx, struct varlink_connection *connection)
{
	struct api *api = ctx;
	struct session *s = varlink_connection_data(connection);
	struct monitor *monitor, *next;

	DL_FOREACH_SAFE(api->monitors, monitor, next) {
		if (varlink_call_connection(monitor->call) != connection)
			continue;
		DL_DELETE(api->monitors, monitor);
		free(monitor);
	}
	if (!s)
		return;
	/* The call goes with the connection: nobody is there to read an answer. */
	s->connection = NULL;
	s->call = NULL;
	if (!api->is_closing)
		hang_ups_add(api->hang_ups, s->serial, "link-gone");
}

int api_open(struct api **out, struct event_base *base, struct gateway *gw, const char *socket, const char *description, uid_t uid,
	     gid_t gid)
{
	struct api *api = calloc(1, sizeof(*api));
	int rc;

	if (!api)
		return -ENOMEM;
	api->gw = gw;
	api->service = (struct varlink_service){
		.product = "masqd",
		.version = PACKAGE_VERSION,
		.interface = INTERFACE,
		.description = description,
		.group = MASQGATE_GROUP,
		.methods = methods,
		.on_disconnect = on_disconnect,
		.ctx = api,
	};
	gw->on_event = on_event;
	gw->ctx = api;
	api->hang_ups = hang_ups_new(base, end_session, api);
	rc = api->hang_ups ? varlink_server_open(&api->server, base, socket, uid, gid, &api->service) : -ENOMEM;
	if (rc) {
		hang_ups_free(api->hang_ups);
		free(api);
	} else {
		*out = api;
	}
	return rc;
}

void api_finish(struct api *api)
{
	varlink_server_finish(api->server);
}

void api_close(struct api *api)
{
	if (!api)
		return;
	api->is_closing = true;
	varlink_server_close(api->server);
	hang_ups_free(api->hang_ups);
	free(api);
}
