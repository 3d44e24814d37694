/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What the responder's program and its user-space half share: the form of the maps. */

#ifndef ARPD_RESPONDER_MAPS_H
#define ARPD_RESPONDER_MAPS_H

#include <linux/types.h>

/* A block is the addresses that have their upper half in common, on one LAN; a bitmap has a bit for each. */
#define RESPONDER_BLOCKS_MAX	64
#define RESPONDER_LANS_MAX	64
#define RESPONDER_BITMAP_WORDS	2048

struct responder_bitmap {
	__u32 words[RESPONDER_BITMAP_WORDS];
};

/* The key in map blocks, which has the number of the block's bitmap: the interface's index, the address in host order. One number,
 * since two of half the size, written to the stack one by one, are "an attempt to corrupt a spilled pointer" to kernels before 6.9. */
#define RESPONDER_BLOCK(interface, address) ((__u64)(interface) << 32 | (address) >> 16)

/* In map lans, by the interface's index. */
struct responder_lan {
	__u16 mac[3];		/* as on the wire */
	__u16 unused;
};

/* An address in host order: which word of its block's bitmap, which bit in it. */
#define RESPONDER_WORD(address)	(((address) >> 5) & (RESPONDER_BITMAP_WORDS - 1))
#define RESPONDER_BIT(address)	(1U << ((address) & 31))

#endif
