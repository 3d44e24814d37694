/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Elements of the sets and maps of the table inet masqgate, as netlink attributes (linux/netfilter/nf_tables.h). What they mean is
 * masqd/elements.h. */

#ifndef MASQD_ELEMENT_H
#define MASQD_ELEMENT_H

#include <netlink/msg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* A request about all of a set, of this type, NFT_MSG_*; or about one element, with what it has besides its key where it is a new one. The
 * caller frees it; NULL without memory. */
struct nl_msg *element_set_message(int type, int flags, const char *set);
struct nl_msg *element_message(int type, int flags, const struct element *element);

struct element_reader {
	void (*on_element)(void *ctx, const struct element_view *view);
	void *ctx;
};

/* Tells the reader of each element that is in a message; what makes no sense is left out. */
void element_read(void *reader, struct nlmsghdr *message);

#endif
