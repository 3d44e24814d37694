/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Varlink framing without any I/O: bytes come in as they arrive, whole messages (JSON text ended by NUL) go out.
 * Links libc only, so that the pppd plugin can carry it. */

#ifndef LIB_FRAME_H
#define LIB_FRAME_H

#include <stdbool.h>
#include <stddef.h>

/* The longest message that is read from a peer, its NUL included. */
#define FRAME_MAX (64 * 1024)

struct frame {
	char *data;
	size_t size;	/* bytes allocated for data */
	size_t used;	/* bytes in data */
	size_t taken;	/* of these, bytes handed out already: they go with the next frame_put */
	size_t partial;	/* of these, bytes at the end that wait for the rest of their message */
	size_t limit;	/* the longest message, 0 for FRAME_MAX */
};

/* Appends len bytes. 0, -EMSGSIZE if a message grows past the limit, or -ENOMEM; after an error the stream cannot be
 * followed any more. Take every message after each put: what f holds is bounded only by that. */
int frame_put(struct frame *f, const void *bytes, size_t len);

/* The next whole message, NUL-terminated, valid until the next call of frame_put or frame_take; NULL if there is none yet. */
const char *frame_take(struct frame *f);

/* Is the beginning of a message waiting for its rest? */
bool frame_is_partial(const struct frame *f);

/* Frees what f holds; f can be used again. */
void frame_reset(struct frame *f);

#endif
