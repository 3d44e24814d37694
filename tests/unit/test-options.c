/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* cli/options and cli/error: what the words of a command line mean, and how is said what is wrong with them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/error.h"
#include "cli/options.h"
#include "tests/unit/said.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { WORDS_MAX = 24 };

/* Cut at the blanks; what comes behind masqctl. */
static int parse(struct options *opt, const char *line, char **words, int *first, char **errors)
{
	static char copy[512];
	struct said said;
	int count = 1, rc;

	assert_true(strlen(line) < sizeof(copy));
	strcpy(copy, line);
	words[0] = (char *)"masqctl";
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
		assert_true(count < WORDS_MAX);
		words[count++] = word;
	}
	words[count] = NULL;
	optind = 0;
	error_set_form(ERROR_FORM_TEXT);
	said = said_begin(stderr);
	rc = options_parse(opt, count, words, first);
	*errors = said_end(said);
	error_set_form(ERROR_FORM_TEXT);
	return rc;
}

static struct options taken(const char *line, const char *rest)
{
	char *words[WORDS_MAX + 1], *errors, text[512] = "";
	struct options opt;
	int first;

	assert_int_equal(parse(&opt, line, words, &first, &errors), 0);
	assert_string_equal(errors, "");
	free(errors);
	for (; words[first]; first++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", *text ? " " : "", words[first]);
	assert_string_equal(text, rest);
	return opt;
}

static void nothing_given_leaves_the_defaults(void **state)
{
	struct options opt = taken("list user=alice", "list user=alice");

	assert_string_equal(opt.socket, MASQD_SOCKET);
	assert_string_equal(opt.arp_socket, ARPD_SOCKET);
	assert_int_equal(opt.timeout_sec, -1);
	assert_int_equal(opt.limit, -1);
	assert_int_equal(opt.json, JSON_STYLE_NONE);
	assert_int_equal(opt.groups, 0);
	assert_null(options_misplaced(&opt, 0));
}

static void options_stand_anywhere(void **state)
{
	struct options opt = taken("-o +mtu list --sort -rx user=alice -n 5 --no-headings --json=lines -r -- -x", "list user=alice -x");

	assert_string_equal(opt.columns, "+mtu");
	assert_string_equal(opt.sort, "-rx");
	assert_int_equal(opt.limit, 5);
	assert_true(opt.no_headings && opt.is_raw);
	assert_int_equal(opt.json, JSON_STYLE_LINES);
	assert_int_equal(opt.groups, OPTIONS_TABLE | OPTIONS_RAW);
	assert_null(options_misplaced(&opt, OPTIONS_TABLE | OPTIONS_RAW));
	assert_string_equal(options_misplaced(&opt, OPTIONS_TABLE), "raw");
	assert_string_equal(options_misplaced(&opt, OPTIONS_RAW), "no-headings");
}

static void each_option_has_its_place(void **state)
{
	struct options opt = taken("-jqv attach --address 192.168.0.9 --policy dialup --user=alice --reason no --all --gone --confirm 86400"
				   " --timeout 0", "attach");

	assert_int_equal(opt.json, JSON_STYLE_COMPACT);
	assert_true(opt.is_quiet && opt.is_verbose && opt.all && opt.gone);
	assert_false(opt.wants_help || opt.wants_version);
	assert_string_equal(opt.address, "192.168.0.9");
	assert_string_equal(opt.policy, "dialup");
	assert_string_equal(opt.user, "alice");
	assert_string_equal(opt.reason, "no");
	assert_int_equal(opt.confirm_sec, 86400);
	assert_int_equal(opt.timeout_sec, 0);
	opt = taken("--proto tcp --at 2h --since 2026-01-01 --until 1d --socket a --arp-socket b --color never -hV", "");
	assert_string_equal(opt.protocol, "tcp");
	assert_string_equal(opt.at, "2h");
	assert_string_equal(opt.since, "2026-01-01");
	assert_string_equal(opt.until, "1d");
	assert_string_equal(opt.socket, "a");
	assert_string_equal(opt.arp_socket, "b");
	assert_int_equal(opt.color, OPTIONS_COLOR_NEVER);
	assert_true(opt.wants_help && opt.wants_version);
	assert_int_equal(opt.groups, OPTIONS_WHO | OPTIONS_HISTORY);
}

static void what_is_wrong_is_usage_with_a_way_out(void **state)
{
	static const struct {
		const char *line, *errors;
	} cases[] = {
		{ "list --limt 5", "masqctl: unknown option or misplaced value: --limt\nhint: did you mean \"--limit\"?\n" },
		{ "list --zzzzzzzz", "masqctl: unknown or ambiguous option, or one without a value: --zzzzzzzz\nhint: try masqctl --help\n" },
		{ "list -x", "masqctl: unknown option -x\nhint: try masqctl --help\n" },
		{ "list --limit", "masqctl: --limit: needs a value\nhint: try masqctl --help\n" },
		{ "list -n", "masqctl: -n: needs a value\nhint: try masqctl --help\n" },
		{ "list -n ten", "masqctl: --limit: \"ten\": must be a number from 0 to 1000000000\n" },
		{ "list -n -1", "masqctl: --limit: \"-1\": must be a number from 0 to 1000000000\n" },
		{ "reload --confirm 86401", "masqctl: --confirm: \"86401\": must be a number from 0 to 86400\n" },
		{ "wait --timeout 9999999999", "masqctl: --timeout: \"9999999999\": must be a number from 0 to 315360000\n" },
		{ "list --color alwys", "masqctl: --color: unknown value \"alwys\"\nhint: did you mean \"always\"?\n" },
		{ "list --color blue", "masqctl: --color: unknown value \"blue\"\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *words[WORDS_MAX + 1], *errors;
		struct options opt;
		int first;

		assert_int_equal(parse(&opt, cases[i].line, words, &first, &errors), ERROR_USAGE);
		assert_string_equal(errors, cases[i].errors);
		free(errors);
	}
}

static void errors_are_json_where_json_is_asked_for(void **state)
{
	char *words[WORDS_MAX + 1], *errors;
	struct options opt;
	json_t *json;
	int first;

	assert_int_equal(parse(&opt, "list --json=pretyt", words, &first, &errors), ERROR_USAGE);
	/* what is wrong with the first --json is told in the form that stood before it */
	assert_string_equal(errors, "masqctl: --json: unknown value \"pretyt\"\nhint: did you mean \"pretty\"?\n");
	free(errors);
	assert_int_equal(parse(&opt, "--json list --limt 5", words, &first, &errors), ERROR_USAGE);
	json = json_loads(errors, 0, NULL);
	assert_non_null(json);
	assert_string_equal(json_string_value(json_object_get(json, "schema")), "org.masqgate.error");
	assert_string_equal(json_string_value(json_object_get(json, "error")), "unknown option or misplaced value: --limt");
	assert_string_equal(json_string_value(json_object_get(json, "hint")), "did you mean \"--limit\"?");
	assert_int_equal(json_integer_value(json_object_get(json, "exit_code")), ERROR_USAGE);
	json_decref(json);
	free(errors);
}

static void what_a_message_says_no_terminal_obeys(void **state)
{
	struct said said = said_begin(stderr);
	char *text;

	assert_int_equal(error_report(ERROR_FAILED, "try \x1b[2J", "cannot: %s", "a\nb\x9b"), ERROR_FAILED);
	assert_int_equal(error_suggest(ERROR_NO_MATCH, NULL, "nothing"), ERROR_NO_MATCH);
	text = said_end(said);
	assert_string_equal(text, "masqctl: cannot: a\\x0ab\\x9b\nhint: try \\x1b[2J\nmasqctl: nothing\n");
	free(text);
}

static void reasons_are_in_lower_case_but_for_names(void **state)
{
	assert_string_equal(error_text(-ECONNREFUSED), "connection refused");
	assert_string_equal(error_text(-ERFKILL), "operation not possible due to RF-kill");
	assert_string_equal(error_text(-EDOTDOT), "RFS specific error");
}

static void the_usage_names_each_option(void **state)
{
	static const char *const parts[] = {
		"  -j, --json[=pretty|compact|lines] print JSON\n", "  -n, --limit N ", "      --no-headings ", "      --at TIME ", "  -V, --version ",
	};
	struct said said = said_begin(stdout);
	char *text;

	options_print_usage();
	text = said_end(said);
	for (size_t i = 0; i < COUNT(parts); i++)
		if (!strstr(text, parts[i]))
			fail_msg("%s is not in\n%s", parts[i], text);
	free(text);
}

/* Standard output is no terminal here. */
static void colours_are_for_who_asks(void **state)
{
	struct said said = said_begin(stdout);
	struct options opt = { .color = OPTIONS_COLOR_AUTO };
	bool is_auto, always, never;

	is_auto = options_want_color(&opt);
	opt.color = OPTIONS_COLOR_ALWAYS;
	always = options_want_color(&opt);
	opt.color = OPTIONS_COLOR_NEVER;
	never = options_want_color(&opt);
	free(said_end(said));
	assert_true(!is_auto && always && !never);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_given_leaves_the_defaults),
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(each_option_has_its_place),
		cmocka_unit_test(what_is_wrong_is_usage_with_a_way_out),
		cmocka_unit_test(errors_are_json_where_json_is_asked_for),
		cmocka_unit_test(what_a_message_says_no_terminal_obeys),
		cmocka_unit_test(reasons_are_in_lower_case_but_for_names),
		cmocka_unit_test(the_usage_names_each_option),
		cmocka_unit_test(colours_are_for_who_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
