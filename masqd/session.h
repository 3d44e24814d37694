/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What is true of a client, and the table of all of them. A session knows nothing of the kernel or of sockets. */

#ifndef MASQD_SESSION_H
#define MASQD_SESSION_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <uthash.h>

#include "lib/addr.h"
#include "masqd/derive.h"
#include "masqd/policy.h"
#include "masqd/public.h"

enum session_type {
	SESSION_PPP,
	SESSION_SERIAL,
	SESSION_NETWORK,
	SESSION_ATTACHED,
	SESSION_HOST,	/* of a network that the configuration names */
};

enum session_state {
	SESSION_ADMITTED,	/* may go on; nothing of it is in force yet */
	SESSION_OPEN,
	SESSION_ORPHANED,	/* in force in the kernel if not quarantined, but not announced since masqd started */
};

/* What is known of a line before it has an address. Texts are borrowed, NULL where nobody said; bytes from peers,
 * whatever they are. */
struct line {
	const char *ifname;
	const char *user;
	const char *tty;
	const char *caller;
	const char *ipparam;
	const char *policy;	/* the option masq-policy, or who attaches it */
	unsigned speed;		/* bit/s, 0: unknown */
	pid_t pid;		/* 0: unknown */
};

/* A counter of the kernel's, which begins again at 0 when somebody flushes the ruleset. */
struct counter {
	uint64_t total;
	uint64_t last;	/* the kernel's, when it was read */
};

#define MAC_TEXT_MAX 18

/* Hosts share an interface, and another interface may have the same addresses. */
struct host_key {
	uint32_t ifindex;
	struct in_addr address;
};

struct session {
	uint32_t serial;	/* never 0, never used again */
	enum session_type type;
	enum session_state state;
	char ifname[IFNAMSIZ];
	unsigned ifindex;	/* 0 while there is no interface */
	struct prefix address;	/* one address, but for a network; 0.0.0.0/32 while there is none */
	struct in_addr local;	/* ours on this line; 0.0.0.0: unknown */
	struct in6_addr local6, peer6;	/* link-local addresses on this line, of IPv6CP's identifiers; ::: it is not up */
	struct in6_addr address6;	/* the client's own, which no other session has; ::: none (masqd/address6.h) */
	struct in6_addr refused6;	/* that it would have had, and whose refusal was logged; ::: none */
	time_t started;		/* what the clock on the wall showed then; survives restarts */
	int64_t begun;		/* the same moment in seconds since the boot, for its age */

	/* as in struct line, but owned */
	char *user;
	char *tty;
	char *caller;
	char *ipparam;
	char *wanted_policy;
	unsigned speed;
	pid_t pid;
	unsigned mtu;		/* bytes, 0: unknown */

	const struct policy *chosen_policy;	/* of the configuration in force, or derived from one; NULL only before admission */
	const struct policy *policy;	/* in force: the chosen one, or what has its place while the quota is used up */
	struct layers layers;		/* what stands over it: the configuration's, and live */
	struct layer live;		/* what an administrator has set for this session */
	struct public public;		/* as whom it appears, if it is translated */
	bool is_quarantined;		/* an orphan for too long: closed, until its interface goes or it is announced again */
	bool is_outside_hours;		/* of its policy (masqd/curfew.h) */
	enum quota_state quota_state;	/* of its user's quota (masqd/quota.h) */
	uint32_t forward_holders[FORWARDS_MAX];	/* of each forward of the policy: the session that has its port, 0: free */
	struct grant grant;		/* what the kernel was told */
	uint64_t drops_down, drops_up;	/* packets beyond its rates, as last counted */
	bool is_unshaped;		/* although its grant says so: something else is on its interface */
	bool is_remembered;		/* by the kernel, from before masqd was started */
	bool has_told_ipv6;		/* the last reply to call said that IPv6 is open */
	bool is_holder;			/* so remembered: ports led to it */
	unsigned flows;			/* connections, as last counted */
	uint64_t flows_refused;		/* of those beyond its limits, likewise */
	void *connection, *call;	/* the plugin's, for the API; NULL: none */

	/* a host's */
	char mac[MAC_TEXT_MAX];		/* "": unknown */
	bool is_present;		/* the kernel has a neighbour entry, in which ARP has not failed */
	uint32_t network_serial;	/* of the session that its network is; 0: none */
	bool is_fixed;			/* and that was put there by hand: ARP does not concern it */
	struct counter rx, tx;		/* bytes from it and to it, as last read (masqd/accounting.h) */
	uint64_t heard_rx;		/* rx when it was last seen to grow */
	int64_t heard_ms;		/* when that was, or ARP confirmed it */
	struct host_key host;

	UT_hash_handle by_serial, by_address, by_address6, by_ifindex, by_host;
};

struct session_table {
	struct session *by_serial, *by_address, *by_address6, *by_ifindex, *by_host;
};

/* Makes a session and files it under its serial. NULL without memory. */
struct session *session_new(struct session_table *table, uint32_t serial, enum session_type type);
/* Takes it out of the table and frees it and its texts. */
void session_free(struct session_table *table, struct session *s);

/* When it has started, if that was not now: by the clock on the wall, as it shows the time now. */
void session_set_started(struct session *s, time_t started);
/* In seconds, whatever the clock on the wall was set to meanwhile. */
int64_t session_age(const struct session *s);

/* Takes over what a line says of itself. */
void session_set_line(struct session *s, const struct line *line);

/* Gives it a policy and what this is made of (NULL, NULL: none), and the one it had back. */
void session_set_policy(struct session *s, const struct policy *policy, const struct layers *layers);

/* Change what a session is filed under. A network is filed under its serial only, since it may share both with others; a host
 * under its serial and under both together. */
void session_set_address(struct session_table *table, struct session *s, struct in_addr address);
void session_set_address6(struct session_table *table, struct session *s, const struct in6_addr *address6);
void session_set_ifindex(struct session_table *table, struct session *s, unsigned ifindex);

struct session *session_find(const struct session_table *table, uint32_t serial);
struct session *session_find_address(const struct session_table *table, struct in_addr address);
struct session *session_find_address6(const struct session_table *table, const struct in6_addr *address6);
struct session *session_find_ifindex(const struct session_table *table, unsigned ifindex);
struct session *session_find_host(const struct session_table *table, unsigned ifindex, struct in_addr address);

unsigned session_count(const struct session_table *table);

/* From then on session_each goes by serial, as it does of itself where sessions are new. */
void session_sort(struct session_table *table);

#define session_each(table, s, next) HASH_ITER(by_serial, (table)->by_serial, s, next)
#define session_each_host(table, s, next) HASH_ITER(by_host, (table)->by_host, s, next)

/* "#12 alice@example.net on ppp0 192.168.0.100": how the log names a session. In a static buffer; peers' bytes are
 * escaped by the log. */
const char *session_text(const struct session *s);

/* What the kernel remembers of a session for the next masqd: the comment of its element, at most SESSION_NOTE_MAX bytes,
 * printable ASCII without quotes (a very long tty, caller or user name is cut). session_parse_note restores type, start, speed, wanted
 * policy, tty, caller and user of a session that is not in use yet; -EINVAL if the note is not of this session. */
#define SESSION_NOTE_MAX 127	/* what nft lets a comment have, but for its end */
void session_note(const struct session *s, char note[SESSION_NOTE_MAX + 1]);
int session_parse_note(struct session *s, const char *note);

const char *session_type_text(enum session_type type);
const char *session_state_text(enum session_state state);

#endif
