/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "masqd/assign.h"
#include "masqd/ruleset-policy.h"

/* A user who dials again at once finds his chains still there. */
static const struct timeval sweep_delay = { .tv_sec = 2 };

struct choice assign_choose(struct gateway *gw, const struct conf *conf, const struct session *s, const struct layer *live)
{
	struct choice choice = policy_choose(conf, s);
	const struct policy *base = choice.policy;
	char reason[DERIVE_REASON_MAX];

	if (!base)
		return choice;
	layers_add(&choice.layers, live);
	choice.policy = derive_get(&gw->derived, conf, base, &choice.layers, reason);
	if (!choice.policy)
		snprintf(choice.why, sizeof(choice.why), "%s", reason);
	return choice;
}

struct choice assign_choose_again(struct gateway *gw, const struct conf *conf, const struct session *s)
{
	static const struct layer nothing;
	struct choice choice = assign_choose(gw, conf, s, &s->live);

	return choice.policy || !s->live.count ? choice : assign_choose(gw, conf, s, &nothing);
}

static bool is_of(const struct conf *conf, const struct policy *policy)
{
	return policy >= conf->policies && policy < conf->policies + conf->policy_count;
}

/* Those of conf come first, so that of two of the same name they count. NULL without memory; caller frees. */
static const struct policy **list_policies(struct gateway *gw, const struct conf *conf, unsigned *count)
{
	unsigned max = conf->policy_count + gw->conf->policy_count + HASH_COUNT(gw->derived.by_text);
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers. */
	const struct policy **list = calloc(max + 1, sizeof(*list));
	struct derived *derived, *next;

	*count = 0;
	if (!list)
		return NULL;
	for (unsigned i = 0; i < conf->policy_count; i++)
		list[(*count)++] = &conf->policies[i];
	derive_each(&gw->derived, derived, next)
		if (is_of(conf, derived->policy.base))
			list[(*count)++] = &derived->policy;
	if (conf == gw->conf)
		return list;
	derive_each(&gw->derived, derived, next)
		if (!is_of(conf, derived->policy.base))
			list[(*count)++] = &derived->policy;
	for (unsigned i = 0; i < gw->conf->policy_count; i++)
		list[(*count)++] = &gw->conf->policies[i];
	return list;
}

/* Those of the configuration in force, however far the way to another one had gone, and the locks of its uplinks. */
static void keep_routes(struct gateway *gw)
{
	unsigned count;
	const struct policy **list = list_policies(gw, gw->conf, &count);

	if (!list || uplinks_keep(gw->uplinks, list, count))
		log_warn("routes that nobody uses stay until the next reload");
	if (list)
		egress_lock_set(gw->egress_lock, gw->conf, list, count);
	free(list);
}

int assign_load_rules(struct gateway *gw, const struct conf *conf)
{
	unsigned count;
	const struct policy **list = list_policies(gw, conf, &count);
	int rc = list ? uplinks_add(gw->uplinks, list, count) : -ENOMEM;

	if (!rc)
		egress_lock_set(gw->egress_lock, conf, list, count);
	if (!rc)
		rc = ruleset_load(gw->ruleset, conf, list, count);
	/* before a line waits for it */
	for (unsigned i = 0; !rc && i < count; i++)
		if (ruleset_policy_features(list[i]) & RULESET_RATES)
			shaper_prepare(gw->shaper);
	free(list);
	if (rc)
		keep_routes(gw);
	return rc;
}

int assign_add_rules(struct gateway *gw, const struct policy *policy)
{
	int rc = uplinks_add(gw->uplinks, &policy, 1);

	if (!rc)
		rc = ruleset_add(gw->ruleset, policy);
	egress_lock_allow(gw->egress_lock, policy);
	return rc == -ENOENT ? assign_load_rules(gw, gw->conf) : rc;
}

void assign_sweep(struct gateway *gw)
{
	const struct policy **list;
	unsigned count;

	derive_sweep(&gw->derived);
	list = list_policies(gw, gw->conf, &count);
	if (list && ruleset_keep(gw->ruleset, gw->conf, list, count))
		log_warn("chains that nobody uses stay until the next reload");
	free(list);
	keep_routes(gw);
}

void assign_sweep_later(struct gateway *gw)
{
	if (!evtimer_pending(gw->sweep, NULL))
		event_add(gw->sweep, &sweep_delay);
}
