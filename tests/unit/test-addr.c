/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* lib/addr: what is taken, what is refused and with which words. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>

#include "lib/addr.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct in_addr addr(const char *text)
{
	struct in_addr a;

	assert_null(addr_parse(text, &a));
	return a;
}

static void addresses(void **state)
{
	static const char *const bad[] = {
		"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "0x1.2.3.4", " 1.2.3.4", "1.2.3.4 ", "1.2.3.4/32",
		"a.b.c.d", "::1", "1..2.3", "1234567890.1234567890.1.1",
	};
	char text[ADDR_TEXT_MAX];
	struct in_addr a;

	(void)state;
	assert_string_equal(addr_text(addr("192.168.0.100"), text), "192.168.0.100");
	assert_string_equal(addr_text(addr("255.255.255.255"), text), "255.255.255.255");
	assert_int_equal(addr("10.0.0.1").s_addr, htonl(0x0a000001));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_string_equal(addr_parse(bad[i], &a), "must be an IPv4 address");
}

static void prefixes(void **state)
{
	static const char *const good[] = {
		"0.0.0.0/0", "128.0.0.0/1", "10.0.0.0/8", "192.168.0.0/31", "192.168.0.7", "255.255.255.255",
		"255.255.255.254/31",
	};
	static const char *const bad_length[] = {
		"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8x", "10.0.0.0/100", "10.0.0.0/8/8",
	};
	static const char *const bad_address[] = { "", "/8", "10/8", "10.0.0.0.0.0.0.0.0.0.0/8", "x" };
	char text[ADDR_TEXT_MAX];
	struct prefix p;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_null(prefix_parse(good[i], &p));
		assert_string_equal(prefix_text(&p, text), good[i]);
	}
	assert_null(prefix_parse("192.168.0.7/32", &p));
	assert_string_equal(prefix_text(&p, text), "192.168.0.7");
	for (size_t i = 0; i < COUNT(bad_length); i++)
		assert_string_equal(prefix_parse(bad_length[i], &p), "prefix length must be 0 to 32");
	for (size_t i = 0; i < COUNT(bad_address); i++)
		assert_string_equal(prefix_parse(bad_address[i], &p), "must be an IPv4 address or prefix");
	assert_string_equal(prefix_parse("10.0.0.1/8", &p), "must have no bits set beyond the prefix length");
	assert_string_equal(prefix_parse("0.0.0.1/0", &p), "must have no bits set beyond the prefix length");
}

static void prefix_holds(void **state)
{
	struct prefix p;

	(void)state;
	assert_null(prefix_parse("192.168.0.0/24", &p));
	assert_true(prefix_contains(&p, addr("192.168.0.0")));
	assert_true(prefix_contains(&p, addr("192.168.0.255")));
	assert_false(prefix_contains(&p, addr("192.168.1.0")));
	assert_false(prefix_contains(&p, addr("192.167.255.255")));
	assert_null(prefix_parse("0.0.0.0/0", &p));
	assert_true(prefix_contains(&p, addr("255.255.255.255")));
	assert_null(prefix_parse("10.0.0.1", &p));
	assert_true(prefix_contains(&p, addr("10.0.0.1")));
	assert_false(prefix_contains(&p, addr("10.0.0.2")));
}

static void ranges(void **state)
{
	static const char *const bad[] = {
		"-", "10.0.0.1-", "-10.0.0.1", "10.0.0.1-2", "10.0.0.1-10.0.0.2-10.0.0.3", "10.0.0.0/8-10.0.0.9",
		"10.0.0.1 - 10.0.0.2",
	};
	static const struct {
		const char *text, *first, *last;
	} good[] = {
		{ "10.0.0.1-10.0.0.9", "10.0.0.1", "10.0.0.9" },
		{ "10.0.0.1-10.0.0.1", "10.0.0.1", "10.0.0.1" },
		{ "10.0.0.7", "10.0.0.7", "10.0.0.7" },
		{ "192.168.0.0/24", "192.168.0.0", "192.168.0.255" },
		{ "0.0.0.0/0", "0.0.0.0", "255.255.255.255" },
		{ "1.0.0.255-1.0.1.0", "1.0.0.255", "1.0.1.0" },
		{ "255.255.255.254-255.255.255.255", "255.255.255.254", "255.255.255.255" },
	};
	struct range r;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_null(range_parse(good[i].text, &r));
		assert_int_equal(r.first.s_addr, addr(good[i].first).s_addr);
		assert_int_equal(r.last.s_addr, addr(good[i].last).s_addr);
		assert_true(range_contains(&r, r.first));
		assert_true(range_contains(&r, r.last));
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_string_equal(range_parse(bad[i], &r), "must be an IPv4 address, a prefix, or first-last");
	assert_string_equal(range_parse("10.0.0.9-10.0.0.1", &r), "must have its first address not above its last");
	assert_string_equal(range_parse("10.0.0.0/33", &r), "prefix length must be 0 to 32");
	assert_null(range_parse("1.0.0.255-1.0.1.0", &r));
	assert_false(range_contains(&r, addr("1.0.0.254")));
	assert_false(range_contains(&r, addr("1.0.1.1")));
}

static void objections(void **state)
{
	static const char *const fine[] = {
		"1.0.0.0", "10.0.0.0", "126.255.255.255", "128.0.0.0", "192.168.0.255", "223.255.255.255",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(fine); i++)
		assert_null(addr_objection(addr(fine[i])));
	assert_string_equal(addr_objection(addr("0.0.0.0")), "is in 0.0.0.0/8 (\"this network\")");
	assert_string_equal(addr_objection(addr("127.255.255.255")), "is a loopback address");
	assert_string_equal(addr_objection(addr("224.0.0.0")), "is a multicast address");
	assert_string_equal(addr_objection(addr("239.255.255.255")), "is a multicast address");
	assert_string_equal(addr_objection(addr("240.0.0.0")), "is a reserved address");
	assert_string_equal(addr_objection(addr("255.255.255.255")), "is the broadcast address");
}

static void privacy(void **state)
{
	static const char *const inside[] = {
		"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255",
	};
	static const char *const outside[] = {
		"9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(inside); i++)
		assert_true(addr_is_private(addr(inside[i])));
	for (size_t i = 0; i < COUNT(outside); i++)
		assert_false(addr_is_private(addr(outside[i])));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(prefix_holds),
		cmocka_unit_test(ranges),
		cmocka_unit_test(objections),
		cmocka_unit_test(privacy),
	};

	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
