/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* cli/filter and cli/column: what a condition means for a row, and which rows it leaves. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cli/filter.h"
#include "tests/unit/said.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool matches(const char *row_text, const char *condition)
{
	json_t *row = json_loads(row_text, 0, NULL);
	struct filter_error error;
	struct filter f;
	bool result;

	assert_non_null(row);
	if (filter_parse(&f, &column_sessions, condition, &error))
		fail_msg("%s: %s", condition, error.text);
	result = filter_matches(&f, row);
	filter_free(&f);
	json_decref(row);
	return result;
}

static const char alice[] =
	"{\"serial\": 12, \"ifname\": \"ppp0\", \"user\": \"alice@example.net\", \"user_hex\": null, \"address\": \"192.168.0.100\","
	" \"policy\": \"dialup\", \"state\": \"open\", \"uptime\": 11049, \"rx\": 1288490189, \"tx\": 0, \"proxy_arp\": true,"
	" \"isolate\": false, \"started\": 1760000000, \"pid\": null}";

static void hits_and_misses(void **state)
{
	static const char *const hits[] = {
		"id=12", "id=#12", "id>11", "id<=12", "ifname=ppp*", "ifname!=ppp1", "user=alice@example.net", "user=*@example.net",
		"USER=alice*", "user~@example", "user~^alice", "address=192.168.0.100", "address=192.168.0.0/24", "address=0.0.0.0/0",
		"address=192.168.0.1*", "address!=10.0.0.0/8", "address>192.168.0.99", "address<=192.168.0.100", "address~\\.100$",
		"uptime>3h", "uptime<=3h4m9s", "rx>1G", "rx>=1288490189", "tx=0", "tx<1", "proxy-arp=yes", "proxy_arp=yes",
		"isolate!=yes", "started>2025-10-09", "started=2025-10-09T08:53:20Z", "pid=", "pid!=7", "flows=", "user!=", "tx!=",
		"caller=*", "state=[no]pen",
	};
	static const char *const misses[] = {
		"id=13", "id!=12", "ifname=ppp", "ifname=PPP0", "user=alice", "user!=*@example.net", "user~^bob", "address=192.168.0.10",
		"address=192.168.0.96/30", "address!=192.168.0.0/24", "address<192.168.0.100", "uptime<5m", "rx<1G", "tx>0", "tx=",
		"proxy-arp=no", "started<2025-10-09", "pid=7", "pid<7", "pid>=0", "flows>0", "user=", "caller~.", "flows!=",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(hits); i++)
		if (!matches(alice, hits[i]))
			fail_msg("%s does not match", hits[i]);
	for (size_t i = 0; i < COUNT(misses); i++)
		if (matches(alice, misses[i]))
			fail_msg("%s matches", misses[i]);
}

static void networks(void **state)
{
	static const char network[] = "{\"address\": \"10.1.0.0/16\"}", host[] = "{\"address\": \"2001:db8::1\"}";

	(void)state;
	assert_true(matches(network, "address=10.1.0.0/16"));
	assert_true(matches(network, "address=10.0.0.0/8"));
	assert_false(matches(network, "address=10.1.0.0/24"));
	assert_false(matches(network, "address=10.1.0.0"));
	assert_true(matches(network, "address>=10.1.0.0"));
	assert_false(matches(network, "address=::/0"));
	assert_true(matches(host, "address=2001:db8::/32"));
	assert_true(matches(host, "address=2001:db8:0::1"));
	assert_false(matches(host, "address=0.0.0.0/0"));
	assert_true(matches(host, "address>10.1.0.0"));
	assert_false(matches(host, "address<2001:db8::1"));
}

/* What a table shows can be typed back, whatever bytes the name has. */
static void names_as_shown(void **state)
{
	(void)state;
	assert_true(matches("{\"user\": \"caf\\ufffd\", \"user_hex\": \"636166e9\"}", "user=caf\\xe9"));
	assert_true(matches("{\"user\": \"a\\u001b[2J\"}", "user=a\\x1b[2J"));
	assert_true(matches("{\"user\": \"a[1]*\"}", "user=a[1]*"));
	assert_false(matches("{\"user\": \"a[1]*\"}", "user=a[1]"));
	assert_true(matches("{\"user\": \"\"}", "user="));
}

/* A daemon's mistake is not ours: a value of another type is an absent one. */
static void mistyped(void **state)
{
	(void)state;
	assert_false(matches("{\"user\": 7}", "user=7"));
	assert_true(matches("{\"user\": 7}", "user="));
	assert_false(matches("{\"rx\": \"7\"}", "rx>=0"));
	assert_false(matches("{\"address\": \"nonsense\"}", "address=0.0.0.0/0"));
	assert_false(matches("{\"address\": null}", "address=0.0.0.0/0"));
}

static void refusals(void **state)
{
	static const struct {
		const char *condition, *text, *suggestion;
	} cases[] = {
		{ "", "\"\": must be key OP value, with an OP of = != ~ < > <= >=", "" },
		{ "bob", "\"bob\": must be key OP value, with an OP of = != ~ < > <= >=", "" },
		{ "=bob", "\"=bob\": must be key OP value, with an OP of = != ~ < > <= >=", "" },
		{ "user!bob", "\"user!bob\": must be key OP value, with an OP of = != ~ < > <= >=", "" },
		{ "usr=bob", "unknown key \"usr\"", "user" },
		{ "proxyarp=yes", "unknown key \"proxyarp\"", "proxy-arp" },
		{ "colour=red", "unknown key \"colour\"", "" },
		{ "rx>10X", "rx: \"10X\": must be a size, like 10M", "" },
		{ "rx>", "rx: \"\": must be a size, like 10M", "" },
		{ "uptime<soon", "uptime: \"soon\": must be a duration, like 2h or 1h30m", "" },
		{ "id=x", "id: \"x\": must be a serial number, like #12", "" },
		{ "pid=#12", "pid: \"#12\": must be a number", "" },
		{ "started>noon", "started: \"noon\": must be a time in UTC, like 2026-11-22T08:30:00Z or 2026-11-22", "" },
		{ "address=10.0.0.0/33", "address: \"10.0.0.0/33\": prefix length must be 0 to 32", "" },
		{ "address=home", "address: \"home\": must be an IPv4 address or prefix", "" },
		{ "address=2001:db8::/129", "address: \"2001:db8::/129\": prefix length must be 0 to 128", "" },
		{ "address<10.0.0.0/8", "address: \"10.0.0.0/8\": must be an IPv4 or IPv6 address", "" },
		{ "user<bob", "user: \"bob\": is not a number: compare it with =, != or ~", "" },
	};
	struct filter_error error;
	struct filter f;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_not_equal(filter_parse(&f, &column_sessions, cases[i].condition, &error), 0);
		assert_string_equal(error.text, cases[i].text);
		assert_string_equal(error.suggestion, cases[i].suggestion);
		filter_free(&f);
	}
	assert_int_not_equal(filter_parse(&f, &column_sessions, "user~(", &error), 0);
	filter_free(&f);
}

/* Words of any length come from the command line. */
static void long_words(void **state)
{
	char word[5000];
	struct filter_error error;
	struct filter f;

	(void)state;
	memset(word, 'a', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	assert_int_not_equal(filter_parse(&f, &column_sessions, word, &error), 0);
	word[4000] = '=';
	assert_int_not_equal(filter_parse(&f, &column_sessions, word, &error), 0);
	memcpy(word, "address=", 8);
	assert_int_not_equal(filter_parse(&f, &column_sessions, word, &error), 0);
}

/* Of a policy or an uplink, whose columns have other kinds. */
static void rates_and_serials_are_numbers(void **state)
{
	static const char row_text[] = "{\"rate_down\": 33600, \"rate_up\": null, \"forwards_taken\": {\"web\": 13}, \"dns\": [\"10.0.0.1\"]}";
	static const char *const hits[] = {
		"rate-down=33.6kbit", "rate-down>32kbit", "rate-down<=33600", "rate-up=", "rate-up!=1Mbit", "forwards-taken=web*", "dns=10.0.0.1",
		"dns~^10", "rate-down>=33600", "rate-down<33.7kbit",
	};
	static const char *const misses[] = { "rate-down=33kbit", "rate-up<1Mbit", "rate-up>=1kbit", "forwards-taken=", "dns=10.0.0.2" };

	(void)state;
	for (size_t i = 0; i < COUNT(hits); i++)
		if (!matches(row_text, hits[i]))
			fail_msg("%s does not match", hits[i]);
	for (size_t i = 0; i < COUNT(misses); i++)
		if (matches(row_text, misses[i]))
			fail_msg("%s matches", misses[i]);
}

/* All of several conditions have to hold. */
static void several_conditions(void **state)
{
	char *words[] = { (char *)"user=alice*", (char *)"flows>=0" };
	json_t *row = json_loads(alice, 0, NULL), *fields = json_array(), *wanted;
	struct filters filters;

	(void)state;
	assert_non_null(row);
	assert_int_equal(filters_parse(&filters, &column_sessions, 0, NULL), 0);
	assert_true(filters_match(&filters, row));
	assert_false(filters_use(&filters, COLUMN_COSTS));
	filters_free(&filters);
	assert_int_equal(filters_parse(&filters, &column_sessions, 2, words), 0);
	assert_false(filters_match(&filters, row));
	json_object_set_new(row, "flows", json_integer(0));
	assert_true(filters_match(&filters, row));
	json_object_set_new(row, "user", json_string("bob"));
	assert_false(filters_match(&filters, row));
	/* the daemon has to be asked for their members, and to count if one costs that */
	assert_true(filters_use(&filters, COLUMN_COSTS));
	filters_add_fields(&filters, fields);
	wanted = json_loads("[\"user\", \"user_hex\", \"flows\"]", 0, NULL);
	assert_true(json_equal(fields, wanted));
	filters_free(&filters);
	json_decref(wanted);
	json_decref(fields);
	json_decref(row);
}

static void a_wrong_one_among_several_is_said(void **state)
{
	char *words[] = { (char *)"user~^a", (char *)"usr=alice" };
	struct filters filters;
	struct said said = said_begin(stderr);
	int rc = filters_parse(&filters, &column_sessions, 2, words);
	char *text = said_end(said);

	(void)state;
	assert_int_equal(rc, 2);
	assert_string_equal(text, "masqctl: filter: unknown key \"usr\"\nhint: did you mean \"user\"?\n");
	assert_int_equal(filters.count, 1);
	filters_free(&filters);
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hits_and_misses),
		cmocka_unit_test(networks),
		cmocka_unit_test(names_as_shown),
		cmocka_unit_test(mistyped),
		cmocka_unit_test(refusals),
		cmocka_unit_test(long_words),
		cmocka_unit_test(rates_and_serials_are_numbers),
		cmocka_unit_test(several_conditions),
		cmocka_unit_test(a_wrong_one_among_several_is_said),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
