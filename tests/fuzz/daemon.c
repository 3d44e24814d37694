/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/frame.h"
#include "tests/fuzz/daemon.h"

enum { CLIENTS = 3, REPLY_MAX = 16 * 1024 * 1024 };

static struct client {
	int fd;		/* -1: not connected */
	struct frame in;
	size_t calls, answers;	/* messages sent, and last replies that have come */
} clients[CLIENTS];

/* What was freed is kept a little, and not until it fills a small machine. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "quarantine_size_mb=16:malloc_context_size=12";
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

void daemon_isolate(const char *const commands[])
{
	int spaces = CLONE_NEWNET | CLONE_NEWNS;
	char map[32];

	snprintf(map, sizeof(map), "0 %u 1", geteuid());
	if (geteuid() != 0) {
		must(unshare(CLONE_NEWUSER | spaces) == 0);
		write_file("/proc/self/uid_map", map);
	} else {
		must(unshare(spaces) == 0);
	}
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && mount("none", "/run", "tmpfs", 0, NULL) == 0);
	for (; *commands; commands++)
		must(system(*commands) == 0);
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < CLIENTS; i++)
		clients[i].fd = -1;
}

/* ---- a client */

static void client_connect(struct client *c, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	must(c->fd >= 0 && connect(c->fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	c->in = (struct frame){ .limit = REPLY_MAX };
	c->calls = c->answers = 0;
}

static void client_close(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	frame_reset(&c->in);
}

static void look_at_reply(struct client *c, const char *text)
{
	json_t *reply = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	const char *error = json_string_value(json_object_get(reply, "error"));

	must(json_is_object(json_object_get(reply, "parameters")));
	must(!json_object_get(reply, "error") || (error && strncmp(error, "org.", 4) == 0));
	if (!json_is_true(json_object_get(reply, "continues")))
		c->answers++;
	must(c->answers <= c->calls);
	json_decref(reply);
}

/* True if something has come. */
static bool client_read(struct client *c)
{
	bool has_come = false;
	char bytes[16384];
	const char *text;
	ssize_t len;

	while (c->fd >= 0 && (len = recv(c->fd, bytes, sizeof(bytes), 0)) > 0) {
		has_come = true;
		must(frame_put(&c->in, bytes, (size_t)len) == 0);
		while ((text = frame_take(&c->in)))
			look_at_reply(c, text);
	}
	return has_come;
}

static void client_send(struct client *c, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		c->calls += !data[i];
	/* What does not fit has been sent to a daemon that has hung up, or does not read. */
	while (size) {
		ssize_t sent = send(c->fd, data, size, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		data += sent;
		size -= (size_t)sent;
	}
}

/* ---- all of it */

void daemon_settle(struct event_base *base)
{
	bool has_come;

	do {
		has_come = false;
		for (int i = 0; i < 3; i++)
			event_base_loop(base, EVLOOP_NONBLOCK);
		for (int i = 0; i < CLIENTS; i++)
			has_come |= client_read(&clients[i]);
	} while (has_come);
}

void daemon_play(struct event_base *base, const char *path, const struct daemon_events *events, const uint8_t *data, size_t size)
{
	struct client *c = clients;
	size_t len;

	for (; size; data += len, size -= len) {
		for (len = 0; len < size && (!data[len] || data[len] > 7);)
			len++;
		if (len && c->fd < 0)
			client_connect(c, path);
		if (len) {
			client_send(c, data, len);
			continue;
		}
		if (*data == 2)
			client_close(c);
		daemon_settle(base);
		if (*data == 1)
			c = c == &clients[CLIENTS - 1] ? clients : c + 1;
		else if (*data > 3)
			events->on_byte(*data);
		len = 1;
	}
	daemon_settle(base);
	events->on_end();
	for (int i = 0; i < CLIENTS; i++)
		client_close(&clients[i]);
	daemon_settle(base);
}
