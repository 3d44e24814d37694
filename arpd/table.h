/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Which addresses are wanted on which LAN, and by whom. No I/O: the daemon makes the kernel follow.
 *
 * A holder claims entries. A claim lives as long as its holder is present and made it in its present term; a holder that
 * comes back begins a new term and claims again what it still wants, and sweeping drops what it did not. An entry without
 * a living claim is orphaned; one that loses its last claim, living or not, is unwanted and handed back for removal. */

#ifndef ARPD_TABLE_H
#define ARPD_TABLE_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <uthash.h>

#include "arpd/link.h"
#include "lib/ip.h"

/* Bounds on what holders may cost. */
enum {
	TABLE_HOLDERS_MAX = 16,
	TABLE_LANS_MAX = 64,
	TABLE_CLAIMS_MAX = 150000,	/* of one holder; a prefix of 65536, and what it replaces until that is swept */
};

enum family {
	FAMILY_IPV4,
	FAMILY_IPV6,
	FAMILIES,
};

struct holder {
	struct holder *next;
	char *name;
	const void *speaker;	/* whoever speaks for it now (a connection); NULL when it is gone */
	unsigned term;		/* counts its speakers */
	size_t claims;
};

struct claim {
	struct claim *next;
	struct holder *holder;
	unsigned term;
};

struct lan {
	struct lan *next;
	char name[IFNAMSIZ];
	struct entry *entries;		/* hash by address, in the order of their coming */
	size_t counts[FAMILIES];	/* of them */
	/* The daemon's view of the interface: */
	struct link link;		/* index 0 while there is none */
	bool is_ready;			/* it can carry proxy neighbours */
	bool was_down;			/* or without a carrier, since it was looked at: the kernel has deleted them itself */
	struct lan_delay {		/* by family */
		bool is_ours;		/* its proxy_delay is, and was: */
		uint64_t before_ms;
	} delays[FAMILIES];
	bool is_attached;		/* the responder is there */
	int attach_error;		/* why it could not be, logged already */
	bool is_warned;			/* that its forwarding is off */
};

/* Of an entry, the first of these that is true. */
enum entry_state {
	ENTRY_ORPHANED,		/* nobody wants it any more, or has said so yet */
	ENTRY_WAITING,		/* for its interface, or for somebody else's proxy neighbour to go */
	ENTRY_CONFLICT,		/* a host of the LAN has it */
	ENTRY_PROBING,		/* it is being found out whether one has */
	ENTRY_UNROUTED,		/* no route leads to it but by the LAN, or by the default route */
	ENTRY_PUBLISHED,
};

struct entry {
	UT_hash_handle hh;
	struct entry *prev, *next;	/* in a queue of announcements */
	struct in6_addr address;
	struct lan *lan;
	struct claim *claims;		/* none for one that an earlier masq-arpd left in the kernel */
	time_t since;
	/* What is true of it: */
	int route_interface;		/* index of the interface by which it is routed away from the LAN, 0: it is not */
	bool has_host_route;		/* of full length */
	bool is_route_known;		/* the above was asked for since the last event that concerns it */
	bool is_probed;			/* nobody else has it, or nobody wanted to know */
	bool is_probing;
	bool is_in_conflict;
	int64_t probe_again_ms;		/* in a conflict */
	/* What was done about it: */
	unsigned announced;		/* how often */
	unsigned char announcements;	/* still to be made */
	int64_t announce_ms;		/* when the next one; 0: now */
	bool is_installed;		/* it is answered for, because of us */
	bool is_responders;		/* by the responder; else by the kernel's proxy neighbours */
	size_t pending;			/* its place in the batch that will make it so, from 1; 0: none */
	int error;			/* why it could not be, logged already; -EEXIST: the kernel has somebody else's */
	int64_t defended_ms;		/* when it was last announced because of a conflict */
	bool is_seen;			/* mark: found in the kernel */
};

struct table {
	struct in6_addr lowest, highest;	/* no entry is outside */
	struct lan *lans;
	struct holder *holders;
	/* An entry lost its last claim: withdraw it and call table_remove. reason completes "withdrawn: ". */
	void (*on_unwanted)(void *ctx, struct entry *entry, const char *reason);
	void *ctx;
};

/* Removes everything, without asking on_unwanted. */
void table_free(struct table *table);

/* The holder of that name begins a new term with this speaker. NULL if there are too many, or without memory. */
struct holder *table_hold(struct table *table, const char *name, const void *speaker);
/* Its speaker is gone. Returns how many entries are orphaned by it. holder may be freed. */
size_t table_leave(struct table *table, struct holder *holder);

/* The holder claims the address on this LAN. 0, -ENOSPC (more than a holder may have, or too many LANs) or -ENOMEM. */
int table_claim(struct table *table, struct holder *holder, const struct in6_addr *address, const char *lan, struct entry **entry);
/* An entry nobody claims, found in the kernel. NULL if it cannot be kept. */
struct entry *table_adopt(struct table *table, const struct in6_addr *address, const char *lan);
/* Drops the holder's claims to this address, but not on the LANs in keep (count names). */
void table_withdraw(struct table *table, struct holder *holder, const struct in6_addr *address, const char *const keep[], size_t count);
/* Drops the holder's claims to this address on these LANs, or with count 0 on all. */
void table_withdraw_from(struct table *table, struct holder *holder, const struct in6_addr *address, const char *const lans[],
			 size_t count);
/* Drops the claims of the holder's earlier terms, and if adopted is set the entries nobody claims. Returns their number. */
size_t table_sweep(struct table *table, struct holder *holder, bool adopted);

/* Frees an entry, and its LAN if that was the last one there: look at lan->entries before. */
void table_remove(struct table *table, struct entry *entry);

struct lan *table_find_lan(const struct table *table, const char *name);
struct lan *table_find_lan_index(const struct table *table, int index);
struct entry *table_find(const struct lan *lan, const struct in6_addr *address);

bool claim_is_living(const struct claim *claim);
bool entry_is_orphaned(const struct entry *entry);
enum entry_state entry_state(const struct entry *entry);
enum family entry_family(const struct entry *entry);
/* Should the kernel have it? The one decision of this daemon. */
bool entry_is_wanted(const struct entry *entry);

/* From the newest to the oldest, which the kernel withdraws 70 times faster than the other way round; e may be removed. */
#define LAN_EACH_ENTRY(lan, e, older) \
	for ((e) = (lan)->entries ? ELMT_FROM_HH((lan)->entries->hh.tbl, (lan)->entries->hh.tbl->tail) : NULL; \
	     (e) && ((older) = (e)->hh.prev, 1); (e) = (older))

#endif
