/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Publishes addresses in one way or another, and looks from the LAN when all of them are answered. */

#ifndef BENCH_ARP_PUBLISH_H
#define BENCH_ARP_PUBLISH_H

#include "bench/arp-asker.h"

/* Arguments: WAY and what it needs, NULL at the end. Prints the result. The program's exit status. */
int publish(struct asker *asker, char *argv[]);

#endif
