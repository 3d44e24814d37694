/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* First everything is worked out, also all policies that are derived; then the kernel gets it. */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "masqd/assign.h"
#include "masqd/override.h"
#include "masqd/plan.h"
#include "masqd/policy-key.h"
#include "masqd/reload.h"
#include "masqd/shaping.h"
#include "masqd/translation.h"

static void take_plan(struct gateway *gw, struct plan *plan)
{
	for (unsigned i = 0; i < plan->count; i++) {
		struct session *s = session_find(&gw->sessions, plan->all[i].serial);
		struct choice *choice = &plan->all[i].choice;
		const char *why = choice->why;

		if (!s)
			continue;
		if (choice->policy) {
			session_set_policy(s, choice->policy, &choice->layers);
			override_drop_unfit(gw, s);
			choice->policy = NULL;
			why = translation_assign(gw, s) ? TRANSLATION_EXHAUSTED : NULL;
		}
		if (why) {
			gateway_end(gw, s, why);
			plan->all[i].differs = true;
		}
	}
}

/* Tells of the sessions that are not what they were. Returns how many they are. */
static unsigned tell_changed(struct gateway *gw, const struct plan *plan)
{
	unsigned changed = 0;

	for (unsigned i = 0; i < plan->count; i++) {
		struct session *s = session_find(&gw->sessions, plan->all[i].serial);

		if (!plan->all[i].differs)
			continue;
		changed++;
		if (s && gw->on_event)
			gw->on_event(gw->ctx, GATEWAY_CHANGED, s, NULL);
	}
	return changed;
}

/* Puts a configuration in force. The one before it is the caller's then. */
static int apply(struct gateway *gw, struct conf *conf, unsigned *changed)
{
	struct plan plan;
	int rc = plan_make(gw, conf, &plan);

	if (!rc)
		rc = assign_load_rules(gw, conf);
	if (rc) {
		plan_drop(gw, &plan);
		return rc;
	}
	gw->conf = conf;
	take_plan(gw, &plan);
	gateway_sessions_changed(gw);
	*changed = tell_changed(gw, &plan);
	plan_drop(gw, &plan);
	assign_sweep(gw);
	shaping_retry(gw);
	links_replay(gw->links);
	return 0;
}

static void on_rollback(evutil_socket_t fd, short what, void *ctx)
{
	unsigned changed;

	log_warn("the configuration was not confirmed in time");
	reload_rollback(ctx, &changed);
}

static int wait_for_confirmation(struct gateway *gw, struct conf *previous, unsigned confirm_sec)
{
	struct timeval delay = { .tv_sec = confirm_sec };

	if (!gw->rollback)
		gw->rollback = evtimer_new(gw->base, on_rollback, gw);
	if (!gw->rollback)
		return -ENOMEM;
	gw->previous = previous;
	gw->confirm_by = clock_since_boot() + confirm_sec;
	event_add(gw->rollback, &delay);
	return 0;
}

int reload(struct gateway *gw, struct conffile *file, unsigned confirm_sec, unsigned *changed)
{
	struct conf *previous = gw->conf, *conf = conf_load(file, gw->conf->path);
	int rc = conf ? 0 : -EBADMSG;

	if (!rc && gw->previous)
		rc = -EBUSY;
	if (!rc)
		rc = apply(gw, conf, changed);
	if (rc) {
		conf_free(conf);
		return rc;
	}
	log_info("configuration read again, %u sessions changed", *changed);
	if (!confirm_sec || wait_for_confirmation(gw, previous, confirm_sec))
		conf_free(previous);
	else
		log_info("waiting %u s for a confirmation", confirm_sec);
	return 0;
}

/* Nothing waits any more. Returns the configuration before, which is the caller's. */
static struct conf *stop_waiting(struct gateway *gw)
{
	struct conf *previous = gw->previous;

	gw->previous = NULL;
	gw->confirm_by = 0;
	event_del(gw->rollback);
	return previous;
}

int reload_confirm(struct gateway *gw)
{
	if (!gw->previous)
		return -ENOENT;
	conf_free(stop_waiting(gw));
	log_info("configuration confirmed");
	return 0;
}

int reload_rollback(struct gateway *gw, unsigned *changed)
{
	struct conf *rejected = gw->conf, *previous;
	int rc;

	if (!gw->previous)
		return -ENOENT;
	previous = stop_waiting(gw);
	rc = apply(gw, previous, changed);
	conf_free(rc ? previous : rejected);
	if (rc)
		log_error("cannot go back to the configuration before: %s", strerror(-rc));
	else
		log_warn("back to the configuration before, %u sessions changed; the file is not what is in force", *changed);
	return rc;
}

/* Two policies by their keys. */
static void tell_keys(const struct session *s, const struct policy *policy, const struct reload_differences *differences)
{
	if (strcmp(s->chosen_policy->name, policy->name) != 0)
		differences->tell(differences->ctx, s, "policy", s->chosen_policy->name, policy->name);
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		char *was = policy_key_text(key, s->chosen_policy), *becomes = policy_key_text(key, policy);

		if (was && becomes && strcmp(was, becomes) != 0)
			differences->tell(differences->ctx, s, key->name, was, becomes);
		free(was);
		free(becomes);
	}
}

int reload_diff(struct gateway *gw, struct conffile *file, const struct reload_differences *differences)
{
	struct conf *conf = conf_load(file, gw->conf->path);
	struct plan plan;
	int rc = conf ? plan_make(gw, conf, &plan) : -EBADMSG;

	if (!rc) {
		for (unsigned i = 0; i < plan.count; i++) {
			const struct session *s = session_find(&gw->sessions, plan.all[i].serial);
			const struct choice *choice = &plan.all[i].choice;

			if (choice->policy)
				tell_keys(s, choice->policy, differences);
			else
				differences->tell(differences->ctx, s, "session", session_state_text(s->state), choice->why);
		}
		plan_drop(gw, &plan);
	}
	conf_free(conf);
	return rc;
}

void reload_close(struct gateway *gw)
{
	if (gw->rollback)
		event_free(gw->rollback);
	conf_free(gw->previous);
}
