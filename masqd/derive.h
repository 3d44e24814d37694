/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Policies that no section names: one of the configuration's with the keys of a user, a line or an administrator over it. Those
 * that are made of the same are one, however many sessions have it. */

#ifndef MASQD_DERIVE_H
#define MASQD_DERIVE_H

#include <uthash.h>

#include "masqd/conf.h"

enum { DERIVE_REASON_MAX = 256 };

/* The policy's name, line and layer are its base's. Where it differs from that in a key that stands in the policies'
 * chains, it has chains and a number of its own, as in "dialup.1f2e3d4c5b6a7988", which depend on nothing but what it is
 * made of; else it has its base's. */
struct derived {
	struct policy policy;
	char *text;		/* what it is made of */
	unsigned users;		/* of derive_get */
	UT_hash_handle hh;
};

/* Pure. NULL with the reason if the keys are in each other's way, do not fit this configuration, or without memory. */
struct derived *derive_policy(const struct conf *conf, const struct policy *base, const struct layers *layers, char reason[DERIVE_REASON_MAX]);
void derive_free(struct derived *derived);

/* The derived policy that this one is; NULL if it is the configuration's (or NULL). */
struct derived *derive_of(const struct policy *policy);

/* All that are in use. Zero it before; empty it with derive_sweep. */
struct derive_table {
	struct derived *by_text;
};

/* The policy with these layers over it, base itself if they say nothing; NULL with the reason. To be given back, before
 * conf and base are freed, with derive_put; what nobody uses any more is there until derive_sweep. */
const struct policy *derive_get(struct derive_table *table, const struct conf *conf, const struct policy *base, const struct layers *layers,
				char reason[DERIVE_REASON_MAX]);
void derive_put(const struct policy *policy);

/* Frees what nobody uses. */
void derive_sweep(struct derive_table *table);

#define derive_each(table, derived, next) HASH_ITER(hh, (table)->by_text, derived, next)

#endif
