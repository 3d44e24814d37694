/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The program of masqd/egress-lock.h: a classic BPF program that drops what has a private source (RFC 1918, and fc00::/7 of IPv6) but for
 * what is allowed. Pure. */

#ifndef MASQD_EGRESS_PROGRAM_H
#define MASQD_EGRESS_PROGRAM_H

#include <linux/filter.h>

#include "lib/addr.h"
#include "masqd/links.h"

/* The number by which the program is known as ours: it loads it first. */
#define EGRESS_PROGRAM_SIGNATURE 0x6d617371	/* "masq" */

/* Beyond these nothing is allowed. */
enum { EGRESS_ALLOWED_MAX = 48, EGRESS_ALLOWED6_MAX = 8, EGRESS_PROGRAM_MAX = 512 };

struct egress_program {
	struct sock_filter code[EGRESS_PROGRAM_MAX];
	unsigned length;
};

/* What may leave though it is private: ranges of IPv4 and prefixes of IPv6. */
void egress_program_build(struct egress_program *program, const struct range *allowed, unsigned allowed_count,
			  const struct link_address6 *allowed6, unsigned allowed6_count);

#endif
