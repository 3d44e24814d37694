/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* lib/stream: what waits for a peer, and what is told when it has gone. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/stream.h"

#define LIMIT (1024 * 1024)

static struct event_base *base;
static struct stream *stream;
static int peer;
static unsigned readable, stuck;

static void on_readable(void *ctx)
{
	readable++;
}

static void on_stuck(void *ctx)
{
	stuck++;
	event_base_loopbreak(base);
}

static const struct stream_handler handler = { .on_readable = on_readable, .on_stuck = on_stuck, .patience_sec = 1 };

static int begin(void **state)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	peer = pair[1];
	readable = stuck = 0;
	base = event_base_new();
	stream = stream_new(base, pair[0], &handler, NULL);
	assert_non_null(stream);
	return 0;
}

static int end(void **state)
{
	stream_free(stream);
	event_base_free(base);
	if (peer >= 0)
		close(peer);
	return 0;
}

static void hang_up(void)
{
	close(peer);
	peer = -1;
}

static void what_waits_arrives_whole(void **state)
{
	size_t heard = 0;
	unsigned char *sent = malloc(LIMIT), bytes[4096];

	for (size_t i = 0; i < LIMIT; i++)
		sent[i] = (unsigned char)(i / 251);
	for (size_t i = 0; i < LIMIT; i += LIMIT / 4)
		assert_int_equal(stream_send(stream, sent + i, LIMIT / 4, LIMIT), 0);
	while (heard < LIMIT) {
		ssize_t len = read(peer, bytes, sizeof(bytes));

		assert_true(len > 0 || errno == EAGAIN);
		if (len > 0) {
			assert_memory_equal(bytes, sent + heard, len);
			heard += (size_t)len;
		}
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
	/* Nothing waits any more, so nothing wakes the loop either. */
	assert_int_equal(event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED), 1);
	assert_int_equal(readable, 0);
	free(sent);
}

static void no_more_waits_than_may(void **state)
{
	char *bytes = calloc(1, 2 * LIMIT);

	assert_int_equal(stream_send(stream, bytes, 2 * LIMIT, LIMIT), -ENOBUFS);
	free(bytes);
}

static void a_peer_that_takes_nothing(void **state)
{
	char *bytes = calloc(1, LIMIT);

	assert_int_equal(stream_send(stream, bytes, LIMIT, LIMIT), 0);
	event_base_dispatch(base);
	assert_int_equal(stuck, 1);
	free(bytes);
}

static void what_a_peer_said_before_it_went(void **state)
{
	char bytes[8];

	assert_int_equal(stream_read(stream, bytes, sizeof(bytes)), 0);
	assert_int_equal(write(peer, "bye", 3), 3);
	hang_up();
	assert_int_equal(stream_send(stream, "hello", 5, LIMIT), 0);
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_int_equal(readable, 1);
	assert_int_equal(stream_read(stream, bytes, sizeof(bytes)), 3);
	assert_memory_equal(bytes, "bye", 3);
	assert_int_equal(stream_read(stream, bytes, sizeof(bytes)), -ENOTCONN);
}

static void a_peer_that_goes_while_something_waits(void **state)
{
	char *bytes = calloc(1, LIMIT);

	assert_int_equal(stream_send(stream, bytes, LIMIT, LIMIT), 0);
	hang_up();
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_int_equal(readable, 1);
	assert_true(stream_read(stream, bytes, LIMIT) < 0);
	assert_int_equal(stream_send(stream, bytes, LIMIT, LIMIT), 0);
	free(bytes);
}

#define stream_test(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		stream_test(what_waits_arrives_whole),
		stream_test(no_more_waits_than_may),
		stream_test(a_peer_that_takes_nothing),
		stream_test(what_a_peer_said_before_it_went),
		stream_test(a_peer_that_goes_while_something_waits),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
