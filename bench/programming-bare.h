/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The least that a session can cost: transactions built long before, of the same elements as masqd's, but not by masqd's code. One
 * message an element, since each is of another set; one acknowledgement; one call that sends and one that receives. */

#ifndef BENCH_PROGRAMMING_BARE_H
#define BENCH_PROGRAMMING_BARE_H

#include <stddef.h>

#include "bench/programming-sessions.h"

struct bare_transaction {
	unsigned char *bytes;
	size_t used;
};

/* A socket to the kernel's nf_tables. */
int bare_open(void);

/* Builds what opens the session, or what closes it. */
void bare_build(struct bare_transaction *transaction, const struct programmed *programmed, int is_opening);
void bare_free(struct bare_transaction *transaction);

/* Puts it in force; ends the program if it is refused. */
void bare_send(int fd, const struct bare_transaction *transaction);

#endif
