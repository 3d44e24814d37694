/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The socket is non-blocking; all waiting is done in wait_for, so that nothing here can wait without its deadline. */

#include "lib/json-text.h"
#include "lib/varlink-client.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* A full backlog of a Unix socket cannot be polled for: look again after this time. */
#define BACKLOG_RETRY_MS 5

int64_t varlink_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for events on the socket (fd < 0: for at_most_ms only). */
static int wait_for(struct varlink_client *c, int fd, short events, int64_t deadline_ms, int64_t at_most_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = events };
	int64_t left;

	for (;;) {
		left = deadline_ms - varlink_now_ms();
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&pollfd, 1, left < at_most_ms ? left : at_most_ms) >= 0)
			return 0;
		if (errno != EINTR)
			return -errno;
		if (c->is_cancelled && c->is_cancelled())
			return -EINTR;
	}
}

static int connect_to(struct varlink_client *c, const struct sockaddr_un *address, int64_t deadline_ms)
{
	int rc;

	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return -errno;
	while (connect(c->fd, (const struct sockaddr *)address, sizeof(*address))) {
		if (errno != EAGAIN)
			return -errno;
		rc = wait_for(c, -1, 0, deadline_ms, BACKLOG_RETRY_MS);
		if (rc)
			return rc;
	}
	return 0;
}

int varlink_client_open(struct varlink_client *c, const char *path, int64_t deadline_ms)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int rc;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	rc = connect_to(c, &address, deadline_ms);
	if (rc)
		varlink_client_close(c);
	return rc;
}

void varlink_client_close(struct varlink_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	frame_reset(&c->in);
}

static int send_all(struct varlink_client *c, const char *bytes, size_t len, int64_t deadline_ms)
{
	ssize_t sent;
	int rc;

	while (len) {
		sent = send(c->fd, bytes, len, MSG_NOSIGNAL);
		if (sent >= 0) {
			bytes += sent;
			len -= sent;
		} else if (errno == EAGAIN) {
			rc = wait_for(c, c->fd, POLLOUT, deadline_ms, INT_MAX);
			if (rc)
				return rc;
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

char *varlink_call_text(const char *method, json_t *parameters, enum varlink_flags flags)
{
	json_t *call = json_pack("{s:s, s:o*}", "method", method, "parameters", parameters);
	char *text;
	int rc = 0;

	if (flags & VARLINK_ONEWAY)
		rc |= json_object_set_new(call, "oneway", json_true());
	if (flags & VARLINK_MORE)
		rc |= json_object_set_new(call, "more", json_true());
	text = rc ? NULL : json_text_write(call, JSON_COMPACT);
	json_decref(call);
	return text;
}

int varlink_client_send(struct varlink_client *c, const char *method, json_t *parameters, enum varlink_flags flags, int64_t deadline_ms)
{
	char *text = varlink_call_text(method, parameters, flags);
	int rc;

	if (!text)
		return -ENOMEM;
	rc = c->fd < 0 ? -ENOTCONN : send_all(c, text, strlen(text) + 1, deadline_ms);
	free(text);
	return rc;
}

static int parse_reply(const char *message, struct varlink_reply *reply)
{
	json_t *root = json_text_read(message, 0);
	json_t *parameters = json_object_get(root, "parameters");
	json_t *error = json_object_get(root, "error");
	json_t *continues = json_object_get(root, "continues");
	int rc = 0;

	if (!root) {
		rc = -errno;
	} else if (!json_is_object(root) || (error && !json_is_string(error)) || (continues && !json_is_boolean(continues)) ||
		   (parameters && !json_is_object(parameters) && !json_is_null(parameters))) {
		rc = -EBADMSG;
	} else {
		reply->parameters = json_is_object(parameters) ? json_incref(parameters) : json_object();
		reply->error = error ? strdup(json_string_value(error)) : NULL;
		reply->continues = json_is_true(continues);
		if (!reply->parameters || (error && !reply->error)) {
			varlink_reply_free(reply);
			rc = -ENOMEM;
		}
	}
	json_decref(root);
	return rc;
}

int varlink_client_receive(struct varlink_client *c, struct varlink_reply *reply, int64_t deadline_ms)
{
	const char *message;
	char bytes[16 * 1024];
	ssize_t len;
	int rc;

	*reply = (struct varlink_reply){ 0 };
	if (c->fd < 0)
		return -ENOTCONN;
	while (!(message = frame_take(&c->in))) {
		len = recv(c->fd, bytes, sizeof(bytes), 0);
		if (len > 0)
			rc = frame_put(&c->in, bytes, len);
		else if (len == 0)
			rc = -ECONNRESET;
		else if (errno == EAGAIN)
			rc = deadline_ms ? wait_for(c, c->fd, POLLIN, deadline_ms, INT_MAX) : -EAGAIN;
		else if (errno == ECONNRESET)
			rc = -EPIPE;
		else
			rc = errno == EINTR ? 0 : -errno;
		if (rc)
			return rc;
	}
	return parse_reply(message, reply);
}

int varlink_client_call(struct varlink_client *c, const char *method, json_t *parameters, struct varlink_reply *reply, int64_t deadline_ms)
{
	int rc = varlink_client_send(c, method, parameters, 0, deadline_ms);

	*reply = (struct varlink_reply){ 0 };
	return rc ? rc : varlink_client_receive(c, reply, deadline_ms);
}

void varlink_reply_free(struct varlink_reply *reply)
{
	json_decref(reply->parameters);
	free(reply->error);
	*reply = (struct varlink_reply){ 0 };
}
