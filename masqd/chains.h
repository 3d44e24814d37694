/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Which policies' chains are in the kernel. */

#ifndef MASQD_CHAINS_H
#define MASQD_CHAINS_H

#include <stdbool.h>
#include <stdint.h>
#include <uthash.h>

/* The chains of one policy. */
struct chains {
	char name[64];	/* struct policy's chain */
	uint32_t id;
	UT_hash_handle hh;
};

/* A table is a pointer, NULL when it is empty. */
struct chains *chains_find(struct chains *all, const char *name);
/* False if it is there already, or without memory. */
bool chains_add(struct chains **all, const char *name, uint32_t id);
void chains_del(struct chains **all, struct chains *chains);
void chains_free(struct chains **all);

#endif
