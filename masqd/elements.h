/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The moving part of the translation engine: a client is a few elements in the maps of the table inet masqgate. They go to the
 * kernel as netlink messages on one standing socket, one transaction a change, at the same cost with ten clients and
 * with ten thousand. */

#ifndef MASQD_ELEMENTS_H
#define MASQD_ELEMENTS_H

#include "masqd/difference.h"
#include "masqd/policy.h"
#include "masqd/public.h"

struct elements;

int elements_open(struct elements **elements);

/* The netlink port of its transactions: see masqd/watch.h. */
uint32_t elements_port(const struct elements *elements);
void elements_close(struct elements *elements);

/* Begins a transaction. */
void elements_begin(struct elements *elements);

/* Adds to the transaction what leads from one grant to the other; either may be the zero grant. note: what the kernel
 * is to remember of the session (session_note). */
void elements_replace(struct elements *elements, const struct grant *from, const struct grant *to, const char *note);

/* Instead of elements_flush and elements_replace of all: first nothing is wanted, then what each should have. Attached interfaces and
 * the uplinks' addresses belong to it. 0 or -errno; that there was no memory for some of it is said by those that compare. */
int elements_want_none(struct elements *elements);
void elements_want(struct elements *elements, const struct grant *grant, const char *note);
void elements_want_attached(struct elements *elements, unsigned ifindex);
void elements_want_uplink_address(struct elements *elements, struct in_addr address);

/* Tells where the kernel has something else than what is wanted, which is then forgotten. 0 or -errno. */
int elements_compare(struct elements *elements, const struct difference_handler *handler);
/* Adds to the transaction what leads there. What is right stays, and goes on counting. 0 or -errno. */
int elements_add_difference(struct elements *elements);

/* Adds to the transaction: the uplinks have no address; and they have this one. */
void elements_flush_uplink_addresses(struct elements *elements);
void elements_add_uplink_address(struct elements *elements, struct in_addr address);

/* Adds to the transaction: every client's elements go, but for those that count. (Attached interfaces stay closed, see
 * elements_detach.) */
void elements_flush(struct elements *elements);

/* Adds to the transaction: from now on the interface is closed but for its session, as if its name were in
 * client-interfaces; or it is gone and need not be kept closed. */
void elements_attach(struct elements *elements, unsigned ifindex);
void elements_detach(struct elements *elements, unsigned ifindex);

/* Puts the transaction in force: all of it or nothing. 0 or -errno; -ENOENT or -EEXIST mean that the kernel's state is
 * not what it was thought to be. */
int elements_commit(struct elements *elements);

/* Looks whether the kernel holds all that the grant stands for. NULL if so, else the name of the set where something is missing. */
const char *elements_missing(struct elements *elements, const struct grant *grant);

/* What the kernel holds: for each session its note; then its address of IPv6; then as whom it appears outside, the address and
 * the ports one at a time; for each attached interface its index; and for each forwarded port the address that it leads to.
 * The same may be told twice. */
struct elements_memory {
	void (*on_session)(void *ctx, unsigned ifindex, const struct prefix *address, uint32_t serial, const char *note);
	void (*on_address6)(void *ctx, unsigned ifindex, const struct in6_addr *address6, uint32_t serial);
	void (*on_public)(void *ctx, uint32_t serial, const struct public *public);
	void (*on_attached)(void *ctx, unsigned ifindex);
	void (*on_forward)(void *ctx, struct in_addr to);
	void *ctx;
};

/* Tells for each session with a limit on its flows how many were refused since the limit is in force. 0 or -errno. */
int elements_each_refused(struct elements *elements, void (*on_refused)(void *ctx, uint32_t serial, uint64_t flows), void *ctx);

/* How many packets towards a client or from it were beyond its rate, since that is in force. Whose: a network's by its serial,
 * a host's by interface and address, and a line's by its interface. */
struct dropped {
	bool is_down;
	uint32_t serial;
	unsigned ifindex;
	struct in_addr address;
	uint64_t packets;
};

/* Tells for each limit. 0 or -errno. */
int elements_each_dropped(struct elements *elements, void (*on_dropped)(void *ctx, const struct dropped *dropped), void *ctx);

/* Whether the table is there, and the kernel answers: 0 or -errno. */
int elements_find_table(struct elements *elements);

int elements_dump(struct elements *elements, const struct elements_memory *memory);

/* What the elements of hosts have counted. */
struct host_count {
	unsigned ifindex;
	struct in_addr address;
	bool is_received;	/* from the host; otherwise to it */
	uint64_t bytes;
};

/* Tells of one grant's counters, or of all if it is NULL. 0 or -errno. */
int elements_read_counts(struct elements *elements, const struct grant *grant,
			 void (*on_count)(void *ctx, const struct host_count *count), void *ctx);

/* Adds to the transaction: this counter goes. */
void elements_forget_count(struct elements *elements, const struct host_count *count);

#endif
