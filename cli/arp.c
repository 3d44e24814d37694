/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl arp, and arp conflicts, add and del: what masq-arpd answers for, who is against it, and more of it. */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/error.h"
#include "cli/list.h"
#include "lib/ip.h"
#include "lib/suggest.h"
#include "lib/text.h"

/* Who holds what arp add adds. */
#define ADMINISTRATOR "administrator"

/* A word without an operator is no filter, and perhaps one of these. */
static int check_subcommand(int count, char **words)
{
	struct suggest suggest = { .typed = count ? words[0] : "" };

	if (!count || strpbrk(words[0], "=!~<>"))
		return 0;
	suggest_consider(&suggest, "conflicts");
	suggest_consider(&suggest, "add");
	suggest_consider(&suggest, "del");
	return error_suggest(ERROR_USAGE, suggest.best, "arp: \"%s\" is neither a filter nor conflicts, add or del", words[0]);
}

int arp_command(const struct options *opt, int count, char **words)
{
	static const struct list_source entries = { .set = &column_entries, .daemon = CONNECT_ARPD, .method = "List", .member = "entry" };
	int rc = check_subcommand(count, words);

	return rc ? rc : list_rows(opt, count, words, &entries);
}

int arp_conflicts_command(const struct options *opt, int count, char **words)
{
	static const struct list_source conflicts = {
		.set = &column_conflicts, .daemon = CONNECT_ARPD, .method = "Conflicts", .member = "conflict"
	};

	return list_rows(opt, count, words, &conflicts);
}

static bool has_string(const json_t *array, const char *text)
{
	const json_t *item;
	size_t i;

	json_array_foreach(array, i, item)
		if (json_is_string(item) && strcmp(json_string_value(item), text) == 0)
			return true;
	return false;
}

/* An entry among those that were meant. Does it say why there is nothing to delete? */
static int report_entry(const json_t *entry, const char *typed)
{
	const json_t *holders = json_object_get(entry, "holders");
	const char *interface = json_string_value(json_object_get(entry, "interface"));
	const char *holder = json_string_value(json_array_get(holders, 0));
	char hint[160];

	if (has_string(holders, ADMINISTRATOR))
		snprintf(hint, sizeof(hint), "it was added on %s", interface ? interface : "another interface");
	else
		snprintf(hint, sizeof(hint), "it is %s that wants it published on %s", holder ? holder : "nobody", interface ? interface : "a LAN");
	return error_report(ERROR_NO_MATCH, hint, "arp del: %s: was not added there by masqctl arp add", typed);
}

/* Nothing of it was added: what is like it? */
static int report_not_found(struct connect *c, const struct ip_prefix *prefix, const char *typed)
{
	struct suggest suggest = { .typed = typed };
	json_t *entries = NULL, *entry;
	struct in6_addr address;
	size_t i;
	int rc = connect_list(c, "List", NULL, "entry", &entries);

	json_array_foreach(entries, i, entry) {
		const char *text = json_string_value(json_object_get(entry, "address"));

		if (!text || ip_parse(text, &address))
			continue;
		if (ip_prefix_contains(prefix, &address)) {
			rc = report_entry(entry, typed);
			break;
		}
		if (has_string(json_object_get(entry, "holders"), ADMINISTRATOR))
			suggest_consider(&suggest, text);
	}
	if (!rc)
		rc = error_suggest(ERROR_NO_MATCH, suggest.best, "arp del: %s: was not added by masqctl arp add", typed);
	json_decref(entries);
	return rc;
}

static void report_done(const struct options *opt, const char *schema, const char *said, const char *address, const json_t *interfaces)
{
	json_t *envelope, *interface;
	size_t i;

	if (opt->json != JSON_STYLE_NONE) {
		envelope = json_envelope(schema);
		json_object_set_new(envelope, "address", json_string(address));
		json_object_set(envelope, "interfaces", (json_t *)interfaces);
		json_print(envelope, opt->json);
	} else if (!opt->is_quiet) {
		printf("%s %s", said, address);
		json_array_foreach(interfaces, i, interface)
			printf("%s%s", i ? ", " : " on ", json_string_value(interface));
		putchar('\n');
	}
}

static int change(const struct options *opt, int count, char **words, const char *method, const char *command, const char *said)
{
	struct connect c = CONNECT_INIT;
	struct varlink_reply reply = { 0 };
	struct ip_prefix prefix;
	const char *wrong = ip_prefix_parse(words[0], &prefix);
	json_t *interfaces;
	char schema[64];
	int rc;

	if (wrong)
		return error_report(ERROR_USAGE, NULL, "arp %s: \"%s\": %s", command, words[0], wrong);
	interfaces = json_array();
	for (int i = 1; i < count; i++)
		json_array_append_new(interfaces, json_string(words[i]));
	rc = connect_open(&c, CONNECT_ARPD, opt);
	if (!rc)
		rc = connect_ask(&c, method, json_pack("{s:s, s:O}", "address", words[0], "interfaces", interfaces), &reply);
	if (!rc && connect_is_error(&c, &reply, "NotFound"))
		rc = report_not_found(&c, &prefix, words[0]);
	else if (!rc && reply.error)
		rc = connect_report_error(&c, method, &reply);
	varlink_reply_free(&reply);
	snprintf(schema, sizeof(schema), "org.masqgate.arp-%s", command);
	if (!rc)
		report_done(opt, schema, said, words[0], interfaces);
	json_decref(interfaces);
	connect_close(&c);
	return rc;
}

int arp_add_command(const struct options *opt, int count, char **words)
{
	return change(opt, count, words, "Add", "add", "added");
}

int arp_del_command(const struct options *opt, int count, char **words)
{
	return change(opt, count, words, "Del", "del", "deleted");
}
