/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Proxy neighbours of others that lead nowhere: what pppd's option proxyarp leaves behind when pppd is killed. Such an entry is dead
 * when no route leads to its address but by its own interface or by the default route, on two looks in succession; a pppd that is
 * just coming up has its route before its entry. They are reported, and deleted only where the configuration says so. */

#ifndef ARPD_FOREIGN_H
#define ARPD_FOREIGN_H

#include <netlink/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arpd/neighbour.h"

enum { FOREIGN_LOOK_MS = 5000 };

struct foreign {
	struct dead {
		struct neighbour neighbour;	/* first, for neighbour_compare */
		bool is_reported;
	} *dead;			/* as of the last look, sorted */
	size_t count;
	size_t reported;		/* of them dead on the look before, too */
	size_t cleaned;			/* since the start */
	int64_t look_ms;		/* when the next look may be */
};

/* Looks at those of the kernel's proxy neighbours that are not ours, if it is time to. */
void foreign_look(struct foreign *foreign, struct nl_sock *sock, const struct neighbour *found, size_t count, bool is_cleaning);
void foreign_free(struct foreign *foreign);

#endif
