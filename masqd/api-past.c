/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The methods that say who was who. */

#include "config.h"

#include <limits.h>
#include <time.h>

#include "masqd/api-method.h"
#include "masqd/history.h"
#include "masqd/who.h"

/* A number from 0 to max, or otherwise if the member is missing or null; -1 if it is wrong. */
static json_int_t get_number(json_t *parameters, const char *member, json_int_t max, json_int_t otherwise)
{
	json_t *json = json_object_get(parameters, member);
	json_int_t value = json_is_integer(json) ? json_integer_value(json) : -1;

	if (!json || json_is_null(json))
		return otherwise;
	return value >= 0 && value <= max ? value : -1;
}

void api_on_who(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	json_int_t port = get_number(parameters, "port", UINT16_MAX, -1), protocol = get_number(parameters, "protocol", UINT8_MAX, 0);
	json_int_t at = get_number(parameters, "at", LONG_MAX, 0);
	struct in_addr address;

	if (!api_get_address(parameters, "address", &address))
		varlink_error_parameter(call, "address");
	else if (port < 0 || protocol < 0 || at < 0)
		varlink_error_parameter(call, port < 0 ? "port" : protocol < 0 ? "protocol" : "at");
	else
		varlink_reply(call, json_pack("{s:o}", "owners",
					      at ? history_owners(api->gw, address, (unsigned)port, at) :
						   who(api->gw, address, (unsigned)port, (int)protocol)));
}

void api_on_history(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	json_int_t since = get_number(parameters, "since", LONG_MAX, 0), until = get_number(parameters, "until", LONG_MAX, LONG_MAX);
	json_t *rows, *row;
	size_t i;

	if (since < 0 || until < 0) {
		varlink_error_parameter(call, since < 0 ? "since" : "until");
		return;
	}
	rows = history_sessions(api->gw, since, until);
	json_array_foreach(rows, i, row)
		varlink_reply_continues(call, json_pack("{s:O}", "session", row));
	json_decref(rows);
	varlink_reply(call, json_pack("{s:n}", "session"));
}
