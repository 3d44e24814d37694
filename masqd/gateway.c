/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* fact → session → policy_decide → grant → effects */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "lib/failpoint.h"
#include "lib/log.h"
#include "masqd/accounting.h"
#include "masqd/address6.h"
#include "masqd/assign.h"
#include "masqd/claim.h"
#include "masqd/gateway.h"
#include "masqd/override.h"
#include "masqd/reload.h"
#include "masqd/ports.h"
#include "masqd/probe.h"
#include "masqd/publish.h"
#include "masqd/recovery.h"
#include "masqd/replay.h"
#include "masqd/history.h"
#include "masqd/shaping.h"
#include "masqd/translation.h"
#include "masqd/over-quota.h"

/* Between two attempts to put right what could not be. */
static const struct timeval repair_pause = { .tv_sec = 1 };

/* Whoever cannot even wait ends: the next start puts it right. */
static void repair_later(struct gateway *gw)
{
	if (event_add(gw->repair, &repair_pause))
		event_base_loopbreak(gw->base);
}

static bool is_repair_due(const struct gateway *gw)
{
	return evtimer_pending(gw->repair, NULL);
}

static void on_repair(evutil_socket_t fd, short what, void *ctx)
{
	struct gateway *gw = ctx;

	if (replay_repair(gw))
		repair_later(gw);
	else
		log_warn("the kernel's state is right again");
}

static int replace(struct gateway *gw, struct session *s, const struct grant *want)
{
	char note[SESSION_NOTE_MAX + 1];
	int rc = want->is_open ? assign_add_rules(gw, s->policy) : 0;

	if (rc)
		return rc;
	session_note(s, note);
	elements_begin(gw->elements);
	if (s->type == SESSION_ATTACHED && want->is_open)
		elements_attach(gw->elements, want->ifindex);
	elements_replace(gw->elements, &s->grant, want, note);
	failpoint("rules-added");
	rc = elements_commit(gw->elements);
	failpoint("elements-committed");
	return rc;
}

void gateway_enable_forwarding(struct gateway *gw, const struct session *s)
{
	int rc = s->grant.is_host ? 0 : links_enable_forwarding(gw->links, s->grant.ifindex);

	if (rc)
		log_warn("%s: cannot enable forwarding on %s: %s", session_text(s), s->ifname, strerror(-rc));
}

/* What else follows, once the kernel has the session's new elements. */
static void follow_grant(struct gateway *gw, struct session *s, const struct grant *want)
{
	struct grant had = s->grant;

	s->grant = *want;
	ports_forget(gw, s, &had, want);
	publish_follow(gw, &had, want);
	failpoint("published");
	framed_route_replace(gw->routes, &had, want);
	if (expiry_replace(gw->expiry, &had, want))
		log_warn("%s: cannot watch its time: %s", session_text(s), strerror(ENOMEM));
	translation_follow(gw, s, &had);
	address6_follow(gw, s, &had);
	failpoint("routed");
	shaping_follow(gw, s, &had);
	if (had.is_open && want->is_open && uplinks_ifindex(gw->uplinks, had.route_mark) != uplinks_ifindex(gw->uplinks, want->route_mark))
		conntrack_flush_translated_later(gw->conntrack, s->serial);
	history_follow(gw, s);
	failpoint("noted");
	if (!want->is_open || had.is_open)
		return;
	gateway_enable_forwarding(gw, s);
	conntrack_look(gw->conntrack);
}

/* Of the quota's two policies the one that counts. */
static void settle_policy(struct gateway *gw, struct session *s)
{
	const struct policy *over = NULL;

	curfew_follow(gw->curfew, s);
	quota_follow(gw->quota, s);
	if (s->quota_state == QUOTA_OVER && s->chosen_policy->quota.over.action == OVER_QUOTA_POLICY)
		over = conf_find_policy(gw->conf, s->chosen_policy->quota.over.policy);
	s->policy = over ? over : s->chosen_policy;
	address6_settle(gw, s);
}

struct grant gateway_decide(struct gateway *gw, struct session *s)
{
	settle_policy(gw, s);
	ports_claim(gw, s);
	return policy_decide(s);
}

int gateway_session_changed(struct gateway *gw, struct session *s)
{
	struct grant want = gateway_decide(gw, s), had = s->grant;
	int rc;

	if (grant_equal(&want, &had))
		return 0;
	ports_forget(gw, s, &want, &had);
	rc = replace(gw, s, &want);
	if (rc && rc != -ENOMEM && !is_repair_due(gw)) {
		/* It was sent, so somebody was at our table. Put right what was, then try once more. */
		log_warn("%s: the kernel's state is not what it was (%s), repairing it", session_text(s), strerror(-rc));
		gw->repairs++;
		rc = replay_repair(gw);
		if (!rc)
			rc = replace(gw, s, &want);
	}
	if (rc && want.is_open) {
		log_error("%s: cannot install its grant: %s", session_text(s), strerror(-rc));
		return rc;
	}
	/* What is over is over, and must not stay in the kernel. */
	if (rc && !is_repair_due(gw)) {
		log_error("%s: cannot take it out of the kernel, trying again: %s", session_text(s), strerror(-rc));
		repair_later(gw);
	}
	follow_grant(gw, s, &want);
	if (had.has_forwards && memcmp(had.forwards, want.forwards, sizeof(had.forwards)) != 0)
		ports_give(gw);
	return 0;
}

void gateway_sessions_changed(struct gateway *gw)
{
	struct session *s, *next;
	char note[SESSION_NOTE_MAX + 1];
	int rc;

	elements_begin(gw->elements);
	session_each(&gw->sessions, s, next) {
		struct grant want;

		settle_policy(gw, s);
		/* Ports one after the other, once those are free that others give up. */
		claim_nothing_new(s);
		want = policy_decide(s);
		session_note(s, note);
		elements_replace(gw->elements, &s->grant, &want, note);
	}
	rc = elements_commit(gw->elements);
	if (rc) {
		/* Perhaps one takes over what another one loses. */
		log_warn("cannot change all sessions at once (%s), putting all of them anew", strerror(-rc));
		rc = replay(gw, REPLAY_DECISIONS);
	}
	if (rc) {
		log_error("cannot change the sessions: %s", strerror(-rc));
		repair_later(gw);
	}
	session_each(&gw->sessions, s, next) {
		struct grant want = policy_decide(s);

		if (!rc && !grant_equal(&want, &s->grant))
			follow_grant(gw, s, &want);
	}
	ports_give(gw);
}

uint32_t gateway_next_serial(struct gateway *gw)
{
	uint32_t serial;

	do
		serial = serial_next(gw->serials);
	while (session_find(&gw->sessions, serial));
	return serial;
}

void gateway_give_back_address(struct gateway *gw, const struct session *s)
{
	const struct pool *pool = s->chosen_policy ? s->chosen_policy->pool : NULL;

	if (s->type == SESSION_PPP && pool && pool_contains(pool, s->address.address))
		pool_give_back(gw->pools, s->address.address);
}

void gateway_end(struct gateway *gw, struct session *s, const char *reason)
{
	bool was_in_force = s->state != SESSION_ADMITTED;
	uint64_t rx, tx;

	if (s->grant.is_host)
		accounting_refresh_hosts(gw->elements, &gw->sessions, s);
	accounting_get(gw->links, s, &rx, &tx);
	if (derive_of(s->chosen_policy))
		assign_sweep_later(gw);
	s->state = SESSION_ADMITTED;
	gateway_session_changed(gw, s);
	failpoint("closed");
	translation_leave(gw, s, was_in_force);
	if (was_in_force) {
		conntrack_flush_later(gw->conntrack, s->serial);
		/* Its flows from before it was seen are the network's, and the next host of its address is that too. */
		if (s->network_serial)
			conntrack_flush_address_later(gw->conntrack, s->network_serial, s->address.address);
		history_close(gw, s, reason);
	}
	failpoint("flushing");
	/* Who was not even admitted has had nothing. */
	if (probe_is_waiting(gw, s))
		gateway_give_back_address(gw, s);
	else if (s->address.address.s_addr && s->type == SESSION_PPP)
		pool_remember(gw->pools, s->address.address, s->user);
	log_info("%s: closed: %s; %lld s, %llu bytes in, %llu bytes out", session_text(s), reason, (long long)session_age(s),
		 (unsigned long long)rx, (unsigned long long)tx);
	if (gw->on_event)
		gw->on_event(gw->ctx, GATEWAY_CLOSED, s, reason);
	if (s->live.count) {
		layer_release(&s->live);
		override_keep(gw, s);
	}
	probe_forget(gw, s);
	session_free(&gw->sessions, s);
	failpoint("forgotten");
	address6_give(gw);
}

/* Another program was at our table. */
static void on_touched(void *ctx)
{
	struct gateway *gw = ctx;
	int rc = replay_repair(gw);

	gw->repairs++;
	if (rc) {
		log_error("table inet masqgate was changed by somebody else, and cannot be repaired, trying again: %s", strerror(-rc));
		repair_later(gw);
	} else {
		log_warn("table inet masqgate was changed by somebody else, and is repaired");
	}
}

/* What was translated for another uplink has the wrong address for this one, and the egress guard would stop it for as long
 * as it tries. */
static void on_moved(void *ctx, uint32_t mark)
{
	struct gateway *gw = ctx;
	struct session *s, *next;

	session_each(&gw->sessions, s, next)
		if (s->grant.route_mark == mark)
			conntrack_flush_translated_later(gw->conntrack, s->serial);
	history_follow_all(gw);
}

static void on_routes_repaired(void *ctx)
{
	struct gateway *gw = ctx;

	gw->repairs++;
	log_warn("the routes of the uplinks were changed by somebody else, and are repaired");
}

static void on_lock_repaired(void *ctx)
{
	struct gateway *gw = ctx;

	gw->repairs++;
	log_warn("the second lock of an uplink was removed by somebody else, and is there again");
}

static void on_expired(void *ctx, uint32_t serial, const char *reason)
{
	struct gateway *gw = ctx;
	struct session *s = session_find(&gw->sessions, serial);

	/* An orphan's plugin could not be told yet. */
	if (s && s->state == SESSION_OPEN)
		gateway_end(gw, s, reason);
}

static void on_flushed(void *ctx, uint32_t serial)
{
	struct gateway *gw = ctx;

	public_release(gw->publics, serial);
}

static void on_arp_replay(void *ctx)
{
	publish_replay(ctx);
}

static void on_arp_listening(void *ctx)
{
	probe_on_listening(ctx);
}

static void on_arp_event(void *ctx, const struct arp_event *event)
{
	probe_on_event(ctx, event);
}

static void on_sweep(evutil_socket_t fd, short what, void *ctx)
{
	assign_sweep(ctx);
}

static int open_modules(struct gateway *gw)
{
	const struct uplinks_handler uplinks_handler = { .on_moved = on_moved, .on_repaired = on_routes_repaired, .ctx = gw };
	const struct arp_handler arp_handler = {
		.replay = on_arp_replay, .on_listening = on_arp_listening, .on_event = on_arp_event, .ctx = gw
	};
	int rc;

	gw->sweep = evtimer_new(gw->base, on_sweep, gw);
	gw->repair = evtimer_new(gw->base, on_repair, gw);
	gw->pools = pool_memory_new();
	gw->backoff = backoff_new();
	gw->publics = public_table_new(translation_is_uplink_address, gw);
	rc = gw->pools && gw->backoff && gw->publics && gw->repair && gw->sweep ? 0 : -ENOMEM;
	if (!rc)
		rc = recovery_open(gw);
	if (!rc)
		rc = ruleset_open(&gw->ruleset);
	if (!rc)
		rc = elements_open(&gw->elements);
	if (!rc)
		rc = shaping_open(gw);
	if (!rc)
		rc = conntrack_open(&gw->conntrack, gw->base, on_flushed, gw);
	if (!rc)
		rc = watch_open(&gw->watch, gw->base, elements_port(gw->elements), on_touched, gw);
	if (!rc)
		rc = arp_open(&gw->arp, gw->base, gw->conf->arpd_socket, arp_handler);
	if (!rc)
		rc = framed_route_open(&gw->routes, gw->base);
	if (!rc)
		rc = links_open(&gw->links, gw->base, &gw->links_handler);
	if (!rc)
		rc = uplinks_open(&gw->uplinks, gw->base, gw->links, &uplinks_handler);
	if (!rc)
		rc = egress_lock_open(&gw->egress_lock, gw->base, gw->links, on_lock_repaired, gw);
	if (!rc)
		rc = curfew_open(&gw->curfew, gw);
	if (!rc)
		rc = quota_open(&gw->quota, gw->base, gw->store, &gw->quota_handler);
	if (!rc)
		rc = expiry_open(&gw->expiry, gw->base, gw->links, on_expired, gw);
	if (rc)
		log_error("cannot start: %s", strerror(-rc));
	return rc;
}

int gateway_open(struct gateway *gw, struct event_base *base, struct conf *conf, struct links_handler handler)
{
	enum ruleset_state state;
	int rc;

	gw->base = base;
	gw->conf = conf;
	gw->links_handler = handler;
	gw->quota_handler = over_quota_handler(gw);
	gw->started = time(NULL);
	gw->begun = clock_since_boot();
	rc = open_modules(gw);
	if (rc)
		return rc;
	state = ruleset_look();
	if (state == RULESET_FOREIGN) {
		log_error("cannot load the rules: table inet masqgate: it is there already and is not this version's");
		log_error("hint: see `nft list table inet masqgate`; if nobody needs it: `nft delete table inet masqgate`");
		return -EEXIST;
	}
	if (state == RULESET_OURS)
		rc = recovery_run(gw);
	if (!rc)
		rc = replay_repair(gw);
	if (!rc)
		rc = framed_route_sync(gw->routes);
	if (rc) {
		log_error("cannot program the kernel: %s", strerror(-rc));
		return rc;
	}
	shaping_replay(gw);
	gw->is_running = true;
	links_replay(gw->links);
	if (!recovery_is_waiting(gw))
		history_sweep(gw);
	return 0;
}

void gateway_close(struct gateway *gw)
{
	struct session *s, *next;

	curfew_close(gw->curfew);
	quota_close(gw->quota);
	probe_close(gw);
	session_each(&gw->sessions, s, next)
		session_free(&gw->sessions, s);
	derive_sweep(&gw->derived);
	expiry_close(gw->expiry);
	framed_route_close(gw->routes);
	arp_close(gw->arp);
	watch_close(gw->watch);
	egress_lock_close(gw->egress_lock);
	uplinks_close(gw->uplinks);
	links_close(gw->links);
	conntrack_close(gw->conntrack);
	shaping_close(gw);
	elements_close(gw->elements);
	ruleset_close(gw->ruleset);
	serial_close(gw->serials);
	store_close(gw->store);
	backoff_free(gw->backoff);
	pool_memory_free(gw->pools);
	public_table_free(gw->publics);
	recovery_close(gw);
	if (gw->repair)
		event_free(gw->repair);
	if (gw->sweep)
		event_free(gw->sweep);
	reload_close(gw);
	conf_free(gw->conf);
}
