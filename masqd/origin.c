/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <stdio.h>

#include "masqd/origin.h"
#include "masqd/policy-key.h"

const char *origin_text(const struct conf *conf, const struct session *s, const char *key)
{
	static char text[512];
	const struct layer *from = NULL;
	const struct setting *setting = layers_find(&s->layers, policy_key_find(key), &from);

	/* Over a policy for who has used up his quota nothing stands. */
	if (!setting || s->policy != s->chosen_policy)
		snprintf(text, sizeof(text), "policy %s (%s:%u)", s->policy->name, conf->path, s->policy->line);
	else if (from->line)
		snprintf(text, sizeof(text), "%s \"%s\" (%s:%u)", from->kind, from->name, conf->path, setting->line);
	else
		snprintf(text, sizeof(text), "masqctl set");
	return text;
}

const char *origin_rule_text(const struct conf *conf, const struct session *s, const struct rule *rule)
{
	static char text[512];

	if (!rule->line)
		return origin_text(conf, s, "rules");
	snprintf(text, sizeof(text), "%s:%u", conf->path, rule->line);
	return text;
}
