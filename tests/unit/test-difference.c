/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/difference: what it keeps of the elements that should be there. What it makes of those that are there, tests/net shows. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "masqd/difference.h"

/* Wherever the list has to grow: it may have moved, and is freed once. */
static void an_unknown_set_spoils_nothing_but_the_result(void **state)
{
	static const char *const sets[] = { "serial", "peers" };
	const struct difference_handler nobody = { .ctx = NULL };
	struct element known = { .set = "peers", .note = "#1" }, unknown = { .set = "nothing" };

	for (unsigned before = 0; before <= 256; before++) {
		struct difference *d = difference_new(sets, 2, 2);

		assert_non_null(d);
		for (unsigned i = 0; i < before; i++) {
			known.key.len = 0;
			element_append_u32(&known.key, i);
			difference_want(d, &known);
		}
		difference_want(d, &unknown);
		difference_want(d, &known);
		assert_int_equal(difference_tell(d, NULL, &nobody), -EINVAL);
		difference_free(d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unknown_set_spoils_nothing_but_the_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
