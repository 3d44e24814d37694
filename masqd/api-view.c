/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The methods that change nothing. */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "masqd/api-json.h"
#include "masqd/api-method.h"
#include "masqd/api-session.h"
#include "masqd/explain.h"
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

/* The sessions that there were when they were asked for; those that end meanwhile are left out. */
struct listing {
	struct gateway *gw;
	struct api_session_fields fields;
	unsigned count, done;
	uint32_t serials[];
};

/* Of these serials, or of all sessions if it is no array. NULL without memory. */
static struct listing *listing_new(struct gateway *gw, const struct api_session_fields *fields, const json_t *serials)
{
	bool is_all = !json_is_array(serials);
	size_t count = is_all ? session_count(&gw->sessions) : json_array_size(serials), i;
	struct listing *listing = malloc(sizeof(*listing) + count * sizeof(listing->serials[0]));
	struct session *s, *next;
	json_t *serial;

	if (!listing)
		return NULL;
	*listing = (struct listing){ .gw = gw, .fields = *fields };
	json_array_foreach(serials, i, serial)
		listing->serials[listing->count++] = (uint32_t)json_integer_value(serial);
	session_each(&gw->sessions, s, next)
		if (is_all)
			listing->serials[listing->count++] = s->serial;
	return listing;
}

/* Null, or an array of numbers that can be serials. */
static bool is_serials(const json_t *serials)
{
	json_t *serial;
	size_t i;

	json_array_foreach(serials, i, serial)
		if (!json_is_integer(serial) || json_integer_value(serial) <= 0 || json_integer_value(serial) > UINT32_MAX)
			return false;
	return !serials || json_is_null(serials) || json_is_array(serials);
}

static void produce_session(struct varlink_call *call, void *state)
{
	struct listing *listing = state;
	const struct session *s = NULL;

	/* a turn of its own for each count, and others in between */
	if (api_session_count(&listing->fields, listing->gw))
		return;
	while (!s && listing->done < listing->count)
		s = session_find(&listing->gw->sessions, listing->serials[listing->done++]);
	if (s)
		varlink_reply_continues(call, json_pack("{s:o}", "session", api_session_json(listing->gw, s, &listing->fields)));
	else
		varlink_reply(call, json_pack("{s:n}", "session"));
}

void api_on_list(void *ctx, struct varlink_call *call, json_t *parameters)
{
	static const struct varlink_producer producer = { .produce = produce_session, .release = free };
	struct api *api = ctx;
	json_t *serials = json_object_get(parameters, "serials");
	struct api_session_fields fields;
	struct listing *listing;

	if (api_session_select(&fields, json_object_get(parameters, "fields"))) {
		varlink_error_parameter(call, "fields");
		return;
	}
	if (!is_serials(serials)) {
		varlink_error_parameter(call, "serials");
		return;
	}
	listing = listing_new(api->gw, &fields, serials);
	if (listing)
		varlink_reply_later(call, &producer, listing);
	else
		api_fail(call, json_string("out of memory"));
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
		if (json_object_set_new(answer, "session", s ? api_session_json_all(api->gw, s) : json_null())) {
			json_decref(answer);
			answer = NULL;
		}
		varlink_reply(call, answer);
	}
}
