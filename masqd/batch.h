/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Transactions on the sets of the table inet masqgate: netlink messages on one standing socket (linux/netfilter/nf_tables.h).
 * What the elements mean is masqd/elements.h. */

#ifndef MASQD_BATCH_H
#define MASQD_BATCH_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch;
struct nlattr;

/* What an element has besides key and value. */
enum element_state {
	ELEMENT_PLAIN,
	ELEMENT_COUNTER,	/* counts the packets and bytes that match it */
	ELEMENT_LIMIT_BYTES,	/* matches what is over rate bytes a second, and counts it */
	ELEMENT_LIMIT_PACKETS,	/* matches what is over rate packets a second */
	ELEMENT_CONNLIMIT,	/* matches the flows over rate */
};

/* A key or a value: fields one after the other, each padded to four bytes. */
#define ELEMENT_BYTES_MAX 24
struct element_bytes {
	unsigned char bytes[ELEMENT_BYTES_MAX];
	uint32_t len;	/* 0: there is none */
};

struct element {
	/* What tells one from another stands first: masqd/difference.c. */
	const char *set;		/* static text */
	struct element_bytes key;
	struct element_bytes end;	/* the last key, in a set of intervals */
	struct element_bytes value;	/* in a map */
	enum element_state state;
	uint32_t burst;			/* bytes or packets */
	uint64_t rate;
	const char *note;		/* the comment, of at most SESSION_NOTE_MAX bytes; NULL: none */
};

/* Each appends a field. */
void element_append(struct element_bytes *to, const void *bytes, size_t len);
void element_append_u32(struct element_bytes *to, uint32_t host_order);
/* In network order, as sets of intervals compare their keys. */
void element_append_be32(struct element_bytes *to, uint32_t host_order);

/* Do both ask for the same? Notes aside. */
bool element_equal(const struct element *a, const struct element *b);

int batch_open(struct batch **batch);

/* The netlink port that its transactions come from, by which the kernel's notifications tell whose they are. */
uint32_t batch_port(const struct batch *batch);
void batch_close(struct batch *batch);

/* Whether the table is there: 0 or -errno, -ENOENT if it is not. */
int batch_find_table(struct batch *batch);

void batch_begin(struct batch *batch);
void batch_add(struct batch *batch, const struct element *element);
void batch_del(struct batch *batch, const struct element *element);
/* All elements of the set go. */
void batch_flush(struct batch *batch, const char *set);

/* Puts the transaction in force: all of it or nothing. 0 or -errno; -ENOENT or -EEXIST mean that the kernel's state is
 * not what it was thought to be. */
int batch_commit(struct batch *batch);

/* An element as the kernel tells of it. Pointers are valid during the call. */
struct element_view {
	const unsigned char *key, *end, *value;	/* NULL where there is none */
	size_t key_len, end_len, value_len;
	enum element_state state;
	uint64_t rate;
	uint32_t burst;
	uint64_t bytes, packets;	/* of its counter, 0 without */
	const char *note;		/* "" without */
};

/* Tells of all elements of a set, some perhaps twice if somebody changes the ruleset meanwhile. 0 or -errno. */
int batch_dump(struct batch *batch, const char *set, void (*on_element)(void *ctx, const struct element_view *view), void *ctx);

/* Does the kernel hold this very element, by key and value? 1, 0, or -errno. */
int batch_holds(struct batch *batch, const struct element *element);

/* Tells of the one with this set and key. 0, -ENOENT or another -errno. */
int batch_get(struct batch *batch, const struct element *element, void (*on_element)(void *ctx, const struct element_view *view),
	      void *ctx);

#endif
