/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl explain: why a client's packet gets through, or what stops it. */

#include "config.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/error.h"
#include "cli/select.h"
#include "cli/table.h"
#include "cli/units.h"
#include "lib/addr.h"

/* What may follow the slash; the first is what a port alone means. */
static const struct {
	const char *name;
	int protocol;
	bool has_port;
} protocols[] = {
	{ "tcp", IPPROTO_TCP, true },
	{ "udp", IPPROTO_UDP, true },
	{ "icmp", IPPROTO_ICMP, false },
	{ "gre", IPPROTO_GRE, false },
};
#define PROTOCOL_COUNT (sizeof(protocols) / sizeof(protocols[0]))

static int bad_destination(const char *text)
{
	return error_report(ERROR_USAGE, "as in `masqctl explain '#12' to 198.51.100.7:443/tcp`, or an address alone for a ping",
			    "explain: \"%s\": must be ADDRESS[:PORT][/PROTOCOL], the protocol one of tcp, udp, icmp and gre", text);
}

/* ADDRESS[:PORT][/PROTOCOL] as parameters of the method. */
static int parse_destination(char *text, json_t *parameters)
{
	char *whole = strdup(text), *slash = strchr(text, '/'), *colon;
	size_t protocol = 0;
	int64_t port = 0;
	struct in_addr address;
	bool is_bad;

	if (!whole)
		error_no_memory();
	if (slash)
		*slash++ = '\0';
	colon = strchr(text, ':');
	if (colon)
		*colon++ = '\0';
	while (slash && protocol < PROTOCOL_COUNT && strcmp(protocols[protocol].name, slash) != 0)
		protocol++;
	if (!slash && !colon)
		protocol = 2;	/* a ping */
	is_bad = protocol == PROTOCOL_COUNT || addr_parse(text, &address) || protocols[protocol].has_port != !!colon ||
		 (colon && (!units_number_parse(colon, &port) || port < 1 || port > UINT16_MAX));
	if (is_bad) {
		bad_destination(whole);
	} else {
		json_object_set_new(parameters, "to", json_string(text));
		json_object_set_new(parameters, "protocol", json_integer(protocols[protocol].protocol));
		json_object_set_new(parameters, "port", port ? json_integer(port) : json_null());
	}
	free(whole);
	return is_bad ? ERROR_USAGE : 0;
}

/* Of an address masqd knows itself whose it is, also if nobody's; everything else means one of its sessions. */
static int parse_client(struct connect *c, const char *word, json_t *parameters)
{
	struct selector *selector = NULL;
	json_t *sessions = NULL, *picked = json_array();
	struct in_addr address;
	int rc;

	if (!addr_parse(word, &address)) {
		json_object_set_new(parameters, "address", json_string(word));
		json_decref(picked);
		return 0;
	}
	rc = select_parse(&selector, "explain", word);
	if (!rc)
		rc = connect_list_selectable(c, &sessions);
	if (!rc)
		rc = select_pick(selector, "explain", sessions, false, picked);
	if (!rc)
		json_object_set(parameters, "serial", json_object_get(json_array_get(picked, 0), "serial"));
	select_free(selector);
	json_decref(picked);
	json_decref(sessions);
	return rc;
}

/* A daemon's text, made fit for this terminal. Caller frees. */
static char *shown(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return table_printable(strdup(text ? text : ""));
}

static int64_t integer(const json_t *object, const char *member)
{
	return json_integer_value(json_object_get(object, member));
}

static void print_head(const json_t *answer)
{
	const json_t *session = json_object_get(answer, "session"), *choice = json_object_get(answer, "choice");
	char *user = shown(session, "user"), *ifname = shown(session, "ifname"), *policy = shown(choice, "policy");
	char *file = shown(choice, "file"), *why = shown(choice, "why");

	if (json_is_object(session))
		printf("session #%" PRId64 " %s on %s (ifindex %" PRId64 ")", integer(session, "serial"), *user ? user : "nobody", ifname,
		       integer(session, "ifindex"));
	if (json_is_object(choice))
		printf(", policy %s (%s:%" PRId64 "), chosen by: %s", policy, file, integer(choice, "line"), why);
	if (json_is_object(session))
		putchar('\n');
	free(user);
	free(ifname);
	free(policy);
	free(file);
	free(why);
}

static void print_step(size_t number, const json_t *step, bool is_colored)
{
	char *verdict = shown(step, "verdict");
	const char *said = strcmp(verdict, "no") == 0 ? "NO" : verdict;
	const char *color = is_colored ? table_state_color(said) : "";
	char *name = shown(step, "step"), *text = shown(step, "text"), *hint = shown(step, "hint");

	printf("%3zu %-12s %s%-4s%s %s\n", number, name, color, said, *color ? TABLE_RESET : "", text);
	if (*hint)
		printf("    hint: %s\n", hint);
	free(verdict);
	free(name);
	free(text);
	free(hint);
}

static void print_answer(const json_t *answer, const struct options *opt)
{
	const json_t *steps = json_object_get(answer, "steps");
	char *result = shown(answer, "result");
	json_t *step;
	size_t i;

	print_head(answer);
	json_array_foreach(steps, i, step)
		print_step(i + 1, step, options_want_color(opt));
	printf("result: %s\n", result);
	free(result);
}

int explain_command(const struct options *opt, int count, char **words)
{
	struct connect c = CONNECT_INIT;
	json_t *parameters = json_object(), *answer = NULL, *envelope;
	const char *result;
	int rc = 0;

	if (count != 1 && (count != 3 || strcmp(words[1], "to") != 0))
		rc = error_report(ERROR_USAGE, NULL, "explain: must be SEL, or SEL to ADDRESS[:PORT][/PROTOCOL]");
	if (!rc && count == 3)
		rc = parse_destination(words[2], parameters);
	if (!rc)
		rc = connect_open(&c, CONNECT_MASQD, opt);
	if (!rc)
		rc = parse_client(&c, words[0], parameters);
	if (!rc)
		rc = connect_call(&c, "Explain", json_incref(parameters), &answer);
	if (!rc && opt->json != JSON_STYLE_NONE) {
		envelope = json_envelope("org.masqgate.explanation");
		json_object_update(envelope, answer);
		json_print(envelope, opt->json);
	} else if (!rc) {
		print_answer(answer, opt);
	}
	result = json_string_value(json_object_get(answer, "result"));
	if (!rc && result && strcmp(result, "dropped") == 0)
		rc = ERROR_FAILED;
	json_decref(answer);
	json_decref(parameters);
	connect_close(&c);
	return rc;
}
