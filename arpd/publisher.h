/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Makes the kernel answer for what the table says: finds out what is true of an entry (its route, whether a host of the LAN has the
 * address), and lets the kernel have those that are wanted (entry_is_wanted) and no others, without delay, with an announcement.
 *
 * Changes are collected and made together, in the loop's next turn or when publisher_flush is called. A LAN's proxy_delay is 0
 * from its first entry to its last, or to the daemon's end, and then what it was before. */

#ifndef ARPD_PUBLISHER_H
#define ARPD_PUBLISHER_H

#include <event2/event.h>

#include "arpd/announce.h"
#include "arpd/conf.h"
#include "arpd/conflict.h"
#include "arpd/neighbour.h"
#include "arpd/prober.h"
#include "arpd/responder.h"
#include "arpd/table.h"
#include "arpd/wire.h"

/* RFC 5227 section 2.4: DEFEND_INTERVAL; and how long after a conflict an address is tried again. */
enum { DEFEND_INTERVAL_MS = 10000, CONFLICT_RETRY_MS = 10000 };

struct publisher {
	struct table table;
	struct conflict_table conflicts;
	struct nl_sock *sock;		/* rtnetlink, for requests */
	struct wire *wire;
	struct wire_handler handler;
	struct announcer *announcer;
	struct prober *prober;
	struct inquiry *inquiries;	/* see arpd/inquiry.h */
	size_t inquiry_count;
	struct neighbour_batch batch;
	struct event *flush;
	struct in_addr heard_first, heard_last;	/* whose packets are listened to */
	bool hears_nd;
	bool is_deaf;			/* until the next flush, to some of these */
	struct responder *responder;	/* answers for the IPv4 addresses; NULL: the kernel does */
	enum engine_choice engine;
	size_t bpf_from;
	int responder_error;		/* why there is none although there should be */
	bool is_settled;		/* what an earlier run's responder answers for has been published again */
	bool is_switching;		/* from one engine to the other, which is no news */
	bool is_announcing, is_probing;
	unsigned lines;			/* in the log, in this second */
	unsigned turn;			/* which part of the entries has its routes looked at anew */
	unsigned repairs;		/* entries that others deleted and that were put back */
	unsigned probes_answered;
	/* For those who want to know. interface and mac may be NULL. */
	void (*on_event)(void *ctx, const char *what, const struct in6_addr *address, const char *interface, const unsigned char *mac);
	void *ctx;
};

/* publisher is zeroed but for on_event and ctx. 0 or -errno; close it in every case. */
int publisher_open(struct publisher *publisher, struct event_base *base);
/* What is published stays published; proxy_delay is what it was. */
void publisher_close(struct publisher *publisher);

/* What cannot be published now may be later. */
extern const char PUBLISHER_NO_MEMORY[];

/* Why an address cannot be published at all; NULL if it can. */
const char *publisher_objection(struct publisher *publisher, const struct in6_addr *address);

/* Publishes an address for the holder on these LANs, and with is_exclusive on no others of this holder's. NULL, or why that is
 * refused; PUBLISHER_NO_MEMORY is a reason to try again. Whether and when the kernel has it depends on what is true of it. */
const char *publisher_publish(struct publisher *publisher, struct holder *holder, const struct in6_addr *address,
			      const char *const lans[], size_t count, bool is_exclusive);

/* Looks at the LAN's interface again. */
void publisher_bind(struct publisher *publisher, struct lan *lan);

/* Something is different about an entry: makes the kernel follow. */
void publisher_follow(struct publisher *publisher, struct entry *entry);

/* Makes all changes that wait; and soon: before anything else is read or written, since who is told that an address is published relies
 * on it. */
void publisher_flush(struct publisher *publisher);
void publisher_flush_soon(struct publisher *publisher);

/* Withdraws and frees an entry, and its LAN if it was the last there. */
void publisher_remove(struct publisher *publisher, struct entry *entry, const char *reason);

/* Why nothing can be published on such a link; NULL if it can. */
const char *publisher_link_objection(const struct link *link);

/* Makes it so that an entry is answered for; and, for the engine: it is now, and the kernel's proxy neighbour of it goes. */
void publisher_install(struct publisher *publisher, struct entry *entry);
void publisher_installed(struct publisher *publisher, struct entry *entry);
void publisher_leave_kernel(struct publisher *publisher, const struct entry *entry);

/* One line of what happens to entries, of which the log gets only so many a second; publisher_second is called once in each. */
__attribute__((format(printf, 2, 3))) void publisher_say(struct publisher *publisher, const char *format, ...);
void publisher_second(struct publisher *publisher);

#endif
