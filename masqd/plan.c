/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "masqd/assign.h"
#include "masqd/plan.h"
#include "masqd/policy-key.h"

/* Two policies of the two configurations: many sessions have the same. */
struct pair {
	struct pair_key {
		const struct policy *was, *becomes;
	} key;
	bool differs;
	UT_hash_handle hh;
};

/* In doubt, without memory, they do. */
static bool keys_differ(const struct policy *was, const struct policy *becomes)
{
	bool differs = strcmp(was->name, becomes->name) != 0;

	for (const struct policy_key *key = policy_keys; !differs && key->name; key++) {
		char *a = policy_key_text(key, was), *b = policy_key_text(key, becomes);

		differs = !a || !b || strcmp(a, b) != 0;
		free(a);
		free(b);
	}
	return differs;
}

static bool policies_differ(struct pair **pairs, const struct policy *was, const struct policy *becomes)
{
	struct pair_key key = { .was = was, .becomes = becomes };
	struct pair *pair;

	if (!was || !becomes)
		return was != becomes;
	HASH_FIND(hh, *pairs, &key, sizeof(key), pair);
	if (pair)
		return pair->differs;
	pair = calloc(1, sizeof(*pair));
	if (!pair)
		return keys_differ(was, becomes);
	pair->key = key;
	pair->differs = keys_differ(was, becomes);
	HASH_ADD(hh, *pairs, key, sizeof(pair->key), pair);
	return pair->differs;
}

static void free_pairs(struct pair *pairs)
{
	struct pair *pair, *next;

	HASH_ITER(hh, pairs, pair, next) {
		HASH_DEL(pairs, pair);
		free(pair);
	}
}

int plan_make(struct gateway *gw, const struct conf *conf, struct plan *plan)
{
	struct pair *pairs = NULL;
	struct session *s, *next;

	plan->count = 0;
	plan->all = calloc(HASH_CNT(by_serial, gw->sessions.by_serial) + 1, sizeof(*plan->all));
	if (!plan->all)
		return -ENOMEM;
	session_each(&gw->sessions, s, next) {
		struct planned *planned = &plan->all[plan->count++];

		planned->serial = s->serial;
		planned->choice = assign_choose_again(gw, conf, s);
		planned->differs = policies_differ(&pairs, s->chosen_policy, planned->choice.policy);
	}
	free_pairs(pairs);
	return 0;
}

void plan_drop(struct gateway *gw, struct plan *plan)
{
	for (unsigned i = 0; i < plan->count; i++)
		derive_put(plan->all[i].choice.policy);
	free(plan->all);
	derive_sweep(&gw->derived);
}
