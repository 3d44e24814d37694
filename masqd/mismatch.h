/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Something of ours that the kernel lacks, has and should not have, or has otherwise: masqctl reconcile. */

#ifndef MASQD_MISMATCH_H
#define MASQD_MISMATCH_H

#include <stdint.h>

enum mismatch_type {
	MISMATCH_MISSING,
	MISMATCH_EXTRA,
	MISMATCH_DIFFERS,
};

/* Texts are valid during the call that tells of it. */
struct mismatch {
	enum mismatch_type type;
	const char *object;	/* what it is: "element", "chain", "route", ... */
	const char *name;	/* of the set, the chain, the routing table, or the interface */
	const char *key;	/* which one in there; NULL: that is all */
	uint32_t serial;	/* of the session that it is about; 0: of none */
	const char *wanted, *found;	/* NULL: nothing, or nothing more to say */
};

struct mismatch_handler {
	void (*tell)(void *ctx, const struct mismatch *mismatch);
	void *ctx;
};

#endif
