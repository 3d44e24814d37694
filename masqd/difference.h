/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What leads from the elements that the kernel has to those that it should have. Whatever is right already is left as it is: with
 * what it has counted, and at a third of what writing it again would cost. */

#ifndef MASQD_DIFFERENCE_H
#define MASQD_DIFFERENCE_H

#include "masqd/batch.h"

struct difference;

/* sets is borrowed for life: the names of the sets that are compared. NULL without memory. */
struct difference *difference_new(const char *const *sets, size_t count);
void difference_free(struct difference *difference);

/* Notes that this element, of one of the sets, should be there. It is copied. */
void difference_want(struct difference *difference, const struct element *element);

/* Reads the sets, and adds to the transaction what is to go and what is missing. 0 or -errno. */
int difference_put(struct difference *difference, struct batch *batch);

#endif
