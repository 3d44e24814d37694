/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* arpd/conflict: who uses our addresses, and no more of it than fits. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "arpd/conflict.h"
#include "lib/ip.h"

static struct in6_addr address(const char *text)
{
	struct in6_addr parsed;

	assert_null(ip_parse(text, &parsed));
	return parsed;
}

static struct conflict *note(struct conflict_table *table, const char *text, unsigned station, bool *is_new)
{
	struct in6_addr about = address(text);
	unsigned char mac[ETH_ALEN] = { 2, 0, 0, 0, (unsigned char)(station >> 8), (unsigned char)station };

	return conflict_note(table, &about, "eth0", mac, is_new);
}

static void counts_by_station(void **state)
{
	struct conflict_table table = { 0 };
	struct in6_addr about = address("10.0.0.2");
	char text[MAC_TEXT_MAX];
	bool is_new;

	assert_int_equal(note(&table, "10.0.0.2", 1, &is_new)->count, 1);
	assert_true(is_new);
	assert_int_equal(note(&table, "10.0.0.2", 1, &is_new)->count, 2);
	assert_false(is_new);
	assert_string_equal(mac_text(note(&table, "10.0.0.2", 0x1ff, &is_new)->key.mac, text), "02:00:00:00:01:ff");
	assert_true(is_new);
	assert_int_equal(note(&table, "2001:db8::2", 1, &is_new)->count, 1);
	assert_int_equal(HASH_COUNT(table.conflicts), 3);
	conflict_forget(&table, &about, "eth1");
	assert_int_equal(HASH_COUNT(table.conflicts), 3);
	conflict_forget(&table, &about, "eth0");
	assert_int_equal(HASH_COUNT(table.conflicts), 1);
	conflict_free(&table);
}

static void the_silent_go_first(void **state)
{
	struct conflict_table table = { 0 };
	bool is_new;

	for (unsigned i = 0; i < CONFLICTS_MAX; i++)
		note(&table, "10.0.0.2", i, &is_new);
	/* The first is heard again, so the second goes. */
	note(&table, "10.0.0.2", 0, &is_new);
	assert_false(is_new);
	note(&table, "10.0.0.2", CONFLICTS_MAX, &is_new);
	assert_true(is_new);
	assert_int_equal(HASH_COUNT(table.conflicts), CONFLICTS_MAX);
	note(&table, "10.0.0.2", 0, &is_new);
	assert_false(is_new);
	note(&table, "10.0.0.2", 1, &is_new);
	assert_true(is_new);
	conflict_free(&table);
}

static void silence_ends_them(void **state)
{
	struct conflict_table table = { 0 };
	struct in6_addr about = address("10.0.0.2");
	struct conflict_key over;
	bool is_new;

	note(&table, "10.0.0.2", 1, &is_new)->last_ms -= CONFLICT_SILENT_S * 1000LL;
	note(&table, "10.0.0.3", 1, &is_new);
	assert_true(conflict_has(&table, &about, "eth0"));
	assert_true(conflict_expire(&table, &over));
	assert_true(ip_equal(&over.address, &about));
	assert_false(conflict_has(&table, &about, "eth0"));
	assert_false(conflict_expire(&table, &over));
	assert_int_equal(HASH_COUNT(table.conflicts), 1);
	conflict_free(&table);
}

static void few_lines(void **state)
{
	struct conflict_table table = { 0 };
	unsigned lines = 0;

	for (unsigned i = 0; i < 1000; i++)
		lines += conflict_may_log(&table);
	assert_int_equal(lines, CONFLICT_LINES_PER_MINUTE);
	table.minute_ms -= 60 * 1000;
	assert_true(conflict_may_log(&table));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_by_station),
		cmocka_unit_test(the_silent_go_first),
		cmocka_unit_test(silence_ends_them),
		cmocka_unit_test(few_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
