/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A thread that deletes connections, masqd's only one beside the loop: of a table with 200 000 the kernel needs 60 ms to find those of
 * one session, and all the other lines would wait. It has nothing in common with the rest but a list under a lock. */

#ifndef MASQD_FLUSHER_H
#define MASQD_FLUSHER_H

#include <event2/event.h>

#include "masqd/flush.h"

struct flusher;

/* on_done is told on the loop, of each in turn. 0 or -errno. Privileges are those of the caller, for good. */
int flusher_open(struct flusher **flusher, struct event_base *base, void (*on_done)(void *ctx, const struct flush *flush), void *ctx);

/* Waits for what is being done, and leaves the rest. */
void flusher_close(struct flusher *flusher);

/* Never waits. -ENOMEM, or 0. */
int flusher_add(struct flusher *flusher, const struct flush *flush);

#endif
