/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Our filter at an interface's ingress: a BPF program that the kernel runs for ARP only, at a fixed place (parent, preference,
 * handle) and under our name. "tc filter show dev lan0 ingress" shows it. Others' filters are not touched. */

#ifndef ARPD_CLASSIFIER_H
#define ARPD_CLASSIFIER_H

#include <netlink/netlink.h>
#include <stdint.h>

/* The id of the program that ours runs, 0 if there is none. 0 or -errno, -EEXIST if somebody else's filter is in our place. */
int classifier_find(struct nl_sock *sock, int interface, uint32_t *program);

/* Puts ours there with that program; one that is there is replaced between two frames, not removed. Makes the clsact qdisc
 * where there is none, and nobody removes that: without a filter it does nothing, and there is no way to remove it that could not take
 * along a filter which somebody adds at that moment. 0 or -errno. */
int classifier_set(struct nl_sock *sock, int interface, int program_fd);

/* Removes ours; nothing happens if it is gone or somebody else's. 0 or -errno. */
int classifier_del(struct nl_sock *sock, int interface);

#endif
