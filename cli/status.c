/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl status: one screen about both daemons, and an exit code for monitoring. */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/column.h"
#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/error.h"
#include "cli/table.h"
#include "cli/units.h"
#include "lib/text.h"

struct status {
	const struct options *opt;
	json_t *masqd;		/* the daemons' own words; NULL if they have none */
	json_t *arpd;
	const char *arpd_why;	/* why arpd is NULL; may be NULL */
	bool is_degraded;
};

static bool has_items(const json_t *object, const char *member)
{
	return json_array_size(json_object_get(object, member)) > 0;
}

/* masq-arpd's silence is no error of this command: it is what the screen is there to say. */
static void ask_arpd(struct status *s)
{
	struct connect c = CONNECT_INIT;
	struct varlink_reply reply = { 0 };
	int rc = connect_try(&c, CONNECT_ARPD, s->opt);

	if (!rc)
		rc = varlink_client_send(&c.client, "org.masqgate.Arp.Status", NULL, 0, connect_deadline(s->opt, 2));
	if (!rc)
		rc = varlink_client_receive(&c.client, &reply, connect_deadline(s->opt, 2));
	if (rc)
		s->arpd_why = error_text(rc);
	else if (reply.error)
		s->arpd_why = "not masq-arpd";
	else
		s->arpd = json_incref(reply.parameters);
	varlink_reply_free(&reply);
	connect_close(&c);
}

static bool is_down(const json_t *uplink)
{
	const char *state = json_string_value(json_object_get(uplink, "state"));

	return !state || strcmp(state, "up") != 0;
}

static void judge(struct status *s)
{
	const char *arpd = json_string_value(json_object_get(s->masqd, "arpd"));
	const json_t *uplink;
	size_t i;

	s->is_degraded = !s->arpd || !arpd || strcmp(arpd, "connected") != 0 || has_items(s->masqd, "warnings") ||
			 has_items(s->arpd, "warnings");
	json_array_foreach(json_object_get(s->masqd, "uplinks"), i, uplink)
		s->is_degraded |= is_down(uplink);
}

/* A label, bold on a terminal, and the column where the rest begins. */
static void print_label(const struct status *s, const char *label)
{
	bool is_colored = options_want_color(s->opt);

	printf("%s%-10s%s ", is_colored ? TABLE_BOLD : "", label, is_colored ? TABLE_RESET : "");
}

static void print_state(const struct status *s, const char *state)
{
	const char *color = options_want_color(s->opt) ? table_state_color(state) : "";

	printf("%s%s%s", color, state, *color ? TABLE_RESET : "");
}

static void print_escaped(const char *before, const json_t *text)
{
	char *escaped = json_is_string(text) ? text_escape(json_string_value(text)) : NULL;

	if (escaped)
		printf("%s%s", before, escaped);
	free(escaped);
}

static void print_daemon(const struct status *s, const char *name, const json_t *daemon, const char *why)
{
	char text[UNITS_TEXT_MAX];
	json_int_t uptime = json_integer_value(json_object_get(daemon, "uptime"));

	print_label(s, name);
	if (!daemon) {
		print_state(s, "not running");
		printf("%s%s%s\n", why ? " (" : "", why ? why : "", why ? ")" : "");
		return;
	}
	print_state(s, "running");
	printf(" for %s, pid %" JSON_INTEGER_FORMAT, units_duration_text(uptime, text), json_integer_value(json_object_get(daemon, "pid")));
	print_escaped(", version ", json_object_get(daemon, "version"));
	print_escaped(", ", json_object_get(daemon, "configuration"));
	putchar('\n');
}

/* {"open": 2, "admitted": 0} as "2 open". */
static void print_counts(const json_t *counts)
{
	const char *before = "";
	const char *state;
	json_t *count;
	char *escaped;

	json_object_foreach((json_t *)counts, state, count) {
		if (json_integer_value(count) == 0)
			continue;
		escaped = text_escape(state);
		printf("%s%" JSON_INTEGER_FORMAT " %s", before, json_integer_value(count), escaped ? escaped : "?");
		free(escaped);
		before = ", ";
	}
	if (!*before)
		printf("none");
}

static void print_arp(const struct status *s)
{
	json_int_t conflicts = json_integer_value(json_object_get(s->arpd, "conflicts"));

	print_label(s, "arp");
	print_counts(json_object_get(s->arpd, "entries"));
	print_escaped("; by engine ", json_object_get(s->arpd, "engine"));
	if (conflicts)
		printf("; %" JSON_INTEGER_FORMAT " conflict%s, see masqctl arp conflicts", conflicts, conflicts == 1 ? "" : "s");
	putchar('\n');
}

static void print_uplinks(const struct status *s, const json_t *uplinks)
{
	static const char *const shown[] = { "NAME", "INTERFACE", "STATE", "ADDRESSES" };
	const struct column *c;
	const json_t *uplink;
	char *text;
	size_t i;

	json_array_foreach(uplinks, i, uplink) {
		print_label(s, i ? "" : "uplinks");
		for (size_t k = 0; k < sizeof(shown) / sizeof(shown[0]); k++) {
			c = column_find(&column_uplinks, shown[k], strlen(shown[k]));
			text = column_text(c, uplink, s->opt->is_raw);
			printf("%s", k ? "  " : "");
			if (text && c->kind == COLUMN_STATE)
				print_state(s, text);
			else
				printf("%s", text ? text : "-");
			free(text);
		}
		putchar('\n');
	}
}

static void print_conntrack(const struct status *s)
{
	json_t *count = json_object_get(s->masqd, "conntrack_count"), *max = json_object_get(s->masqd, "conntrack_max");
	json_int_t used = json_integer_value(count), room = json_integer_value(max);

	if (!json_is_integer(count) || !json_is_integer(max))
		return;
	print_label(s, "conntrack");
	printf("%" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " entries", used, room);
	if (room > 0)
		printf(" (%" PRId64 "%%)", (int64_t)(used * 100 / room));
	putchar('\n');
}

static void print_warnings(const json_t *daemon)
{
	const json_t *warning;
	size_t i;

	json_array_foreach(json_object_get(daemon, "warnings"), i, warning) {
		print_escaped("warning: ", json_object_get(warning, "text"));
		print_escaped("\nhint: ", json_object_get(warning, "hint"));
		putchar('\n');
	}
}

static void print_held_back(const struct status *s)
{
	char text[UNITS_TEXT_MAX];
	const json_t *held;
	size_t i;

	json_array_foreach(json_object_get(s->masqd, "held_back"), i, held) {
		print_label(s, i ? "" : "held back");
		printf("%s for %" JSON_INTEGER_FORMAT " failures", units_duration_text(json_integer_value(json_object_get(held, "wait")), text),
		       json_integer_value(json_object_get(held, "failures")));
		print_escaped(": ", json_object_get(held, "user"));
		print_escaped(" on ", json_object_get(held, "tty"));
		putchar('\n');
	}
}

static void print_screen(const struct status *s)
{
	json_int_t refused = json_integer_value(json_object_get(s->masqd, "refused"));
	json_int_t repairs = json_integer_value(json_object_get(s->masqd, "repairs"));
	const json_t *quotas = json_object_get(s->masqd, "quotas");
	json_int_t store_failures = json_integer_value(json_object_get(s->masqd, "store_failures"));

	print_daemon(s, "masqd", s->masqd, NULL);
	print_daemon(s, "masq-arpd", s->arpd, s->arpd_why);
	if (s->masqd) {
		print_label(s, "sessions");
		print_counts(json_object_get(s->masqd, "sessions"));
		printf("; %" JSON_INTEGER_FORMAT " refused\n", refused);
		print_held_back(s);
	}
	if (s->arpd)
		print_arp(s);
	if (!s->masqd) {
		print_warnings(s->arpd);
		return;
	}
	print_uplinks(s, json_object_get(s->masqd, "uplinks"));
	print_conntrack(s);
	print_label(s, "repairs");
	printf("%" JSON_INTEGER_FORMAT "\n", repairs);
	if (json_integer_value(json_object_get(quotas, "near")) || json_integer_value(json_object_get(quotas, "over"))) {
		print_label(s, "quotas");
		print_counts(quotas);
		putchar('\n');
	}
	if (store_failures) {
		print_label(s, "store");
		printf("%" JSON_INTEGER_FORMAT " failures\n", store_failures);
	}
	print_warnings(s->masqd);
	print_warnings(s->arpd);
}

/* The daemon's answer with its start as a time; null for none. */
static json_t *daemon_json(json_t *daemon)
{
	json_t *copy = daemon ? json_copy(daemon) : json_null();

	if (json_is_integer(json_object_get(daemon, "started")))
		json_object_set_new(copy, "started", json_time(json_integer_value(json_object_get(daemon, "started"))));
	return copy;
}

static void print_json(const struct status *s)
{
	const char *state = !s->masqd ? "stopped" : s->is_degraded ? "degraded" : "healthy";
	json_t *status = json_envelope("org.masqgate.status"), *masqd = daemon_json(s->masqd), *uplinks, *uplink;
	struct columns columns = { .count = 0 };
	size_t i;

	columns_take(&columns, &column_uplinks, 0, 0);
	if (s->masqd) {
		uplinks = json_array();
		json_array_foreach(json_object_get(s->masqd, "uplinks"), i, uplink)
			json_array_append_new(uplinks, column_row_json(&columns, uplink));
		json_object_set_new(masqd, "uplinks", uplinks);
	}
	json_object_set_new(status, "state", json_string(state));
	json_object_set_new(status, "masqd", masqd);
	json_object_set_new(status, "arpd", daemon_json(s->arpd));
	json_print(status, s->opt->json);
}

int status_command(const struct options *opt, int count, char **words)
{
	struct status s = { .opt = opt };
	struct connect c = CONNECT_INIT;
	int rc = connect_open(&c, CONNECT_MASQD, opt);

	(void)count;
	(void)words;
	if (!rc)
		rc = connect_call(&c, "Status", NULL, &s.masqd);
	connect_close(&c);
	if (!rc || rc == ERROR_NOT_RUNNING) {
		ask_arpd(&s);
		judge(&s);
		if (opt->json != JSON_STYLE_NONE)
			print_json(&s);
		else if (!opt->is_quiet)
			print_screen(&s);
	}
	json_decref(s.masqd);
	json_decref(s.arpd);
	return rc ? rc : s.is_degraded ? ERROR_FAILED : 0;
}
