/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What a configuration would mean for the sessions that are there, before anything of it is done. */

#ifndef MASQD_PLAN_H
#define MASQD_PLAN_H

#include "masqd/gateway.h"

struct plan {
	struct planned {
		uint32_t serial;	/* one session's end may be another's */
		bool differs;		/* from what it has, in any key */
		struct choice choice;
	} *all;
	unsigned count;
};

/* Works it out. 0 or -ENOMEM; plan_drop in both cases. */
int plan_make(struct gateway *gw, const struct conf *conf, struct plan *plan);

/* Gives back the policies that no session has taken (those that one has are NULL in the plan then). */
void plan_drop(struct gateway *gw, struct plan *plan);

#endif
