/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The hosts of networks. Whoever has made himself known by ARP, as everybody must before he is sent anything, becomes a session of
 * his own with the network's policy: without being listed, without cost on the packet path, without polling. Until then, and
 * beyond hosts-max, he is served as a part of the network. A host that has been silent for host-timeout is asked by ARP,
 * and its session ends if it does not answer. */

#ifndef MASQD_HOSTS_H
#define MASQD_HOSTS_H

#include "masqd/gateway.h"

struct hosts;

/* Follows neighbours, and looks for those that are there. gw is borrowed for life. 0 or -errno, logged. */
int hosts_open(struct hosts **hosts, struct gateway *gw);
void hosts_close(struct hosts *hosts);

/* A network is there or was configured anew: who is in it? hosts may be NULL: nobody looks yet. */
void hosts_look(struct hosts *hosts);

/* Has the network as many hosts as hosts-max says, so that others are not told apart? */
bool hosts_is_full(const struct gateway *gw, const struct network *network);

#endif
