/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/public: whose ports are whose. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "masqd/public.h"

static const struct in_addr none;
static struct range pool_range, snat_range;
static struct pool pool = { .name = "dialin", .ranges = &pool_range, .range_count = 1 };
static struct policy masquerade = { .nat = NAT_MASQUERADE, .pool = &pool };
static struct policy snat = { .nat = NAT_SNAT, .snat_address = { &snat_range, 1 } };

/* Only this one is an uplink's first address. */
static bool is_uplink_address(void *ctx, struct in_addr address)
{
	return address.s_addr == inet_addr("203.0.113.1");
}

static struct in_addr address_of(const char *text)
{
	struct in_addr address;

	assert_null(addr_parse(text, &address));
	return address;
}

static int set_up(void **state)
{
	assert_null(range_parse("192.168.0.100-192.168.0.250", &pool_range));
	assert_null(range_parse("203.0.113.10-203.0.113.11", &snat_range));
	masquerade.port_block = 1024;
	snat.port_block = 16384;
	*state = public_table_new(is_uplink_address, NULL);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	public_table_free(*state);
	return 0;
}

/* The client gets this block. */
static void gets(struct public_table *table, const struct policy *policy, uint32_t serial, const char *address, unsigned first, unsigned last)
{
	struct public public;

	assert_int_equal(public_choose(table, policy, serial, NULL, address_of(address), &public), 0);
	assert_int_equal(public.port_first, first);
	assert_int_equal(public.port_last, last);
	assert_true(public_fits(&public, policy));
	assert_int_equal(public_find(table, public.address, first), serial);
	assert_int_equal(public_find(table, public.address, last), serial);
}

static void test_blocks(void **state)
{
	static const struct {
		unsigned size, count, first, last;	/* the first port of all, the last of all */
	} blocks[] = {
		{ 64, 867, 10048, 65535 },    { 1024, 54, 10240, 65535 },   { 4096, 13, 12288, 65535 },
		{ 16384, 3, 16384, 65535 }, { 32768, 1, 32768, 65535 },
	};

	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		struct public public = { 0 };
		unsigned before;

		assert_int_equal(public_block_count(blocks[i].size), blocks[i].count);
		public_block(blocks[i].size, 0, &public);
		assert_int_equal(public.port_first, blocks[i].first);
		before = public.port_first - 1u;
		for (unsigned k = 0; k < blocks[i].count; k++) {
			public_block(blocks[i].size, k, &public);
			assert_int_equal(public.port_first, before + 1);
			assert_int_equal(public.port_last, before + blocks[i].size);
			before = public.port_last;
		}
		assert_int_equal(before, blocks[i].last);
	}
}

static void test_by_address(void **state)
{
	struct public_table *table = *state;

	/* the place in the pool, and the next one where that is taken */
	gets(table, &masquerade, 1, "192.168.0.100", 10240, 11263);
	gets(table, &masquerade, 2, "192.168.0.102", 12288, 13311);
	gets(table, &masquerade, 3, "192.168.0.154", 11264, 12287);
	gets(table, &masquerade, 4, "192.168.0.155", 13312, 14335);
	assert_int_equal(public_find(table, none, 10239), 0);
	assert_int_equal(public_find(table, none, 65536 + 10240), 0);
	assert_int_equal(public_find(table, address_of("203.0.113.10"), 10240), 0);
}

static void test_exhaustion(void **state)
{
	struct public_table *table = *state;
	struct public public;

	assert_int_equal(public_count_free(table, &snat), 6);
	for (uint32_t serial = 1; serial <= 6; serial++)
		assert_int_equal(public_choose(table, &snat, serial, "alice", none, &public), 0);
	assert_int_equal(public_choose(table, &snat, 7, "alice", none, &public), -ENOSPC);
	assert_int_equal(public_count_free(table, &snat), 0);
	/* its flows are still there */
	public_leave(table, 2);
	assert_int_equal(public_choose(table, &snat, 7, "alice", none, &public), -ENOSPC);
	public_release(table, 3);
	assert_int_equal(public_choose(table, &snat, 7, "alice", none, &public), -ENOSPC);
	public_release(table, 2);
	assert_int_equal(public_choose(table, &snat, 7, "alice", none, &public), 0);
	assert_int_equal(public_find(table, public.address, public.port_first), 7);
}

static void test_own_block_again(void **state)
{
	struct public_table *table = *state;

	gets(table, &masquerade, 1, "192.168.0.100", 10240, 11263);
	public_leave(table, 1);
	assert_int_equal(public_find(table, none, 10240), 0);
	masquerade.port_block = 512;
	gets(table, &masquerade, 1, "192.168.0.100", 10240, 10751);
	/* the rest of the old one waits for the flows */
	gets(table, &masquerade, 2, "192.168.0.101", 11264, 11775);
	public_release(table, 1);
	gets(table, &masquerade, 3, "192.168.0.101", 10752, 11263);
	assert_int_equal(public_find(table, none, 10240), 1);
}

static void test_same_address_twice(void **state)
{
	struct public_table *table = *state;
	struct public public;

	/* one of the addresses to choose is the one that masquerading gives */
	assert_null(range_parse("203.0.113.1", &snat_range));
	gets(table, &masquerade, 1, "192.168.0.100", 10240, 11263);
	snat.port_block = 1024;
	gets(table, &snat, 2, "10.0.0.9", 11264, 12287);
	gets(table, &masquerade, 3, "192.168.0.101", 12288, 13311);
	/* and another is not */
	assert_null(range_parse("203.0.113.9", &snat_range));
	assert_int_equal(public_choose(table, &snat, 4, NULL, address_of("192.168.0.0"), &public), 0);
	public_leave(table, 4);
	public_release(table, 4);
	for (uint32_t serial = 10; serial < 10 + 54; serial++)
		assert_int_equal(public_choose(table, &snat, serial, NULL, address_of("192.168.0.0"), &public), 0);
	gets(table, &masquerade, 100, "192.168.0.103", 13312, 14335);
}

static void test_without_block(void **state)
{
	struct public_table *table = *state;
	struct public first, second;

	snat.port_block = 0;
	assert_int_equal(public_choose(table, &snat, 1, "alice", address_of("10.0.0.1"), &first), 0);
	assert_int_equal(public_choose(table, &snat, 2, "alice", address_of("10.0.0.2"), &second), 0);
	assert_int_equal(first.address.s_addr, second.address.s_addr);
	assert_int_equal(first.port_first, 0);
	assert_true(public_fits(&first, &snat));
	assert_false(public_fits(&first, &masquerade));
	assert_int_equal(public_find(table, first.address, 20000), 0);
	assert_null(range_parse("203.0.113.40", &snat_range));
	assert_false(public_fits(&first, &snat));
}

static void test_claim(void **state)
{
	struct public_table *table = *state;
	struct public public = { .port_first = 10240, .port_last = 11263 };

	public_claim(table, 9, &public);
	assert_int_equal(public_find(table, none, 11000), 9);
	gets(table, &masquerade, 1, "192.168.0.100", 11264, 12287);
	memset(&public, 0, sizeof(public));
	public_claim(table, 10, &public);
	assert_int_equal(public_find(table, none, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks),
		cmocka_unit_test_setup_teardown(test_by_address, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_exhaustion, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_own_block_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_same_address_twice, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_without_block, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_claim, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
