/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text-stream.h"
#include "masqd/derive.h"
#include "masqd/policy-key.h"
#include "masqd/rate.h"

/* Separates the items of a list; no value that is valid has it. */
#define ITEM_END '\037'

struct derived *derive_of(const struct policy *policy)
{
	return policy && policy->base ? (struct derived *)((char *)policy - offsetof(struct derived, policy)) : NULL;
}

static bool has_chains(const struct policy *policy)
{
	return policy->chain != policy->base->chain;
}

void derive_free(struct derived *derived)
{
	if (!derived)
		return;
	policy_release(&derived->policy);
	if (has_chains(&derived->policy))
		free(derived->policy.chain);
	free(derived->text);
	free(derived);
}

/* What a derived policy is made of: the same text, the same policy. Caller frees; NULL without memory. */
static char *made_of(const struct policy *base, const struct layers *layers)
{
	struct text_stream stream;
	FILE *out = text_stream_open(&stream);

	if (!out)
		return NULL;
	fprintf(out, "%p", (const void *)base);
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		const struct setting *setting = layers_find(layers, key, NULL);

		if (setting)
			fprintf(out, "\n%s", key->name);
		for (unsigned i = 0; setting && i < setting->count; i++)
			fprintf(out, "%c%s", ITEM_END, setting->values[i].text);
	}
	return text_stream_close(&stream);
}

static int apply(const struct conf *conf, struct policy *policy, const struct setting *setting, const struct layer *layer,
		 char reason[DERIVE_REASON_MAX])
{
	unsigned i;
	const char *wrong = setting_apply(setting, conf, policy, &i);

	if (!wrong)
		return 0;
	if (layer->line)
		snprintf(reason, DERIVE_REASON_MAX, "%s \"%.64s\", line %u: %s: %.64s: %s", layer->kind, layer->name, setting->line,
			 setting->key->name, setting->values[i].text, wrong);
	else
		snprintf(reason, DERIVE_REASON_MAX, "%s: %.64s: %s", setting->key->name, setting->values[i].text, wrong);
	return -EINVAL;
}

static int fill(const struct conf *conf, struct policy *policy, const struct layers *layers, char reason[DERIVE_REASON_MAX])
{
	const struct policy *base = policy->base;
	int rc = 0;

	policy_set_defaults(policy);
	for (const struct policy_key *key = policy_keys; !rc && key->name; key++) {
		const struct layer *from = &base->layer;
		const struct setting *setting = layers_find(layers, key, &from);

		if (!setting)
			setting = layer_find(&base->layer, key);
		if (setting)
			rc = apply(conf, policy, setting, from, reason);
	}
	return rc;
}

/* The keys that differ from the base's and stand in chains, as text; empty if there are none. Of rates the chains only say whether
 * there are any. */
static char *differing_chains(const struct policy *policy, const struct layers *layers)
{
	struct text_stream stream;
	FILE *out = text_stream_open(&stream);

	if (!out)
		return NULL;
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		char *own, *base;

		if (!(key->flags & POLICY_KEY_CHAINS) || !layers_find(layers, key, NULL))
			continue;
		own = policy_key_text(key, policy);
		base = policy_key_text(key, policy->base);
		if (!own || !base)
			stream.is_cut = true;
		else if (strcmp(own, base) != 0)
			fprintf(out, "%s = %s\n", key->name, own);
		free(own);
		free(base);
	}
	if (rate_has_any(policy) != rate_has_any(policy->base))
		fprintf(out, "rates = %s\n", rate_has_any(policy) ? "yes" : "no");
	return text_stream_close(&stream);
}

/* FNV-1a: no two of a gateway's policies will ever have the same. */
static uint64_t hash(const char *text)
{
	uint64_t hash = 14695981039346656037u;

	while (*text)
		hash = (hash ^ (unsigned char)*text++) * 1099511628211u;
	return hash;
}

static int name_chains(struct policy *policy, const struct layers *layers)
{
	char *differing = differing_chains(policy, layers), *chain = NULL;
	int rc = differing ? 0 : -ENOMEM;

	policy->chain = policy->base->chain;
	policy->id = policy->base->id;
	if (!rc && *differing) {
		rc = asprintf(&chain, "%s.%016" PRIx64, policy->name, hash(differing)) < 0 ? -ENOMEM : 0;
		if (!rc) {
			policy->chain = chain;
			policy->id = conf_policy_id(chain);
		}
	}
	free(differing);
	return rc;
}

struct derived *derive_policy(const struct conf *conf, const struct policy *base, const struct layers *layers, char reason[DERIVE_REASON_MAX])
{
	struct derived *derived = calloc(1, sizeof(*derived));
	const char *objection;

	snprintf(reason, DERIVE_REASON_MAX, "out of memory");
	if (!derived)
		return NULL;
	derived->policy.base = base;
	derived->policy.name = base->name;
	derived->policy.chain = base->chain;
	derived->policy.line = base->line;
	derived->text = made_of(base, layers);
	if (!derived->text || fill(conf, &derived->policy, layers, reason) || name_chains(&derived->policy, layers))
		goto fail;
	objection = conf_policy_objection(&derived->policy);
	if (!objection && !quota_names_policy(conf, &derived->policy))
		objection = "over-quota: no such policy";
	if (!objection)
		return derived;
	snprintf(reason, DERIVE_REASON_MAX, "with policy \"%s\": %s", base->name, objection);
fail:
	derive_free(derived);
	return NULL;
}

/* Of two whose shorter hash is the same, the later one has the next number. */
static void avoid_others(const struct derive_table *table, const struct conf *conf, struct policy *policy)
{
	struct derived *other, *next;

	if (!has_chains(policy))
		return;
	for (unsigned i = 0; i < conf->policy_count; i++)
		policy->id += conf->policies[i].id == policy->id;
	derive_each(table, other, next)
		policy->id += other->policy.id == policy->id && strcmp(other->policy.chain, policy->chain) != 0;
}

const struct policy *derive_get(struct derive_table *table, const struct conf *conf, const struct policy *base, const struct layers *layers,
				char reason[DERIVE_REASON_MAX])
{
	struct derived *derived = NULL;
	char *text;

	if (!layers->count)
		return base;
	text = made_of(base, layers);
	if (text)
		HASH_FIND_STR(table->by_text, text, derived);
	free(text);
	if (!derived) {
		derived = derive_policy(conf, base, layers, reason);
		if (!derived)
			return NULL;
		avoid_others(table, conf, &derived->policy);
		HASH_ADD_KEYPTR(hh, table->by_text, derived->text, strlen(derived->text), derived);
	}
	derived->users++;
	return &derived->policy;
}

void derive_put(const struct policy *policy)
{
	struct derived *derived = derive_of(policy);

	if (derived)
		derived->users--;
}

void derive_sweep(struct derive_table *table)
{
	struct derived *derived, *next;

	derive_each(table, derived, next) {
		if (derived->users)
			continue;
		HASH_DEL(table->by_text, derived);
		derive_free(derived);
	}
}
