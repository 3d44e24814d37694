/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* lib/varlink-server: a server on a socket of its own, and peers that behave in every way. Server and peers share a process
 * and take turns, but for peers with other credentials. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/frame.h"
#include "lib/varlink-client.h"
#include "lib/varlink-server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DESCRIPTION  "interface org.example\n# with \"quotes\", \\ and\ttabs\nmethod Echo(text: string) -> (text: string)\n"

static char folder[] = "/tmp/masqgate-varlink-XXXXXX";
static char path[sizeof(folder) + 16];
static struct event_base *base;
static struct varlink_server *server;
static struct varlink_call *held;	/* by Hold, until Release */
static unsigned disconnects;
static void *last_data;

static void on_echo(void *ctx, struct varlink_call *call, json_t *parameters)
{
	json_t *text = json_object_get(parameters, "text");

	assert_ptr_equal(ctx, folder);
	if (json_is_string(text))
		varlink_reply(call, json_pack("{s:O}", "text", text));
	else
		varlink_error_parameter(call, "text");
}

static void on_hold(void *ctx, struct varlink_call *call, json_t *parameters)
{
	varlink_connection_set_data(varlink_call_connection(call), held = call);
	varlink_reply_continues(call, json_object());
}

/* Never answers. */
static void on_keep(void *ctx, struct varlink_call *call, json_t *parameters)
{
	held = call;
}

static void on_release(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct varlink_call *last = held;

	held = NULL;
	if (last)
		varlink_reply(last, json_object());
	varlink_reply(call, json_object());
}

/* 32 MiB of replies. */
static void on_flood(void *ctx, struct varlink_call *call, json_t *parameters)
{
	char text[32 * 1024];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 1024; i++)
		varlink_reply_continues(call, json_pack("{s:s}", "text", text));
	varlink_reply(call, json_object());
}

/* So many replies of 10 kB, one at a time. */
static unsigned wanted, produced, released;

static void produce(struct varlink_call *call, void *state)
{
	char text[10 * 1024];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_ptr_equal(state, folder);
	if (produced++ < wanted)
		varlink_reply_continues(call, json_pack("{s:s}", "text", text));
	else
		varlink_reply(call, json_object());
}

static void on_released(void *state)
{
	released++;
}

static void on_produce(void *ctx, struct varlink_call *call, json_t *parameters)
{
	static const struct varlink_producer producer = { .produce = produce, .release = on_released };

	produced = released = 0;
	varlink_reply_later(call, &producer, folder);
}

static void on_nothing(void *ctx, struct varlink_call *call, json_t *parameters)
{
	varlink_reply(call, json_object());
}

static void on_disconnect(void *ctx, struct varlink_connection *connection)
{
	disconnects++;
	last_data = varlink_connection_data(connection);
}

static const struct varlink_method methods[] = {
	{ "org.example.Echo", VARLINK_EVERYBODY, .call = on_echo },
	{ "org.example.Hold", VARLINK_EVERYBODY, .call = on_hold, .needs_more = true },
	{ "org.example.Keep", VARLINK_EVERYBODY, .call = on_keep },
	{ "org.example.Release", VARLINK_EVERYBODY, .call = on_release },
	{ "org.example.Flood", VARLINK_EVERYBODY, .call = on_flood },
	{ "org.example.Produce", VARLINK_EVERYBODY, .call = on_produce },
	{ "org.example.Group", VARLINK_GROUP, .call = on_nothing },
	{ "org.example.Root", VARLINK_ROOT, .call = on_nothing },
	{ 0 },
};

static const struct varlink_service service = {
	.product = "testd",
	.version = "1.2",
	.interface = "org.example",
	.description = DESCRIPTION,
	.group = "daemon",
	.methods = methods,
	.on_disconnect = on_disconnect,
	.ctx = folder,
};

static int setup(void **state)
{
	strcpy(strrchr(folder, '-'), "-XXXXXX");
	if (!mkdtemp(folder) || chmod(folder, 0755))
		return -1;
	snprintf(path, sizeof(path), "%s/run/sock", folder);
	base = event_base_new();
	held = NULL;
	wanted = 3000;
	disconnects = 0;
	last_data = NULL;
	return varlink_server_open(&server, base, path, getuid(), getgid(), &service);
}

static int teardown(void **state)
{
	char name[sizeof(path) + 8];

	varlink_server_close(server);
	server = NULL;
	event_base_free(base);
	snprintf(name, sizeof(name), "%s.lock", path);
	if (access(path, F_OK) == 0 || unlink(name))
		return -1;
	*strrchr(path, '/') = '\0';
	return rmdir(path) || rmdir(folder);
}

/* The server's turn. */
static void serve(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

static int dial(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strcpy(sun.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

static void hang_up(int fd)
{
	close(fd);
	for (int i = 0; i < 5; i++)
		serve();
}

static void say_bytes(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return;
		assert_true(n > 0 || errno == EAGAIN);
		bytes += n > 0 ? n : 0;
		len -= n > 0 ? n : 0;
		serve();
	}
}

/* A text and its zero byte. */
static void say(int fd, const char *text)
{
	say_bytes(fd, text, strlen(text) + 1);
}

/* One byte; 0 at the end of file. Gives the server 5 s for it. */
static ssize_t hear_byte(int fd, char *byte)
{
	time_t end = time(NULL) + 5;
	ssize_t n;

	while ((n = read(fd, byte, 1)) < 0 && errno == EAGAIN && time(NULL) < end)
		serve();
	return n < 0 && errno == ECONNRESET ? 0 : n;
}

static void hears(int fd, const char *want)
{
	char text[4096];
	size_t used = 0;

	do
		assert_int_equal(hear_byte(fd, &text[used]), 1);
	while (text[used++] && used < sizeof(text));
	assert_string_equal(text, want);
}

static void hears_nothing(int fd)
{
	char byte;

	for (int i = 0; i < 5; i++)
		serve();
	assert_int_equal(read(fd, &byte, 1), -1);
	assert_int_equal(errno, EAGAIN);
}

static void hears_the_end(int fd)
{
	char byte;

	assert_int_equal(hear_byte(fd, &byte), 0);
	close(fd);
}

#define ECHO(text)   "{\"method\":\"org.example.Echo\",\"parameters\":{\"text\":\"" text "\"}}"
#define ECHOED(text) "{\"parameters\":{\"text\":\"" text "\"}}"
#define ERROR(name, member, value) "{\"error\":\"org.varlink.service." name "\",\"parameters\":{\"" member "\":\"" value "\"}}"
#define DENIED	     "{\"error\":\"org.varlink.service.PermissionDenied\",\"parameters\":{}}"

static void byte_by_byte(void **state)
{
	static const char call[] = ECHO("one");
	int fd = dial();

	for (size_t i = 0; i < sizeof(call); i++) {
		if (i)
			hears_nothing(fd);
		say_bytes(fd, call + i, 1);
	}
	hears(fd, ECHOED("one"));
	hears_nothing(fd);
	hang_up(fd);
	assert_int_equal(disconnects, 1);
}

static void several_calls_in_one_write(void **state)
{
	static const char calls[] = ECHO("one") "\0" ECHO("two") "\0" ECHO("thr");
	int fd = dial();

	say_bytes(fd, calls, sizeof(calls) - 1);
	hears(fd, ECHOED("one"));
	hears(fd, ECHOED("two"));
	hears_nothing(fd);
	say_bytes(fd, "", 1);
	/* the last one had been cut off before its end only */
	hears(fd, ECHOED("thr"));
	hang_up(fd);
}

static void the_longest_message(void **state)
{
	static char call[FRAME_MAX + 1];
	static const char head[] = "{\"method\":\"org.example.Echo\",\"parameters\":{}}";
	int fd = dial();

	/* blanks count */
	memset(call, ' ', sizeof(call));
	memcpy(call, head, sizeof(head) - 1);
	call[FRAME_MAX - 1] = '\0';
	say_bytes(fd, call, FRAME_MAX);
	hears(fd, ERROR("InvalidParameter", "parameter", "text"));
	call[FRAME_MAX - 1] = ' ';
	say_bytes(fd, call, FRAME_MAX + 1);
	hears_the_end(fd);
	assert_int_equal(FRAME_MAX, 64 * 1024);
}

static void what_is_no_call_ends_the_connection(void **state)
{
	static const char *const messages[] = {
		"", " ", "x", "{", "[]", "\"org.example.Echo\"", "null", "17", "{}",
		"{\"method\":null}", "{\"method\":17}", "{\"method\":[\"org.example.Echo\"]}",
		"{\"method\":\"org.example.Echo\",\"parameters\":[]}", "{\"method\":\"org.example.Echo\",\"parameters\":null}",
		"{\"method\":\"org.example.Echo\",\"method\":\"org.example.Echo\"}", ECHO("one") "x", ECHO("\xff"), ECHO("\xed\xa0\x80"),
		ECHO("\\u0000"), ECHO("\\ud800"), "\xef\xbb\xbf" ECHO("one"), "{\"method\":\"org.example.Echo\xff\"}",
	};

	for (size_t i = 0; i < COUNT(messages); i++) {
		int fd = dial();

		say(fd, messages[i]);
		hears_the_end(fd);
		assert_int_equal(disconnects, i + 1);
	}
}

static void deep_nesting_ends_the_connection(void **state)
{
	static char call[FRAME_MAX];
	int fd = dial();

	memset(call, '[', sizeof(call) - 1);
	say(fd, call);
	hears_the_end(fd);
}

static void a_call_before_a_bad_one_is_answered(void **state)
{
	static const char calls[] = ECHO("one") "\0x";
	int fd = dial();

	say_bytes(fd, calls, sizeof(calls));
	/* or not at all: what is certain is the end */
	for (char byte; hear_byte(fd, &byte) > 0;)
		;
	close(fd);
	assert_int_equal(disconnects, 1);
}

static void unknown_names(void **state)
{
	static const struct {
		const char *call, *answer;
	} cases[] = {
		{ "{\"method\":\"org.example.Ech\"}", ERROR("MethodNotFound", "method", "org.example.Ech") },
		{ "{\"method\":\"org.example.Echo2\"}", ERROR("MethodNotFound", "method", "org.example.Echo2") },
		{ "{\"method\":\"org.example.\"}", ERROR("MethodNotFound", "method", "org.example.") },
		{ "{\"method\":\"org.exampl.Echo\"}", ERROR("InterfaceNotFound", "interface", "org.exampl") },
		{ "{\"method\":\"org.example.sub.Echo\"}", ERROR("InterfaceNotFound", "interface", "org.example.sub") },
		{ "{\"method\":\"Echo\"}", ERROR("InterfaceNotFound", "interface", "") },
		{ "{\"method\":\"\"}", ERROR("InterfaceNotFound", "interface", "") },
		{ "{\"method\":\".\"}", ERROR("InterfaceNotFound", "interface", "") },
		{ "{\"method\":\"\xc3\xbc\\n%s.Echo\"}", ERROR("InterfaceNotFound", "interface", "\xc3\xbc\\n%s") },
		{ "{\"method\":\"org.varlink.service.Nothing\"}", ERROR("InterfaceNotFound", "interface", "org.varlink.service") },
		{ "{\"method\":\"org.example.Echo\"}", ERROR("InvalidParameter", "parameter", "text") },
		{ "{\"method\":\"org.example.Echo\",\"parameters\":{\"text\":17}}", ERROR("InvalidParameter", "parameter", "text") },
		{ "{\"method\":\"org.example.Hold\"}", "{\"error\":\"org.varlink.service.ExpectedMore\",\"parameters\":{}}" },
		/* what a newer peer may add */
		{ "{\"method\":\"org.example.Echo\",\"upgrade\":true,\"parameters\":{\"text\":\"one\",\"x\":[]}}", ECHOED("one") },
	};
	int fd = dial();

	for (size_t i = 0; i < COUNT(cases); i++) {
		say(fd, cases[i].call);
		hears(fd, cases[i].answer);
	}
	hang_up(fd);
}

static void introspection(void **state)
{
	json_t *want = json_pack("{s:{s:s}}", "parameters", "description", DESCRIPTION);
	char *text = json_dumps(want, JSON_COMPACT);
	int fd = dial();

	say(fd, "{\"method\":\"org.varlink.service.GetInfo\"}");
	hears(fd, "{\"parameters\":{\"vendor\":\"Masq-Gate\",\"product\":\"testd\",\"version\":\"1.2\",\"url\":\"\","
		  "\"interfaces\":[\"org.varlink.service\",\"org.example\"]}}");
	say(fd, "{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":{\"interface\":\"org.example\"}}");
	hears(fd, text);
	say(fd, "{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":{\"interface\":\"org.exampl\"}}");
	hears(fd, ERROR("InterfaceNotFound", "interface", "org.exampl"));
	say(fd, "{\"method\":\"org.varlink.service.GetInterfaceDescription\"}");
	hears(fd, ERROR("InvalidParameter", "parameter", "interface"));
	hang_up(fd);
	free(text);
	json_decref(want);
}

static void a_call_that_stays_open(void **state)
{
	int fd = dial(), other = dial();

	say(fd, "{\"method\":\"org.example.Hold\",\"more\":true}");
	hears(fd, "{\"parameters\":{},\"continues\":true}");
	hears_nothing(fd);
	assert_non_null(held);
	say(other, "{\"method\":\"org.example.Release\"}");
	hears(other, "{\"parameters\":{}}");
	hears(fd, "{\"parameters\":{}}");
	/* the connection is free for the next call */
	say(fd, ECHO("one"));
	hears(fd, ECHOED("one"));
	hang_up(fd);
	hang_up(other);
}

static void a_call_that_is_open_when_the_peer_goes(void **state)
{
	int fd = dial();

	say(fd, "{\"method\":\"org.example.Hold\",\"more\":true}");
	hears(fd, "{\"parameters\":{},\"continues\":true}");
	hang_up(fd);
	assert_int_equal(disconnects, 1);
	assert_ptr_equal(last_data, held);
	held = NULL;
}

static void a_second_call_does_not_wait_for_an_open_one(void **state)
{
	int fd = dial();

	say(fd, "{\"method\":\"org.example.Hold\",\"more\":true}");
	hears(fd, "{\"parameters\":{},\"continues\":true}");
	say(fd, ECHO("one"));
	hears_the_end(fd);
	held = NULL;
}

static void oneway_calls_are_never_answered(void **state)
{
	int fd = dial();

	say(fd, "{\"method\":\"org.example.Echo\",\"oneway\":true,\"parameters\":{\"text\":\"one\"}}");
	say(fd, "{\"method\":\"org.example.Echo\",\"oneway\":true}");
	say(fd, "{\"method\":\"org.example.Nothing\",\"oneway\":true}");
	/* nobody could see what stays open: it is not to */
	say(fd, "{\"method\":\"org.example.Hold\",\"oneway\":true,\"more\":true}");
	assert_null(held);
	hears_nothing(fd);
	/* they go through while another call is open */
	say(fd, "{\"method\":\"org.example.Hold\",\"more\":true}");
	hears(fd, "{\"parameters\":{},\"continues\":true}");
	say(fd, "{\"method\":\"org.example.Release\",\"oneway\":true}");
	hears(fd, "{\"parameters\":{}}");
	hang_up(fd);
}

static void a_reader_that_never_reads(void **state)
{
	int fd = dial(), other = dial();

	say(fd, "{\"method\":\"org.example.Flood\",\"more\":true}");
	say(other, ECHO("one"));
	hears(other, ECHOED("one"));
	assert_int_equal(disconnects, 1);
	hang_up(fd);
	assert_int_equal(disconnects, 1);
	hang_up(other);
}

static void a_producer_waits_for_its_reader(void **state)
{
	int fd = dial(), other = dial();
	static char bytes[64 * 1024];
	unsigned before;
	size_t replies = 0;
	bool is_echo = false;

	say(fd, "{\"method\":\"org.example.Produce\",\"more\":true}");
	say(fd, ECHO("one"));
	for (int i = 0; i < 50; i++)
		serve();
	/* what the socket and OUTPUT_ENOUGH hold, and no more */
	before = produced;
	assert_in_range(before, 10, 200);
	say(other, ECHO("two"));
	hears(other, ECHOED("two"));
	assert_int_equal(produced, before);
	/* the last one is that of the call that came meanwhile */
	while (replies < 3002 && (serve(), true)) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

		for (ssize_t i = 0; i < n; i++)
			replies += !bytes[i];
		if (n > (ssize_t)sizeof(ECHOED("one")))
			is_echo = memcmp(bytes + n - sizeof(ECHOED("one")), ECHOED("one"), sizeof(ECHOED("one"))) == 0;
		assert_true(n || replies == 3002);
	}
	assert_true(is_echo);
	assert_int_equal(released, 1);
	hang_up(fd);
	hang_up(other);
	assert_int_equal(released, 1);
}

static void a_producer_whose_reader_goes(void **state)
{
	int fd = dial();

	say(fd, "{\"method\":\"org.example.Produce\",\"more\":true}");
	for (int i = 0; i < 50; i++)
		serve();
	hang_up(fd);
	for (int i = 0; i < 50 && !released; i++)
		serve();
	assert_int_equal(released, 1);
	assert_int_equal(disconnects, 1);
}

static void a_second_server_is_refused_and_does_no_harm(void **state)
{
	struct varlink_server *second = NULL;
	int fd;

	assert_int_equal(varlink_server_open(&second, base, path, getuid(), getgid(), &service), -EADDRINUSE);
	fd = dial();
	say(fd, ECHO("one"));
	hears(fd, ECHOED("one"));
	hang_up(fd);
}

static void what_a_killed_server_left_is_taken_over(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int old, fd;

	varlink_server_close(server);
	old = socket(AF_UNIX, SOCK_STREAM, 0);
	strcpy(sun.sun_path, path);
	assert_int_equal(bind(old, (struct sockaddr *)&sun, sizeof(sun)), 0);
	close(old);
	assert_int_equal(varlink_server_open(&server, base, path, getuid(), getgid(), &service), 0);
	fd = dial();
	say(fd, ECHO("one"));
	hears(fd, ECHOED("one"));
	hang_up(fd);
}

static void a_path_that_cannot_be(void **state)
{
	struct varlink_server *second = NULL;
	char too_long[200];

	memset(too_long, 'x', sizeof(too_long) - 1);
	memcpy(too_long, "/tmp/", 5);
	too_long[sizeof(too_long) - 1] = '\0';
	assert_int_equal(varlink_server_open(&second, base, too_long, getuid(), getgid(), &service), -ENAMETOOLONG);
	strcat(strcpy(too_long, path), "/below");
	assert_int_equal(varlink_server_open(&second, base, too_long, getuid(), getgid(), &service), -ENOTDIR);
}

static void peers_go_with_the_server(void **state)
{
	int fd = dial();

	say(fd, "{\"method\":\"org.example.Hold\",\"more\":true}");
	hears(fd, "{\"parameters\":{},\"continues\":true}");
	varlink_server_close(server);
	server = NULL;
	assert_int_equal(disconnects, 1);
	hears_the_end(fd);
	assert_int_equal(varlink_server_open(&server, base, path, getuid(), getgid(), &service), 0);
}

/* In a child with these credentials: calls Group and Root on one connection; whether the answers are these. */
static void peer_is_answered(uid_t uid, gid_t gid, gid_t further, const char *group, const char *root)
{
	pid_t child = fork();
	int status = 0;

	assert_true(child >= 0);
	if (child == 0) {
		static const char calls[] = "{\"method\":\"org.example.Group\"}\0{\"method\":\"org.example.Root\"}";
		char answers[256], want[256];
		size_t used = 0, len = sprintf(want, "%s%c%s", group, 0, root) + 1;
		int fd = -1;

		if (setgroups(1, &further) == 0 && setgid(gid) == 0 && setuid(uid) == 0)
			fd = dial();
		fcntl(fd, F_SETFL, 0);
		if (write(fd, calls, sizeof(calls)) == sizeof(calls))
			for (ssize_t n; used < len && (n = read(fd, answers + used, sizeof(answers) - used)) > 0;)
				used += n;
		_exit(used == len && memcmp(answers, want, len) == 0 ? 0 : 1);
	}
	while (waitpid(child, &status, WNOHANG) == 0)
		serve();
	assert_int_equal(status, 0);
}

static void credentials_decide(void **state)
{
	static const char yes[] = "{\"parameters\":{}}";
	struct group *group = getgrnam("daemon");

	if (getuid() || !group)
		skip();
	peer_is_answered(0, 0, 0, yes, yes);
	peer_is_answered(65534, 65534, 65534, DENIED, DENIED);
	peer_is_answered(65534, group->gr_gid, 65534, yes, DENIED);
	peer_is_answered(65534, 65534, group->gr_gid, yes, DENIED);
	/* root's group is not root */
	peer_is_answered(65534, 0, 0, DENIED, DENIED);
}

/* In a child without rights: as many connections as it can have. */
static void strangers_are_bounded(void **state)
{
	pid_t child;
	int status = 0, fd;

	if (getuid())
		skip();
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int served = 0;

		if (setgroups(0, NULL) || setgid(65534) || setuid(65534))
			_exit(255);
		for (int i = 0; i < 100; i++) {
			char byte;
			int stranger = dial();

			fcntl(stranger, F_SETFL, 0);
			if (send(stranger, ECHO("one"), sizeof(ECHO("one")), MSG_NOSIGNAL) > 0 && read(stranger, &byte, 1) == 1)
				served++;
		}
		_exit(served);
	}
	/* others are served all the time */
	while (waitpid(child, &status, WNOHANG) == 0) {
		fd = dial();
		say(fd, ECHO("one"));
		hears(fd, ECHOED("one"));
		hang_up(fd);
	}
	assert_int_equal(WEXITSTATUS(status), 64);
	/* and when these are gone there is room for the next */
	for (int i = 0; i < 100; i++)
		serve();
	peer_is_answered(65534, 65534, 65534, DENIED, DENIED);
}

/* Turns of the loop until it is broken; how long it took, in ms. Not longer than two seconds. */
static int64_t ends_in(void)
{
	struct timeval end = { .tv_sec = 2 };
	int64_t begun = varlink_now_ms();

	event_base_loopexit(base, &end);
	event_base_dispatch(base);
	return varlink_now_ms() - begun;
}

static void who_waits_for_nothing_keeps_nobody(void **state)
{
	static const char half[] = "{\"method\":";
	int silent = dial(), partial = dial();

	say_bytes(partial, half, sizeof(half));
	serve();
	varlink_server_finish(server);
	assert_true(ends_in() < 400);
	close(silent);
	close(partial);
}

/* Reads what the server sends meanwhile. */
static void *reader(void *ctx)
{
	size_t *heard = ctx;
	char bytes[64 * 1024];
	ssize_t n;

	while ((n = read((int)heard[1], bytes, sizeof(bytes))) != 0)
		*heard += n > 0 ? (size_t)n : 0;
	return NULL;
}

static void answers_that_have_begun_are_finished(void **state)
{
	size_t heard[2] = { 0, (size_t)dial() };
	pthread_t thread;

	wanted = 200;
	produced = 0;
	say((int)heard[1], "{\"method\":\"org.example.Produce\",\"more\":true}");
	while (!produced)
		serve();
	varlink_server_finish(server);
	assert_int_equal(pthread_create(&thread, NULL, reader, heard), 0);
	ends_in();
	varlink_server_close(server);
	server = NULL;
	pthread_join(thread, NULL);
	assert_true(heard[0] > 200 * 10 * 1024);
	close((int)heard[1]);
}

/* It stays open for ever. */
static void an_answer_that_does_not_come_is_not_waited_for_long(void **state)
{
	int fd = dial();
	int64_t took;

	say(fd, "{\"method\":\"org.example.Keep\"}");
	while (!held)
		serve();
	varlink_server_finish(server);
	took = ends_in();
	assert_true(took >= 400 && took < 1900);
	close(fd);
}

static void what_was_not_read_its_sender_knows(void **state)
{
	struct varlink_reply reply;
	struct varlink_client client = VARLINK_CLIENT_INIT;

	assert_int_equal(varlink_client_open(&client, path, varlink_now_ms() + 1000), 0);
	serve();
	varlink_server_finish(server);
	ends_in();
	assert_int_equal(varlink_client_send(&client, "org.example.Echo", NULL, 0, varlink_now_ms() + 1000), 0);
	varlink_server_close(server);
	server = NULL;
	assert_int_equal(varlink_client_receive(&client, &reply, varlink_now_ms() + 1000), -EPIPE);
	assert_int_equal(varlink_client_send(&client, "org.example.Echo", NULL, 0, varlink_now_ms() + 1000), -EPIPE);
	varlink_client_close(&client);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(byte_by_byte),
		TEST(several_calls_in_one_write),
		TEST(the_longest_message),
		TEST(what_is_no_call_ends_the_connection),
		TEST(deep_nesting_ends_the_connection),
		TEST(a_call_before_a_bad_one_is_answered),
		TEST(unknown_names),
		TEST(introspection),
		TEST(a_call_that_stays_open),
		TEST(a_call_that_is_open_when_the_peer_goes),
		TEST(a_second_call_does_not_wait_for_an_open_one),
		TEST(oneway_calls_are_never_answered),
		TEST(a_reader_that_never_reads),
		TEST(a_producer_waits_for_its_reader),
		TEST(a_producer_whose_reader_goes),
		TEST(a_second_server_is_refused_and_does_no_harm),
		TEST(what_a_killed_server_left_is_taken_over),
		TEST(a_path_that_cannot_be),
		TEST(peers_go_with_the_server),
		TEST(who_waits_for_nothing_keeps_nobody),
		TEST(answers_that_have_begun_are_finished),
		TEST(an_answer_that_does_not_come_is_not_waited_for_long),
		TEST(what_was_not_read_its_sender_knows),
		TEST(credentials_decide),
		TEST(strangers_are_bounded),
	};

	/* as in the daemons: a reader goes while it is written to */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
