/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* lib/varlink-link against a service that the test itself plays, on the same event loop. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/varlink-link.h"

struct test {
	struct event_base *base;
	struct evconnlistener *listener;
	struct bufferevent *peer;
	struct varlink_link *link;
	struct varlink_link_handler handler;
	char path[64];
	unsigned connections;
	const char *const *answers;	/* to what is called, one after the other, ended by NULL */
	char heard[512];		/* by the service */
	char replies[512];		/* by the link's owner */
};

static void on_call(struct bufferevent *bev, void *ctx)
{
	struct test *t = ctx;
	char bytes[512];
	int n = evbuffer_remove(bufferevent_get_input(bev), bytes, sizeof(bytes));

	for (int i = 0; i < n; i++)
		if (bytes[i])
			snprintf(t->heard + strlen(t->heard), sizeof(t->heard) - strlen(t->heard), "%c", bytes[i]);
	while (t->answers && *t->answers) {
		bufferevent_write(bev, *t->answers, strlen(*t->answers) + 1);
		t->answers++;
	}
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa, int len, void *ctx)
{
	struct test *t = ctx;

	if (t->peer)
		bufferevent_free(t->peer);
	t->peer = bufferevent_socket_new(t->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(t->peer, on_call, NULL, NULL, t);
	bufferevent_enable(t->peer, EV_READ | EV_WRITE);
}

static void on_connect(void *ctx)
{
	struct test *t = ctx;

	t->connections++;
	if (t->connections > 1)
		event_base_loopbreak(t->base);
	varlink_link_call_more(t->link, "t.Watch", json_object());
	varlink_link_call(t->link, "t.Ask", json_pack("{s:i}", "n", 1));
}

static void on_reply(void *ctx, const char *method, json_t *parameters, const char *error)
{
	struct test *t = ctx;

	snprintf(t->replies + strlen(t->replies), sizeof(t->replies) - strlen(t->replies), "%s %lld%s%s; ", method,
		 (long long)json_integer_value(json_object_get(parameters, "n")), error ? " " : "", error ? error : "");
	if (strcmp(method, "t.Ask") == 0)
		event_base_loopbreak(t->base);
}

static struct test *begin(const char *const *answers)
{
	struct test *t = calloc(1, sizeof(*t));
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	assert_non_null(t);
	t->base = event_base_new();
	t->answers = answers;
	snprintf(t->path, sizeof(t->path), "/tmp/test-varlink-link.%d", (int)getpid());
	strcpy(address.sun_path, t->path);
	unlink(t->path);
	t->listener = evconnlistener_new_bind(t->base, on_accept, t, LEV_OPT_CLOSE_ON_FREE, 1, (struct sockaddr *)&address, sizeof(address));
	assert_non_null(t->listener);
	t->handler = (struct varlink_link_handler){ .on_connect = on_connect, .on_reply = on_reply, .ctx = t };
	assert_int_equal(varlink_link_open(&t->link, t->base, t->path, &t->handler), 0);
	event_base_dispatch(t->base);
	return t;
}

static void end(struct test *t)
{
	varlink_link_close(t->link);
	bufferevent_free(t->peer);
	evconnlistener_free(t->listener);
	event_base_free(t->base);
	unlink(t->path);
	free(t);
}

static void a_call_with_more_takes_replies_until_the_last(void **state)
{
	static const char *const answers[] = {
		"{\"parameters\":{\"n\":1},\"continues\":true}",
		"{\"parameters\":{\"n\":2},\"continues\":true}",
		"{\"parameters\":{\"n\":3}}",
		"{\"error\":\"t.No\",\"parameters\":{\"n\":4}}",
		NULL,
	};
	struct test *t = begin(answers);

	assert_string_equal(t->replies, "t.Watch 1; t.Watch 2; t.Watch 3; t.Ask 4 t.No; ");
	assert_string_equal(t->heard, "{\"method\":\"t.Watch\",\"parameters\":{},\"more\":true}"
				      "{\"method\":\"t.Ask\",\"parameters\":{\"n\":1}}");
	end(t);
}

/* Then nobody knows to which call the next reply belongs: it connects again. */
static void a_reply_that_continues_what_wants_one_only_ends_the_connection(void **state)
{
	static const char *const answers[] = { "{\"parameters\":{\"n\":1}}", "{\"parameters\":{\"n\":2},\"continues\":true}", NULL };
	struct test *t = begin(answers);

	assert_int_equal(t->connections, 2);
	assert_string_equal(t->replies, "t.Watch 1; ");
	end(t);
}

/* As if there was no memory for it. Nothing that is said after it is heard before all is said anew. */
static void a_call_that_cannot_be_made_ends_the_connection(void **state)
{
	static const char *const answers[] = { "{\"parameters\":{\"n\":1}}", "{\"parameters\":{\"n\":2}}", NULL };
	struct test *t = begin(answers);

	*t->heard = 0;
	varlink_link_call(t->link, "t.Ask", NULL);
	assert_false(varlink_link_is_connected(t->link));
	varlink_link_call(t->link, "t.Late", json_object());
	event_base_dispatch(t->base);
	assert_int_equal(t->connections, 2);
	assert_true(varlink_link_is_connected(t->link));
	assert_null(strstr(t->heard, "t.Late"));
	end(t);
}

static void who_is_away_for_long_is_looked_for_less_often(void **state)
{
	assert_int_equal(varlink_link_pause_ms(0), 1000);
	assert_int_equal(varlink_link_pause_ms(9999), 1000);
	assert_int_equal(varlink_link_pause_ms(10000), 1000);
	assert_int_equal(varlink_link_pause_ms(30000), 3000);
	assert_int_equal(varlink_link_pause_ms(49999), 4999);
	assert_int_equal(varlink_link_pause_ms(1000 * 3600 * 24 * 365LL), 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_with_more_takes_replies_until_the_last),
		cmocka_unit_test(a_reply_that_continues_what_wants_one_only_ends_the_connection),
		cmocka_unit_test(a_call_that_cannot_be_made_ends_the_connection),
		cmocka_unit_test(who_is_away_for_long_is_looked_for_less_often),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
