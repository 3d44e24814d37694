/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl show: everything about one session, a block of lines. */

#include "config.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/select.h"
#include "cli/table.h"
#include "cli/units.h"
#include "lib/text.h"

/* Who set a value live. */
static void print_setter(const json_t *override)
{
	json_t *uid = json_object_get(override, "uid");
	const struct passwd *user = json_is_integer(uid) ? getpwuid((uid_t)json_integer_value(uid)) : NULL;
	char text[UNITS_TEXT_MAX];

	if (user)
		printf("  (set by %s", user->pw_name);
	else
		printf("  (set by user %" JSON_INTEGER_FORMAT, json_integer_value(uid));
	printf(" at %s)", units_time_text(json_integer_value(json_object_get(override, "time")), text));
}

/* What decided the value of a key if it was not the policy; NULL if it was. */
static const json_t *find_override(const json_t *session, const char *key)
{
	const json_t *override;
	const char *name;
	size_t i;

	json_array_foreach(json_object_get(session, "overrides"), i, override) {
		name = json_string_value(json_object_get(override, "key"));
		if (name && strcmp(name, key) == 0)
			return override;
	}
	return NULL;
}

static void print_override(const json_t *override)
{
	const char *source = json_string_value(json_object_get(override, "source"));
	const char *name = json_string_value(json_object_get(override, "name"));
	char *escaped = name ? text_escape(name) : NULL;

	if (escaped && source)
		printf("  (%s \"%s\", line %" JSON_INTEGER_FORMAT ")", source, escaped, json_integer_value(json_object_get(override, "line")));
	else if (override)
		print_setter(override);
	free(escaped);
}

static void print_block(const json_t *session, const struct options *opt)
{
	bool is_colored = options_want_color(opt);
	const char *bold = is_colored ? TABLE_BOLD : "", *reset = is_colored ? TABLE_RESET : "";
	char name[COLUMN_NAME_MAX];

	for (const struct column *c = column_sessions.columns; c->name; c++) {
		bool is_first = c == column_sessions.columns;
		char *shown = column_text(c, session, opt->is_raw), *text = shown ? table_printable(shown) : NULL;
		const char *color = is_colored && text && c->kind == COLUMN_STATE ? table_state_color(text) : "";

		const json_t *override = find_override(session, column_lower(c, '-', name));

		if ((text && *text) || override) {
			printf("%s%s%s%s: %s%s%s", is_first ? "" : "  ", bold, is_first ? "session" : name, reset, color,
			       text && *text ? text : "-", *color ? TABLE_RESET : "");
			print_override(override);
			putchar('\n');
		}
		free(text);
	}
}

/* The columns, and what is said of them. */
static json_t *row_json(const json_t *session)
{
	struct columns columns = { .count = 0 };
	json_t *row, *overrides = json_deep_copy(json_object_get(session, "overrides")), *override, *time;
	size_t i;

	columns_take(&columns, &column_sessions, 0, 0);
	row = column_row_json(&columns, session);
	json_array_foreach(overrides, i, override) {
		time = json_object_get(override, "time");
		if (json_is_integer(time))
			json_object_set_new(override, "time", json_time(json_integer_value(time)));
	}
	json_object_set_new(row, "overrides", overrides ? overrides : json_array());
	return row;
}

static void print_sessions(json_t *picked, const struct options *opt)
{
	json_t *session, *rows = json_array();
	size_t i;

	json_array_foreach(picked, i, session) {
		if (opt->json != JSON_STYLE_NONE)
			json_array_append_new(rows, row_json(session));
		else
			print_block(session, opt);
		if (opt->json == JSON_STYLE_NONE && i + 1 < json_array_size(picked))
			putchar('\n');
	}
	if (opt->json != JSON_STYLE_NONE)
		json_print_list(column_sessions.schema, column_sessions.list, json_incref(rows), opt->json);
	json_decref(rows);
}

/* All that masqd says of these sessions, which may have ended meanwhile. */
static int get_whole(struct connect *c, const json_t *picked, json_t **sessions)
{
	json_t *serials = json_array(), *session;
	size_t i;

	json_array_foreach(picked, i, session)
		json_array_append(serials, json_object_get(session, "serial"));
	return connect_list(c, "List", json_pack("{s:o}", "serials", serials), "session", sessions);
}

int show_command(const struct options *opt, int count, char **words)
{
	struct connect c = CONNECT_INIT;
	struct selector *selector = NULL;
	json_t *sessions = NULL, *picked = json_array(), *whole = NULL;
	int rc = select_parse(&selector, "show", words[0]);

	(void)count;	/* main has seen to it that it is 1 */
	if (!rc)
		rc = connect_open(&c, CONNECT_MASQD, opt);
	if (!rc)
		rc = connect_list_selectable(&c, &sessions);
	if (!rc)
		rc = select_pick(selector, "show", sessions, true, picked);
	if (!rc)
		rc = get_whole(&c, picked, &whole);
	json_array_clear(picked);
	if (!rc)
		rc = select_pick(selector, "show", whole, true, picked);
	if (!rc)
		print_sessions(picked, opt);
	json_decref(whole);
	json_decref(picked);
	json_decref(sessions);
	connect_close(&c);
	select_free(selector);
	return rc;
}
