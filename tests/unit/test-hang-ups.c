/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/hang-ups: who ends at once, and who waits for the next turn. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "lib/varlink-client.h"
#include "masqd/hang-ups.h"

struct test {
	struct event_base *base;
	struct hang_ups *hang_ups;
	int64_t takes_ms;
	char ended[128];
};

static void end(void *ctx, uint32_t serial, const char *cause)
{
	struct test *t = ctx;
	int64_t until = varlink_now_ms() + t->takes_ms;

	while (varlink_now_ms() < until)
		;
	snprintf(t->ended + strlen(t->ended), sizeof(t->ended) - strlen(t->ended), "%u %s; ", serial, cause);
}

static int setup(void **state)
{
	static struct test t;

	t = (struct test){ .base = event_base_new(), .takes_ms = HANG_UPS_SLICE_MS };
	t.hang_ups = hang_ups_new(t.base, end, &t);
	*state = &t;
	return t.hang_ups ? 0 : -1;
}

static int teardown(void **state)
{
	struct test *t = *state;

	hang_ups_free(t->hang_ups);
	event_base_free(t->base);
	return 0;
}

static void one_ends_at_once(void **state)
{
	struct test *t = *state;

	hang_ups_add(t->hang_ups, 1, "one");
	assert_string_equal(t->ended, "1 one; ");
}

static void a_turn_ends_as_many_as_it_has_time_for(void **state)
{
	struct test *t = *state;

	for (uint32_t serial = 1; serial <= 3; serial++)
		hang_ups_add(t->hang_ups, serial, "all");
	assert_string_equal(t->ended, "1 all; ");
	event_base_loop(t->base, EVLOOP_ONCE);
	assert_string_equal(t->ended, "1 all; 2 all; ");
	/* Behind those that wait, whether there is time or not. */
	hang_ups_add(t->hang_ups, 4, "late");
	assert_string_equal(t->ended, "1 all; 2 all; ");
	event_base_dispatch(t->base);
	assert_string_equal(t->ended, "1 all; 2 all; 3 all; 4 late; ");
	hang_ups_add(t->hang_ups, 5, "alone");
	assert_string_equal(t->ended, "1 all; 2 all; 3 all; 4 late; 5 alone; ");
}

static void who_needs_what_they_had_does_not_wait(void **state)
{
	struct test *t = *state;

	for (uint32_t serial = 1; serial <= 3; serial++)
		hang_ups_add(t->hang_ups, serial, "all");
	hang_ups_finish(t->hang_ups);
	assert_string_equal(t->ended, "1 all; 2 all; 3 all; ");
	event_base_dispatch(t->base);
	assert_string_equal(t->ended, "1 all; 2 all; 3 all; ");
}

static void those_that_wait_are_forgotten_in_the_end(void **state)
{
	struct test *t = *state;

	hang_ups_add(t->hang_ups, 1, "one");
	hang_ups_add(t->hang_ups, 2, "two");
	/* by teardown */
	assert_string_equal(t->ended, "1 one; ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_ends_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(a_turn_ends_as_many_as_it_has_time_for, setup, teardown),
		cmocka_unit_test_setup_teardown(who_needs_what_they_had_does_not_wait, setup, teardown),
		cmocka_unit_test_setup_teardown(those_that_wait_are_forgotten_in_the_end, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
