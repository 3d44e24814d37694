/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "bench/line-session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench/measure.h"

int line_connect(struct line *line, const char *socket_path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	strncpy(sun.sun_path, socket_path, sizeof(sun.sun_path) - 1);
	line->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (line->fd < 0)
		fail("socket");
	/* Until it is connected it waits: masqd's queue of callers is finite. */
	if (connect(line->fd, (struct sockaddr *)&sun, sizeof(sun))) {
		int error = errno;

		line_disconnect(line);
		return -error;
	}
	return 0;
}

void line_disconnect(struct line *line)
{
	if (line->fd >= 0)
		close(line->fd);
	line->fd = -1;
	frame_reset(&line->in);
	line->state = LINE_DOWN;
}

/* Takes over the parameters. */
static void call(struct line *line, const char *method, json_t *parameters, const char *flag)
{
	json_t *message = json_pack("{s:s+, s:o}", "method", "org.masqgate.Gateway.", method, "parameters", parameters);
	char *text;

	if (flag)
		json_object_set_new(message, flag, json_true());
	text = json_dumps(message, JSON_COMPACT);
	if (!text)
		fail(method);
	line->asked_ns = now_ns();
	if (send(line->fd, text, strlen(text) + 1, MSG_NOSIGNAL) != (ssize_t)strlen(text) + 1)
		fail(method);
	free(text);
	json_decref(message);
}

static json_t *line_json(const struct line *line)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:s}", "ifname", line->name, "user", *line->user ? line->user : line->name, "tty",
			 line->name, "pid", getpid(), "version", "2.4.9");
}

static json_t *address_json(struct in_addr address)
{
	char text[INET_ADDRSTRLEN];

	return address.s_addr ? json_string(inet_ntop(AF_INET, &address, text, sizeof(text))) : json_null();
}

void line_admit(struct line *line)
{
	line->state = LINE_ADMITTING;
	call(line, "Admit", json_pack("{s:o, s:o}", "line", line_json(line), "address", address_json(line->address)), NULL);
}

void line_open(struct line *line, struct in_addr local)
{
	line->state = LINE_OPENING;
	call(line, "Open",
	     json_pack("{s:o, s:I, s:I, s:I, s:o, s:o}", "line", line_json(line), "serial", (json_int_t)line->serial, "started",
		       (json_int_t)line->started, "ifindex", (json_int_t)line->ifindex, "local", address_json(local), "address",
		       address_json(line->address)),
	     "more");
}

void line_up(struct line *line)
{
	call(line, "Up", json_pack("{s:s, s:i, s:i}", "ifname", line->name, "pid", getpid(), "mtu", 1500), "oneway");
}

void line_close(struct line *line)
{
	line->state = LINE_CLOSING;
	call(line, "Close", json_pack("{s:s}", "cause", "hung up"), "oneway");
}

static void take_admission(struct line *line, const json_t *parameters)
{
	const char *address = json_string_value(json_object_get(parameters, "address"));

	line->serial = (uint32_t)json_integer_value(json_object_get(parameters, "serial"));
	line->started = json_integer_value(json_object_get(parameters, "started"));
	if (!address || inet_pton(AF_INET, address, &line->address) != 1) {
		errno = EADDRNOTAVAIL;
		fail(line->name);
	}
}

static void take(struct line *line, const char *text, uint64_t ns, const struct line_handler *handler)
{
	json_t *message = json_loads(text, 0, NULL);

	/* What is said of a session that is closing is its end. */
	if (line->state == LINE_CLOSING) {
		json_decref(message);
		return;
	}
	if (!message || json_object_get(message, "error")) {
		fprintf(stderr, "%s\n", text);
		errno = ECONNREFUSED;
		fail(line->name);
	}
	if (line->state == LINE_ADMITTING) {
		take_admission(line, json_object_get(message, "parameters"));
		handler->on_admitted(handler->ctx, line, ns);
	} else if (line->state == LINE_OPENING) {
		line->state = LINE_OPEN;
		handler->on_open(handler->ctx, line, ns);
	} else if (handler->on_ended && !json_is_true(json_object_get(message, "continues"))) {
		handler->on_ended(handler->ctx, line);
	}
	json_decref(message);
}

void line_read(struct line *line, const struct line_handler *handler)
{
	char bytes[4096];
	ssize_t len = recv(line->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	uint64_t ns = now_ns() - line->asked_ns;
	const char *text;

	if (len < 0 && errno == EAGAIN)
		return;
	if (len <= 0) {
		line_disconnect(line);
		handler->on_closed(handler->ctx, line);
		return;
	}
	if (frame_put(&line->in, bytes, (size_t)len))
		fail(line->name);
	while (line->fd >= 0 && (text = frame_take(&line->in)))
		take(line, text, ns, handler);
}
