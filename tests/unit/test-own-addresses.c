/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/own-addresses: an address is the gateway's own as long as one interface has it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>

#include "masqd/links.h"
#include "masqd/own-addresses.h"

static struct in_addr addr(const char *text)
{
	struct in_addr address;

	assert_int_equal(inet_pton(AF_INET, text, &address), 1);
	return address;
}

static void is(const struct own_addresses *all, const char *text, bool own, bool broadcast)
{
	if (own_addresses_has(all, addr(text)) != own || own_addresses_has_broadcast(all, addr(text)) != broadcast)
		fail_msg("%s", text);
}

static void a_network_has_two_broadcast_addresses(void **state)
{
	struct link_address lan = { .address = addr("192.168.0.1"), .broadcast = addr("192.168.0.200"), .length = 24 };
	struct own_addresses *all = NULL;

	own_addresses_add(&all, &lan);
	is(all, "192.168.0.1", true, false);
	is(all, "192.168.0.0", false, true);
	is(all, "192.168.0.255", false, true);
	is(all, "192.168.0.200", false, true);
	is(all, "192.168.0.2", false, false);
	own_addresses_del(&all, &lan);
	assert_null(all);
	is(all, "192.168.0.1", false, false);
	is(all, "192.168.0.255", false, false);
}

static void a_line_has_none(void **state)
{
	static const unsigned lengths[] = { 31, 32 };

	for (size_t i = 0; i < 2; i++) {
		struct link_address line = { .address = addr("192.168.0.254"), .length = lengths[i] };
		struct own_addresses *all = NULL;

		own_addresses_add(&all, &line);
		is(all, "192.168.0.254", true, false);
		is(all, "192.168.0.255", false, false);
		own_addresses_free(&all);
		assert_null(all);
	}
}

static void thousands_of_lines_have_one_in_common(void **state)
{
	struct link_address line = { .address = addr("192.168.0.1"), .length = 32 };
	struct own_addresses *all = NULL;

	for (unsigned i = 0; i < 5000; i++)
		own_addresses_add(&all, &line);
	for (unsigned i = 0; i < 4999; i++)
		own_addresses_del(&all, &line);
	is(all, "192.168.0.1", true, false);
	own_addresses_del(&all, &line);
	is(all, "192.168.0.1", false, false);
	/* and once too often is no harm */
	own_addresses_del(&all, &line);
	is(all, "192.168.0.1", false, false);
	assert_null(all);
}

/* The one's own address is the other's broadcast address. */
static void an_address_may_be_both(void **state)
{
	struct link_address wide = { .address = addr("10.0.0.1"), .length = 8 }, host = { .address = addr("10.255.255.255"), .length = 32 };
	struct own_addresses *all = NULL;

	own_addresses_add(&all, &wide);
	own_addresses_add(&all, &host);
	is(all, "10.255.255.255", true, true);
	own_addresses_del(&all, &wide);
	is(all, "10.255.255.255", true, false);
	own_addresses_free(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_has_two_broadcast_addresses),
		cmocka_unit_test(a_line_has_none),
		cmocka_unit_test(thousands_of_lines_have_one_in_common),
		cmocka_unit_test(an_address_may_be_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
