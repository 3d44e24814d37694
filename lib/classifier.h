/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A BPF program of ours as a filter at an interface's ingress or egress, at a fixed place: parent, preference, protocol, handle. "tc
 * filter show dev lan0 ingress" shows it. Others' filters are not touched. */

#ifndef LIB_CLASSIFIER_H
#define LIB_CLASSIFIER_H

#include <linux/filter.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdint.h>

/* Where a kind of filter is, and by what it is known as ours. */
struct classifier {
	uint32_t hook;		/* TC_H_MIN_INGRESS or TC_H_MIN_EGRESS */
	uint16_t preference;
	uint16_t protocol;	/* ETH_P_…, for which it runs */
	uint32_t handle;
	const char *name;	/* of an eBPF program; NULL: it is a classic one, which has none */
	uint32_t signature;	/* the number that a classic one loads first */
};

/* Instructions of a classic program of ours, at most. */
enum { CLASSIFIER_CLASSIC_MAX = 512 };

struct classifier_found {
	bool is_ours;
	uint32_t program;	/* an eBPF program's id */
	struct sock_filter classic[CLASSIFIER_CLASSIC_MAX];
	unsigned length;	/* in instructions */
};

/* What is in the place. 0, also if nothing is, or -errno; -EEXIST if it is somebody else's. */
int classifier_find(struct nl_sock *sock, const struct classifier *place, int interface, struct classifier_found *found);

/* Puts a program there, an eBPF one by its descriptor or a classic one; what is there of ours is replaced between two frames, not
 * removed. The program's result is a TC_ACT_…. Makes the clsact qdisc where there is none, and nobody removes that: without a
 * filter it does nothing, and there is no way to remove it that could not take along a filter which somebody adds at that
 * moment. 0 or -errno. */
int classifier_set_program(struct nl_sock *sock, const struct classifier *place, int interface, int program_fd);
int classifier_set_classic(struct nl_sock *sock, const struct classifier *place, int interface, const struct sock_filter *program,
			   unsigned length);

/* Tells of each interface that has ours, found by the qdiscs that there are; on_found may remove it. 0, or -errno if not all could be
 * looked at. */
int classifier_each(struct nl_sock *sock, const struct classifier *place, void (*on_found)(void *ctx, int interface), void *ctx);

/* Removes ours; nothing happens if it is gone or somebody else's. 0 or -errno. */
int classifier_del(struct nl_sock *sock, const struct classifier *place, int interface);

#endif
