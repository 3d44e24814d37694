/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/forward: what people write and what it is printed as; and masqd/claim: who has the ports. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "masqd/claim.h"
#include "masqd/forward.h"
#include "masqd/session.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void forwards_are_read_and_written(void **state)
{
	static const struct {
		const char *text, *canonical;
	} cases[] = {
		{ "ssh tcp 2222 to 22", "ssh tcp 2222 to 22" },
		{ "  ssh\ttcp 2222  to 22 ", "ssh tcp 2222 to 22" },
		{ "dns udp 53", "dns udp 53" },
		{ "dns tcp+udp 53 to 53", "dns tcp+udp 53" },
		{ "x11 tcp 6000-6010", "x11 tcp 6000-6010" },
		{ "x11 tcp 6000-6000", "x11 tcp 6000" },
		{ "x11 tcp 6000-6010 to 7000", "x11 tcp 6000-6010 to 7000-7010" },
		{ "x11 tcp 6000-6010 to 7000-7010", "x11 tcp 6000-6010 to 7000-7010" },
		{ "web tcp 80 to 192.168.0.2:8080", "web tcp 80 to 192.168.0.2:8080" },
		{ "all tcp 1-1024", "all tcp 1-1024" },
		{ "web tcp 80 to 192.168.0.2:80", "web tcp 80 to 192.168.0.2:80" },
		{ "last udp 65535 to 65535", "last udp 65535" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct forward forward;
		char text[FORWARD_TEXT_MAX];

		assert_null(forward_parse(cases[i].text, &forward));
		assert_string_equal(forward_text(&forward, text), cases[i].canonical);
	}
}

static void bad_forwards_are_refused(void **state)
{
	static const char *const cases[] = {
		"", "ssh", "ssh tcp", "ssh tcp 22 22", "ssh tcp 22 to", "ssh tcp 22 at 22", "ssh tcp 22 to 22 33", "ssh icmp 22", "ssh any 22",
		"ssh tcp 0", "ssh tcp 65536", "ssh tcp -1", "ssh tcp 22-", "ssh tcp 30-22", "ssh tcp 22,23", "ssh tcp 22 to 0",
		"ssh tcp 22 to x:22", "ssh tcp 22 to 0.0.0.0:22", "ssh tcp 22 to 10.0.0.1:", "ssh tcp 22 to 127.0.0.1:22", "ssh tcp 22 to 10.0.0.1",
		"ssh tcp 6000-6010 to 7000-7009", "ssh tcp 6000-6010 to 65530", "s;h tcp 22", "ssh tcp 22 to 10.0.0.1:22x",
		"abcdefghijklmnopqrstuvwxyzabcdefg tcp 22", "ssh tcp 18446744073709551638",
		"ssh tcp 22 to 1111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111",
	};
	struct forward forward;

	for (size_t i = 0; i < COUNT(cases); i++)
		if (!forward_parse(cases[i], &forward))
			fail_msg("accepted: %s", cases[i]);
}

/* What appending all of these says of the last. */
static const char *appended(const char *const *texts)
{
	struct forward_list list = { 0 };
	const char *wrong = NULL;
	struct forward forward;

	for (; *texts; texts++) {
		assert_null(wrong);
		assert_null(forward_parse(*texts, &forward));
		wrong = forward_append(&list, &forward);
	}
	return wrong;
}

static void forwards_of_a_policy_do_not_get_in_each_others_way(void **state)
{
	assert_null(appended((const char *const[]){ "a tcp 53", "b udp 53", "c tcp+udp 54", "d tcp 55-60", NULL }));
	assert_non_null(appended((const char *const[]){ "a tcp 53", "a udp 54", NULL }));
	assert_non_null(appended((const char *const[]){ "a tcp 53", "b tcp+udp 53", NULL }));
	assert_non_null(appended((const char *const[]){ "a udp 50-60", "b udp 60-70", NULL }));
	assert_non_null(appended((const char *const[]){ "a udp 50-60", "b udp 40-80", NULL }));
	assert_null(appended((const char *const[]){ "a tcp 1-1000", "b udp 1-24", NULL }));
	assert_non_null(appended((const char *const[]){ "a tcp 1-1000", "b udp 1-25", NULL }));
	assert_non_null(appended((const char *const[]){ "a tcp+udp 1-513", NULL }));
}

static struct session *online(struct session_table *table, uint32_t serial, const struct policy *policy, uint32_t address)
{
	struct session *s = session_new(table, serial, SESSION_PPP);

	s->state = SESSION_OPEN;
	s->policy = policy;
	session_set_address(table, s, (struct in_addr){ .s_addr = address });
	session_set_ifindex(table, s, serial);
	claim_forwards(table, s);
	s->grant = policy_decide(s);
	return s;
}

static void the_first_that_is_online_has_the_port(void **state)
{
	struct session_table table = { 0 };
	struct policy policy = { .name = "p", .id = 1 }, other = { .name = "q", .id = 2 };
	struct session *first, *second, *third, *s, *next;
	struct forward forward;

	assert_null(forward_parse("ssh tcp 2222 to 22", &forward));
	assert_null(forward_append(&policy.forwards, &forward));
	assert_null(forward_parse("web tcp 80-90", &forward));
	assert_null(forward_append(&policy.forwards, &forward));
	assert_null(forward_parse("www tcp 85", &forward));
	assert_null(forward_append(&other.forwards, &forward));
	first = online(&table, 1, &policy, 101);
	second = online(&table, 2, &policy, 102);
	third = online(&table, 3, &other, 103);
	assert_int_equal(first->forward_holders[0], 0);
	assert_int_equal(first->grant.forwards[0].first, 2222);
	assert_int_equal(first->grant.forwards[0].to_port, 22);
	assert_int_equal(first->grant.forwards[0].to_address.s_addr, 101);
	assert_int_equal(second->forward_holders[0], 1);
	assert_int_equal(second->forward_holders[1], 1);
	assert_int_equal(second->grant.forwards[0].first, 0);
	assert_int_equal(third->forward_holders[0], 1);
	first->state = SESSION_ADMITTED;
	first->grant = policy_decide(first);
	claim_forwards(&table, third);
	third->grant = policy_decide(third);
	claim_forwards(&table, second);
	second->grant = policy_decide(second);
	assert_int_equal(third->grant.forwards[0].first, 85);
	assert_int_equal(second->grant.forwards[0].first, 2222);
	assert_int_equal(second->forward_holders[1], 3);
	assert_int_equal(second->grant.forwards[1].first, 0);
	session_each(&table, s, next)
		session_free(&table, s);
}

static void an_address_is_forwarded_to_if_it_is_the_sessions(void **state)
{
	struct session_table table = { 0 };
	struct policy policy = { .name = "p", .id = 1 };
	struct session *s;
	struct forward forward;

	assert_null(forward_parse("ssh tcp 2222 to 192.168.0.2:22", &forward));
	assert_null(forward_append(&policy.forwards, &forward));
	s = online(&table, 1, &policy, forward.to_address.s_addr);
	assert_int_equal(s->grant.forwards[0].first, 2222);
	session_set_address(&table, s, (struct in_addr){ .s_addr = htonl(0xc0a80003) });
	assert_int_equal(policy_decide(s).forwards[0].first, 0);
	s->address.length = 24;
	assert_int_equal(policy_decide(s).forwards[0].first, 2222);
	session_free(&table, s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forwards_are_read_and_written),
		cmocka_unit_test(bad_forwards_are_refused),
		cmocka_unit_test(forwards_of_a_policy_do_not_get_in_each_others_way),
		cmocka_unit_test(the_first_that_is_online_has_the_port),
		cmocka_unit_test(an_address_is_forwarded_to_if_it_is_the_sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
