/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Transactions on the sets of the table inet masqgate: netlink messages on one standing socket (linux/netfilter/nf_tables.h).
 * What the elements mean is masqd/elements.h. */

#ifndef MASQD_BATCH_H
#define MASQD_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "masqd/element.h"

struct batch;

int batch_open(struct batch **batch);

/* The netlink port that its transactions come from, by which the kernel's notifications tell whose they are. */
uint32_t batch_port(const struct batch *batch);
void batch_close(struct batch *batch);

/* Whether the table is there: 0 or -errno, -ENOENT if it is not. */
int batch_find_table(struct batch *batch);

void batch_begin(struct batch *batch);
void batch_add(struct batch *batch, const struct element *element);
void batch_del(struct batch *batch, const struct element *element);
/* All elements of the set go. */
void batch_flush(struct batch *batch, const char *set);

/* Puts the transaction in force: all of it or nothing. 0 or -errno; -ENOENT or -EEXIST mean that the kernel's state is
 * not what it was thought to be. */
int batch_commit(struct batch *batch);

/* Tells of all elements of a set, some perhaps twice if somebody changes the ruleset meanwhile. 0 or -errno. */
int batch_dump(struct batch *batch, const char *set, void (*on_element)(void *ctx, const struct element_view *view), void *ctx);

/* Does the kernel hold this very element, by key and value? 1, 0, or -errno. */
int batch_holds(struct batch *batch, const struct element *element);

/* Tells of the one with this set and key. 0, -ENOENT or another -errno. */
int batch_get(struct batch *batch, const struct element *element, void (*on_element)(void *ctx, const struct element_view *view),
	      void *ctx);

#endif
