/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A connected stream socket on the event loop. What is sent goes at once, as far as the peer takes it; the rest waits. That is what
 * libevent's bufferevent does, which takes 1 KiB for it, also of the thousands of connections on which nothing happens for hours. */

#ifndef LIB_STREAM_H
#define LIB_STREAM_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct stream;

struct stream_handler {
	/* There is something to read, or the end of it. */
	void (*on_readable)(void *ctx);
	/* Something has waited, and at most room bytes of it do any more. May be NULL. */
	void (*on_room)(void *ctx);
	size_t room;
	/* The peer has taken nothing for patience_sec although something waits. */
	void (*on_stuck)(void *ctx);
	int patience_sec;
};

/* Takes over a socket that does not block. handler is borrowed for life. NULL without memory; then the socket is the caller's still. */
struct stream *stream_new(struct event_base *base, int fd, const struct stream_handler *handler, void *ctx);
/* Closes the socket. Safe in the handler if nothing of the stream is used after it. */
void stream_free(struct stream *stream);

int stream_fd(const struct stream *stream);

/* Whether on_readable is called; from the beginning it is. */
void stream_set_reading(struct stream *stream, bool is_reading);

/* Reads at most size bytes. Their number; 0 if there are none yet; -ENOTCONN when there are no more to come; -errno. */
ssize_t stream_read(struct stream *stream, void *bytes, size_t size);

/* Sends. Also 0 when the peer is gone, which reading tells in its turn, behind what it has said before. -ENOBUFS if more than limit bytes
 * would wait for it, -ENOMEM: nothing more can be sent then. */
int stream_send(struct stream *stream, const void *bytes, size_t len, size_t limit);

/* How many bytes wait for the peer. */
size_t stream_waiting(const struct stream *stream);

/* While it gathers, what is sent waits for the loop's next turn, so that many short pieces go together. */
void stream_gather(struct stream *stream, bool is_gathering);

#endif
