/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "masqd/chains.h"

struct chains *chains_find(struct chains *all, const char *name)
{
	struct chains *chains;

	HASH_FIND_STR(all, name, chains);
	return chains;
}

bool chains_add(struct chains **all, const char *name, uint32_t id)
{
	struct chains *chains = chains_find(*all, name) ? NULL : calloc(1, sizeof(*chains));

	if (!chains)
		return false;
	snprintf(chains->name, sizeof(chains->name), "%s", name);
	chains->id = id;
	HASH_ADD_STR(*all, name, chains);
	return true;
}

void chains_del(struct chains **all, struct chains *chains)
{
	HASH_DEL(*all, chains);
	free(chains);
}

void chains_free(struct chains **all)
{
	struct chains *chains, *next;

	HASH_ITER(hh, *all, chains, next)
		chains_del(all, chains);
}
