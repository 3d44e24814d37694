/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl: the operator's tool. This file is the table of commands; the usage is printed from it. */

#include "config.h"

#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/error.h"
#include "lib/suggest.h"
#include "lib/text.h"

static const struct command {
	const char *name;
	int (*run)(const struct options *opt, int count, char **words);
	const char *arguments;
	int min, max;		/* words behind the name */
	unsigned options;	/* enum option_group */
	const char *help;
} commands[] = {
	{ "status", status_command, "", 0, 0, OPTIONS_RAW, "both daemons on one screen (this is what masqctl alone does)" },
	{ "list", list_command, "[FILTER…]", 0, INT_MAX, OPTIONS_TABLE | OPTIONS_RAW, "the sessions" },
	{ "show", show_command, "SEL", 1, 1, OPTIONS_RAW, "everything about a session" },
	{ "explain", explain_command, "SEL [to DEST]", 1, 3, 0, "why its packets pass, or what stops them" },
	{ "kick", kick_command, "SEL…", 1, INT_MAX, OPTIONS_KICK | OPTIONS_ALL, "end a session" },
	{ "attach", attach_command, "IFNAME", 1, 1, OPTIONS_ATTACH, "serve a client that no pppd announces" },
	{ "detach", detach_command, "IFNAME", 1, 1, 0, "serve it no more" },
	{ "reset-quota", reset_quota_command, "OWNER", 1, 1, 0, "as if nothing were used of it" },
	{ "arp", arp_command, "[FILTER…]", 0, INT_MAX, OPTIONS_TABLE | OPTIONS_RAW, "addresses that masq-arpd answers for" },
	{ "arp conflicts", arp_conflicts_command, "[FILTER…]", 0, INT_MAX, OPTIONS_TABLE | OPTIONS_RAW, "hosts on the LANs that use them too" },
	{ "arp add", arp_add_command, "ADDRESS IFNAME…", 2, INT_MAX, 0, "have it answer for more" },
	{ "arp del", arp_del_command, "ADDRESS [IFNAME…]", 1, INT_MAX, 0, "take that back" },
	{ "policies", policies_command, "[FILTER…]", 0, INT_MAX, OPTIONS_TABLE | OPTIONS_RAW, "what the configuration grants" },
	{ "uplinks", uplinks_command, "[FILTER…]", 0, INT_MAX, OPTIONS_TABLE | OPTIONS_RAW, "the ways out" },
	{ "who", who_command, "ADDRESS:PORT", 1, 1, OPTIONS_TABLE | OPTIONS_RAW | OPTIONS_WHO, "whose public address and port it is, or was" },
	{ "history", history_command, "[FILTER…]", 0, INT_MAX, OPTIONS_TABLE | OPTIONS_RAW | OPTIONS_HISTORY, "past sessions" },
	{ "check", check_command, "[FILE]", 0, 1, 0, "is this configuration valid?" },
	{ "set", set_command, "SEL KEY=VALUE…", 2, INT_MAX, OPTIONS_ALL, "give a session another value of a policy's key" },
	{ "unset", unset_command, "SEL [KEY…]", 1, INT_MAX, OPTIONS_ALL, "take that back" },
	{ "diff", diff_command, "[FILTER…]", 0, INT_MAX, OPTIONS_TABLE | OPTIONS_RAW, "what a reload would change for the sessions" },
	{ "reconcile", reconcile_command, "[FILTER…]", 0, INT_MAX, OPTIONS_TABLE | OPTIONS_RAW | OPTIONS_RECONCILE,
	  "put right where the kernel is not as it should be" },
	{ "reload", reload_command, "", 0, 0, OPTIONS_RELOAD, "have masqd read its configuration again" },
	{ "confirm", confirm_command, "", 0, 0, 0, "keep what reload --confirm has put in force" },
	{ "rollback", rollback_command, "", 0, 0, 0, "put back what was in force before it" },
	{ "wait", wait_command, "CONDITION…", 1, INT_MAX, OPTIONS_WAIT, "until a session matches" },
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_usage(void)
{
	puts("Usage: masqctl [OPTION…] [COMMAND [ARGUMENT…]]\n\nCommands:");
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		/* printf counts bytes, and an ellipsis is three */
		int width = 17 + (strstr(commands[i].arguments, "…") ? 2 : 0);

		printf("  %-13s %-*s %s\n", commands[i].name, width, commands[i].arguments, commands[i].help);
	}
	puts("\nOptions:");
	options_print_usage();
	puts("\nSEL is #serial, an interface, an address or user=NAME.\n"
	     "DEST is ADDRESS:PORT[/PROTOCOL], or ADDRESS for a ping.\n"
	     "FILTER and CONDITION are COLUMN OP VALUE in one word, OP one of = != ~ < > <= >=.\n"
	     "See masqctl(8).");
}

/* How many of the words are this command's name; 0 if they are not. */
static int count_name(const struct command *command, int count, char **words)
{
	const char *rest = command->name;
	int used = 0;

	for (; *rest; used++) {
		size_t length = strcspn(rest, " ");

		if (used == count || strlen(words[used]) != length || strncmp(words[used], rest, length) != 0)
			return 0;
		rest += length + strspn(rest + length, " ");
	}
	return used;
}

/* The one with the longest name; *used is how many words that has. NULL if there is none. */
static const struct command *find_command(int count, char **words, int *used)
{
	const struct command *found = NULL;

	*used = 0;
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		int used_here = count_name(&commands[i], count, words);

		if (used_here > *used) {
			*used = used_here;
			found = &commands[i];
		}
	}
	return found;
}

static int report_unknown(const char *name)
{
	struct suggest suggest = { .typed = name };

	for (size_t i = 0; i < COMMAND_COUNT; i++)
		suggest_consider(&suggest, commands[i].name);
	if (!suggest.best)
		return error_report(ERROR_USAGE, "try masqctl --help", "unknown command \"%s\"", name);
	return error_suggest(ERROR_USAGE, suggest.best, "unknown command \"%s\"", name);
}

/* Words end in JSON messages, which hold nothing but UTF-8; where a name has other bytes, tables show them as \xNN and
 * filters take them like that. */
static int check_words(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!text_is_utf8(argv[i]))
			return error_report(ERROR_USAGE, NULL, "\"%s\": must be UTF-8", argv[i]);
	return 0;
}

static int run(const struct options *opt, int count, char **words)
{
	char *status[] = { "status" };
	int used;
	const struct command *command = find_command(count ? count : 1, count ? words : status, &used);
	const char *misplaced;

	if (!command)
		return report_unknown(words[0]);
	used = count ? used : 0;
	words += used;
	count -= used;
	misplaced = options_misplaced(opt, command->options);
	if (misplaced)
		return error_report(ERROR_USAGE, NULL, "%s: does not take --%s", command->name, misplaced);
	if (count < command->min)
		return error_report(ERROR_USAGE, NULL, "%s: %s is missing", command->name, command->arguments);
	if (count > command->max)
		return error_report(ERROR_USAGE, NULL, "%s: unexpected \"%s\"", command->name, words[command->max]);
	return command->run(opt, count, words);
}

/* Output that could not be written is a failure, too: a full disk must not look like an empty list. */
static int finish(int rc)
{
	if (fflush(stdout) || ferror(stdout))
		return error_report(ERROR_FAILED, NULL, "cannot write to standard output");
	return rc;
}

int main(int argc, char **argv)
{
	struct options opt;
	int first, rc;

	/* for the width of characters; numbers keep their point */
	setlocale(LC_CTYPE, "");
	rc = options_parse(&opt, argc, argv, &first);
	if (!rc)
		rc = check_words(argc, argv);
	if (rc)
		return rc;
	if (opt.wants_help)
		print_usage();
	else if (opt.wants_version)
		puts("masqctl " PACKAGE_VERSION);
	else
		rc = run(&opt, argc - first, argv + first);
	return finish(rc);
}
