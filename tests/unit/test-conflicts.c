/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/conflicts: what is news, what is avoided and for how long, and what is forgotten. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "lib/ip.h"
#include "masqd/conflicts.h"

static struct arp_event conflict(const char *address, const char *interface, const char *mac)
{
	struct arp_event event = { .what = ARP_CONFLICT };

	assert_null(ip_parse(address, &event.address));
	snprintf(event.interface, sizeof(event.interface), "%s", interface);
	snprintf(event.mac, sizeof(event.mac), "%s", mac);
	return event;
}

static bool note(struct conflicts *conflicts, const char *address, const char *interface, const char *mac, int64_t now_ms)
{
	struct arp_event event = conflict(address, interface, mac);

	return conflicts_note(conflicts, &event, now_ms);
}

static bool has(const struct conflicts *conflicts, const char *address, int64_t now_ms)
{
	struct arp_event event = conflict(address, "", "");

	return conflicts_has(conflicts, &event.address, now_ms);
}

static bool forget(struct conflicts *conflicts, const char *address, const char *interface)
{
	struct arp_event event = conflict(address, "", "");

	return conflicts_forget(conflicts, &event.address, interface);
}

static void news_is_another_address_or_lan(void **state)
{
	struct conflicts conflicts = { 0 };

	assert_true(note(&conflicts, "192.168.0.100", "eth0", "a", 0));
	assert_false(note(&conflicts, "192.168.0.100", "eth0", "a", 1));
	assert_true(note(&conflicts, "192.168.0.100", "eth1", "a", 1));
	assert_true(note(&conflicts, "192.168.0.101", "eth0", "a", 1));
	assert_true(note(&conflicts, "2001:db8::1", "eth0", "a", 1));
	/* a host may make up as many as it likes */
	assert_false(note(&conflicts, "192.168.0.100", "eth0", "b", 1));
	assert_string_equal(conflicts.list->event.mac, "b");
	conflicts_free(&conflicts);
	assert_null(conflicts.list);
}

static void an_address_is_avoided_for_ten_minutes_or_until_it_is_resolved(void **state)
{
	struct conflicts conflicts = { 0 };

	note(&conflicts, "192.168.0.100", "eth0", "a", 1000);
	note(&conflicts, "192.168.0.101", "eth0", "a", 1000);
	note(&conflicts, "192.168.0.101", "eth1", "a", 1000);
	assert_true(has(&conflicts, "192.168.0.100", 1000));
	assert_true(has(&conflicts, "192.168.0.100", 1000 + CONFLICTS_AVOID_MS - 1));
	assert_false(has(&conflicts, "192.168.0.100", 1000 + CONFLICTS_AVOID_MS));
	assert_false(has(&conflicts, "192.168.0.102", 1000));
	assert_true(forget(&conflicts, "192.168.0.101", "eth0"));
	assert_true(has(&conflicts, "192.168.0.101", 1000));
	assert_true(forget(&conflicts, "192.168.0.101", ""));
	assert_false(forget(&conflicts, "192.168.0.101", ""));
	assert_false(has(&conflicts, "192.168.0.101", 1000));
	/* heard of again */
	note(&conflicts, "192.168.0.100", "eth0", "a", 2000);
	assert_true(has(&conflicts, "192.168.0.100", 1000 + CONFLICTS_AVOID_MS));
	conflicts_free(&conflicts);
}

static bool is_owned(void *ctx, const struct in6_addr *address)
{
	return ip_equal(ctx, address);
}

static void what_has_an_owner_stays_as_long_as_it_has(void **state)
{
	struct conflicts conflicts = { 0 };
	struct arp_event owned = conflict("192.168.0.100", "", "");

	note(&conflicts, "192.168.0.100", "eth0", "a", 0);
	note(&conflicts, "192.168.0.101", "eth0", "a", 0);
	note(&conflicts, "192.168.0.102", "eth0", "a", 1);
	conflicts_sweep(&conflicts, CONFLICTS_AVOID_MS, is_owned, &owned.address);
	assert_true(forget(&conflicts, "192.168.0.100", "eth0"));
	assert_false(forget(&conflicts, "192.168.0.101", "eth0"));
	assert_true(has(&conflicts, "192.168.0.102", CONFLICTS_AVOID_MS));
	note(&conflicts, "192.168.0.100", "eth0", "a", 0);
	conflicts_drop_owned(&conflicts, is_owned, &owned.address);
	assert_false(has(&conflicts, "192.168.0.100", 1));
	assert_true(has(&conflicts, "192.168.0.102", 1));
	conflicts_free(&conflicts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(news_is_another_address_or_lan),
		cmocka_unit_test(an_address_is_avoided_for_ten_minutes_or_until_it_is_resolved),
		cmocka_unit_test(what_has_an_owner_stays_as_long_as_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
