/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* One table says each option's names, group and help; getopt, the usage and the check for misplaced options read it. */

#include "config.h"

#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/error.h"
#include "cli/units.h"
#include "lib/suggest.h"

/* Beyond this a wait is a mistake: ten years. */
#define TIMEOUT_MAX_SEC (10L * 365 * 86400)

/* As masqd has it. */
#define CONFIRM_MAX_SEC 86400L

enum option_key {
	OPTION_ADDRESS = 256,
	OPTION_ALL,
	OPTION_ARP_SOCKET,
	OPTION_AT,
	OPTION_COLOR,
	OPTION_CONFIRM,
	OPTION_DRY_RUN,
	OPTION_GONE,
	OPTION_NO_HEADINGS,
	OPTION_POLICY,
	OPTION_PROTO,
	OPTION_REASON,
	OPTION_SINCE,
	OPTION_SOCKET,
	OPTION_TIMEOUT,
	OPTION_UNTIL,
	OPTION_USER,
};

static const struct option_spec {
	int key;		/* the letter, if below 256 */
	const char *name;
	const char *argument;	/* NULL if it takes none; "[" before an optional one */
	unsigned group;		/* 0: every command takes it */
	const char *help;
} specs[] = {
	{ 'j', "json", "[pretty|compact|lines", 0, "print JSON" },
	{ 'o', "columns", "LIST|+LIST|help", OPTIONS_TABLE, "columns to show, or to show besides the usual ones" },
	{ 's', "sort", "[-]COLUMN", OPTIONS_TABLE, "sort by this column; with a minus, largest first" },
	{ 'n', "limit", "N", OPTIONS_TABLE, "show no more than N rows" },
	{ OPTION_NO_HEADINGS, "no-headings", NULL, OPTIONS_TABLE, "no line of headings" },
	{ 'r', "raw", NULL, OPTIONS_RAW, "base units (bytes, seconds, UTC), nothing cut" },
	{ OPTION_REASON, "reason", "TEXT", OPTIONS_KICK, "what the client is told" },
	{ OPTION_ALL, "all", NULL, OPTIONS_ALL, "act on all that match, not only on one" },
	{ OPTION_CONFIRM, "confirm", "SEC", OPTIONS_RELOAD, "go back unless it is confirmed within this time" },
	{ OPTION_DRY_RUN, "dry-run", NULL, OPTIONS_RECONCILE, "change nothing" },
	{ OPTION_ADDRESS, "address", "ADDRESS", OPTIONS_ATTACH, "the client's address" },
	{ OPTION_POLICY, "policy", "NAME", OPTIONS_ATTACH, "the client's policy" },
	{ OPTION_USER, "user", "NAME", OPTIONS_ATTACH, "the client's name" },
	{ OPTION_GONE, "gone", NULL, OPTIONS_WAIT, "wait until no session matches any more" },
	{ OPTION_PROTO, "proto", "tcp|udp|icmp", OPTIONS_WHO, "the protocol of the port" },
	{ OPTION_AT, "at", "TIME", OPTIONS_WHO, "at this time (UTC, or how long ago), and not now" },
	{ OPTION_SINCE, "since", "TIME", OPTIONS_HISTORY, "only what ended after this time (UTC, or how long ago)" },
	{ OPTION_UNTIL, "until", "TIME", OPTIONS_HISTORY, "only what started before it" },
	{ OPTION_TIMEOUT, "timeout", "SEC", 0, "give up after this time (10; wait: 30)" },
	{ OPTION_SOCKET, "socket", "PATH", 0, "masqd's socket" },
	{ OPTION_ARP_SOCKET, "arp-socket", "PATH", 0, "masq-arpd's socket" },
	{ OPTION_COLOR, "color", "auto|always|never", 0, "colours" },
	{ 'q', "quiet", NULL, 0, "say nothing about success" },
	{ 'v', "verbose", NULL, 0, "name each call; check: print the canonical form" },
	{ 'h', "help", NULL, 0, "show this" },
	{ 'V', "version", NULL, 0, "show the version" },
};
#define SPEC_COUNT (sizeof(specs) / sizeof(specs[0]))

static int choose(const char *option, const char *value, const char *const *words, int *chosen)
{
	struct suggest suggest = { .typed = value };

	for (int i = 0; words[i]; i++) {
		if (strcmp(value, words[i]) == 0) {
			*chosen = i;
			return 0;
		}
		suggest_consider(&suggest, words[i]);
	}
	return error_suggest(ERROR_USAGE, suggest.best, "%s: unknown value \"%s\"", option, value);
}

static int parse_json(struct options *opt, const char *value)
{
	static const char *const words[] = { "pretty", "compact", "lines", NULL };
	static const enum json_style styles[] = { JSON_STYLE_PRETTY, JSON_STYLE_COMPACT, JSON_STYLE_LINES };
	int chosen = isatty(STDOUT_FILENO) ? 0 : 1;
	int rc = value ? choose("--json", value, words, &chosen) : 0;

	error_set_form(ERROR_FORM_JSON);
	opt->json = styles[chosen];
	return rc;
}

static int parse_color(struct options *opt, const char *value)
{
	static const char *const words[] = { "auto", "always", "never", NULL };
	int chosen = 0;
	int rc = choose("--color", value, words, &chosen);

	opt->color = (enum options_color)chosen;
	return rc;
}

static int parse_count(const char *option, const char *value, long max, long *number)
{
	int64_t parsed;

	if (!units_number_parse(value, &parsed) || parsed > max)
		return error_report(ERROR_USAGE, NULL, "%s: \"%s\": must be a number from 0 to %ld", option, value, max);
	*number = (long)parsed;
	return 0;
}

static int take_option(struct options *opt, int key, const char *value)
{
	switch (key) {
	case 'j': return parse_json(opt, value);
	case 'o': opt->columns = value; return 0;
	case 's': opt->sort = value; return 0;
	case 'n': return parse_count("--limit", value, 1000000000, &opt->limit);
	case 'r': opt->is_raw = true; return 0;
	case 'q': opt->is_quiet = true; return 0;
	case 'v': opt->is_verbose = true; return 0;
	case 'h': opt->wants_help = true; return 0;
	case 'V': opt->wants_version = true; return 0;
	case OPTION_ADDRESS: opt->address = value; return 0;
	case OPTION_ALL: opt->all = true; return 0;
	case OPTION_ARP_SOCKET: opt->arp_socket = value; return 0;
	case OPTION_AT: opt->at = value; return 0;
	case OPTION_COLOR: return parse_color(opt, value);
	case OPTION_CONFIRM: return parse_count("--confirm", value, CONFIRM_MAX_SEC, &opt->confirm_sec);
	case OPTION_DRY_RUN: opt->dry_run = true; return 0;
	case OPTION_GONE: opt->gone = true; return 0;
	case OPTION_NO_HEADINGS: opt->no_headings = true; return 0;
	case OPTION_POLICY: opt->policy = value; return 0;
	case OPTION_PROTO: opt->protocol = value; return 0;
	case OPTION_REASON: opt->reason = value; return 0;
	case OPTION_SINCE: opt->since = value; return 0;
	case OPTION_SOCKET: opt->socket = value; return 0;
	case OPTION_TIMEOUT: return parse_count("--timeout", value, TIMEOUT_MAX_SEC, &opt->timeout_sec);
	case OPTION_UNTIL: opt->until = value; return 0;
	case OPTION_USER: opt->user = value; return 0;
	}
	return 0;
}

/* getopt's own messages are neither JSON nor ours, so they are off and these stand for them. */
static int report_unknown(const char *word, int key)
{
	struct suggest suggest = { .typed = word + 2 };
	char hint[64];

	if (strncmp(word, "--", 2) != 0)
		return error_report(ERROR_USAGE, "try masqctl --help", "unknown option -%c", key);
	for (size_t i = 0; i < SPEC_COUNT; i++)
		suggest_consider(&suggest, specs[i].name);
	if (!suggest.best)
		return error_report(ERROR_USAGE, "try masqctl --help", "unknown or ambiguous option, or one without a value: %s", word);
	snprintf(hint, sizeof(hint), "--%s", suggest.best);
	return error_suggest(ERROR_USAGE, hint, "unknown option or misplaced value: %s", word);
}

static const struct option_spec *spec_of(int key)
{
	for (size_t i = 0; i < SPEC_COUNT; i++)
		if (specs[i].key == key)
			return &specs[i];
	return NULL;
}

static void note_given(struct options *opt, const struct option_spec *spec)
{
	opt->groups |= spec->group;
	if (spec->group)
		opt->given[__builtin_ctz(spec->group)] = spec->name;
}

/* What getopt wants, made from the table. */
static void fill_getopt(char *letters, struct option *longs)
{
	*letters++ = ':';	/* tell a missing value from an unknown option */
	for (size_t i = 0; i < SPEC_COUNT; i++) {
		const struct option_spec *spec = &specs[i];
		bool is_optional = spec->argument && spec->argument[0] == '[' && spec->key == 'j';

		longs[i] = (struct option){ spec->name, is_optional ? optional_argument : spec->argument ? required_argument : no_argument,
					    NULL, spec->key };
		if (spec->key >= 256)
			continue;
		*letters++ = (char)spec->key;
		if (spec->argument && !is_optional)
			*letters++ = ':';
	}
	*letters = '\0';
	longs[SPEC_COUNT] = (struct option){ 0 };
}

int options_parse(struct options *opt, int argc, char **argv, int *first)
{
	char letters[2 * SPEC_COUNT + 2];
	struct option longs[SPEC_COUNT + 1];
	const struct option_spec *spec;
	int key, rc;

	*opt = (struct options){ .socket = MASQD_SOCKET, .arp_socket = ARPD_SOCKET, .timeout_sec = -1, .limit = -1 };
	fill_getopt(letters, longs);
	opterr = 0;
	while ((key = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (key == ':')
			return error_report(ERROR_USAGE, "try masqctl --help", "%s: needs a value", argv[optind - 1]);
		spec = key == '?' ? NULL : spec_of(key);
		if (!spec)
			return report_unknown(argv[optind - 1], optopt);
		note_given(opt, spec);
		rc = take_option(opt, key, optarg);
		if (rc)
			return rc;
	}
	*first = optind;
	return 0;
}

const char *options_misplaced(const struct options *opt, unsigned groups)
{
	unsigned misplaced = opt->groups & ~groups;

	return misplaced ? opt->given[__builtin_ctz(misplaced)] : NULL;
}

void options_print_usage(void)
{
	char left[64];

	for (size_t i = 0; i < SPEC_COUNT; i++) {
		const struct option_spec *spec = &specs[i];
		bool is_optional = spec->key == 'j';

		snprintf(left, sizeof(left), "%c%c%s --%s%s%s%s", spec->key < 256 ? '-' : ' ', spec->key < 256 ? spec->key : ' ',
			 spec->key < 256 ? "," : " ", spec->name, spec->argument ? (is_optional ? "[=" : " ") : "",
			 spec->argument ? spec->argument + is_optional : "", is_optional ? "]" : "");
		printf("  %-33s %s\n", left, spec->help);
	}
}

bool options_want_color(const struct options *opt)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	if (opt->color != OPTIONS_COLOR_AUTO)
		return opt->color == OPTIONS_COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0 && !(no_color && *no_color);
}
