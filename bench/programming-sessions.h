/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Sessions as masqd would have them after some calls, and what its own code decides that they get. */

#ifndef BENCH_PROGRAMMING_SESSIONS_H
#define BENCH_PROGRAMMING_SESSIONS_H

#include "masqd/conf.h"
#include "masqd/policy.h"
#include "masqd/session.h"

/* Interfaces that are not there: the kernel takes any number in a key. */
#define SESSIONS_FIRST_IFINDEX 100000

struct sessions {
	struct conf *conf;
	const struct policy *policy;
	struct session_table table;
};

/* By this configuration, with its default policy. */
void sessions_open(struct sessions *sessions, const char *path);

/* What a session stands for in the kernel. */
struct programmed {
	struct grant grant;
	char note[SESSION_NOTE_MAX + 1];
};

/* Makes session number i of this type, open, and says what it gets. It stays in the table. */
void sessions_make(struct sessions *sessions, enum session_type type, unsigned i, struct programmed *programmed);

#endif
