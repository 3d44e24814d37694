/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The daemon's heart: facts come in here, the policy decides, and the effects follow. It owns the sessions and all effect
 * modules. The sockets are the API's (masqd/api.h), which is told of every change. */

#ifndef MASQD_GATEWAY_H
#define MASQD_GATEWAY_H

#include <event2/event.h>
#include <stdbool.h>
#include <time.h>

#include "masqd/arp.h"
#include "masqd/backoff.h"
#include "masqd/clock.h"
#include "masqd/conf.h"
#include "masqd/conflicts.h"
#include "masqd/conntrack.h"
#include "masqd/derive.h"
#include "masqd/curfew.h"
#include "masqd/egress-lock.h"
#include "masqd/elements.h"
#include "masqd/expiry.h"
#include "masqd/framed-route.h"
#include "masqd/links.h"
#include "masqd/pool.h"
#include "masqd/quota.h"
#include "masqd/ruleset.h"
#include "masqd/serial.h"
#include "masqd/session.h"
#include "masqd/shaper.h"
#include "masqd/store.h"
#include "masqd/uplinks.h"
#include "masqd/watch.h"

enum gateway_event {
	GATEWAY_ADMITTED,
	GATEWAY_REFUSED,	/* after all: it has waited for masqd/probe.h */
	GATEWAY_OPEN,
	GATEWAY_CHANGED,
	GATEWAY_CLOSED,
};

struct gateway {
	struct event_base *base;
	struct conf *conf;
	struct ruleset *ruleset;
	struct elements *elements;
	struct watch *watch;
	struct conntrack *conntrack;
	struct links *links;
	struct links_handler links_handler;
	struct uplinks *uplinks;
	struct egress_lock *egress_lock;
	struct arp *arp;
	struct probe *probes;
	struct conflicts conflicts;
	struct expiry *expiry;
	struct backoff *backoff;
	struct framed_routes *routes;
	struct shaper *shaper;
	struct event *unshape;
	struct serial_counter *serials;
	struct store *store;
	struct curfew *curfew;
	struct quota *quota;
	struct quota_handler quota_handler;
	struct pool_memory *pools;
	struct conf *previous;		/* to be put back unless conf is confirmed in time; NULL: nothing waits */
	int64_t confirm_by;		/* seconds since the boot, while something waits */
	struct event *rollback;
	struct derive_table derived;	/* the policies of sessions that are not the configuration's own */
	struct event *sweep;
	struct public_table *publics;
	struct hosts *hosts;	/* its owner is who opens it after the gateway; NULL before */
	struct session_table sessions;
	struct event *patience_with_orphans;
	struct event *repair;	/* of what the kernel could not be told, for want of memory perhaps */
	bool has_refused6;	/* a session was refused its IPv6 address, perhaps */
	bool is_running;	/* recovered; from now on facts have effects */
	time_t started;
	int64_t begun;			/* the same in seconds since the boot */
	struct clock clock;
	unsigned refused;	/* lines that were not admitted, or not opened */
	unsigned repairs;	/* times the kernel's state had to be put right */
	/* Told of every change; reason is for GATEWAY_CLOSED and GATEWAY_REFUSED, after which the session is freed. */
	void (*on_event)(void *ctx, enum gateway_event event, struct session *s, const char *reason);
	void *ctx;
};

/* Opens the effect modules, with handler for the links (masqd/follow.h), recovers what the kernel remembers of the
 * sessions, puts the rules in force. The serials and the store are opened by the caller, who knows when it is root. Takes
 * over conf. 0 or -errno, already logged. */
int gateway_open(struct gateway *gw, struct event_base *base, struct conf *conf, struct links_handler handler);

/* Frees all; the kernel's state stays, so that traffic goes on until the next start. */
void gateway_close(struct gateway *gw);

/* The decision, on what is true of the session, of the quota that it uses and of the time. */
struct grant gateway_decide(struct gateway *gw, struct session *s);

/* The facts of a session changed: makes the effects follow. 0 or -errno, logged; then the effects are as before. */
int gateway_session_changed(struct gateway *gw, struct session *s);

/* The facts of many sessions changed: the same for all of them, with one transaction for the elements. If that cannot be, logged,
 * the effects of all are as before. */
void gateway_sessions_changed(struct gateway *gw);

/* A caller who was not admitted in the end has had nothing of the pool's address that was meant for him. */
void gateway_give_back_address(struct gateway *gw, const struct session *s);

/* Has packets in on the session's interface forwarded. A host's forwards since its network is open. */
void gateway_enable_forwarding(struct gateway *gw, const struct session *s);

/* The next serial that no session has: after four thousand million they begin again. */
uint32_t gateway_next_serial(struct gateway *gw);

/* Ends a session: effects, log, and its memory. reason is one for people. */
void gateway_end(struct gateway *gw, struct session *s, const char *reason);

#endif
