/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The keys of a policy, in one table: how each is read, checked, printed and shown. The configuration's reader and printer
 * and the API's view of policies all go through it, so a new key is a line here and a member of struct policy. */

#ifndef MASQD_POLICY_KEY_H
#define MASQD_POLICY_KEY_H

#include <jansson.h>
#include <stdio.h>

#include "masqd/conf.h"

enum policy_key_flags {
	POLICY_KEY_CHAINS = 1 << 0,	/* stands in the policy's chains: masqd/ruleset-policy.c */
	POLICY_KEY_ADMISSION = 1 << 1,	/* counts when a line is admitted, and not after that */
};

struct policy_key {
	const char *name;
	bool is_list;	/* parse is called for each item */
	size_t offset;	/* of its member in struct policy */
	/* Stores what text means, and appends if it is a list. NULL, or a static text that says what is wrong. */
	const char *(*parse)(const struct conf *conf, const char *text, void *member);
	/* The value as it is written in the configuration (quotes and braces included); nothing if it is not set. */
	void (*print)(FILE *out, const void *member);
	/* In base units; null if it is not set. */
	json_t *(*json)(const void *member);
	void (*release)(void *member);	/* frees what parse has allocated; may be NULL */
	unsigned flags;
};

/* Ended by a NULL name. */
#define POLICY_KEYS_MAX 64
extern const struct policy_key policy_keys[POLICY_KEYS_MAX];

/* NULL if there is none of this name. */
const struct policy_key *policy_key_find(const char *name);

/* The value as it is written in the configuration, empty if it is not set. Caller frees; NULL without memory. */
char *policy_key_text(const struct policy_key *key, const struct policy *policy);

/* Every key has its default. */
void policy_set_defaults(struct policy *policy);
/* Frees what the keys hold. */
void policy_release(struct policy *policy);

static inline void *policy_member(const struct policy_key *key, const struct policy *policy)
{
	return (char *)policy + key->offset;
}

#endif
