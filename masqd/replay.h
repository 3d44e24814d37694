/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Putting all of the kernel's rules and elements right at once, whatever has happened to them. */

#ifndef MASQD_REPLAY_H
#define MASQD_REPLAY_H

#include "masqd/gateway.h"

/* Which elements, and whether all of them are put anew. */
enum replay {
	REPLAY_GRANTS,		/* anew, those that the sessions have */
	REPLAY_DECISIONS,	/* anew, those that they should have */
	REPLAY_DIFFERENCE,	/* those that they have, where the kernel has others: what is right stays, and goes on counting */
};

/* Puts the rules in force, then the elements in one transaction. 0 or -errno. */
int replay(struct gateway *gw, enum replay how);

/* The same where most is right, and is to go on counting; without a table, or if that fails, anew. */
int replay_repair(struct gateway *gw);

/* Tells where the kernel's elements are not those that the sessions have, and changes nothing. 0 or -errno. */
int replay_compare(struct gateway *gw, const struct difference_handler *handler);

#endif
