/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The methods that change what live sessions get: keys of one of them, or the configuration. */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/log.h"
#include "lib/suggest.h"
#include "lib/text.h"
#include "masqd/api-method.h"
#include "masqd/override.h"
#include "masqd/policy-key.h"
#include "masqd/reload.h"

/* What a call asks for, and everything that is wrong with it. */
struct request {
	struct session **sessions;
	unsigned count;
	json_t *errors;
};

/* The parameter serials. False after an answer. */
static bool get_sessions(const struct api *api, struct varlink_call *call, json_t *parameters, struct request *request)
{
	json_t *serials = json_object_get(parameters, "serials"), *serial;
	size_t i;

	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers. */
	request->sessions = calloc(json_array_size(serials) + 1, sizeof(*request->sessions));
	if (!request->sessions || json_array_size(serials) == 0) {
		varlink_error_parameter(call, "serials");
		return false;
	}
	json_array_foreach(serials, i, serial) {
		request->sessions[i] = api_find_session(api, serial);
		if (!request->sessions[i]) {
			api_no_session(call, serial);
			return false;
		}
	}
	request->count = (unsigned)json_array_size(serials);
	return true;
}

static const struct policy_key *find_key(struct request *request, const char *name)
{
	const struct policy_key *found = policy_key_find(name);
	struct suggest suggest = { .typed = name };
	char *text;

	if (found)
		return found;
	for (const struct policy_key *key = policy_keys; key->name; key++)
		suggest_consider(&suggest, key->name);
	if (asprintf(&text, "%.64s: %s", name, suggest_reason(&suggest, "no such key")) < 0)
		return NULL;
	json_array_append_new(request->errors, text_json(text));
	free(text);
	return NULL;
}

static void get_setting(const struct api *api, struct request *request, json_t *json, uid_t uid, struct layer *wanted)
{
	json_t *values = json_object_get(json, "values"), *value;
	const char *name = json_string_value(json_object_get(json, "key")), *objection;
	const struct policy_key *key = find_key(request, name ? name : "");
	struct setting *setting;
	size_t i;

	if (!key)
		return;
	setting = layer_find(wanted, key) ? NULL : layer_add(wanted, key);
	if (!setting) {
		json_array_append_new(request->errors, json_sprintf("%s: given twice", key->name));
		return;
	}
	setting->uid = uid;
	setting->time = time(NULL);
	/* One empty item stands for none at all. */
	if (key->is_list && json_array_size(values) == 1 && !*json_string_value(json_array_get(values, 0)))
		return;
	json_array_foreach(values, i, value)
		layer_append(wanted, key, json_string_value(value), 0);
	objection = override_objection(api->gw->conf, layer_find(wanted, key));
	if (objection)
		json_array_append_new(request->errors, text_json(objection));
}

static bool are_strings(json_t *array)
{
	json_t *value;
	size_t i;

	json_array_foreach(array, i, value)
		if (!json_is_string(value))
			return false;
	return json_is_array(array);
}

static void answer(struct varlink_call *call, struct request *request, int rc, const char *reason)
{
	if (rc == -EINVAL)
		json_array_append_new(request->errors, text_json(reason));
	if (json_array_size(request->errors))
		varlink_error(call, INTERFACE ".InvalidSettings", json_pack("{s:O}", "errors", request->errors));
	else if (rc)
		api_fail(call, json_sprintf("the kernel does not take it: %s; see the daemon's log", strerror(-rc)));
	else
		varlink_reply(call, json_pack("{s:i}", "sessions_changed", (int)request->count));
}

static void log_change(const struct request *request, const char *what, uid_t uid)
{
	for (unsigned i = 0; i < request->count; i++)
		log_info("%s: %s by user %u", session_text(request->sessions[i]), what, uid);
}

void api_on_set(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	json_t *settings = json_object_get(parameters, "settings"), *setting;
	uid_t uid = varlink_connection_uid(varlink_call_connection(call));
	struct layer wanted = { .kind = "live" };
	struct override_change change = { .wanted = &wanted };
	struct request request = { .errors = json_array() };
	char reason[DERIVE_REASON_MAX] = "";
	size_t i;
	int rc = 0;

	json_array_foreach(settings, i, setting)
		if (!are_strings(json_object_get(setting, "values")))
			rc = -EINVAL;
	if (rc || json_array_size(settings) == 0) {
		varlink_error_parameter(call, "settings");
	} else if (get_sessions(api, call, parameters, &request)) {
		json_array_foreach(settings, i, setting)
			get_setting(api, &request, setting, uid, &wanted);
		if (!json_array_size(request.errors))
			rc = override_change(api->gw, request.sessions, request.count, &change, reason);
		if (!rc && !json_array_size(request.errors))
			log_change(&request, "set", uid);
		answer(call, &request, rc, reason);
	}
	layer_release(&wanted);
	free(request.sessions);
	json_decref(request.errors);
}

void api_on_unset(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	json_t *keys = json_object_get(parameters, "keys"), *key;
	const struct policy_key *unset[POLICY_KEYS_MAX];
	const struct layer nothing = { 0 };
	struct override_change change = { .wanted = &nothing, .unset = unset, .unsets_all = !json_is_array(keys) };
	struct request request = { .errors = json_array() };
	char reason[DERIVE_REASON_MAX] = "";
	size_t i;
	int rc = 0;

	if (json_array_size(keys) > POLICY_KEYS_MAX || (keys && !json_is_null(keys) && !are_strings(keys))) {
		varlink_error_parameter(call, "keys");
	} else if (get_sessions(api, call, parameters, &request)) {
		json_array_foreach(keys, i, key)
			unset[change.unset_count++] = find_key(&request, json_string_value(key));
		if (!json_array_size(request.errors))
			rc = override_change(api->gw, request.sessions, request.count, &change, reason);
		if (!rc && !json_array_size(request.errors))
			log_change(&request, "unset", varlink_connection_uid(varlink_call_connection(call)));
		answer(call, &request, rc, reason);
	}
	free(request.sessions);
	json_decref(request.errors);
}

/* A configuration was not taken over. */
static void answer_reload_error(struct varlink_call *call, const struct conffile *file, int rc)
{
	json_t *errors = json_array();

	for (size_t i = 0; i < file->error_count; i++)
		json_array_append_new(errors, text_json(file->errors[i]));
	if (rc == -EBADMSG)
		varlink_error(call, INTERFACE ".InvalidConfiguration", json_pack("{s:O}", "errors", errors));
	else if (rc == -EBUSY)
		api_fail(call, json_string("the last reload waits to be confirmed or rolled back"));
	else
		api_fail(call, json_sprintf("the kernel does not take the rules: %s; see the daemon's log", strerror(-rc)));
	json_decref(errors);
}

void api_on_reload(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	json_t *confirm = json_object_get(parameters, "confirm");
	json_int_t confirm_sec = json_integer_value(confirm);
	struct conffile file;
	unsigned changed;
	int rc;

	if (confirm && !json_is_null(confirm) && (confirm_sec < 1 || confirm_sec > RELOAD_CONFIRM_MAX)) {
		varlink_error_parameter(call, "confirm");
		return;
	}
	rc = reload(api->gw, &file, (unsigned)confirm_sec, &changed);
	if (rc)
		answer_reload_error(call, &file, rc);
	else
		varlink_reply(call, json_pack("{s:i}", "sessions_changed", (int)changed));
	conffile_close(&file);
}

static void answer_nothing_waits(struct varlink_call *call)
{
	api_fail(call, json_string("no reload waits to be confirmed"));
}

void api_on_confirm(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;

	if (reload_confirm(api->gw))
		answer_nothing_waits(call);
	else
		varlink_reply(call, json_object());
}

void api_on_rollback(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct api *api = ctx;
	unsigned changed;
	int rc = reload_rollback(api->gw, &changed);

	if (rc == -ENOENT)
		answer_nothing_waits(call);
	else if (rc)
		api_fail(call, json_sprintf("the kernel does not take the rules: %s; see the daemon's log", strerror(-rc)));
	else
		varlink_reply(call, json_pack("{s:i}", "sessions_changed", (int)changed));
}

static void tell_difference(void *ctx, const struct session *s, const char *key, const char *was, const char *becomes)
{
	char address[ADDR_TEXT_MAX];

	varlink_reply_continues(ctx, json_pack("{s:{s:I, s:o, s:o, s:o, s:s, s:o, s:o}}", "change", "serial", (json_int_t)s->serial, "ifname",
					       text_json(s->ifname[0] ? s->ifname : NULL), "user", text_json(s->user), "address",
					       s->address.address.s_addr ? json_string(prefix_text(&s->address, address)) : json_null(), "key",
					       key, "old", text_json(was), "new", text_json(becomes)));
}

void api_on_diff(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct reload_differences differences = { .tell = tell_difference, .ctx = call };
	struct api *api = ctx;
	struct conffile file;
	int rc;

	rc = reload_diff(api->gw, &file, &differences);
	if (rc)
		answer_reload_error(call, &file, rc);
	else
		varlink_reply(call, json_pack("{s:n}", "change"));
	conffile_close(&file);
}
