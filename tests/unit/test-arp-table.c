/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* arpd/table: who keeps an address published, and when it goes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arpd/table.h"

#define SPEAKER(n) ((const void *)(uintptr_t)(n))

struct fixture {
	struct table table;
	char unwanted[1024];	/* "address@lan address@lan " in the order in which they were handed back */
};

static const struct in6_addr *addr(const char *text)
{
	static struct in6_addr a;

	assert_null(ip_parse(text, &a));
	return &a;
}

static void on_unwanted(void *ctx, struct entry *entry, const char *reason)
{
	struct fixture *f = ctx;
	size_t used = strlen(f->unwanted);
	char text[IP_TEXT_MAX];

	assert_non_null(reason);
	snprintf(f->unwanted + used, sizeof(f->unwanted) - used, "%s@%s ", ip_text(&entry->address, text), entry->lan->name);
	table_remove(&f->table, entry);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->table.on_unwanted = on_unwanted;
	f->table.ctx = f;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	table_free(&f->table);
	free(f);
	return 0;
}

static struct entry *claim(struct fixture *f, struct holder *holder, const char *address, const char *lan)
{
	struct entry *entry;

	assert_int_equal(table_claim(&f->table, holder, addr(address), lan, &entry), 0);
	assert_string_equal(entry->lan->name, lan);
	assert_true(ip_equal(&entry->address, addr(address)));
	return entry;
}

static struct entry *find(struct fixture *f, const char *address, const char *name)
{
	struct lan *lan = table_find_lan(&f->table, name);

	return lan ? table_find(lan, addr(address)) : NULL;
}

static void withdraw(struct fixture *f, struct holder *holder, const char *address)
{
	table_withdraw(&f->table, holder, addr(address), NULL, 0);
}

static void counted_by_holder(void **state)
{
	struct fixture *f = *state;
	struct holder *masqd = table_hold(&f->table, "masqd", SPEAKER(1));
	struct holder *other = table_hold(&f->table, "other", SPEAKER(2));

	claim(f, masqd, "10.0.0.2", "eth0");
	claim(f, masqd, "10.0.0.2", "eth0");	/* twice is once */
	claim(f, other, "10.0.0.2", "eth0");
	withdraw(f, masqd, "10.0.0.2");
	assert_string_equal(f->unwanted, "");
	assert_non_null(find(f, "10.0.0.2", "eth0"));
	withdraw(f, masqd, "10.0.0.2");		/* not his any more */
	assert_string_equal(f->unwanted, "");
	withdraw(f, other, "10.0.0.2");
	assert_string_equal(f->unwanted, "10.0.0.2@eth0 ");
	assert_null(table_find_lan(&f->table, "eth0"));
}

static void states(void **state)
{
	struct fixture *f = *state;
	struct holder *masqd = table_hold(&f->table, "masqd", SPEAKER(1));
	struct entry *entry = claim(f, masqd, "10.0.0.2", "eth0");

	assert_int_equal(entry_state(entry), ENTRY_WAITING);
	entry->lan->is_ready = true;
	assert_int_equal(entry_state(entry), ENTRY_PROBING);
	assert_false(entry_is_wanted(entry));
	entry->is_probed = true;
	assert_int_equal(entry_state(entry), ENTRY_UNROUTED);
	assert_false(entry_is_wanted(entry));
	entry->route_interface = 7;
	assert_int_equal(entry_state(entry), ENTRY_PUBLISHED);
	assert_true(entry_is_wanted(entry));
	entry->is_in_conflict = true;
	assert_int_equal(entry_state(entry), ENTRY_CONFLICT);
	assert_false(entry_is_wanted(entry));
	entry->is_in_conflict = false;
	entry->error = -EEXIST;
	assert_int_equal(entry_state(entry), ENTRY_WAITING);
	entry->error = 0;
	assert_int_equal(table_leave(&f->table, masqd), 1);
	assert_int_equal(entry_state(entry), ENTRY_ORPHANED);
	assert_false(entry_is_wanted(entry));
	entry->has_host_route = true;
	assert_true(entry_is_wanted(entry));
	assert_string_equal(f->unwanted, "");
}

static void other_lans(void **state)
{
	struct fixture *f = *state;
	static const char *const keep[] = { "eth1", "eth2" };
	struct holder *masqd = table_hold(&f->table, "masqd", SPEAKER(1));

	claim(f, masqd, "10.0.0.2", "eth0");
	claim(f, masqd, "10.0.0.2", "eth1");
	claim(f, masqd, "10.0.0.3", "eth0");
	table_withdraw(&f->table, masqd, addr("10.0.0.2"), keep, 2);
	assert_string_equal(f->unwanted, "10.0.0.2@eth0 ");
	assert_non_null(find(f, "10.0.0.2", "eth1"));
	assert_non_null(find(f, "10.0.0.3", "eth0"));
}

/* A holder comes back with some of its addresses: the others go when it says that it is done, not before. */
static void comes_back(void **state)
{
	struct fixture *f = *state;
	struct holder *masqd = table_hold(&f->table, "masqd", SPEAKER(1));
	struct holder *other = table_hold(&f->table, "other", SPEAKER(2));

	claim(f, masqd, "10.0.0.2", "eth0");
	claim(f, masqd, "10.0.0.3", "eth0");
	claim(f, masqd, "10.0.0.4", "eth0");
	claim(f, other, "10.0.0.4", "eth0");
	claim(f, other, "10.0.0.5", "eth0");
	assert_int_equal(table_leave(&f->table, masqd), 2);
	masqd = table_hold(&f->table, "masqd", SPEAKER(3));
	assert_int_equal(entry_state(find(f, "10.0.0.2", "eth0")), ENTRY_ORPHANED);
	claim(f, masqd, "10.0.0.2", "eth0");
	assert_int_equal(entry_state(find(f, "10.0.0.2", "eth0")), ENTRY_WAITING);
	assert_string_equal(f->unwanted, "");
	assert_int_equal(table_sweep(&f->table, masqd, false), 2);
	assert_string_equal(f->unwanted, "10.0.0.3@eth0 ");
	assert_non_null(find(f, "10.0.0.4", "eth0"));
	assert_non_null(find(f, "10.0.0.5", "eth0"));
	assert_int_equal(table_sweep(&f->table, masqd, true), 0);
}

/* A second connection of the same holder: the first one's claims have to be made again. */
static void taken_over(void **state)
{
	struct fixture *f = *state;
	struct holder *masqd = table_hold(&f->table, "masqd", SPEAKER(1));

	claim(f, masqd, "10.0.0.2", "eth0");
	assert_ptr_equal(table_hold(&f->table, "masqd", SPEAKER(2)), masqd);
	assert_true(entry_is_orphaned(find(f, "10.0.0.2", "eth0")));
	assert_int_equal(table_sweep(&f->table, masqd, false), 1);
	assert_string_equal(f->unwanted, "10.0.0.2@eth0 ");
}

static void adopted(void **state)
{
	struct fixture *f = *state;
	struct holder *configuration = table_hold(&f->table, "configuration", SPEAKER(1)), *masqd;

	assert_non_null(table_adopt(&f->table, addr("10.0.0.2"), "eth0"));
	assert_non_null(table_adopt(&f->table, addr("10.0.0.3"), "eth0"));
	assert_non_null(table_adopt(&f->table, addr("10.0.0.4"), "eth1"));
	assert_int_equal(entry_state(find(f, "10.0.0.2", "eth0")), ENTRY_ORPHANED);
	claim(f, configuration, "10.0.0.2", "eth0");
	/* The configuration does not know what masqd wanted. */
	assert_int_equal(table_sweep(&f->table, configuration, false), 0);
	masqd = table_hold(&f->table, "masqd", SPEAKER(2));
	claim(f, masqd, "10.0.0.3", "eth0");
	assert_int_equal(table_sweep(&f->table, masqd, true), 1);
	assert_string_equal(f->unwanted, "10.0.0.4@eth1 ");
}

/* The kernel is quicker that way round. */
static void swept_newest_first(void **state)
{
	struct fixture *f = *state;
	struct holder *masqd = table_hold(&f->table, "masqd", SPEAKER(1));

	claim(f, masqd, "10.0.0.2", "eth0");
	claim(f, masqd, "10.0.0.3", "eth0");
	claim(f, masqd, "10.0.0.4", "eth0");
	masqd = table_hold(&f->table, "masqd", SPEAKER(2));
	assert_int_equal(table_sweep(&f->table, masqd, false), 3);
	assert_string_equal(f->unwanted, "10.0.0.4@eth0 10.0.0.3@eth0 10.0.0.2@eth0 ");
}

static void bounds(void **state)
{
	struct fixture *f = *state;
	struct holder *masqd = table_hold(&f->table, "masqd", SPEAKER(1));
	struct entry *entry;
	char name[IFNAMSIZ];

	for (int i = 0; i < TABLE_LANS_MAX; i++) {
		snprintf(name, sizeof(name), "eth%d", i);
		claim(f, masqd, "10.0.0.2", name);
	}
	assert_int_equal(table_claim(&f->table, masqd, addr("10.0.0.2"), "one-more", &entry), -ENOSPC);
	for (uint32_t i = 0; i < TABLE_CLAIMS_MAX - TABLE_LANS_MAX; i++) {
		struct in6_addr address = ip_from_v4((struct in_addr){ .s_addr = htonl(0x0a010000 + i) });

		assert_int_equal(table_claim(&f->table, masqd, &address, "eth0", &entry), 0);
	}
	assert_int_equal(table_claim(&f->table, masqd, addr("192.168.0.1"), "eth0", &entry), -ENOSPC);
	assert_int_equal(table_claim(&f->table, masqd, addr("10.0.0.2"), "eth0", &entry), 0);
	for (uintptr_t i = 1; i < TABLE_HOLDERS_MAX; i++) {
		snprintf(name, sizeof(name), "holder%d", (int)i);
		assert_non_null(table_hold(&f->table, name, SPEAKER(1 + i)));
	}
	assert_null(table_hold(&f->table, "one-more", SPEAKER(99)));
	/* One that is gone and claims nothing makes room. */
	assert_int_equal(table_leave(&f->table, table_hold(&f->table, "holder1", SPEAKER(100))), 0);
	assert_non_null(table_hold(&f->table, "one-more", SPEAKER(99)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counted_by_holder, setup, teardown),
		cmocka_unit_test_setup_teardown(states, setup, teardown),
		cmocka_unit_test_setup_teardown(other_lans, setup, teardown),
		cmocka_unit_test_setup_teardown(comes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(taken_over, setup, teardown),
		cmocka_unit_test_setup_teardown(adopted, setup, teardown),
		cmocka_unit_test_setup_teardown(swept_newest_first, setup, teardown),
		cmocka_unit_test_setup_teardown(bounds, setup, teardown),
	};

	return cmocka_run_group_tests_name("arpd/table", tests, NULL, NULL);
}
