/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What the table inet masqgate is made of, but for its clients: the table, its chains with their rules, and the sets that the configuration
 * fills, a number for each that is another one whenever somebody has changed it. So what the kernel has now can be compared with
 * what it had right after it was loaded, and nobody has to know how the kernel writes a rule down. */

#ifndef MASQD_FINGERPRINT_H
#define MASQD_FINGERPRINT_H

#include <stdint.h>
#include <uthash.h>

#include "masqd/mismatch.h"

#define FINGERPRINT_NAME_MAX 272

struct fingerprint {
	char name[FINGERPRINT_NAME_MAX];	/* its kind, "table", "chain" or "set", behind it its name */
	uint64_t value;
	UT_hash_handle hh;
};

/* Reads those of the table; *list is NULL before, and the caller's to free. 0; -ENOENT if there is no table; -errno. */
int fingerprints_read(struct fingerprint **list);
void fingerprints_free(struct fingerprint **list);

/* Tells where the second list is not the first. */
void fingerprints_compare(struct fingerprint *wanted, struct fingerprint *found, const struct mismatch_handler *handler);

#endif
