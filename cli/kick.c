/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl kick: ends sessions. */

#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/error.h"
#include "cli/select.h"

/* The sessions that the SELs mean, each once. Several SELs may miss: ERROR_PARTLY if some hit, ERROR_NO_MATCH if none did.
 * On any other error nothing is to be done. */
static int pick_sessions(const struct options *opt, int count, char **words, const json_t *sessions, json_t *picked)
{
	int rc, missed = 0, hit = 0;

	for (int i = 0; i < count; i++) {
		struct selector *selector = NULL;

		rc = select_parse(&selector, "kick", words[i]);
		if (!rc)
			rc = select_pick(selector, "kick", sessions, opt->all, picked);
		select_free(selector);
		if (rc && rc != ERROR_NO_MATCH)
			return rc;
		*(rc ? &missed : &hit) += 1;
	}
	return !missed ? 0 : hit ? ERROR_PARTLY : ERROR_NO_MATCH;
}

static json_t *serials_of(const json_t *picked)
{
	json_t *serials = json_array(), *serial, *known;
	const json_t *session;
	size_t i, k;

	json_array_foreach(picked, i, session) {
		serial = json_object_get(session, "serial");
		json_array_foreach(serials, k, known)
			if (json_equal(known, serial))
				break;
		if (k == json_array_size(serials))
			json_array_append(serials, serial);
	}
	return serials;
}

static bool drop_serial(json_t *serials, const json_t *gone)
{
	json_t *serial;
	size_t i;

	json_array_foreach(serials, i, serial)
		if (json_equal(serial, gone))
			return json_array_remove(serials, i) == 0;
	return false;
}

/* A session that ended by itself meanwhile makes the daemon refuse all: go on with the others. */
static int kick_serials(struct connect *c, json_t *serials)
{
	struct varlink_reply reply;
	bool was_gone = false;
	json_t *parameters;
	int rc;

	/* Sessions without a serial are none of a Masq-Gate's. */
	if (!json_array_size(serials))
		return connect_report_transport(c, -EBADMSG);
	while (json_array_size(serials)) {
		parameters = json_pack("{s:O, s:s*}", "serials", serials, "reason", c->opt->reason);
		rc = connect_ask(c, "Kick", parameters, &reply);
		if (rc)
			return rc;
		if (!reply.error) {
			varlink_reply_free(&reply);
			return was_gone ? ERROR_PARTLY : 0;
		}
		rc = connect_report_error(c, "Kick", &reply);
		was_gone = connect_is_error(c, &reply, "NoSuchSession") && drop_serial(serials, json_object_get(reply.parameters, "serial"));
		varlink_reply_free(&reply);
		if (!was_gone)
			return rc;
	}
	return ERROR_NO_MATCH;
}

static void report_kicked(const struct options *opt, json_t *serials)
{
	json_t *envelope, *serial;
	size_t i;

	if (opt->json != JSON_STYLE_NONE) {
		envelope = json_envelope("org.masqgate.kick");
		json_object_set(envelope, "kicked", serials);
		json_print(envelope, opt->json);
		return;
	}
	json_array_foreach(serials, i, serial)
		if (!opt->is_quiet)
			printf("kicked #%" JSON_INTEGER_FORMAT "\n", json_integer_value(serial));
}

int kick_command(const struct options *opt, int count, char **words)
{
	struct connect c = CONNECT_INIT;
	json_t *sessions = NULL, *picked = json_array(), *serials = NULL;
	int rc, kicked;

	rc = connect_open(&c, CONNECT_MASQD, opt);
	if (!rc)
		rc = connect_list_selectable(&c, &sessions);
	if (!rc)
		rc = pick_sessions(opt, count, words, sessions, picked);
	if (!rc || rc == ERROR_PARTLY) {
		serials = serials_of(picked);
		kicked = kick_serials(&c, serials);
		if (!kicked || kicked == ERROR_PARTLY)
			report_kicked(opt, serials);
		rc = kicked ? kicked : rc;
	}
	json_decref(serials);
	json_decref(picked);
	json_decref(sessions);
	connect_close(&c);
	return rc;
}
