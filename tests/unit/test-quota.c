/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/quota: accounts, what is kept of them, and counters that begin again. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "masqd/clock.h"
#include "masqd/quota.h"

static char folder[] = "/tmp/masqgate-quota-XXXXXX";
static struct event_base *base;
static struct store *store;
static struct quota *quota;

/* What the kernel would say of sessions 1 to 4. */
static uint64_t rx[5], tx[5];
static unsigned told;

static bool read_counters(void *ctx, uint32_t serial, uint64_t *received, uint64_t *sent)
{
	*received = rx[serial];
	*sent = tx[serial];
	return true;
}

static void refresh(void *ctx)
{
}

static void on_state(void *ctx, uint32_t serial)
{
	told++;
	event_base_loopbreak(base);
}

static const struct quota_handler handler = { .refresh = refresh, .read = read_counters, .on_state = on_state };

static void start(void)
{
	base = event_base_new();
	store = store_open(".", NULL);
	assert_int_equal(quota_open(&quota, base, store, &handler), 0);
}

static void stop(void)
{
	quota_close(quota);
	store_close(store);
	event_base_free(base);
}

static int setup(void **state)
{
	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	memset(rx, 0, sizeof(rx));
	memset(tx, 0, sizeof(tx));
	told = 0;
	if (!mkdtemp(folder) || chdir(folder))
		return -1;
	start();
	return 0;
}

static int teardown(void **state)
{
	stop();
	unlink("masqgate.db");
	return chdir("/") || rmdir(folder);
}

static struct policy policy = { .quota = { .total = 1000, .period = PERIOD_MONTH, .warn = 80 } };

static struct session session(uint32_t serial, const char *user)
{
	return (struct session){ .serial = serial, .type = SESSION_PPP, .state = SESSION_OPEN, .ifindex = serial, .user = (char *)user,
				 .chosen_policy = &policy };
}

static void has_used(const struct session *s, uint64_t down, uint64_t up)
{
	struct quota_use use;

	assert_true(quota_get(quota, s, &use));
	assert_int_equal(use.down, down);
	assert_int_equal(use.up, up);
}

static void sessions_of_a_user_add_up(void **state)
{
	struct session a = session(1, "alice"), b = session(2, "alice"), c = session(3, "bob");

	tx[2] = 5000;	/* before it was a session */
	quota_follow(quota, &a);
	quota_follow(quota, &b);
	quota_follow(quota, &c);
	rx[1] = 100, tx[2] += 300, rx[3] = 7;
	quota_follow(quota, &a);
	quota_follow(quota, &b);
	quota_follow(quota, &c);
	has_used(&a, 300, 100);
	has_used(&b, 300, 100);
	has_used(&c, 0, 7);
	assert_int_equal(a.quota_state, QUOTA_UNDER);
	rx[1] += 400;
	quota_follow(quota, &a);
	assert_int_equal(a.quota_state, QUOTA_NEAR);
	rx[1] += 200;
	b.state = SESSION_ADMITTED;	/* its end */
	tx[2] += 50;
	quota_follow(quota, &b);
	quota_follow(quota, &a);
	assert_int_equal(a.quota_state, QUOTA_OVER);
	has_used(&a, 350, 700);
	assert_int_equal(quota_count(quota, QUOTA_OVER), 1);
}

static void the_look_once_a_second_tells(void **state)
{
	struct session a = session(1, "alice");

	quota_follow(quota, &a);
	rx[1] = 1000;
	event_base_dispatch(base);
	assert_int_equal(told, 1);
	quota_follow(quota, &a);
	assert_int_equal(a.quota_state, QUOTA_OVER);
}

static void a_counter_that_begins_again_takes_nothing_back(void **state)
{
	struct session a = session(1, "alice");

	quota_follow(quota, &a);
	rx[1] = 500;
	quota_follow(quota, &a);
	rx[1] = 20;
	quota_follow(quota, &a);
	has_used(&a, 0, 520);
	rx[1] = UINT64_MAX;
	quota_follow(quota, &a);
	has_used(&a, 0, INT64_MAX);
	tx[1] = UINT64_MAX;
	quota_follow(quota, &a);
	assert_int_equal(a.quota_state, QUOTA_OVER);
	stop();
	start();
	has_used(&a, INT64_MAX, INT64_MAX);
}

static void a_restart_goes_on_where_the_kernel_is(void **state)
{
	struct session a = session(1, "alice\xff"), offline = session(4, "alice\xff");

	quota_follow(quota, &a);
	rx[1] = 500;
	quota_follow(quota, &a);
	stop();
	rx[1] = 700;
	start();
	has_used(&offline, 0, 500);
	quota_follow(quota, &a);
	has_used(&offline, 0, 700);
	assert_int_equal(quota_reset(quota, "alice"), 0);
	assert_int_equal(quota_reset(quota, "alice\xff"), 1);
	has_used(&a, 0, 0);
	rx[1]++;
	quota_follow(quota, &a);
	has_used(&a, 0, 1);
}

static void an_account_of_an_earlier_period_is_empty(void **state)
{
	struct session a = session(1, "alice"), b = session(2, "bob");

	quota_follow(quota, &a);
	quota_follow(quota, &b);
	rx[1] = rx[2] = 500;
	quota_follow(quota, &a);
	quota_follow(quota, &b);
	stop();
	store = store_open(".", NULL);
	store_begin(store);
	store_exec(store, "UPDATE quota SET since = since - 40 * 86400 WHERE owner = CAST('alice' AS BLOB)");
	/* as a clock that was wrong has left it */
	store_exec(store, "UPDATE quota SET since = since + 100 * 365 * 86400 WHERE owner = CAST('bob' AS BLOB)");
	assert_int_equal(store_end(store), 0);
	store_close(store);
	start();
	has_used(&a, 0, 0);
	has_used(&b, 0, 500);
}

static void a_quota_taken_away_and_given_back_counts_nothing_twice(void **state)
{
	struct session a = session(1, "alice");
	struct policy none = { 0 };

	a.is_remembered = true;
	a.begun = clock_since_boot();
	quota_follow(quota, &a);
	rx[1] = 500;
	a.chosen_policy = &none;
	quota_follow(quota, &a);
	assert_int_equal(a.quota_state, QUOTA_NONE);
	stop();
	start();
	a.chosen_policy = &policy;
	quota_follow(quota, &a);
	has_used(&a, 0, 500);
}

static void who_has_no_name_has_a_line_or_an_address(void **state)
{
	struct session line = session(1, NULL), same = session(2, NULL), address = session(3, NULL), network = session(4, "home");

	line.tty = (char *)"/dev/ttyS0";
	same.tty = (char *)"ttyS0";
	address.address.address.s_addr = 0x0100000a;
	network.type = SESSION_NETWORK;
	quota_follow(quota, &line);
	quota_follow(quota, &address);
	quota_follow(quota, &network);
	rx[1] = 11, rx[3] = 33;
	quota_follow(quota, &line);
	quota_follow(quota, &address);
	has_used(&same, 0, 11);
	assert_int_equal(quota_reset(quota, "ttyS0"), 1);
	assert_int_equal(quota_reset(quota, "10.0.0.1"), 1);
	assert_int_equal(network.quota_state, QUOTA_NONE);
}

static void a_limit_is_judged_without_overflow(void **state)
{
	static const struct {
		struct quota_terms terms;
		uint64_t down, up;
		enum quota_state state;
		unsigned percent;
	} cases[] = {
		{ { 0 }, 5, 5, QUOTA_NONE, 0 },
		{ { .total = 10, .warn = 80 }, 3, 4, QUOTA_UNDER, 70 },
		{ { .total = 10, .warn = 80 }, 4, 4, QUOTA_NEAR, 80 },
		{ { .total = 10 }, 5, 4, QUOTA_UNDER, 90 },
		{ { .total = 10, .warn = 80 }, 5, 5, QUOTA_OVER, 100 },
		{ { .down = 10, .warn = 80 }, 9, 1000, QUOTA_NEAR, 90 },
		{ { .up = 10, .warn = 80 }, 1000, 0, QUOTA_UNDER, 0 },
		{ { .down = 10, .up = 1000, .warn = 50 }, 1, 499, QUOTA_UNDER, 49 },
		{ { .total = 1ULL << 57, .warn = 80 }, (1ULL << 57) - 1, 0, QUOTA_NEAR, 99 },
		{ { .total = 1ULL << 57, .warn = 80 }, INT64_MAX, INT64_MAX, QUOTA_OVER, 100 },
		{ { .total = 1, .warn = 80 }, 0, 0, QUOTA_UNDER, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned percent;

		assert_int_equal(quota_judge(&cases[i].terms, cases[i].down, cases[i].up, &percent, NULL), cases[i].state);
		assert_int_equal(percent, cases[i].percent);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sessions_of_a_user_add_up, setup, teardown),
		cmocka_unit_test_setup_teardown(the_look_once_a_second_tells, setup, teardown),
		cmocka_unit_test_setup_teardown(a_counter_that_begins_again_takes_nothing_back, setup, teardown),
		cmocka_unit_test_setup_teardown(a_restart_goes_on_where_the_kernel_is, setup, teardown),
		cmocka_unit_test_setup_teardown(an_account_of_an_earlier_period_is_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(a_quota_taken_away_and_given_back_counts_nothing_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(who_has_no_name_has_a_line_or_an_address, setup, teardown),
		cmocka_unit_test(a_limit_is_judged_without_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
