/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "masqd/layer.h"
#include "masqd/policy-key.h"

void layers_add(struct layers *layers, const struct layer *layer)
{
	if (layer->count && layers->count < LAYERS_MAX)
		layers->of[layers->count++] = layer;
}

const struct setting *layers_find(const struct layers *layers, const struct policy_key *key, const struct layer **from)
{
	for (unsigned i = layers->count; i > 0; i--) {
		const struct setting *setting = layer_find(layers->of[i - 1], key);

		if (setting && from)
			*from = layers->of[i - 1];
		if (setting)
			return setting;
	}
	return NULL;
}

const struct setting *layer_find(const struct layer *layer, const struct policy_key *key)
{
	for (unsigned i = 0; i < layer->count; i++)
		if (layer->settings[i].key == key)
			return &layer->settings[i];
	return NULL;
}

struct setting *layer_add(struct layer *layer, const struct policy_key *key)
{
	struct setting *settings = reallocarray(layer->settings, layer->count + 1, sizeof(*settings));

	if (!settings)
		return NULL;
	layer->settings = settings;
	settings[layer->count] = (struct setting){ .key = key };
	return &settings[layer->count++];
}

struct setting *layer_append(struct layer *layer, const struct policy_key *key, const char *text, unsigned line)
{
	struct setting *setting = (struct setting *)layer_find(layer, key);
	struct setting_value *values;

	if (!setting)
		setting = layer_add(layer, key);
	values = setting ? reallocarray(setting->values, setting->count + 1, sizeof(*values)) : NULL;
	if (!values)
		return NULL;
	setting->values = values;
	values[setting->count] = (struct setting_value){ .text = strdup(text), .line = line };
	if (!values[setting->count].text)
		return NULL;
	setting->count++;
	return setting;
}

static void release(struct setting *setting)
{
	for (unsigned i = 0; i < setting->count; i++)
		free(setting->values[i].text);
	free(setting->values);
}

bool layer_del(struct layer *layer, const struct policy_key *key)
{
	struct setting *setting = (struct setting *)layer_find(layer, key);

	if (!setting)
		return false;
	release(setting);
	*setting = layer->settings[--layer->count];
	return true;
}

int layer_append_all(struct layer *to, const struct layer *from)
{
	for (unsigned i = 0; i < from->count; i++) {
		const struct setting *setting = &from->settings[i];
		struct setting *copy = layer_add(to, setting->key);

		for (unsigned k = 0; copy && k < setting->count; k++)
			copy = layer_append(to, setting->key, setting->values[k].text, setting->values[k].line);
		if (!copy)
			return -ENOMEM;
		copy->line = setting->line;
		copy->uid = setting->uid;
		copy->time = setting->time;
	}
	return 0;
}

void layer_release(struct layer *layer)
{
	for (unsigned i = 0; i < layer->count; i++)
		release(&layer->settings[i]);
	free(layer->settings);
	layer->settings = NULL;
	layer->count = 0;
}

const char *setting_apply(const struct setting *setting, const struct conf *conf, struct policy *policy, unsigned *wrong)
{
	const struct policy_key *key = setting->key;
	void *member = policy_member(key, policy);
	const char *reason = NULL;

	if (key->release)
		key->release(member);
	for (*wrong = 0; *wrong < setting->count; (*wrong)++) {
		/* The one thing of a configuration that changes: for what remembers where it stands. */
		((struct conf *)conf)->reading_line = setting->values[*wrong].line;
		reason = key->parse(conf, setting->values[*wrong].text, member);
		if (reason)
			return reason;
	}
	return NULL;
}
