/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* cli/select: which sessions a word of the command line means. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cli/error.h"
#include "cli/select.h"
#include "tests/unit/said.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static json_t *sessions;

static int load(void **state)
{
	sessions = json_loads("[{\"serial\": 12, \"ifname\": \"ppp0\", \"user\": \"alice\", \"address\": \"192.168.0.100\"},"
			      " {\"serial\": 13, \"ifname\": \"ppp1\", \"user\": \"alice\", \"address\": \"192.168.0.101\"},"
			      " {\"serial\": 14, \"ifname\": \"eth1\", \"user\": null, \"address\": \"192.168.0.0/24\"},"
			      " {\"serial\": 15, \"ifname\": null, \"user\": \"b?b\", \"user_hex\": \"621b62\", \"address\": null},"
			      " {\"serial\": 16, \"ifname\": \"ppp?\", \"user\": \"*\", \"address\": \"10.0.0.1\"}]", 0, NULL);
	return sessions ? 0 : -1;
}

static int unload(void **state)
{
	json_decref(sessions);
	return 0;
}

/* The serial numbers of what was picked, as text. What was said goes to errors; caller frees. */
static int pick(const char *text, bool allows_several, char picked[64], char **errors)
{
	json_t *found = json_array(), *session;
	struct said said = said_begin(stderr);
	struct selector *selector = NULL;
	int rc = select_parse(&selector, "kick", text);
	size_t i;

	if (!rc)
		rc = select_pick(selector, "kick", sessions, allows_several, found);
	*errors = said_end(said);
	picked[0] = '\0';
	json_array_foreach(found, i, session)
		snprintf(picked + strlen(picked), 64 - strlen(picked), "%s%d", i ? " " : "",
			 (int)json_integer_value(json_object_get(session, "serial")));
	select_free(selector);
	json_decref(found);
	return rc;
}

static void a_word_means_a_session(void **state)
{
	static const struct {
		const char *text, *picked;
	} cases[] = {
		{ "#12", "12" }, { "13", "13" }, { "ppp0", "12" }, { "192.168.0.101", "13" }, { "192.168.0.0/24", "14" },
		{ "user=alice", "12 13" }, { "user=ali*", "12 13" },
		/* a name of an interface is no pattern */
		{ "ppp?", "16" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char picked[64], *errors;

		assert_int_equal(pick(cases[i].text, true, picked, &errors), 0);
		assert_string_equal(errors, "");
		assert_string_equal(picked, cases[i].picked);
		free(errors);
	}
}

static void what_does_not_match_is_said_with_what_is_near(void **state)
{
	static const struct {
		const char *text, *errors;
	} cases[] = {
		{ "pp0", "masqctl: kick: no session matches \"pp0\"\nhint: did you mean \"ppp0\"?\n" },
		{ "alise", "masqctl: kick: no session matches \"alise\"\nhint: did you mean \"user=alice\"?\n" },
		{ "user=alise", "masqctl: kick: no session matches \"alise\"\nhint: did you mean \"alice\"?\n" },
		{ "user=pp0", "masqctl: kick: no session matches \"pp0\"\n" },
		/* not of every member of a network; nor a name that cannot be typed */
		{ "192.168.0.7", "masqctl: kick: no session matches \"192.168.0.7\"\n" },
		{ "#99", "masqctl: kick: no session matches \"#99\"\n" },
		{ "b!b", "masqctl: kick: no session matches \"b!b\"\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char picked[64], *errors;

		assert_int_equal(pick(cases[i].text, true, picked, &errors), ERROR_NO_MATCH);
		assert_string_equal(errors, cases[i].errors);
		assert_string_equal(picked, "");
		free(errors);
	}
}

static void several_are_acted_on_only_if_that_was_said(void **state)
{
	char picked[64], *errors;

	assert_int_equal(pick("user=alice", false, picked, &errors), ERROR_USAGE);
	assert_string_equal(errors, "masqctl: kick: \"user=alice\" matches 2 sessions\n"
				    "hint: add --all to act on all of them, or use a serial number of `masqctl list`\n");
	free(errors);
	assert_int_equal(pick("#13", false, picked, &errors), 0);
	free(errors);
}

static void what_means_nothing_is_refused(void **state)
{
	static const char *const words[] = { "", "user=" };

	for (size_t i = 0; i < COUNT(words); i++) {
		char picked[64], wanted[128], *errors;

		snprintf(wanted, sizeof(wanted), "masqctl: kick: \"%s\": must be #serial, an interface, an address or user=NAME\n", words[i]);
		assert_int_equal(pick(words[i], true, picked, &errors), ERROR_USAGE);
		assert_string_equal(errors, wanted);
		free(errors);
	}
	select_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_means_a_session),
		cmocka_unit_test(what_does_not_match_is_said_with_what_is_near),
		cmocka_unit_test(several_are_acted_on_only_if_that_was_said),
		cmocka_unit_test(what_means_nothing_is_refused),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
