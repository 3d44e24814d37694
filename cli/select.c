/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Which session is meant. A SEL is a filter in short form. */

#include "config.h"

#include "cli/select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/error.h"
#include "cli/filter.h"
#include "cli/units.h"
#include "lib/addr.h"
#include "lib/suggest.h"

struct selector {
	const char *text;	/* as typed */
	const char *wanted;	/* its part that a suggestion is looked for */
	char *condition;	/* the filter's text, which the filter borrows from */
	struct filter filter;
};

static int condition_of(const char *text, char **condition)
{
	struct prefix prefix;
	int64_t serial;

	if (strncmp(text, "user=", 5) == 0)
		return asprintf(condition, "%s", text);
	/* an interactive shell takes #12 for a comment, so 12 will do */
	if (units_number_parse(text + (*text == '#'), &serial))
		return asprintf(condition, "id=%s", text);
	if (!prefix_parse(text, &prefix))
		return asprintf(condition, "address=%s", text);
	return asprintf(condition, "ifname=%s", text);
}

int select_parse(struct selector **selector, const char *command, const char *text)
{
	struct selector *s = calloc(1, sizeof(*s));
	struct filter_error error;

	if (!s || (*text && condition_of(text, &s->condition) < 0))
		error_no_memory();
	s->text = text;
	s->wanted = strncmp(text, "user=", 5) == 0 ? text + 5 : text;
	if (!s->condition || !*s->wanted || filter_parse(&s->filter, &column_sessions, s->condition, &error)) {
		select_free(s);
		return error_report(ERROR_USAGE, NULL, "%s: \"%s\": must be #serial, an interface, an address or user=NAME", command, text);
	}
	*selector = s;
	return 0;
}

void select_free(struct selector *selector)
{
	if (!selector)
		return;
	if (selector->condition)
		filter_free(&selector->filter);
	free(selector->condition);
	free(selector);
}

/* An address means the session that has it; only a filter asks for all of a prefix. An interface name is no glob. */
bool select_matches(const struct selector *selector, const json_t *session)
{
	const struct filter *f = &selector->filter;
	const char *text = json_string_value(json_object_get(session, f->column->member));
	struct ip_prefix prefix;

	if (f->column->kind == COLUMN_ADDRESS)
		return text && !ip_prefix_parse(text, &prefix) && prefix.length == f->prefix.length &&
		       ip_equal(&prefix.address, &f->prefix.address);
	if (f->column->kind == COLUMN_TEXT && !(f->column->flags & COLUMN_HAS_HEX))
		return text && strcmp(text, f->pattern) == 0;
	return filter_matches(f, session);
}

/* People forget the "user=", so a word without it may also have been meant as a name. */
static int report_no_match(const struct selector *s, const char *command, const json_t *sessions)
{
	struct suggest users = { .typed = s->wanted }, ifnames = { .typed = s->wanted };
	bool is_bare = s->wanted == s->text;
	char *user = NULL;
	const json_t *session;
	size_t i;
	int rc;

	json_array_foreach(sessions, i, session) {
		if (json_is_string(json_object_get(session, "user")) && !json_is_string(json_object_get(session, "user_hex")))
			suggest_consider(&users, json_string_value(json_object_get(session, "user")));
		if (is_bare && json_is_string(json_object_get(session, "ifname")))
			suggest_consider(&ifnames, json_string_value(json_object_get(session, "ifname")));
	}
	if (ifnames.best && users.best && ifnames.distance <= users.distance)
		users.best = NULL;
	if (users.best && asprintf(&user, "%s%s", is_bare ? "user=" : "", users.best) < 0)
		error_no_memory();
	rc = error_suggest(ERROR_NO_MATCH, user ? user : ifnames.best, "%s: no session matches \"%s\"", command, s->wanted);
	free(user);
	return rc;
}

int select_pick(const struct selector *selector, const char *command, const json_t *sessions, bool allows_several, json_t *picked)
{
	size_t before = json_array_size(picked), found, i;
	json_t *session;

	json_array_foreach(sessions, i, session)
		if (select_matches(selector, session))
			json_array_append(picked, session);
	found = json_array_size(picked) - before;
	if (found == 0)
		return report_no_match(selector, command, sessions);
	if (found > 1 && !allows_several)
		return error_report(ERROR_USAGE, "add --all to act on all of them, or use a serial number of `masqctl list`",
				    "%s: \"%s\" matches %zu sessions", command, selector->text, found);
	return 0;
}
