/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "lib/stream.h"

#include <errno.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* What waits for the peer; there only while something does. */
struct waiting {
	struct evbuffer *bytes;
	struct event *writable;
};

struct stream {
	int fd;
	struct event *readable;
	struct waiting *waiting;
	bool is_gathering;
	const struct stream_handler *handler;
	void *ctx;
};

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct stream *stream = arg;

	stream->handler->on_readable(stream->ctx);
}

struct stream *stream_new(struct event_base *base, int fd, const struct stream_handler *handler, void *ctx)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return NULL;
	stream->fd = fd;
	stream->handler = handler;
	stream->ctx = ctx;
	stream->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, stream);
	if (stream->readable && event_add(stream->readable, NULL) == 0)
		return stream;
	if (stream->readable)
		event_free(stream->readable);
	free(stream);
	return NULL;
}

static void waiting_free(struct waiting *waiting)
{
	if (!waiting)
		return;
	if (waiting->writable)
		event_free(waiting->writable);
	if (waiting->bytes)
		evbuffer_free(waiting->bytes);
	free(waiting);
}

static void stop_waiting(struct stream *stream)
{
	waiting_free(stream->waiting);
	stream->waiting = NULL;
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	stop_waiting(stream);
	event_free(stream->readable);
	close(stream->fd);
	free(stream);
}

int stream_fd(const struct stream *stream)
{
	return stream->fd;
}

void stream_set_reading(struct stream *stream, bool is_reading)
{
	if (is_reading)
		event_add(stream->readable, NULL);
	else
		event_del(stream->readable);
}

ssize_t stream_read(struct stream *stream, void *bytes, size_t size)
{
	ssize_t len = recv(stream->fd, bytes, size, MSG_DONTWAIT);

	if (len > 0)
		return len;
	if (len == 0)
		return -ENOTCONN;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

size_t stream_waiting(const struct stream *stream)
{
	return stream->waiting ? evbuffer_get_length(stream->waiting->bytes) : 0;
}

void stream_gather(struct stream *stream, bool is_gathering)
{
	stream->is_gathering = is_gathering;
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct stream *stream = arg;
	int len;

	if (what & EV_TIMEOUT) {
		stream->handler->on_stuck(stream->ctx);
		return;
	}
	len = evbuffer_write(stream->waiting->bytes, fd);
	/* Of a peer that is gone reading tells. */
	if ((len < 0 && errno != EAGAIN && errno != EINTR) || !evbuffer_get_length(stream->waiting->bytes))
		stop_waiting(stream);
	if (stream->handler->on_room && stream_waiting(stream) <= stream->handler->room)
		stream->handler->on_room(stream->ctx);
}

static int begin_waiting(struct stream *stream)
{
	struct timeval patience = { .tv_sec = stream->handler->patience_sec };
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	if (!waiting)
		return -ENOMEM;
	waiting->bytes = evbuffer_new();
	waiting->writable = event_new(event_get_base(stream->readable), stream->fd, EV_WRITE | EV_PERSIST, on_writable, stream);
	if (!waiting->bytes || !waiting->writable || event_add(waiting->writable, &patience)) {
		waiting_free(waiting);
		return -ENOMEM;
	}
	stream->waiting = waiting;
	return 0;
}

int stream_send(struct stream *stream, const void *bytes, size_t len, size_t limit)
{
	size_t sent = 0;
	int rc;

	if (!stream->waiting) {
		ssize_t n = stream->is_gathering ? 0 : send(stream->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return 0;
		sent = n < 0 ? 0 : (size_t)n;
		if (sent == len)
			return 0;
		rc = begin_waiting(stream);
		if (rc)
			return rc;
	}
	if (evbuffer_add(stream->waiting->bytes, (const char *)bytes + sent, len - sent))
		return -ENOMEM;
	return evbuffer_get_length(stream->waiting->bytes) > limit ? -ENOBUFS : 0;
}
