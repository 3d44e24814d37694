/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* lib/varlink-client.c against a service that is the other end of a socket pair, or a listener of our own. */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/varlink-client.h"

struct pair {
	struct varlink_client client;
	int service;
};

static int begin_pair(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));
	int fds[2];

	if (!p || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds))
		return -1;
	p->client.fd = fds[0];
	p->service = fds[1];
	*state = p;
	return 0;
}

static int end_pair(void **state)
{
	struct pair *p = *state;

	varlink_client_close(&p->client);
	close(p->service);
	free(p);
	return 0;
}

/* The service says this text and its NUL. */
static void say(struct pair *p, const char *text)
{
	assert_int_equal(write(p->service, text, strlen(text) + 1), strlen(text) + 1);
}

static void assert_receives(struct pair *p, const char *text, int rc)
{
	struct varlink_reply reply;

	say(p, text);
	assert_int_equal(varlink_client_receive(&p->client, &reply, 0), rc);
	varlink_reply_free(&reply);
}

static void a_call_is_one_message(void **state)
{
	struct pair *p = *state;
	char got[256];

	assert_int_equal(varlink_client_send(&p->client, "org.example.Ping", json_pack("{s:s}", "ping", "Zoë"), 0, 0), 0);
	assert_int_equal(read(p->service, got, sizeof(got)), 59);
	assert_string_equal(got, "{\"method\":\"org.example.Ping\",\"parameters\":{\"ping\":\"Zoë\"}}");
	assert_int_equal(varlink_client_send(&p->client, "a.B", NULL, VARLINK_MORE, 0), 0);
	assert_true(read(p->service, got, sizeof(got)) > 0);
	assert_string_equal(got, "{\"method\":\"a.B\",\"more\":true}");
	assert_int_equal(varlink_client_send(&p->client, "a.B", NULL, VARLINK_ONEWAY, 0), 0);
	assert_true(read(p->service, got, sizeof(got)) > 0);
	assert_string_equal(got, "{\"method\":\"a.B\",\"oneway\":true}");
}

static void replies_are_taken_apart(void **state)
{
	struct pair *p = *state;
	struct varlink_reply reply;

	say(p, "{\"parameters\":{\"n\":1},\"continues\":true}");
	say(p, "{\"error\":\"org.example.No\",\"parameters\":{\"reason\":\"x\"}}");
	say(p, "{}");
	assert_int_equal(varlink_client_receive(&p->client, &reply, 0), 0);
	assert_true(reply.continues);
	assert_null(reply.error);
	assert_int_equal(json_integer_value(json_object_get(reply.parameters, "n")), 1);
	varlink_reply_free(&reply);
	assert_int_equal(varlink_client_receive(&p->client, &reply, 0), 0);
	assert_false(reply.continues);
	assert_string_equal(reply.error, "org.example.No");
	varlink_reply_free(&reply);
	assert_int_equal(varlink_client_receive(&p->client, &reply, 0), 0);
	assert_true(json_is_object(reply.parameters));
	varlink_reply_free(&reply);
	assert_int_equal(varlink_client_receive(&p->client, &reply, 0), -EAGAIN);
}

static void what_is_no_reply_is_refused(void **state)
{
	struct pair *p = *state;
	static const char *const bad[] = { "", "x", "[]", "{", "1", "null", "{\"error\":1}", "{\"parameters\":[]}", "{\"continues\":1}",
					   "{\"parameters\":{\"a\":\"\xff\"}}" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_receives(p, bad[i], -EBADMSG);
	assert_receives(p, "{\"parameters\":null,\"unknown\":[1]}", 0);
}

static void a_wait_ends_at_its_deadline(void **state)
{
	struct pair *p = *state;
	struct varlink_reply reply;
	int64_t begun = varlink_now_ms();

	assert_int_equal(varlink_client_call(&p->client, "a.B", NULL, &reply, begun + 100), -ETIMEDOUT);
	assert_in_range(varlink_now_ms() - begun, 100, 500);
	/* Half an answer is none. */
	assert_int_equal(write(p->service, "{\"par", 5), 5);
	assert_int_equal(varlink_client_receive(&p->client, &reply, 0), -EAGAIN);
	assert_int_equal(varlink_client_receive(&p->client, &reply, varlink_now_ms() + 50), -ETIMEDOUT);
	varlink_reply_free(&reply);
}

static void a_service_that_does_not_read_is_given_up(void **state)
{
	struct pair *p = *state;
	int rc = 0;

	while (!rc)
		rc = varlink_client_send(&p->client, "a.B", json_pack("{s:s}", "x", "0123456789012345678901234567890123456789"),
					 0, varlink_now_ms() + 50);
	assert_int_equal(rc, -ETIMEDOUT);
}

static void the_end_of_the_service_is_told(void **state)
{
	struct pair *p = *state;
	struct varlink_reply reply;

	say(p, "{}");
	shutdown(p->service, SHUT_RDWR);
	assert_int_equal(varlink_client_receive(&p->client, &reply, varlink_now_ms() + 1000), 0);
	varlink_reply_free(&reply);
	assert_int_equal(varlink_client_receive(&p->client, &reply, varlink_now_ms() + 1000), -ECONNRESET);
	assert_int_equal(varlink_client_send(&p->client, "a.B", NULL, 0, varlink_now_ms() + 1000), -EPIPE);
	varlink_client_close(&p->client);
	assert_int_equal(varlink_client_send(&p->client, "a.B", json_object(), 0, 0), -ENOTCONN);
	assert_int_equal(varlink_client_receive(&p->client, &reply, 0), -ENOTCONN);
}

static void an_endless_message_is_given_up(void **state)
{
	struct pair *p = *state;
	struct varlink_reply reply;
	char bytes[4096];
	int rc = -EAGAIN;

	memset(bytes, ' ', sizeof(bytes));
	for (int i = 0; i < 17 && rc == -EAGAIN; i++) {
		assert_int_equal(write(p->service, bytes, sizeof(bytes)), sizeof(bytes));
		rc = varlink_client_receive(&p->client, &reply, 0);
	}
	assert_int_equal(rc, -EMSGSIZE);
}

static int signals;

static void on_alarm(int sig)
{
	signals++;
}

static bool second_signal_cancels(void)
{
	return signals >= 2;
}

static void a_signal_cancels_only_if_asked_to(void **state)
{
	struct pair *p = *state;
	struct varlink_reply reply;
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval every = { .it_interval.tv_usec = 20000, .it_value.tv_usec = 20000 }, never = { 0 };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	assert_int_equal(varlink_client_receive(&p->client, &reply, varlink_now_ms() + 100), -ETIMEDOUT);
	signals = 0;
	p->client.is_cancelled = second_signal_cancels;
	assert_int_equal(varlink_client_receive(&p->client, &reply, varlink_now_ms() + 5000), -EINTR);
	setitimer(ITIMER_REAL, &never, NULL);
	assert_true(signals >= 2);
}

static void connecting_fails_with_its_reason(void **state)
{
	char folder[] = "/tmp/test-varlink-client-XXXXXX", path[64], long_path[200];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct varlink_client c = VARLINK_CLIENT_INIT, filler = VARLINK_CLIENT_INIT;
	int64_t begun;
	int listener;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/sock", folder);
	memset(long_path, 'x', sizeof(long_path));
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(varlink_client_open(&c, long_path, 0), -ENAMETOOLONG);
	assert_int_equal(varlink_client_open(&c, path, varlink_now_ms() + 100), -ENOENT);

	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	strcpy(address.sun_path, path);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(varlink_client_open(&c, path, varlink_now_ms() + 100), -ECONNREFUSED);
	assert_int_equal(c.fd, -1);

	/* A backlog of 0 holds one connection. */
	listen(listener, 0);
	assert_int_equal(varlink_client_open(&filler, path, varlink_now_ms() + 100), 0);
	assert_true(fcntl(filler.fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(filler.fd, F_GETFL) & O_NONBLOCK);
	begun = varlink_now_ms();
	assert_int_equal(varlink_client_open(&c, path, begun + 100), -ETIMEDOUT);
	assert_in_range(varlink_now_ms() - begun, 100, 500);
	assert_int_equal(c.fd, -1);

	varlink_client_close(&filler);
	varlink_client_close(&filler);
	close(listener);
	unlink(path);
	rmdir(folder);
}

#define test_with_pair(function) cmocka_unit_test_setup_teardown(function, begin_pair, end_pair)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_with_pair(a_call_is_one_message),
		test_with_pair(replies_are_taken_apart),
		test_with_pair(what_is_no_reply_is_refused),
		test_with_pair(a_wait_ends_at_its_deadline),
		test_with_pair(a_service_that_does_not_read_is_given_up),
		test_with_pair(the_end_of_the_service_is_told),
		test_with_pair(an_endless_message_is_given_up),
		test_with_pair(a_signal_cancels_only_if_asked_to),
		cmocka_unit_test(connecting_fails_with_its_reason),
	};

	return cmocka_run_group_tests_name("varlink-client", tests, NULL, NULL);
}
