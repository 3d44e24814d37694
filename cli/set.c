/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl set, unset: keys of sessions that are there. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/error.h"
#include "cli/select.h"

/* The settings of one key, appended if there are none. */
static json_t *values_of(json_t *settings, const char *key)
{
	json_t *setting, *values = json_array();
	size_t i;

	json_array_foreach(settings, i, setting)
		if (strcmp(json_string_value(json_object_get(setting, "key")), key) == 0) {
			json_decref(values);
			return json_object_get(setting, "values");
		}
	json_array_append_new(settings, json_pack("{s:s, s:o}", "key", key, "values", values));
	return values;
}

static int parse_settings(int count, char **words, json_t *settings)
{
	for (int i = 0; i < count; i++) {
		char *equals = strchr(words[i], '='), *key;

		if (!equals || equals == words[i])
			return error_report(ERROR_USAGE, NULL, "set: \"%s\": must be KEY=VALUE", words[i]);
		key = strndup(words[i], (size_t)(equals - words[i]));
		if (!key)
			error_no_memory();
		json_array_append_new(values_of(settings, key), json_string(equals + 1));
		free(key);
	}
	return 0;
}

static int pick_serials(struct connect *c, const char *command, const char *word, json_t *serials)
{
	struct selector *selector = NULL;
	json_t *sessions = NULL, *picked = json_array(), *session;
	int rc = select_parse(&selector, command, word);
	size_t i;

	if (!rc)
		rc = connect_list_selectable(c, &sessions);
	if (!rc)
		rc = select_pick(selector, command, sessions, c->opt->all, picked);
	json_array_foreach(picked, i, session)
		json_array_append(serials, json_object_get(session, "serial"));
	json_decref(picked);
	json_decref(sessions);
	select_free(selector);
	return rc;
}

static void report_done(const struct options *opt, const char *command, const char *schema, json_t *serials)
{
	json_t *envelope, *serial;
	size_t i;

	if (opt->json != JSON_STYLE_NONE) {
		envelope = json_envelope(schema);
		json_object_set(envelope, command, serials);
		json_print(envelope, opt->json);
		return;
	}
	json_array_foreach(serials, i, serial)
		if (!opt->is_quiet)
			printf("%s #%" JSON_INTEGER_FORMAT "\n", command, json_integer_value(serial));
}

/* Calls method for the sessions that word means; takes over what. */
static int change(const struct options *opt, const char *method, const char *command, const char *schema, const char *word,
		  const char *member, json_t *what)
{
	struct connect c = CONNECT_INIT;
	json_t *serials = json_array();
	int rc = connect_open(&c, CONNECT_MASQD, opt);

	if (!rc)
		rc = pick_serials(&c, command, word, serials);
	if (!rc)
		rc = connect_call(&c, method, json_pack("{s:O, s:O}", "serials", serials, member, what), NULL);
	if (!rc)
		report_done(opt, command, schema, serials);
	json_decref(what);
	json_decref(serials);
	connect_close(&c);
	return rc;
}

int set_command(const struct options *opt, int count, char **words)
{
	json_t *settings = json_array();
	int rc = parse_settings(count - 1, words + 1, settings);

	if (!rc)
		return change(opt, "Set", "set", "org.masqgate.set", words[0], "settings", settings);
	json_decref(settings);
	return rc;
}

int unset_command(const struct options *opt, int count, char **words)
{
	json_t *keys = count > 1 ? json_array() : json_null();

	for (int i = 1; i < count; i++)
		json_array_append_new(keys, json_string(words[i]));
	return change(opt, "Unset", "unset", "org.masqgate.unset", words[0], "keys", keys);
}
