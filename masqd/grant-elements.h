/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The elements that a grant stands for in the sets of the table inet masqgate. Pure. */

#ifndef MASQD_GRANT_ELEMENTS_H
#define MASQD_GRANT_ELEMENTS_H

#include "masqd/element.h"
#include "masqd/policy.h"

/* Enough for a grant that has everything; but for its forwards, of which there may be a thousand. */
enum { GRANT_ELEMENTS_MAX = 96 };
struct element_list {
	struct element elements[GRANT_ELEMENTS_MAX];
	unsigned count;
};

/* The sets whose elements count a host's bytes: from it, to it. */
enum { GRANT_COUNT_SETS = 2 };
extern const char *const grant_count_sets[GRANT_COUNT_SETS];

/* Makes the key of interface and address, and its interval if it is a network's. */
void grant_elements_set_key(struct element *element, const struct grant *grant);

/* All but the forwards. note: the comment of the session's element, borrowed; may be NULL. */
void grant_elements_list(struct element_list *list, const struct grant *grant, const char *note);

bool grant_elements_has(const struct element_list *list, const struct element *element);

/* Calls put for the elements of each forward that grant has and other has not. */
void grant_elements_put_forwards(void (*put)(void *ctx, const struct element *element), void *ctx, const struct grant *grant,
				 const struct grant *other);

#endif
