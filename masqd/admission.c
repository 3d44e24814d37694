/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Everything that can be said against a line, an interface or an address. */

#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/ip.h"
#include "lib/failpoint.h"
#include "lib/log.h"
#include "lib/varlink-client.h"
#include "masqd/admission.h"
#include "masqd/over-quota.h"
#include "masqd/assign.h"
#include "masqd/override.h"
#include "masqd/probe.h"
#include "masqd/route-check.h"
#include "masqd/translation.h"

/* For -EACCES; nobody need want to know why. */
__attribute__((format(printf, 2, 3))) static int because(char *reason, const char *format, ...)
{
	va_list arguments;

	if (!reason)
		return -EACCES;
	va_start(arguments, format);
	vsnprintf(reason, REASON_MAX, format, arguments);
	va_end(arguments);
	return -EACCES;
}

/* Logs and counts a refusal. */
static int refuse(struct gateway *gw, const struct line *line, const char *reason)
{
	gw->refused++;
	log_info("refused: %.128s on %s: %s", line->user ? line->user : "nobody", line->ifname, reason);
	return -EACCES;
}

/* On which interface may a client of pppd come in? Only where the rules judge it. */
static int check_line_name(const struct gateway *gw, const char *ifname, char reason[REASON_MAX])
{
	if (conf_find_uplink(gw->conf, ifname))
		return because(reason, "interface %s is an uplink's", ifname);
	if (!conf_is_line(gw->conf, ifname))
		return because(reason, "interface %s does not fit client-interfaces", ifname);
	return 0;
}

static int check_address(const struct gateway *gw, struct in_addr address, const struct session *self, char *reason)
{
	const struct session *holder = session_find_address(&gw->sessions, address);
	const char *objection = addr_objection(address);
	char text[ADDR_TEXT_MAX];

	if (objection)
		return because(reason, "address %s %s", addr_text(address, text), objection);
	if (holder && holder != self)
		return because(reason, "address %s is in use by session #%u", addr_text(address, text), holder->serial);
	if (links_is_own(gw->links, address))
		return because(reason, "address %s is the gateway's own", addr_text(address, text));
	if (links_is_broadcast(gw->links, address))
		return because(reason, "address %s is a broadcast address", addr_text(address, text));
	return 0;
}

/* Is it nobody's, also nobody's behind a client? Pools have nothing of the latter. */
static int check_free(const struct gateway *gw, struct in_addr address, const struct session *self, char reason[REASON_MAX])
{
	const struct session *holder = session_find_ifindex(&gw->sessions, framed_route_find(gw->routes, address));
	char text[ADDR_TEXT_MAX];

	if (holder && holder != self)
		return because(reason, "address %s is behind session #%u", addr_text(address, text), holder->serial);
	return check_address(gw, address, self, reason);
}

struct candidate {
	const struct gateway *gw;
	const struct session *self;
	bool avoids_conflicts;	/* nothing that a host on a LAN was just found to have */
};

/* Is it kept for a certain user or serial line, who may come at any time? */
static bool is_kept(const struct conf *conf, struct in_addr address)
{
	const struct match_list *users = &conf->matches[MATCH_USER];

	for (unsigned i = 0; i < users->count; i++)
		if (users->list[i].address.s_addr == address.s_addr)
			return true;
	for (unsigned i = 0; i < conf->serial_count; i++)
		if (conf->serials[i].address.s_addr == address.s_addr)
			return true;
	return false;
}

static bool is_free(void *ctx, struct in_addr address)
{
	const struct candidate *candidate = ctx;
	struct in6_addr ip = ip_from_v4(address);

	return check_address(candidate->gw, address, candidate->self, NULL) == 0 && !is_kept(candidate->gw->conf, address) &&
	       !(candidate->avoids_conflicts && conflicts_has(&candidate->gw->conflicts, &ip, varlink_now_ms()));
}

/* An address that was in conflict only if there is no other one: then it is asked for again. */
static int choose_of_pool(struct gateway *gw, const struct session *s, const struct policy *policy, struct in_addr *address)
{
	struct candidate candidate = { .gw = gw, .self = s, .avoids_conflicts = policy->proxy_arp };
	int rc = pool_choose(gw->pools, policy->pool, s->user, is_free, &candidate, address);

	if (!rc || !candidate.avoids_conflicts)
		return rc;
	candidate.avoids_conflicts = false;
	return pool_choose(gw->pools, policy->pool, s->user, is_free, &candidate, address);
}

/* The user's own address, the one the line has already, or one of the policy's pool; none if there is no pool. */
static int choose_address(struct gateway *gw, const struct session *s, const struct choice *choice, struct in_addr wanted,
			  struct in_addr *address, char reason[REASON_MAX])
{
	const struct pool *pool = choice->policy->pool;
	char text[ADDR_TEXT_MAX];

	*address = choice->address.s_addr ? choice->address : wanted;
	if (wanted.s_addr && wanted.s_addr != address->s_addr)
		return because(reason, "address %s is not this user's", addr_text(wanted, text));
	/* Who attaches an interface says where; a caller has to take what the pool has. */
	if (wanted.s_addr && s->type == SESSION_PPP && !choice->address.s_addr && pool && !pool_contains(pool, wanted))
		return because(reason, "address %s is not in pool \"%s\"", addr_text(wanted, text), pool->name);
	if (!address->s_addr && pool && choose_of_pool(gw, s, choice->policy, address))
		return because(reason, "pool \"%s\" is exhausted", pool->name);
	return address->s_addr ? check_free(gw, *address, s, reason) : 0;
}

/* How many sessions the user has beside this one, and the oldest of them. One in quarantine is of no use to him. */
static unsigned count_sessions(const struct gateway *gw, const struct session *self, struct session **oldest)
{
	struct session *s, *next;
	unsigned count = 0;

	session_each(&gw->sessions, s, next) {
		if (s == self || s->type != SESSION_PPP || s->is_quarantined || !s->user || strcmp(s->user, self->user) != 0)
			continue;
		if (!count || s->begun < (*oldest)->begun)
			*oldest = s;
		count++;
	}
	return count;
}

/* One session too many of a user is refused, or his oldest one ends. */
static int check_duplicates(struct gateway *gw, const struct session *s, const struct policy *policy, char reason[REASON_MAX])
{
	struct session *oldest = NULL;

	if (!policy->sessions_per_user || !s->user || s->type != SESSION_PPP ||
	    count_sessions(gw, s, &oldest) < policy->sessions_per_user)
		return 0;
	if (!policy->replaces_duplicate)
		return because(reason, "this user has %u session%s already", policy->sessions_per_user,
			       policy->sessions_per_user == 1 ? "" : "s");
	gateway_end(gw, oldest, "replaced by a new session of the same user");
	return 0;
}

/* Policy and address for a new session. */
static int admit(struct gateway *gw, struct session *s, struct in_addr wanted, char reason[REASON_MAX])
{
	struct choice choice = assign_choose(gw, gw->conf, s, &s->live);
	struct in_addr address = { 0 };
	int rc;

	if (!choice.policy)
		return because(reason, "%s", choice.why);
	session_set_policy(s, choice.policy, &choice.layers);
	rc = check_duplicates(gw, s, choice.policy, reason);
	if (!rc)
		rc = choose_address(gw, s, &choice, wanted, &address, reason);
	if (rc)
		return rc;
	session_set_address(&gw->sessions, s, address);
	rc = route_check(gw, s, choice.policy, reason);
	if (rc)
		return rc;
	if (translation_assign(gw, s))
		return because(reason, TRANSLATION_EXHAUSTED);
	if (curfew_denies(s, reason, REASON_MAX) || over_quota_denies(gw, s, reason, REASON_MAX))
		return -EACCES;
	return 0;
}

static void log_admitted(const struct gateway *gw, const struct session *s)
{
	struct choice choice = policy_choose(gw->conf, s);

	failpoint("admitted");
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there is none only after because(), which gives -EACCES. */
	log_info("%s: admitted: policy %s (%s)", session_text(s), s->policy->name, choice.why);
}

static int new_session(struct gateway *gw, enum session_type type, const struct line *line, uint32_t serial, time_t started,
		       struct in_addr wanted, struct session **session, char reason[REASON_MAX])
{
	struct session *s = session_new(&gw->sessions, serial, type);
	int rc;

	if (!s)
		return because(reason, "out of memory");
	session_set_line(s, line);
	if (started) {
		session_set_started(s, started);
		override_load(gw, s);
	}
	rc = admit(gw, s, wanted, reason);
	if (rc) {
		gateway_give_back_address(gw, s);
		session_free(&gw->sessions, s);
		return rc;
	}
	*session = s;
	return 0;
}

static void note_failure(struct gateway *gw, const char *user, const char *tty)
{
	backoff_failed(gw->backoff, user, tty, varlink_now_ms(), gw->conf->redial_backoff);
}

/* It and all that it was given are undone. */
static void turn_away(struct gateway *gw, struct session *s, const char *reason)
{
	struct line line = { .ifname = s->ifname, .user = s->user };

	note_failure(gw, s->user, s->tty);
	refuse(gw, &line, reason);
	if (gw->on_event)
		gw->on_event(gw->ctx, GATEWAY_REFUSED, s, reason);
	probe_forget(gw, s);
	translation_leave(gw, s, false);
	gateway_give_back_address(gw, s);
	session_free(&gw->sessions, s);
}

static void let_in(struct gateway *gw, struct session *s)
{
	probe_forget(gw, s);
	log_admitted(gw, s);
	if (gw->on_event)
		gw->on_event(gw->ctx, GATEWAY_ADMITTED, s, NULL);
}

/* To another address of its pool, with the ports that go with it. */
static int move(struct gateway *gw, struct session *s, char reason[REASON_MAX])
{
	struct candidate candidate = { .gw = gw, .self = s, .avoids_conflicts = true };
	struct in_addr address;

	if (pool_choose(gw->pools, s->chosen_policy->pool, s->user, is_free, &candidate, &address))
		return -ENOSPC;
	translation_leave(gw, s, false);
	gateway_give_back_address(gw, s);
	s->public = (struct public){ 0 };
	session_set_address(&gw->sessions, s, address);
	return translation_assign(gw, s) ? because(reason, TRANSLATION_EXHAUSTED) : 0;
}

/* The LANs have answered. */
static void on_probed(struct gateway *gw, struct session *s, const struct arp_event *in_use)
{
	char reason[REASON_MAX], text[PROBE_TEXT_MAX];
	bool moves = s->chosen_policy->moves_address && s->chosen_policy->pool && probe_may_move(gw, s);

	if (!in_use) {
		let_in(gw, s);
		return;
	}
	because(reason, "address %s", probe_text(in_use, text));
	if (moves)
		log_info("%s: %s: looking for another one", session_text(s), reason);
	if (!moves || move(gw, s, reason))
		turn_away(gw, s, reason);
	else if (!probe_again(gw, s))
		let_in(gw, s);
}

int admission_admit(struct gateway *gw, const struct line *line, struct in_addr wanted, struct session **session,
		    char reason[REASON_MAX])
{
	unsigned wait_s = backoff_wait(gw->backoff, line->user, line->tty, varlink_now_ms(), gw->conf->redial_backoff);
	int rc;

	if (wait_s) {
		because(reason, "too many attempts, wait %u s", wait_s);
		return refuse(gw, line, reason);
	}
	rc = check_line_name(gw, line->ifname, reason);
	if (!rc)
		rc = new_session(gw, SESSION_PPP, line, gateway_next_serial(gw), 0, wanted, session, reason);
	if (rc) {
		note_failure(gw, line->user, line->tty);
		return refuse(gw, line, reason);
	}
	/* What the user or the line has already, it cannot change. */
	if (probe_begin(gw, *session, !wanted.s_addr && !policy_choose(gw->conf, *session).address.s_addr, on_probed))
		return -EINPROGRESS;
	let_in(gw, *session);
	return 0;
}

void admission_hung_up(struct gateway *gw, const struct session *s)
{
	if (s->type != SESSION_PPP)
		return;
	if (session_age(s) < BACKOFF_SHORT_S)
		note_failure(gw, s->user, s->tty);
	else
		backoff_lasted(gw->backoff, s->user, s->tty);
}

/* An orphan's line is there again, and says more of itself than the kernel remembered. */
static int take_back(struct gateway *gw, const struct line *line, struct session *s, char reason[REASON_MAX])
{
	struct choice choice;

	session_set_line(s, line);
	choice = assign_choose(gw, gw->conf, s, &s->live);
	if (choice.policy) {
		session_set_policy(s, choice.policy, &choice.layers);
		if (!translation_assign(gw, s))
			return 0;
	}
	because(reason, "%s", choice.policy ? TRANSLATION_EXHAUSTED : choice.why);
	gateway_end(gw, s, reason);
	return refuse(gw, line, reason);
}

int admission_resume(struct gateway *gw, const struct line *line, uint32_t serial, time_t started, struct in_addr address,
		     struct session **session, char reason[REASON_MAX])
{
	struct session *s = session_find(&gw->sessions, serial);
	int rc;

	if (s && s->state == SESSION_ORPHANED && s->type == SESSION_PPP && s->address.address.s_addr == address.s_addr)
		return take_back(gw, line, *session = s, reason);
	serial_seen(gw->serials, serial);
	rc = s ? because(reason, "session #%u is somebody else's", serial) : check_line_name(gw, line->ifname, reason);
	if (!rc)
		rc = new_session(gw, SESSION_PPP, line, serial, started, address, session, reason);
	if (rc)
		return refuse(gw, line, reason);
	log_admitted(gw, *session);
	return 0;
}

static int check_interface(struct gateway *gw, const struct session *s, unsigned ifindex, char reason[REASON_MAX])
{
	const struct session *other = session_find_ifindex(&gw->sessions, ifindex);
	const struct link *link = links_find(gw->links, ifindex);

	if (!link)
		return because(reason, "there is no interface with index %u", ifindex);
	if (other && other != s)
		return because(reason, "interface %s has session #%u", link->name, other->serial);
	return s->type == SESSION_PPP ? check_line_name(gw, link->name, reason) : 0;
}

static int open_session(struct gateway *gw, struct session *s, unsigned ifindex, struct in_addr local, struct in_addr address,
			char reason[REASON_MAX])
{
	char text[ADDR_TEXT_MAX];
	int rc = check_interface(gw, s, ifindex, reason);

	if (rc)
		return rc;
	if (s->address.address.s_addr && s->address.address.s_addr != address.s_addr)
		return because(reason, "address %s is not the one assigned", addr_text(address, text));
	rc = check_free(gw, address, s, reason);
	if (rc)
		return rc;
	session_set_address(&gw->sessions, s, address);
	session_set_ifindex(&gw->sessions, s, ifindex);
	snprintf(s->ifname, sizeof(s->ifname), "%s", links_find(gw->links, ifindex)->name);
	s->local = local;
	s->state = SESSION_OPEN;
	s->is_quarantined = false;
	rc = gateway_session_changed(gw, s);
	if (rc) {
		s->state = SESSION_ADMITTED;
		because(reason, "the kernel does not take its grant: %s", strerror(-rc));
		return rc;
	}
	return 0;
}

int admission_open(struct gateway *gw, struct session *s, unsigned ifindex, struct in_addr local, struct in_addr address,
		   char reason[REASON_MAX])
{
	struct line line = { .ifname = s->ifname, .user = s->user };
	bool was_in_force = s->grant.is_open;
	int rc = open_session(gw, s, ifindex, local, address, reason);

	if (rc && s->type == SESSION_PPP)
		note_failure(gw, s->user, s->tty);
	if (rc)
		return refuse(gw, &line, reason);
	failpoint("opened");
	log_info("%s: %s", session_text(s), was_in_force ? "announced again" : "open");
	if (gw->on_event)
		gw->on_event(gw->ctx, GATEWAY_OPEN, s, NULL);
	return 0;
}

/* May this interface become a client's, with all that is on it? */
static int check_attachable(const struct gateway *gw, const char *ifname, char reason[REASON_MAX])
{
	const struct lan *lan = conf_find_lan(gw->conf, ifname);

	if (conf_find_uplink(gw->conf, ifname))
		return because(reason, "interface %s is an uplink's", ifname);
	if (lan)
		return because(reason, "interface %s is lan \"%s\"", ifname, lan->name);
	for (unsigned i = 0; i < gw->conf->network_count; i++)
		if (strcmp(gw->conf->networks[i].interface, ifname) == 0)
			return because(reason, "interface %s is network \"%s\"", ifname, gw->conf->networks[i].name);
	return 0;
}

int admission_attach(struct gateway *gw, const struct line *line, struct in_addr address, struct session **session,
		     char reason[REASON_MAX])
{
	const struct link *link = links_find_name(gw->links, line->ifname);
	struct session *s = NULL;
	int rc = link ? check_attachable(gw, line->ifname, reason) : because(reason, "there is no interface %s", line->ifname);

	if (!rc)
		rc = new_session(gw, SESSION_ATTACHED, line, gateway_next_serial(gw), 0, address, &s, reason);
	if (rc)
		return refuse(gw, line, reason);
	log_admitted(gw, s);
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): likewise */
	rc = admission_open(gw, s, link->ifindex, (struct in_addr){ 0 }, address, reason);
	if (rc) {
		translation_leave(gw, s, false);
		session_free(&gw->sessions, s);
		return rc;
	}
	*session = s;
	return 0;
}
