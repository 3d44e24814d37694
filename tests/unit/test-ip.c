/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* lib/ip.c: both families in one type. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/ip.h"

static struct in6_addr parsed(const char *text)
{
	struct in6_addr address;

	assert_null(ip_parse(text, &address));
	return address;
}

static void test_texts_return(void **state)
{
	static const char *const texts[] = { "192.168.0.100", "0.0.0.0", "2001:db8::1", "::", "fe80::1" };
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct in6_addr address = parsed(texts[i]);

		assert_string_equal(ip_text(&address, text), texts[i]);
		assert_int_equal(ip_is_v4(&address), !strchr(texts[i], ':'));
	}
}

static void test_bad_addresses(void **state)
{
	static const char *const texts[] = { "", "1.2.3", "1.2.3.4.5", "::ffff:1.2.3.4", "2001:db8::g", "2001:db8::1/64", " ::1" };
	struct in6_addr address;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_non_null(ip_parse(texts[i], &address));
}

static void test_prefixes(void **state)
{
	static const struct {
		const char *text, *in, *out;
	} cases[] = {
		{ "192.168.0.0/24", "192.168.0.255", "192.168.1.0" }, { "10.0.0.0/8", "10.255.0.1", "11.0.0.1" },
		{ "192.168.0.7", "192.168.0.7", "192.168.0.6" },      { "2001:db8::/64", "2001:db8::ffff:1", "2001:db8:0:1::" },
		{ "2001:db8::/61", "2001:db8:0:7::", "2001:db8:0:8::" }, { "0.0.0.0/0", "1.2.3.4", "::1" },
		{ "2001:db8::7", "2001:db8::7", "192.168.0.7" },
	};
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct in6_addr in = parsed(cases[i].in), out = parsed(cases[i].out);
		struct ip_prefix prefix;

		assert_null(ip_prefix_parse(cases[i].text, &prefix));
		assert_string_equal(ip_prefix_text(&prefix, text), cases[i].text);
		assert_true(ip_prefix_contains(&prefix, &in));
		assert_false(ip_prefix_contains(&prefix, &out));
	}
}

static void test_bad_prefixes(void **state)
{
	static const char *const texts[] = { "10.0.0.1/8", "10.0.0.0/33", "2001:db8::1/64", "2001:db8::/129", "2001:db8::/", "::/064",
					     "2001:db8::/6 4", "eth0", "" };
	struct ip_prefix prefix;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_non_null(ip_prefix_parse(texts[i], &prefix));
}

static void test_next(void **state)
{
	static const struct {
		const char *is, *next;
	} cases[] = { { "192.168.0.255", "192.168.1.0" }, { "2001:db8::ff", "2001:db8::100" },
		      { "2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:1::" } };
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct in6_addr address = parsed(cases[i].is);

		address = ip_next(&address);
		assert_string_equal(ip_text(&address, text), cases[i].next);
	}
}

static void test_objections(void **state)
{
	static const char *const bad[] = { "127.0.0.1", "224.0.0.1", "::1", "ff02::1", "fe80::1", "64:ff9b::1" };
	static const char *const good[] = { "192.168.0.100", "2001:db8::1", "fd00::1" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct in6_addr address = parsed(bad[i]);

		assert_non_null(ip_objection(&address));
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct in6_addr address = parsed(good[i]);

		assert_null(ip_objection(&address));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_return), cmocka_unit_test(test_bad_addresses), cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_bad_prefixes), cmocka_unit_test(test_next),	    cmocka_unit_test(test_objections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
