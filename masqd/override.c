/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json-text.h"
#include "lib/log.h"
#include "masqd/assign.h"
#include "masqd/override.h"
#include "masqd/policy-key.h"
#include "masqd/route-check.h"
#include "masqd/translation.h"

const char *override_objection(const struct conf *conf, const struct setting *setting)
{
	const struct policy_key *key = setting->key;
	static char reason[256];
	struct policy scratch = { 0 };
	const char *wrong;
	unsigned i;

	if (key->flags & POLICY_KEY_ADMISSION) {
		snprintf(reason, sizeof(reason), "%s: counts only when a line is admitted, so not for a session that is there", key->name);
		return reason;
	}
	if (setting->count != 1 && !key->is_list) {
		snprintf(reason, sizeof(reason), "%s: must have one value", key->name);
		return reason;
	}
	wrong = setting_apply(setting, conf, &scratch, &i);
	if (wrong)
		snprintf(reason, sizeof(reason), "%s: %.64s: %s", key->name, setting->values[i].text, wrong);
	policy_release(&scratch);
	return wrong ? reason : NULL;
}

/* What the session would have live. 0 or -ENOMEM. */
static int changed_layer(const struct session *s, const struct override_change *change, struct layer *live)
{
	struct layer copy = { .kind = s->live.kind };
	int rc = 0;

	if (!change->unsets_all)
		rc = layer_append_all(&copy, &s->live);
	for (unsigned i = 0; i < change->unset_count; i++)
		layer_del(&copy, change->unset[i]);
	for (unsigned i = 0; i < change->wanted->count; i++)
		layer_del(&copy, change->wanted->settings[i].key);
	if (!rc)
		rc = layer_append_all(&copy, change->wanted);
	*live = copy;
	return rc;
}

struct changed {
	struct layer live;
	struct choice choice;
};

static void take(struct session *s, struct changed *changed)
{
	struct layer old = s->live;

	s->live = changed->live;
	changed->live = old;
	if (changed->choice.layers.count && changed->choice.layers.of[changed->choice.layers.count - 1] == &changed->live)
		changed->choice.layers.of[changed->choice.layers.count - 1] = &s->live;
	session_set_policy(s, changed->choice.policy, &changed->choice.layers);
	changed->choice.policy = NULL;
}

/* Back to what it had. */
static void take_back(struct gateway *gw, struct session *s, struct changed *changed)
{
	changed->choice = assign_choose(gw, gw->conf, s, &changed->live);
	if (!changed->choice.policy)
		return;
	take(s, changed);
	if (translation_assign(gw, s) || gateway_session_changed(gw, s))
		log_error("%s: cannot have back what it had", session_text(s));
	override_keep(gw, s);
	if (gw->on_event)
		gw->on_event(gw->ctx, GATEWAY_CHANGED, s, NULL);
}

static int put_in_force(struct gateway *gw, struct session *s, struct changed *changed)
{
	int rc;

	take(s, changed);
	assign_sweep_later(gw);
	rc = translation_assign(gw, s);
	if (!rc)
		rc = gateway_session_changed(gw, s);
	if (rc) {
		take_back(gw, s, changed);
		return rc;
	}
	override_keep(gw, s);
	if (gw->on_event)
		gw->on_event(gw->ctx, GATEWAY_CHANGED, s, NULL);
	return 0;
}

/* What the configuration's own check has against a policy. The reason, NULL if there is nothing. */
static const char *conflict_of(const struct gateway *gw, const struct session *s, const struct choice *choice)
{
	static char reason[ROUTE_REASON_MAX];
	const char *objection = NULL;

	if (!choice->policy)
		return choice->why;
	for (unsigned i = 0; !objection && i < choice->policy->snat_address.count; i++)
		objection = conf_snat_objection(gw->conf, &choice->policy->snat_address.ranges[i]);
	return objection ? objection : route_check(gw, s, choice->policy, reason) ? reason : NULL;
}

/* All of them or none. */
static int put_all_in_force(struct gateway *gw, struct session *const *sessions, unsigned count, struct changed *all,
			    char reason[DERIVE_REASON_MAX])
{
	unsigned i;
	int rc = 0;

	for (i = 0; !rc && i < count; i++) {
		/* Again: those before it have theirs now. */
		const char *conflict = conflict_of(gw, sessions[i], &all[i].choice);

		rc = conflict ? -EINVAL : put_in_force(gw, sessions[i], &all[i]);
		if (rc == -ENOSPC) {
			conflict = TRANSLATION_EXHAUSTED;
			rc = -EINVAL;
		}
		if (conflict)
			snprintf(reason, DERIVE_REASON_MAX, "#%u: %.200s", sessions[i]->serial, conflict);
	}
	/* The one that failed is what it was already. */
	for (i = rc ? i - 1 : 0; i > 0; i--)
		take_back(gw, sessions[i - 1], &all[i - 1]);
	return rc;
}

int override_change(struct gateway *gw, struct session *const *sessions, unsigned count, const struct override_change *change,
		    char reason[DERIVE_REASON_MAX])
{
	struct changed *all = calloc(count + 1, sizeof(*all));
	int rc = all ? 0 : -ENOMEM;

	for (unsigned i = 0; !rc && i < count; i++) {
		const char *conflict;

		rc = changed_layer(sessions[i], change, &all[i].live);
		if (rc)
			break;
		all[i].choice = assign_choose(gw, gw->conf, sessions[i], &all[i].live);
		conflict = conflict_of(gw, sessions[i], &all[i].choice);
		if (conflict) {
			snprintf(reason, DERIVE_REASON_MAX, "#%u: %.200s", sessions[i]->serial, conflict);
			rc = -EINVAL;
		}
	}
	if (!rc)
		rc = put_all_in_force(gw, sessions, count, all, reason);
	for (unsigned i = 0; all && i < count; i++) {
		derive_put(all[i].choice.policy);
		layer_release(&all[i].live);
	}
	free(all);
	return rc;
}

void override_drop_unfit(struct gateway *gw, struct session *s)
{
	if (!s->live.count || (s->layers.count && s->layers.of[s->layers.count - 1] == &s->live))
		return;
	log_warn("%s: what was set for it does not fit the configuration any more, and is unset", session_text(s));
	layer_release(&s->live);
	override_keep(gw, s);
}

static json_t *values_json(const struct setting *setting)
{
	json_t *values = json_array();

	for (unsigned i = 0; i < setting->count; i++)
		json_array_append_new(values, json_string(setting->values[i].text));
	return values;
}

static void keep_setting(struct gateway *gw, uint32_t serial, const struct setting *setting)
{
	sqlite3_stmt *insert = store_prepare(gw->store, "INSERT INTO override (serial, key, value, uid, time) VALUES (?, ?, ?, ?, ?)");
	json_t *values = values_json(setting);
	char *text = json_text_write(values, JSON_COMPACT);

	if (insert && text) {
		sqlite3_bind_int64(insert, 1, serial);
		sqlite3_bind_text(insert, 2, setting->key->name, -1, SQLITE_STATIC);
		sqlite3_bind_text(insert, 3, text, -1, SQLITE_STATIC);
		sqlite3_bind_int64(insert, 4, setting->uid);
		sqlite3_bind_int64(insert, 5, setting->time);
		store_run(gw->store, insert);
	}
	sqlite3_finalize(insert);
	free(text);
	json_decref(values);
}

static void forget(struct gateway *gw, uint32_t serial)
{
	sqlite3_stmt *delete = store_prepare(gw->store, "DELETE FROM override WHERE serial = ?");

	if (delete) {
		sqlite3_bind_int64(delete, 1, serial);
		store_run(gw->store, delete);
	}
	sqlite3_finalize(delete);
}

void override_keep(struct gateway *gw, const struct session *s)
{
	store_begin(gw->store);
	forget(gw, s->serial);
	for (unsigned i = 0; i < s->live.count; i++)
		keep_setting(gw, s->serial, &s->live.settings[i]);
	store_end(gw->store);
}

/* A row of the store: what this version does not know of is left out. */
static void load_setting(struct session *s, const char *name, const char *text, uid_t uid, time_t at)
{
	const struct policy_key *key = name ? policy_key_find(name) : NULL;
	json_t *values = text ? json_text_read(text, 0) : NULL, *value;
	struct setting *setting = key && json_is_array(values) ? layer_add(&s->live, key) : NULL;
	size_t i;

	if (setting) {
		setting->uid = uid;
		setting->time = at;
		json_array_foreach(values, i, value)
			if (json_is_string(value))
				layer_append(&s->live, key, json_string_value(value), 0);
	}
	json_decref(values);
}

void override_load(struct gateway *gw, struct session *s)
{
	sqlite3_stmt *select = store_prepare(gw->store, "SELECT key, value, uid, time FROM override WHERE serial = ?");

	if (!select)
		return;
	sqlite3_bind_int64(select, 1, s->serial);
	while (store_next(gw->store, select))
		load_setting(s, (const char *)sqlite3_column_text(select, 0), (const char *)sqlite3_column_text(select, 1),
			     (uid_t)sqlite3_column_int64(select, 2), (time_t)sqlite3_column_int64(select, 3));
	sqlite3_finalize(select);
}

void override_sweep(struct gateway *gw)
{
	sqlite3_stmt *select = store_prepare(gw->store, "SELECT DISTINCT serial FROM override");

	if (!select)
		return;
	store_begin(gw->store);
	while (store_next(gw->store, select)) {
		uint32_t serial = (uint32_t)sqlite3_column_int64(select, 0);

		if (!session_find(&gw->sessions, serial))
			forget(gw, serial);
	}
	sqlite3_finalize(select);
	store_end(gw->store);
}
