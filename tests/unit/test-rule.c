/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/rule: what people write, what it is printed as, and what nft is given. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "masqd/rule.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char *printed(void (*print)(FILE *out, const struct rule *rule), const struct rule *rule)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	print(out, rule);
	fclose(out);
	return text;
}

static void rules_are_read_and_written(void **state)
{
	static const struct {
		const char *text, *canonical, *nft, *nft6;	/* NULL: none of its own */
	} cases[] = {
		{ "allow any", "allow any", "", NULL },
		{ "deny any", "deny any", "", NULL },
		{ "  deny\tany  ", "deny any", "", NULL },
		{ "allow ping", "allow ping", " icmp type echo-request", " icmpv6 type echo-request" },
		{ "allow icmp", "allow icmp", " ip protocol 1", " meta nfproto ipv6 meta l4proto 58" },
		{ "deny tcp", "deny tcp", " ip protocol 6", " meta nfproto ipv6 meta l4proto 6" },
		{ "allow tcp 80", "allow tcp 80", " tcp dport { 80 }", NULL },
		{ "allow tcp 80,443,6000-6063", "allow tcp 80,443,6000-6063", " tcp dport { 80,443,6000-6063 }", NULL },
		{ "allow udp 53 to 192.0.2.53", "allow udp 53 to 192.0.2.53", " ip daddr 192.0.2.53 udp dport { 53 }", NULL },
		{ "deny any to 10.0.0.0/8", "deny any to 10.0.0.0/8", " ip daddr 10.0.0.0/8", NULL },
		{ "allow gre to 192.0.2.1/32", "allow gre to 192.0.2.1", " ip daddr 192.0.2.1 ip protocol 47", NULL },
		{ "allow protocol 41", "allow protocol 41", " ip protocol 41", " meta nfproto ipv6 meta l4proto 41" },
		{ "allow protocol 6", "allow tcp", " ip protocol 6", " meta nfproto ipv6 meta l4proto 6" },
		{ "allow tcp 1,65535", "allow tcp 1,65535", " tcp dport { 1,65535 }", NULL },
		{ "allow tcp 5-5", "allow tcp 5", " tcp dport { 5 }", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rule rule;
		char *canonical, *nft, *nft6;

		assert_null(rule_parse(cases[i].text, &rule));
		assert_int_equal(rule.is_allowed, strstr(cases[i].text, "allow") != NULL);
		canonical = printed(rule_print, &rule);
		nft = printed(rule_print_nft, &rule);
		nft6 = printed(rule_print_nft6, &rule);
		assert_string_equal(canonical, cases[i].canonical);
		assert_string_equal(nft, cases[i].nft);
		assert_int_equal(rule_has_nft6(&rule), cases[i].nft6 != NULL);
		if (cases[i].nft6)
			assert_string_equal(nft6, cases[i].nft6);
		free(canonical);
		free(nft);
		free(nft6);
	}
}

static void other_words_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"allow",
		"any",
		"permit any",
		"allow all",
		"allow tcp http",
		"allow tcp 0",
		"allow tcp 65536",
		"allow tcp 99999999999999999999",
		"allow tcp 80,",
		"allow tcp ,80",
		"allow tcp 80-",
		"allow tcp 81-80",
		"allow tcp 80 443",
		"allow tcp -80",
		"allow tcp 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17",
		"allow icmp 8",
		"allow any from 10.0.0.0/8",
		"allow any to",
		"allow any to 10.0.0.1/8",
		"allow any to 10.0.0.0/8 now",
		"allow any to example.net",
		"allow protocol",
		"allow protocol 256",
		"allow protocol x",
		"allow protocol 6 80",
		"allow tcp 80; flush ruleset",
		"allow tcp 80 to 10.0.0.0/8 and to 192.0.2.0/24",
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct rule rule;

		if (!rule_parse(bad[i], &rule))
			fail_msg("\"%s\" was taken", bad[i]);
	}
}

static void services_are_traffic_only(void **state)
{
	struct rule rule;

	assert_null(rule_parse_traffic("tcp 22,80", &rule));
	assert_true(rule.is_allowed);
	assert_int_equal(rule.port_count, 2);
	assert_null(rule_parse_traffic("any", &rule));
	assert_non_null(rule_parse_traffic("allow tcp 22", &rule));
	assert_non_null(rule_parse_traffic("tcp 22 to 10.0.0.0/8", &rule));
	assert_non_null(rule_parse_traffic("", &rule));
}

static void a_very_long_text_is_refused(void **state)
{
	char text[1000];
	struct rule rule;

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text, "allow tcp ", 10);
	assert_string_equal(rule_parse(text, &rule), "is too long");
	assert_string_equal(rule_parse_traffic(text, &rule), "is too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_read_and_written),
		cmocka_unit_test(other_words_are_refused),
		cmocka_unit_test(services_are_traffic_only),
		cmocka_unit_test(a_very_long_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
