/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Framing and the dispatcher (lib/frame, lib/varlink-server), and the client's side of the same (lib/varlink-client). The first byte says
 * into how large pieces the stream is cut, the rest are its bytes. However they are cut, the messages are the same; the service answers
 * each call once, in order, until the first message that is none, hangs up then, and never calls a method with what is no object; and
 * what a client takes for a reply has its parameters. */

#include "config.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/varlink-client.h"
#include "lib/varlink-server.h"
#include "tests/fuzz/daemon.h"

#define SOCKET "/run/fuzz.sock"
#define INTERFACE "org.example.fuzz"
enum { LIMIT = 64 };

/* ---- framing */

/* All messages of the stream, one behind the other, as they are taken after each piece. 0 or what stopped it. */
static int take_all(const uint8_t *data, size_t size, size_t piece, char **messages, size_t *length)
{
	struct frame frame = { .limit = LIMIT };
	const char *message;
	FILE *out = open_memstream(messages, length);
	int rc = 0;

	must(out);
	while (size && !rc) {
		size_t len = piece < size ? piece : size;

		rc = frame_put(&frame, data, len);
		while (!rc && (message = frame_take(&frame))) {
			must(strlen(message) < LIMIT);
			fwrite(message, 1, strlen(message) + 1, out);
		}
		must(rc || frame.used - frame.taken < LIMIT);
		must(rc || frame_is_partial(&frame) == (data[len - 1] != 0));
		data += len;
		size -= len;
	}
	frame_reset(&frame);
	must(!frame_is_partial(&frame));
	fclose(out);
	return rc;
}

static void try_frame(const uint8_t *data, size_t size, size_t piece)
{
	char *whole, *cut;
	size_t whole_length, cut_length;
	int whole_rc = take_all(data, size, size, &whole, &whole_length), cut_rc = take_all(data, size, piece, &cut, &cut_length);

	must(whole_rc == cut_rc && (!whole_rc || whole_rc == -EMSGSIZE));
	/* Of what comes with a message that is too long nothing is taken any more. */
	must(whole_rc || (whole_length == cut_length && memcmp(whole, cut, cut_length) == 0));
	must(whole_rc || whole_length == 0 || memcmp(whole, data, whole_length) == 0);
	free(whole);
	free(cut);
}

/* ---- the service */

static struct event_base *base;
static struct varlink_server *server;
static size_t called;		/* calls that are to be answered, and have been made */

static void on_echo(void *ctx, struct varlink_call *call, json_t *parameters)
{
	(void)ctx;
	must(json_is_object(parameters));
	called += !varlink_call_is_oneway(call);
	varlink_reply(call, json_incref(parameters));
}

static void on_twice(void *ctx, struct varlink_call *call, json_t *parameters)
{
	(void)ctx;
	must(json_is_object(parameters));
	called += !varlink_call_is_oneway(call);
	must(!varlink_call_is_oneway(call) || !varlink_call_wants_more(call));
	if (varlink_call_wants_more(call))
		varlink_reply_continues(call, json_incref(parameters));
	varlink_error_parameter(call, "twice");
}

static const struct varlink_method methods[] = {
	{ INTERFACE ".Echo", VARLINK_EVERYBODY, .call = on_echo },
	{ INTERFACE ".Twice", VARLINK_ROOT, .call = on_twice },
	{ 0 },
};

static const struct varlink_service service = {
	.product = "fuzz", .version = "1", .interface = INTERFACE, .description = "interface " INTERFACE "\n", .methods = methods,
};

static void start(void)
{
	static const char *const commands[] = { NULL };

	daemon_isolate(commands);
	base = event_base_new();
	must(base && varlink_server_open(&server, base, SOCKET, geteuid(), getegid(), &service) == 0);
}

/* How many answers the stream must get, by the protocol: a call each that is not oneway, until what is none. */
static size_t expected_answers(const char *data, size_t size, bool *is_ended)
{
	size_t answers = 0, length;

	*is_ended = false;
	for (; size && (length = strnlen(data, size)) < size; data += length + 1, size -= length + 1) {
		json_t *call = json_loads(data, JSON_REJECT_DUPLICATES, NULL), *parameters = json_object_get(call, "parameters");

		*is_ended = !json_is_string(json_object_get(call, "method")) || (parameters && !json_is_object(parameters));
		answers += !*is_ended && !json_is_true(json_object_get(call, "oneway"));
		json_decref(call);
		if (*is_ended)
			break;
	}
	return answers;
}

static void settle(void)
{
	for (int i = 0; i < 3; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

/* Sends the stream piece by piece; the answers that have come. */
static size_t play(struct varlink_client *client, const uint8_t *data, size_t size, size_t piece, int *rc)
{
	struct varlink_reply reply;
	size_t answers = 0;

	do {
		size_t len = piece < size ? piece : size;
		ssize_t sent = len ? send(client->fd, data, len, MSG_NOSIGNAL) : 0;

		settle();
		while (!(*rc = varlink_client_receive(client, &reply, 0))) {
			must(json_is_object(reply.parameters));
			answers += !reply.continues;
			varlink_reply_free(&reply);
		}
		if (sent <= 0)
			break;
		data += sent;
		size -= (size_t)sent;
	} while (*rc == -EAGAIN);
	return answers;
}

static void try_service(const uint8_t *data, size_t size, size_t piece)
{
	struct varlink_client client = VARLINK_CLIENT_INIT;
	bool is_ended;
	size_t expected = expected_answers((const char *)data, size, &is_ended), answers;
	int rc = 0;

	called = 0;
	must(varlink_client_open(&client, SOCKET, varlink_now_ms() + 1000) == 0);
	answers = play(&client, data, size, piece, &rc);
	must(is_ended ? answers <= expected && (rc == -ECONNRESET || rc == -EPIPE) : answers == expected && rc == -EAGAIN);
	must(called <= expected);
	varlink_client_close(&client);
	settle();
}

/* ---- a client, and a service that says anything */

static void try_client(const uint8_t *data, size_t size)
{
	struct varlink_client client = VARLINK_CLIENT_INIT;
	struct varlink_reply reply;
	int fds[2], rc;

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
	must(size == 0 || send(fds[1], data, size, 0) == (ssize_t)size);
	close(fds[1]);
	client.fd = fds[0];
	while (!(rc = varlink_client_receive(&client, &reply, 0))) {
		must(json_is_object(reply.parameters));
		varlink_reply_free(&reply);
	}
	must(rc == -ECONNRESET || rc == -EPIPE || rc == -EBADMSG || rc == -EMSGSIZE);
	must(!reply.parameters && !reply.error);
	varlink_client_close(&client);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t piece;

	if (!base)
		start();
	if (!size)
		return 0;
	/* A byte each, up to all at once. */
	piece = data[0] == 0xff ? size : data[0] % 64 + 1;
	try_frame(data + 1, size - 1, piece);
	if (piece >= 16 || size < 256)
		try_service(data + 1, size - 1, piece);
	try_client(data + 1, size - 1);
	return 0;
}
