/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Where the elements that the kernel has are not those that it should have. Whatever is right already can be left as it is: with what
 * it has counted, and at a third of what writing it again would cost. */

#ifndef MASQD_DIFFERENCE_H
#define MASQD_DIFFERENCE_H

#include "masqd/batch.h"

struct difference;

/* sets is borrowed for life: the names of the sets that are compared. Those behind the first exact ones may have more than is wanted.
 * NULL without memory. */
struct difference *difference_new(const char *const *sets, size_t count, size_t exact);
void difference_free(struct difference *difference);

/* Notes that this element, of one of the sets, should be there. It is copied. */
void difference_want(struct difference *difference, const struct element *element);

/* Told of each element that is not as it should be. */
struct difference_handler {
	void (*on_missing)(void *ctx, const struct element *wanted);
	/* What is no element that is wanted: its set, key and end. */
	void (*on_extra)(void *ctx, const struct element *identity, const struct element_view *found);
	/* It has another value, state or note. */
	void (*on_other)(void *ctx, const struct element *wanted, const struct element_view *found);
	void *ctx;
};

/* Reads the sets and tells. Changes nothing. 0 or -errno. */
int difference_tell(struct difference *difference, struct batch *batch, const struct difference_handler *handler);

#endif
