/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/claim: which session has the ports that several ask for. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "masqd/claim.h"

static struct session_table table;
static struct policy policy;
static struct session *first, *second;

/* Two sessions of one policy with three forwards, none of them in force. */
static int make(void **state)
{
	static const char *const texts[] = { "web tcp 80", "dns udp 53 to 5353", "x11 tcp 6000-6010" };

	policy = (struct policy){ .name = (char *)"server" };
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct forward forward;

		assert_null(forward_parse(texts[i], &forward));
		assert_null(forward_append(&policy.forwards, &forward));
	}
	first = session_new(&table, 1, SESSION_PPP);
	second = session_new(&table, 2, SESSION_PPP);
	assert_true(first && second);
	first->policy = second->policy = &policy;
	return 0;
}

static int drop(void **state)
{
	session_free(&table, first);
	session_free(&table, second);
	return 0;
}

/* The forward of this number is in force for the session, as its grant says. */
static void give(struct session *s, unsigned i)
{
	const struct forward *forward = &policy.forwards.forwards[i];

	s->grant.has_forwards = true;
	s->grant.forwards[i] = (struct grant_forward){ .first = forward->first, .last = forward->last, .to_port = forward->to_port,
						       .is_tcp = forward->is_tcp, .is_udp = forward->is_udp };
}

static void assert_holders(const struct session *s, uint32_t web, uint32_t dns, uint32_t x11)
{
	assert_int_equal(s->forward_holders[0], web);
	assert_int_equal(s->forward_holders[1], dns);
	assert_int_equal(s->forward_holders[2], x11);
	for (unsigned i = 3; i < FORWARDS_MAX; i++)
		assert_int_equal(s->forward_holders[i], 0);
	assert_int_equal(claim_is_waiting(s), web || dns || x11);
}

static void what_nobody_has_is_free(void **state)
{
	claim_forwards(&table, first);
	assert_holders(first, 0, 0, 0);
}

static void who_has_a_port_keeps_it(void **state)
{
	give(first, 0);
	give(first, 2);
	claim_forwards(&table, second);
	assert_holders(second, 1, 0, 1);
	/* what it has itself is in nobody's way */
	claim_forwards(&table, first);
	assert_holders(first, 0, 0, 0);
}

static void one_port_of_several_is_enough(void **state)
{
	first->grant.has_forwards = true;
	first->grant.forwards[7] = (struct grant_forward){ .first = 6010, .last = 6010, .to_port = 22, .is_tcp = true };
	claim_forwards(&table, second);
	assert_holders(second, 0, 0, 1);
	first->grant.forwards[7].is_tcp = false;
	first->grant.forwards[7].is_udp = true;
	claim_forwards(&table, second);
	assert_holders(second, 0, 0, 0);
}

static void a_forward_whose_holder_has_gone_is_free(void **state)
{
	give(first, 1);
	claim_forwards(&table, second);
	assert_holders(second, 0, 1, 0);
	first->grant = (struct grant){ 0 };
	claim_forwards(&table, second);
	assert_holders(second, 0, 0, 0);
}

static void nothing_is_claimed_for_who_forwards_nothing(void **state)
{
	give(first, 0);
	second->forward_holders[0] = 1;
	second->policy = NULL;
	claim_forwards(&table, second);
	assert_holders(second, 0, 0, 0);
	second->policy = &policy;
	second->type = SESSION_HOST;
	second->forward_holders[0] = 1;
	claim_forwards(&table, second);
	assert_holders(second, 0, 0, 0);
	second->type = SESSION_PPP;
}

/* What it has in force it keeps; for all else it waits, if need be for itself. */
static void for_now_nothing_new_is_claimed(void **state)
{
	give(first, 0);
	give(second, 1);
	claim_forwards(&table, second);
	claim_nothing_new(second);
	assert_holders(second, 1, 0, 2);
	/* the same ports to another port of the client are something new */
	second->grant.forwards[1].to_port = 53;
	claim_nothing_new(second);
	assert_holders(second, 1, 2, 2);
	second->policy = NULL;
	claim_nothing_new(second);
	assert_holders(second, 0, 0, 0);
}

#define WITH_TWO(function) cmocka_unit_test_setup_teardown(function, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TWO(what_nobody_has_is_free),
		WITH_TWO(who_has_a_port_keeps_it),
		WITH_TWO(one_port_of_several_is_enough),
		WITH_TWO(a_forward_whose_holder_has_gone_is_free),
		WITH_TWO(nothing_is_claimed_for_who_forwards_nothing),
		WITH_TWO(for_now_nothing_new_is_claimed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
