/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/pool: which address is next. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "masqd/pool.h"

/* 10.0.0.1 to 10.0.0.4, 10.0.0.9, and the last address that there is. */
static struct range ranges[3];
static const struct pool pool = { .name = "dialin", .ranges = ranges, .range_count = 3 };
static const char *const all[] = { "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.9", "255.255.255.255" };

#define ALL (sizeof(all) / sizeof(all[0]))

/* Addresses in use, by their last byte. */
static bool used[256];

static unsigned last_byte(struct in_addr address)
{
	return ntohl(address.s_addr) & 255;
}

static bool is_free(void *ctx, struct in_addr address)
{
	assert_ptr_equal(ctx, used);
	return !used[last_byte(address)];
}

static struct in_addr address_of(const char *text)
{
	struct in_addr address;

	assert_null(addr_parse(text, &address));
	return address;
}

/* The user gets this address, and uses it. */
static void gets(struct pool_memory *memory, const char *user, const char *text)
{
	char got[ADDR_TEXT_MAX];
	struct in_addr address;

	assert_int_equal(pool_choose(memory, &pool, user, is_free, used, &address), 0);
	assert_string_equal(addr_text(address, got), text);
	used[last_byte(address)] = true;
}

static void returns(struct pool_memory *memory, const char *user, const char *text)
{
	used[last_byte(address_of(text))] = false;
	pool_remember(memory, address_of(text), user);
}

static void is_exhausted(struct pool_memory *memory, const char *user)
{
	struct in_addr address;

	assert_int_equal(pool_choose(memory, &pool, user, is_free, used, &address), -ENOSPC);
}

static int setup(void **state)
{
	assert_null(range_parse("10.0.0.1-10.0.0.4", &ranges[0]));
	assert_null(range_parse("10.0.0.9", &ranges[1]));
	assert_null(range_parse("255.255.255.255", &ranges[2]));
	memset(used, 0, sizeof(used));
	*state = pool_memory_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	pool_memory_free(*state);
	return 0;
}

static void every_address_is_used_once(void **state)
{
	for (size_t i = 0; i < ALL; i++)
		gets(*state, NULL, all[i]);
	is_exhausted(*state, NULL);
	is_exhausted(*state, "alice");
	returns(*state, NULL, "10.0.0.3");
	gets(*state, "alice", "10.0.0.3");
	is_exhausted(*state, "alice");
}

static void what_is_not_free_is_passed_over(void **state)
{
	used[1] = used[3] = used[9] = true;
	gets(*state, NULL, "10.0.0.2");
	gets(*state, NULL, "10.0.0.4");
	gets(*state, NULL, "255.255.255.255");
	is_exhausted(*state, NULL);
}

static void a_returning_user_gets_his_last_address(void **state)
{
	gets(*state, "alice", "10.0.0.1");
	gets(*state, "bob", "10.0.0.2");
	returns(*state, "alice", "10.0.0.1");
	returns(*state, "bob", "10.0.0.2");
	gets(*state, "bob", "10.0.0.2");
	gets(*state, "alice", "10.0.0.1");
}

static void others_get_new_addresses_first_then_the_one_that_was_free_for_longest(void **state)
{
	gets(*state, "alice", "10.0.0.1");
	gets(*state, "bob", "10.0.0.2");
	returns(*state, "bob", "10.0.0.2");
	returns(*state, "alice", "10.0.0.1");
	for (size_t i = 2; i < ALL; i++)
		gets(*state, "carol", all[i]);
	gets(*state, "dave", "10.0.0.2");
	gets(*state, "eve", "10.0.0.1");
	is_exhausted(*state, "alice");
}

static void only_the_last_address_is_the_users(void **state)
{
	gets(*state, "alice", "10.0.0.1");
	gets(*state, "alice", "10.0.0.2");
	returns(*state, "alice", "10.0.0.1");
	returns(*state, "alice", "10.0.0.2");
	gets(*state, "alice", "10.0.0.2");
	gets(*state, "alice", "10.0.0.3");
}

static void an_address_that_another_user_had_since_is_nobodys_any_more(void **state)
{
	gets(*state, "alice", "10.0.0.1");
	returns(*state, "alice", "10.0.0.1");
	returns(*state, "bob", "10.0.0.1");
	gets(*state, "alice", "10.0.0.2");
	gets(*state, "bob", "10.0.0.1");
}

static void a_remembered_address_of_another_pool_does_not_count(void **state)
{
	returns(*state, "alice", "10.9.9.9");
	gets(*state, "alice", "10.0.0.1");
}

static void what_was_not_free_when_it_was_passed_comes_last(void **state)
{
	used[2] = true;
	gets(*state, "alice", "10.0.0.1");
	gets(*state, "bob", "10.0.0.3");
	returns(*state, "bob", "10.0.0.3");
	used[2] = false;
	for (size_t i = 3; i < ALL; i++)
		gets(*state, NULL, all[i]);
	gets(*state, NULL, "10.0.0.3");
	gets(*state, NULL, "10.0.0.2");
	is_exhausted(*state, NULL);
}

static void what_was_given_back_is_nobodys_and_comes_next(void **state)
{
	gets(*state, "alice", "10.0.0.1");
	gets(*state, "bob", "10.0.0.2");
	used[1] = false;
	pool_give_back(*state, address_of("10.0.0.1"));
	gets(*state, "carol", "10.0.0.1");
	for (size_t i = 2; i < ALL; i++)
		gets(*state, "alice", all[i]);
	is_exhausted(*state, "alice");
}

static void users_may_be_any_bytes(void **state)
{
	static const char *const users[] = { "", "\xff\"\n", "%s%n" };

	for (size_t i = 0; i < 3; i++)
		returns(*state, users[i], all[i]);
	for (size_t i = 0; i < 3; i++)
		gets(*state, users[i], all[i]);
}

static void contents(void **state)
{
	assert_int_equal(pool_size(&pool), ALL);
	for (size_t i = 0; i < ALL; i++)
		assert_true(pool_contains(&pool, address_of(all[i])));
	assert_false(pool_contains(&pool, address_of("10.0.0.0")));
	assert_false(pool_contains(&pool, address_of("10.0.0.5")));
	assert_false(pool_contains(&pool, address_of("0.0.0.0")));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_address_is_used_once),
		TEST(what_is_not_free_is_passed_over),
		TEST(a_returning_user_gets_his_last_address),
		TEST(others_get_new_addresses_first_then_the_one_that_was_free_for_longest),
		TEST(only_the_last_address_is_the_users),
		TEST(an_address_that_another_user_had_since_is_nobodys_any_more),
		TEST(a_remembered_address_of_another_pool_does_not_count),
		TEST(what_was_not_free_when_it_was_passed_comes_last),
		TEST(what_was_given_back_is_nobodys_and_comes_next),
		TEST(users_may_be_any_bytes),
		TEST(contents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
