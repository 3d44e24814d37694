/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl wait: until the daemons are ready, until a session matches, or until none does any more. */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/error.h"
#include "cli/filter.h"

#define DEFAULT_TIMEOUT_SEC 30
/* Counters change without an event: look at them this often. */
#define LOOK_AGAIN_MS 1000
/* A daemon that does not run yet sends no events either. */
#define TRY_AGAIN_MS 100
/* One that is being stopped may take a call and never answer it. */
#define TRY_MS 2000

/* A monitor that is open before the first look, so that nothing can happen between the two unseen. */
struct wait {
	const struct options *opt;
	struct connect monitor, look;
	struct filters filters;
	json_t *found;		/* the sessions that match, when last looked */
	int64_t deadline_ms;
	bool wants_ready;
};

/* What costs is null in the JSON unless it is a condition. */
static json_t *fields(const struct wait *w)
{
	struct columns free_ones = { .count = 0 };
	json_t *fields = json_pack("[s]", "serial");

	if (w->opt->json != JSON_STYLE_NONE)
		columns_take(&free_ones, &column_sessions, 0, COLUMN_POLICYS | COLUMN_COSTS);
	columns_add_fields(&free_ones, fields);
	filters_add_fields(&w->filters, fields);
	return fields;
}

static void take(void *ctx, json_t *session)
{
	struct wait *w = ctx;

	if (filters_match(&w->filters, session))
		json_array_append(w->found, session);
}

static void print_found(const struct wait *w)
{
	struct columns columns = { .count = 0 };
	json_t *rows = json_array(), *session;
	size_t i;

	columns_take(&columns, &column_sessions, 0, COLUMN_POLICYS);
	json_array_foreach(w->found, i, session)
		json_array_append_new(rows, column_row_json(&columns, session));
	json_print_list(column_sessions.schema, column_sessions.list, rows, w->opt->json);
}

/* Is it as it shall be? If so, prints the sessions that match for those who want JSON. */
static int look(struct wait *w, bool *is_done)
{
	int rc;

	json_array_clear(w->found);
	rc = connect_each(&w->look, "List", json_pack("{s:o}", "fields", fields(w)), "session", take, w, NULL);
	if (rc)
		return rc;
	*is_done = w->opt->gone ? json_array_size(w->found) == 0 : json_array_size(w->found) > 0;
	if (*is_done && w->opt->json != JSON_STYLE_NONE)
		print_found(w);
	return 0;
}

/* Waits for an event, and takes those that are there already with it: one look is enough for all of them. 0, an exit code, or
 * -ECONNRESET: masqd has ended. */
static int next_event(struct wait *w)
{
	int64_t now = varlink_now_ms(), until = w->deadline_ms;
	struct varlink_reply reply;
	bool is_error;
	int rc;

	if (now >= w->deadline_ms)
		return error_report(ERROR_TIMED_OUT, NULL, "wait: timed out");
	if (filters_use(&w->filters, COLUMN_MOVES) && until > now + LOOK_AGAIN_MS)
		until = now + LOOK_AGAIN_MS;
	while (!(rc = varlink_client_receive(&w->monitor.client, &reply, until))) {
		is_error = reply.error || !reply.continues;
		rc = reply.error ? connect_report_error(&w->monitor, "Monitor", &reply) : 0;
		varlink_reply_free(&reply);
		if (is_error)
			return rc ? rc : -ECONNRESET;
		until = 0;
	}
	if (rc == -ECONNRESET || rc == -EPIPE)
		return -ECONNRESET;
	return rc == -ETIMEDOUT || rc == -EAGAIN ? 0 : connect_report_transport(&w->monitor, rc);
}

/* Has this daemon answered? Its Status is the caller's to free. */
static bool answers(const struct wait *w, enum connect_daemon daemon, const char *method, json_t **status)
{
	int64_t patience_ms = varlink_now_ms() + TRY_MS;
	struct connect c = CONNECT_INIT;
	struct varlink_reply reply = { 0 };
	bool is_there;

	if (patience_ms > w->deadline_ms)
		patience_ms = w->deadline_ms;
	is_there = !connect_try(&c, daemon, w->opt) && !varlink_client_call(&c.client, method, NULL, &reply, patience_ms) && !reply.error;
	*status = is_there ? json_incref(reply.parameters) : NULL;
	varlink_reply_free(&reply);
	connect_close(&c);
	return is_there;
}

/* Both daemons answer, and masqd has found masq-arpd. */
static bool is_ready(const struct wait *w)
{
	json_t *masqd = NULL, *arpd = NULL;
	const char *state;
	bool ready = answers(w, CONNECT_MASQD, "org.masqgate.Gateway.Status", &masqd) &&
		     answers(w, CONNECT_ARPD, "org.masqgate.Arp.Status", &arpd);

	state = json_string_value(json_object_get(masqd, "arpd"));
	ready = ready && state && strcmp(state, "connected") == 0;
	json_decref(masqd);
	json_decref(arpd);
	return ready;
}

static int wait_ready(struct wait *w)
{
	while (!is_ready(w)) {
		if (varlink_now_ms() >= w->deadline_ms)
			return error_report(ERROR_TIMED_OUT, "masqctl status", "wait: ready: timed out");
		poll(NULL, 0, TRY_AGAIN_MS);
	}
	return 0;
}

/* Goes on with the masqd that is started after one that has ended. 0 or an exit code. */
static int follow_next(struct wait *w)
{
	int rc;

	do {
		connect_close(&w->monitor);
		connect_close(&w->look);
		if (varlink_now_ms() >= w->deadline_ms)
			return error_report(ERROR_TIMED_OUT, "masqd has ended meanwhile; see `systemctl status masqd`", "wait: timed out");
		poll(NULL, 0, TRY_AGAIN_MS);
		rc = connect_try(&w->monitor, CONNECT_MASQD, w->opt);
		rc = rc ? rc : connect_try(&w->look, CONNECT_MASQD, w->opt);
		rc = rc ? rc : connect_subscribe(&w->monitor, "Monitor");
	} while (rc);
	return 0;
}

static int wait_sessions(struct wait *w)
{
	bool is_done = false;
	int rc = connect_open(&w->monitor, CONNECT_MASQD, w->opt);

	if (!rc)
		rc = connect_open(&w->look, CONNECT_MASQD, w->opt);
	if (!rc && connect_subscribe(&w->monitor, "Monitor"))
		rc = follow_next(w);
	/* the first event says that the subscription stands */
	while (!rc && !is_done) {
		rc = next_event(w);
		if (rc == -ECONNRESET)
			rc = follow_next(w);
		else if (!rc)
			rc = look(w, &is_done);
	}
	return rc;
}

/* "ready" is a condition about the daemons; all others are about a session. */
static int parse_conditions(struct wait *w, int count, char **words)
{
	int rc, rest = 0;

	for (int i = 0; i < count; i++) {
		if (strcmp(words[i], "ready") == 0)
			w->wants_ready = true;
		else
			words[rest++] = words[i];
	}
	rc = filters_parse(&w->filters, &column_sessions, rest, words);
	if (!rc && w->opt->gone && rest == 0)
		return error_report(ERROR_USAGE, NULL, "wait: --gone needs a condition about a session");
	return rc;
}

int wait_command(const struct options *opt, int count, char **words)
{
	struct wait w = { .opt = opt, .monitor = CONNECT_INIT, .look = CONNECT_INIT, .found = json_array() };
	int rc = parse_conditions(&w, count, words);

	w.deadline_ms = connect_deadline(opt, DEFAULT_TIMEOUT_SEC);
	if (!rc && w.wants_ready)
		rc = wait_ready(&w);
	if (!rc && w.filters.count)
		rc = wait_sessions(&w);
	connect_close(&w.monitor);
	connect_close(&w.look);
	filters_free(&w.filters);
	json_decref(w.found);
	return rc;
}
