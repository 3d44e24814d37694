/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Admit, Open, Up and Close: the life of a line, as its pppd tells it. */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/text.h"
#include "masqd/address6.h"
#include "masqd/admission.h"
#include "masqd/api-json.h"
#include "masqd/api-method.h"
#include "masqd/hang-ups.h"
#include "masqd/probe.h"

static void hold(struct varlink_call *call, struct session *s)
{
	s->connection = varlink_call_connection(call);
	varlink_connection_set_data(s->connection, s);
}

void api_admitted(struct varlink_call *call, const struct session *s)
{
	bool has_address = s->address.address.s_addr != 0;
	char text[ADDR_TEXT_MAX];

	varlink_reply(call, json_pack("{s:I, s:s?, s:s, s:I, s:o}", "serial", (json_int_t)s->serial, "address",
				      has_address ? addr_text(s->address.address, text) : NULL, "policy", s->policy->name, "started",
				      (json_int_t)s->started, "dns", dns_json(&s->policy->dns)));
}

void api_on_admit(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	struct session *s;
	struct in_addr wanted = { 0 };
	const char *wrong = "address";
	char reason[REASON_MAX], *user = NULL;
	struct line line;
	int rc = 0;

	if (json_is_string(json_object_get(parameters, "address")) && !api_get_address(parameters, "address", &wanted))
		rc = -EINVAL;
	if (!rc)
		rc = api_json_parse_line(json_object_get(parameters, "line"), &line, &user, &wrong);
	if (rc) {
		varlink_error_parameter(call, wrong);
		return;
	}
	/* What those have had may be what this one gets. */
	hang_ups_finish(api->hang_ups);
	s = varlink_connection_data(varlink_call_connection(call));
	if (s)
		gateway_end(api->gw, s, "the line asks for admission again");
	rc = admission_admit(api->gw, &line, wanted, &s, reason);
	free(user);
	if (rc && rc != -EINPROGRESS) {
		api_refuse(call, reason);
		return;
	}
	hold(call, s);
	if (!rc)
		api_admitted(call, s);
	else if (varlink_call_is_oneway(call))
		varlink_reply(call, json_object());
	else
		s->call = call;
}

/* The session that an Open call is about: admitted on this connection, or announced again after a restart. */
static struct session *session_of_open(struct api *api, struct varlink_call *call, json_t *parameters, uint32_t serial,
				       struct in_addr address)
{
	struct session *s = varlink_connection_data(varlink_call_connection(call));
	time_t started = json_integer_value(json_object_get(parameters, "started"));
	char reason[REASON_MAX], *user = NULL;
	const char *wrong;
	struct line line;

	if (s && probe_is_waiting(api->gw, s)) {
		api_refuse(call, "the session is not admitted yet");
		return NULL;
	}
	if (s && s->serial == serial)
		return s;
	if (s) {
		api_refuse(call, "this connection has another session");
		return NULL;
	}
	if (api_json_parse_line(json_object_get(parameters, "line"), &line, &user, &wrong)) {
		varlink_error_parameter(call, wrong);
		return NULL;
	}
	if (admission_resume(api->gw, &line, serial, started, address, &s, reason)) {
		api_refuse(call, reason);
		s = NULL;
	}
	free(user);
	return s;
}

void api_opened(struct session *s)
{
	s->has_told_ipv6 = s->grant.ipv6 != IPV6_MODE_NO;
	varlink_reply_continues(s->call, json_pack("{s:s, s:n, s:b}", "state", "open", "reason", "ipv6", s->has_told_ipv6));
}

void api_on_open(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	struct in_addr local, address;
	char reason[REASON_MAX];
	uint32_t serial, ifindex;
	struct session *s;

	if (!api_get_number(parameters, "serial", &serial)) {
		varlink_error_parameter(call, "serial");
	} else if (!api_get_number(parameters, "ifindex", &ifindex)) {
		varlink_error_parameter(call, "ifindex");
	} else if (!api_get_address(parameters, "local", &local)) {
		varlink_error_parameter(call, "local");
	} else if (!api_get_address(parameters, "address", &address)) {
		varlink_error_parameter(call, "address");
	} else {
		/* Notifications may lag behind the plugin. What they say may end sessions: so this comes first. */
		links_catch_up(api->gw->links);
		hang_ups_finish(api->hang_ups);
		s = session_of_open(api, call, parameters, serial, address);
		if (!s)
			return;
		hold(call, s);
		if (admission_open(api->gw, s, ifindex, local, address, reason)) {
			gateway_end(api->gw, s, reason);
			api_refuse(call, reason);
			return;
		}
		s->call = call;
		api_opened(s);
	}
}

void api_on_up(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	struct session *s = varlink_connection_data(varlink_call_connection(call));

	if (s && s->state == SESSION_OPEN) {
		s->pid = (pid_t)json_integer_value(json_object_get(parameters, "pid"));
		s->mtu = (unsigned)json_integer_value(json_object_get(parameters, "mtu"));
		log_info("%s: up, pid %d, mtu %u", session_text(s), (int)s->pid, s->mtu);
		if (api->gw->on_event)
			api->gw->on_event(api, GATEWAY_CHANGED, s, NULL);
		links_catch_up(api->gw->links);
	}
	varlink_reply(call, json_object());
}

/* A link-local address, and so an interface identifier. */
static bool get_link_local(json_t *parameters, const char *member, struct in6_addr *address)
{
	const char *text = json_string_value(json_object_get(parameters, member));

	return text && !ip_parse(text, address) && IN6_IS_ADDR_LINKLOCAL(address);
}

static void change_ipv6(struct api *api, struct session *s, const struct in6_addr *local6, const struct in6_addr *peer6)
{
	struct grant had = s->grant;

	address6_set_line(s, local6, peer6);
	if (gateway_session_changed(api->gw, s) == 0 && !grant_equal(&had, &s->grant) && api->gw->on_event)
		api->gw->on_event(api, GATEWAY_CHANGED, s, NULL);
}

void api_on_up_ipv6(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	struct session *s = varlink_connection_data(varlink_call_connection(call));
	struct in6_addr local6, peer6;
	uint32_t ifindex;

	if (!api_get_number(parameters, "ifindex", &ifindex)) {
		varlink_error_parameter(call, "ifindex");
	} else if (!get_link_local(parameters, "local", &local6)) {
		varlink_error_parameter(call, "local");
	} else if (!get_link_local(parameters, "peer", &peer6)) {
		varlink_error_parameter(call, "peer");
	} else {
		/* The plugin waits for an answer, even if nothing has changed. */
		if (s && s->state == SESSION_OPEN && s->ifindex == ifindex) {
			change_ipv6(api, s, &local6, &peer6);
			api_opened(s);
		}
		varlink_reply(call, json_object());
	}
}

void api_on_down_ipv6(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	struct session *s = varlink_connection_data(varlink_call_connection(call));

	if (s && s->state == SESSION_OPEN)
		change_ipv6(api, s, &in6addr_any, &in6addr_any);
	varlink_reply(call, json_object());
}

void api_on_close(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	const struct session *s = varlink_connection_data(varlink_call_connection(call));
	const char *cause = json_string_value(json_object_get(parameters, "cause"));

	if (s)
		hang_ups_add(api->hang_ups, s->serial, cause ? cause : "the line went down");
	varlink_reply(call, json_object());
}
