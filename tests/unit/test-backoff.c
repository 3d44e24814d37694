/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/backoff: who has to wait, and for how long. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "masqd/backoff.h"

#define LINE "/dev/ttyS0"

static int setup(void **state)
{
	*state = backoff_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	backoff_free(*state);
	return 0;
}

static void the_wait_doubles_up_to_the_maximum(void **state)
{
	static const unsigned waits[] = { 1, 2, 4, 8, 16, 30, 30 };
	int64_t now = 5000;

	assert_int_equal(backoff_wait(*state, "alice", LINE, now, 30), 0);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		backoff_failed(*state, "alice", LINE, now, 30);
		assert_int_equal(backoff_wait(*state, "alice", LINE, now, 30), waits[i]);
		now += 1000 * waits[i] - 1;
		assert_int_equal(backoff_wait(*state, "alice", LINE, now, 30), 1);
		now++;
		assert_int_equal(backoff_wait(*state, "alice", LINE, now, 30), 0);
	}
	/* thousands of times too */
	for (int i = 0; i < 5000; i++)
		backoff_failed(*state, "alice", LINE, now, 30);
	assert_int_equal(backoff_wait(*state, "alice", LINE, now, 30), 30);
	/* and with a maximum that is lowered */
	assert_int_equal(backoff_wait(*state, "alice", LINE, now, 3), 3);
	assert_int_equal(backoff_wait(*state, "alice", LINE, now, 0), 0);
}

static void each_user_and_line_is_for_itself(void **state)
{
	static const char *const others[][2] = {
		{ "alice", "/dev/ttyS1" }, { "bob", LINE }, { NULL, LINE }, { "alice", NULL }, { NULL, NULL }, { "", LINE },
		{ "alice" LINE, "" }, { "", "alice" LINE },
	};

	backoff_failed(*state, "alice", LINE, 0, 30);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(backoff_wait(*state, others[i][0], others[i][1], 0, 30), 0);
		backoff_failed(*state, others[i][0], others[i][1], 0, 30);
		backoff_failed(*state, others[i][0], others[i][1], 0, 30);
		assert_int_equal(backoff_wait(*state, others[i][0], others[i][1], 0, 30), 2);
	}
	assert_int_equal(backoff_wait(*state, "alice", LINE, 0, 30), 1);
}

static void what_lasts_or_is_quiet_is_forgotten(void **state)
{
	for (int i = 0; i < 4; i++)
		backoff_failed(*state, "alice", LINE, 0, 30);
	backoff_lasted(*state, "bob", LINE);
	assert_int_equal(backoff_wait(*state, "alice", LINE, 0, 30), 8);
	backoff_lasted(*state, "alice", LINE);
	assert_int_equal(backoff_wait(*state, "alice", LINE, 0, 30), 0);
	backoff_failed(*state, "alice", LINE, 0, 30);
	assert_int_equal(backoff_wait(*state, "alice", LINE, 0, 30), 1);
	backoff_failed(*state, "alice", LINE, 59999, 30);
	assert_int_equal(backoff_wait(*state, "alice", LINE, 59999, 30), 2);
	backoff_failed(*state, "alice", LINE, 59999 + 60000, 30);
	assert_int_equal(backoff_wait(*state, "alice", LINE, 59999 + 60000, 30), 1);
}

static void nobody_waits_when_it_is_off(void **state)
{
	backoff_failed(*state, "alice", LINE, 0, 30);
	backoff_failed(*state, "alice", LINE, 0, 0);
	assert_int_equal(backoff_wait(*state, "alice", LINE, 0, 30), 0);
}

static void count(void *ctx, const char *user, const char *line, unsigned failures, unsigned wait_s)
{
	(*(unsigned *)ctx)++;
	assert_int_equal(failures, 1);
	assert_int_equal(wait_s, 1);
	assert_true(!user || strncmp(user, "user", 4) == 0);
	assert_true(!line || strcmp(line, LINE) == 0);
}

static void there_are_only_so_many(void **state)
{
	unsigned told = 0;
	char user[32];

	for (unsigned i = 0; i < 3 * BACKOFF_MAX; i++) {
		snprintf(user, sizeof(user), "user%u", i);
		backoff_failed(*state, user, i % 2 ? LINE : NULL, 0, 30);
	}
	assert_int_equal(backoff_wait(*state, user, LINE, 0, 30), 1);
	assert_int_equal(backoff_wait(*state, "user0", NULL, 0, 30), 0);
	backoff_each(*state, 0, 30, count, &told);
	assert_int_equal(told, BACKOFF_MAX);
	told = 0;
	backoff_each(*state, 1000, 30, count, &told);
	assert_int_equal(told, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_wait_doubles_up_to_the_maximum),
		TEST(each_user_and_line_is_for_itself),
		TEST(what_lasts_or_is_quiet_is_forgotten),
		TEST(nobody_waits_when_it_is_off),
		TEST(there_are_only_so_many),
	};

	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
