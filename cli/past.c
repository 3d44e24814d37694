/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl who and history: who had what, and when. */

#include "config.h"

#include <netinet/in.h>
#include <string.h>
#include <time.h>

#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/error.h"
#include "cli/listing.h"
#include "cli/units.h"
#include "lib/addr.h"

/* A time, or how long ago it was. Sets the member if the option was given. */
static int put_time(json_t *parameters, const char *member, const char *command, const char *text)
{
	int64_t seconds, ago;

	if (!text)
		return 0;
	if (!units_time_parse(text, &seconds)) {
		if (!units_duration_parse(text, &ago))
			return error_report(ERROR_USAGE, "2026-11-22T08:30:00Z, 2026-11-22 or 2h",
					    "%s: --%s: \"%s\": must be a time in UTC, a date, or how long ago", command, member, text);
		seconds = time(NULL) - ago;
	}
	json_object_set_new(parameters, member, json_integer(seconds > 0 ? seconds : 0));
	return 0;
}

static int put_protocol(json_t *parameters, const char *text)
{
	static const struct {
		const char *name;
		int number;
	} protocols[] = { { "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP }, { "icmp", IPPROTO_ICMP } };

	for (size_t i = 0; text && i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (strcmp(text, protocols[i].name) == 0) {
			json_object_set_new(parameters, "protocol", json_integer(protocols[i].number));
			return 0;
		}
	return text ? error_report(ERROR_USAGE, NULL, "who: --proto: \"%s\": must be tcp, udp or icmp", text) : 0;
}

/* ADDRESS:PORT */
static int put_public(json_t *parameters, const char *word)
{
	const char *colon = strchr(word, ':');
	char text[ADDR_TEXT_MAX] = "";
	struct in_addr address;
	int64_t port = 0;

	if (colon && (size_t)(colon - word) < sizeof(text))
		memcpy(text, word, (size_t)(colon - word));
	if (!colon || addr_parse(text, &address) || !units_number_parse(colon + 1, &port) || port > UINT16_MAX)
		return error_report(ERROR_USAGE, "as in `masqctl who 203.0.113.10:20531`", "who: \"%s\": must be ADDRESS:PORT", word);
	json_object_set_new(parameters, "address", json_string(text));
	json_object_set_new(parameters, "port", json_integer(port));
	return 0;
}

static int ask_who(const struct options *opt, json_t *parameters, json_t **answer)
{
	struct connect c = CONNECT_INIT;
	int rc = connect_open(&c, CONNECT_MASQD, opt);

	if (!rc)
		rc = connect_call(&c, "Who", json_incref(parameters), answer);
	connect_close(&c);
	return rc;
}

int who_command(const struct options *opt, int count, char **words)
{
	json_t *parameters = json_object(), *answer = NULL, *owners;
	struct listing listing;
	int rc;

	(void)count;	/* main has seen to it that it is 1 */
	rc = listing_open(&listing, &column_owners, opt, 0, NULL);
	if (!rc)
		rc = put_public(parameters, words[0]);
	if (!rc)
		rc = put_protocol(parameters, opt->protocol);
	if (!rc)
		rc = put_time(parameters, "at", "who", opt->at);
	if (!rc)
		rc = ask_who(opt, parameters, &answer);
	owners = json_object_get(answer, "owners");
	if (!rc && json_array_size(owners) == 0)
		rc = error_report(ERROR_NO_MATCH, NULL, "who: %s: nobody's%s", words[0], opt->at ? " at that time" : "");
	listing_add_all(&listing, owners);
	if (!rc)
		listing_print(&listing);
	json_decref(answer);
	json_decref(parameters);
	listing_free(&listing);
	return rc;
}

int history_command(const struct options *opt, int count, char **words)
{
	struct connect c = CONNECT_INIT;
	json_t *parameters = json_object();
	struct listing listing;
	int rc;

	if (listing_wants_help(opt)) {
		json_decref(parameters);
		listing_help(&column_past);
		return 0;
	}
	rc = listing_open(&listing, &column_past, opt, count, words);
	if (!rc)
		rc = put_time(parameters, "since", "history", opt->since);
	if (!rc)
		rc = put_time(parameters, "until", "history", opt->until);
	if (!rc)
		rc = connect_open(&c, CONNECT_MASQD, opt);
	if (!rc)
		rc = connect_each(&c, "History", json_incref(parameters), "session", listing_add, &listing, NULL);
	if (!rc)
		listing_print(&listing);
	json_decref(parameters);
	connect_close(&c);
	listing_free(&listing);
	return rc;
}
