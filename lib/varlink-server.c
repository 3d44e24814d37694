/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The Varlink service: connections, their credentials, and their calls. */

#include "config.h"

#include <errno.h>
#include <event2/listener.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "lib/frame.h"
#include "lib/json-text.h"
#include "lib/log.h"
#include "lib/stream.h"
#include "lib/unix-socket.h"
#include "lib/varlink-client.h"
#include "lib/varlink-server.h"
#include "lib/varlink-service.h"

/* Bounds on what one peer may cost. A peer that may change nothing is also bounded in number and in idle time. */
enum {
	OUTPUT_MAX = 16 * 1024 * 1024,	/* bytes of replies not yet read */
	OUTPUT_ENOUGH = 128 * 1024,	/* of these, when a call that produces them waits until the peer has read some */
	STRANGERS_MAX = 64,		/* connections of peers without rights */
	MESSAGE_SEC = 10,		/* from a message's first byte to its last */
	WRITE_SEC = 10,			/* without any progress */
	IDLE_SEC = 60,
	SLICE_MS = 5,			/* of calls that wait, or that produce, before others have their turn */
	FINISH_MS = 500,		/* for answers that are not complete when the daemon is to end */
	STARVED_MS = 60 * 1000,		/* between two lines in the log that there are no descriptors */
};

struct varlink_call {
	struct varlink_connection *connection;
	bool oneway;
	bool more;
	const struct varlink_producer *producer;	/* of the rest of its replies; NULL: none */
	void *state;			/* the producer's */
};

struct varlink_connection {
	struct varlink_connection *prev, *next;
	struct varlink_server *server;
	struct stream *stream;
	struct event *patience;		/* runs out on half messages and idle strangers; NULL: it had neither */
	struct event *resume;		/* answering calls that have come already, or the one that produces; NULL: it never had too many */
	struct frame in;
	struct varlink_call *call;	/* the one that is not answered yet */
	enum varlink_access access;
	bool is_waiting_for_rest;
	bool is_busy;			/* in the dispatcher: free later */
	bool is_broken;
	bool is_over;			/* the peer says no more, but has not had all answers to what it said */
	void *data;
};

struct varlink_server {
	const struct varlink_service *service;
	struct event_base *base;
	struct evconnlistener *listener;
	struct event *accept_again;
	struct event *finish;		/* looks whether all is answered; NULL: it is not finishing */
	int64_t finish_ms;		/* when it ends in any case */
	int64_t starved_ms;		/* when it was said that no connection can be accepted; 0: never */
	bool is_starved;		/* and not yet that it can again */
	struct varlink_connection *connections;
	struct unix_socket socket;
	char *path;
	gid_t group;
	bool has_group;
	unsigned strangers;
};

static void call_release(struct varlink_call *call)
{
	if (call && call->producer)
		call->producer->release(call->state);
	free(call);
}

static void connection_free(struct varlink_connection *c)
{
	struct varlink_server *server = c->server;

	DL_DELETE(server->connections, c);
	if (c->access == VARLINK_EVERYBODY)
		server->strangers--;
	if (server->service->on_disconnect)
		server->service->on_disconnect(server->service->ctx, c);
	call_release(c->call);
	frame_reset(&c->in);
	if (c->patience)
		event_free(c->patience);
	if (c->resume)
		event_free(c->resume);
	stream_free(c->stream);
	free(c);
}

/* Ends a connection now, or when the dispatcher is done with it. */
static void connection_break(struct varlink_connection *c)
{
	c->is_broken = true;
	if (!c->is_busy)
		connection_free(c);
}

static void on_patience(evutil_socket_t fd, short what, void *ctx)
{
	log_debug("closing a connection: its peer takes too long");
	connection_break(ctx);
}

static void set_patience(struct varlink_connection *c, const struct timeval *patience)
{
	/* Thousands never need it. */
	if (patience && !c->patience)
		c->patience = evtimer_new(c->server->base, on_patience, c);
	if (patience && c->patience)
		event_add(c->patience, patience);
	else if (c->patience)
		event_del(c->patience);
}

static bool is_producing(const struct varlink_connection *c)
{
	return c->call && c->call->producer;
}

/* Half a message may take MESSAGE_SEC in all; a stranger may idle IDLE_SEC; everybody else has time. */
static void connection_set_patience(struct varlink_connection *c)
{
	static const struct timeval message = { .tv_sec = MESSAGE_SEC }, idle = { .tv_sec = IDLE_SEC };
	bool is_partial = frame_is_partial(&c->in) && !is_producing(c);

	if (is_partial && c->is_waiting_for_rest)
		return;
	c->is_waiting_for_rest = is_partial;
	if (is_partial)
		set_patience(c, &message);
	else
		set_patience(c, c->access == VARLINK_EVERYBODY && !c->call ? &idle : NULL);
}

static void on_resume(evutil_socket_t fd, short what, void *ctx);

/* Goes on with it in the loop's next turn. 0 or -ENOMEM. */
static int resume_soon(struct varlink_connection *c)
{
	static const struct timeval now;

	if (!c->resume)
		c->resume = evtimer_new(c->server->base, on_resume, c);
	return c->resume && event_add(c->resume, &now) == 0 ? 0 : -ENOMEM;
}

static bool is_resuming(const struct varlink_connection *c)
{
	return c->resume && evtimer_pending(c->resume, NULL);
}

static void connection_send(struct varlink_connection *c, json_t *message)
{
	char *text = c->is_broken ? NULL : json_text_write(message, JSON_COMPACT);
	int rc = text ? stream_send(c->stream, text, strlen(text) + 1, OUTPUT_MAX) : -ENOMEM;

	json_decref(message);
	free(text);
	if (!rc)
		return;
	if (!c->is_broken)
		log_warn("closing a connection: its peer does not read its replies, or there is no memory for them");
	/* A reply can be sent from anywhere, so the connection is never freed under the sender. */
	c->is_broken = true;
	resume_soon(c);
}

static void call_free(struct varlink_call *call)
{
	struct varlink_connection *c = call->connection;

	if (c->call == call)
		c->call = NULL;
	call_release(call);
	connection_set_patience(c);
}

struct varlink_connection *varlink_call_connection(const struct varlink_call *call)
{
	return call->connection;
}

bool varlink_call_wants_more(const struct varlink_call *call)
{
	return call->more;
}

bool varlink_call_is_oneway(const struct varlink_call *call)
{
	return call->oneway;
}

static void reply(struct varlink_call *call, const char *error, json_t *parameters, bool continues)
{
	json_t *message = json_object();
	int rc = 0;

	if (error)
		rc |= json_object_set_new(message, "error", json_string(error));
	rc |= json_object_set_new(message, "parameters", parameters);
	if (continues)
		rc |= json_object_set_new(message, "continues", json_true());
	/* A refusal without its error would be taken for a yes, an answer without its content for an empty one: better none. */
	if (rc) {
		json_decref(message);
		message = NULL;
	}
	if (call->oneway)
		json_decref(message);
	else
		connection_send(call->connection, message);
	if (!continues)
		call_free(call);
}

void varlink_reply(struct varlink_call *call, json_t *parameters)
{
	reply(call, NULL, parameters, false);
}

void varlink_reply_continues(struct varlink_call *call, json_t *parameters)
{
	reply(call, NULL, parameters, true);
}

void varlink_error(struct varlink_call *call, const char *name, json_t *parameters)
{
	reply(call, name, parameters, false);
}

void varlink_error_parameter(struct varlink_call *call, const char *parameter)
{
	varlink_error(call, "org.varlink.service.InvalidParameter", json_pack("{s:s}", "parameter", parameter));
}

void varlink_reply_later(struct varlink_call *call, const struct varlink_producer *producer, void *state)
{
	call->producer = producer;
	call->state = state;
}

uid_t varlink_connection_uid(const struct varlink_connection *connection)
{
	struct ucred cred = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(cred);

	getsockopt(stream_fd(connection->stream), SOL_SOCKET, SO_PEERCRED, &cred, &len);
	return cred.uid;
}

void varlink_connection_set_data(struct varlink_connection *connection, void *data)
{
	connection->data = data;
}

void *varlink_connection_data(const struct varlink_connection *connection)
{
	return connection->data;
}

/* One message. -ENOMEM, or -EBADMSG if it is not a call, or if it would have to wait for a call that stays open. */
static int connection_message(struct varlink_connection *c, const char *text)
{
	json_t *message = json_text_read(text, JSON_REJECT_DUPLICATES);
	const char *name = json_string_value(json_object_get(message, "method"));
	json_t *parameters = json_object_get(message, "parameters");
	json_t *none = NULL;
	struct varlink_call *call = NULL;
	int rc = message ? -EBADMSG : -errno;

	if (!name || (parameters && !json_is_object(parameters)))
		goto out;
	call = calloc(1, sizeof(*call));
	if (!call) {
		rc = -ENOMEM;
		goto out;
	}
	call->connection = c;
	call->oneway = json_is_true(json_object_get(message, "oneway"));
	/* What nobody hears of must not stay open: it would be held for good, and there could be any number of them. */
	call->more = !call->oneway && json_is_true(json_object_get(message, "more"));
	if (!call->oneway) {
		if (c->call) {
			free(call);
			goto out;
		}
		c->call = call;
	}
	if (!parameters)
		parameters = none = json_object();
	varlink_service_call(c->server->service, c->access, call, name, parameters);
	rc = 0;
out:
	json_decref(none);
	json_decref(message);
	return rc;
}

/* What comes in waits meanwhile: answers stand in the order of their calls. */
static void produce_until(struct varlink_connection *c, int64_t until_ms)
{
	/* Many short replies are one write. */
	stream_gather(c->stream, true);
	while (!c->is_broken && is_producing(c) && stream_waiting(c->stream) < OUTPUT_ENOUGH && varlink_now_ms() < until_ms)
		c->call->producer->produce(c->call, c->call->state);
	stream_gather(c->stream, false);
}

/* Answers the calls that have come, but not for longer than SLICE_MS: then it is the others' turn. 0 or -errno. */
static int answer_slice(struct varlink_connection *c)
{
	int64_t until_ms = varlink_now_ms() + SLICE_MS;
	const char *text;
	char bytes[4096];
	ssize_t len = sizeof(bytes);
	int rc = 0;

	while (!rc && !c->is_broken) {
		produce_until(c, until_ms);
		if (!c->is_broken && varlink_now_ms() >= until_ms)
			return resume_soon(c);
		/* On a full output on_room goes on. */
		if (c->is_broken || is_producing(c))
			return 0;
		text = frame_take(&c->in);
		if (text) {
			rc = connection_message(c, text);
			continue;
		}
		/* Who has said less than there was room for has said all. */
		if (c->is_over || len < (ssize_t)sizeof(bytes))
			return 0;
		len = stream_read(c->stream, bytes, sizeof(bytes));
		c->is_over = len == -ENOTCONN;
		if (!c->is_over)
			rc = len < 0 ? (int)len : frame_put(&c->in, bytes, (size_t)len);
	}
	return rc;
}

/* Has the peer, that says no more, all answers? */
static bool is_done(const struct varlink_connection *c)
{
	return c->is_over && !is_resuming(c) && !is_producing(c) && !stream_waiting(c->stream);
}

static void answer(struct varlink_connection *c)
{
	int rc;

	c->is_busy = true;
	rc = answer_slice(c);
	c->is_busy = false;
	if (rc)
		log_debug("closing a connection: %s", rc == -EBADMSG ? "not a Varlink call" : strerror(-rc));
	if (rc || c->is_broken || is_done(c)) {
		connection_break(c);
		return;
	}
	/* What is not taken must not wake the loop again and again. */
	stream_set_reading(c->stream, !is_producing(c) && !c->is_over);
	connection_set_patience(c);
}

static void on_readable(void *ctx)
{
	struct varlink_connection *c = ctx;

	if (!is_resuming(c) && !is_producing(c))
		answer(c);
}

/* The peer has read nearly all. */
static void on_room(void *ctx)
{
	struct varlink_connection *c = ctx;

	if (is_producing(c) && !is_resuming(c))
		answer(c);
	else if (is_done(c))
		connection_break(c);
}

static void on_resume(evutil_socket_t fd, short what, void *ctx)
{
	answer(ctx);
}

static void on_stuck(void *ctx)
{
	connection_break(ctx);
}

static const struct stream_handler stream_handler = {
	.on_readable = on_readable, .on_room = on_room, .room = OUTPUT_ENOUGH / 2, .on_stuck = on_stuck, .patience_sec = WRITE_SEC
};

static enum varlink_access peer_access(const struct varlink_server *server, int fd)
{
	switch (unix_socket_peer(fd, server->has_group ? &server->group : NULL)) {
	case UNIX_PEER_ROOT:
		return VARLINK_ROOT;
	case UNIX_PEER_FRIEND:
		return VARLINK_GROUP;
	case UNIX_PEER_STRANGER:
		break;
	}
	return VARLINK_EVERYBODY;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa, int len, void *ctx)
{
	struct varlink_server *server = ctx;
	enum varlink_access access = peer_access(server, fd);
	struct varlink_connection *c = NULL;

	if (server->is_starved)
		log_info("connections are accepted again");
	server->is_starved = false;
	if (access == VARLINK_EVERYBODY && server->strangers >= STRANGERS_MAX)
		goto refuse;
	c = calloc(1, sizeof(*c));
	if (!c)
		goto refuse;
	c->server = server;
	c->access = access;
	c->stream = stream_new(server->base, fd, &stream_handler, c);
	if (!c->stream)
		goto refuse;
	DL_APPEND(server->connections, c);
	if (access == VARLINK_EVERYBODY)
		server->strangers++;
	connection_set_patience(c);
	return;
refuse:
	log_debug("connection refused: too many, or no memory");
	free(c);
	close(fd);
}

static void on_accept_error(struct evconnlistener *listener, void *ctx)
{
	struct varlink_server *server = ctx;
	struct timeval pause = { .tv_usec = 200 * 1000 };
	int64_t now_ms = varlink_now_ms();

	/* It is tried five times a second, for as long as that lasts. */
	if (!server->starved_ms || now_ms - server->starved_ms >= STARVED_MS) {
		log_warn("cannot accept connections for a moment: %s", strerror(errno));
		server->starved_ms = now_ms;
		server->is_starved = true;
	}
	evconnlistener_disable(listener);
	event_add(server->accept_again, &pause);
}

static void on_accept_again(evutil_socket_t fd, short what, void *ctx)
{
	struct varlink_server *server = ctx;

	evconnlistener_enable(server->listener);
}

int varlink_server_open(struct varlink_server **out, struct event_base *base, const char *path, uid_t uid, gid_t gid,
			const struct varlink_service *service)
{
	struct varlink_server *server = calloc(1, sizeof(*server));
	struct group *group = service->group ? getgrnam(service->group) : NULL;
	int rc = -ENOMEM;

	if (!server)
		return rc;
	server->service = service;
	server->base = base;
	server->socket.lock_fd = -1;
	server->has_group = group != NULL;
	server->group = group ? group->gr_gid : 0;
	server->path = strdup(path);
	server->accept_again = evtimer_new(base, on_accept_again, server);
	if (!server->path || !server->accept_again)
		goto fail;
	rc = unix_socket_listen(&server->socket, path, uid, gid);
	if (rc) {
		server->socket.lock_fd = -1;
		goto fail;
	}
	server->listener = evconnlistener_new(base, on_accept, server, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0,
					       server->socket.fd);
	if (!server->listener) {
		close(server->socket.fd);
		rc = -ENOMEM;
		goto fail;
	}
	evconnlistener_set_error_cb(server->listener, on_accept_error);
	*out = server;
	return 0;
fail:
	varlink_server_close(server);
	return rc;
}

/* Has its peer asked for something and not had all of the answer? */
static bool is_owed(const struct varlink_connection *c)
{
	return (c->call && (is_producing(c) || !c->call->more)) || is_resuming(c) || stream_waiting(c->stream);
}

static void on_finish(evutil_socket_t fd, short what, void *ctx)
{
	struct varlink_server *server = ctx;
	struct varlink_connection *c;

	DL_FOREACH(server->connections, c)
		if (is_owed(c) && varlink_now_ms() < server->finish_ms)
			return;
	event_base_loopexit(server->base, NULL);
}

void varlink_server_finish(struct varlink_server *server)
{
	static const struct timeval often = { .tv_usec = 5000 };

	if (server->finish)
		return;
	event_del(server->accept_again);
	evconnlistener_disable(server->listener);
	server->finish_ms = varlink_now_ms() + FINISH_MS;
	server->finish = event_new(server->base, -1, EV_PERSIST, on_finish, server);
	if (!server->finish || event_add(server->finish, &often))
		event_base_loopexit(server->base, NULL);
}

void varlink_server_close(struct varlink_server *server)
{
	if (!server)
		return;
	while (server->connections)
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it is in the list of this server, and takes itself out. */
		connection_free(server->connections);
	if (server->listener) {
		evconnlistener_free(server->listener);
		if (!server->socket.is_given)
			/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): without a path there is no listener. */
			unlink(server->path);
	}
	if (server->accept_again)
		event_free(server->accept_again);
	if (server->finish)
		event_free(server->finish);
	if (server->socket.lock_fd >= 0)
		close(server->socket.lock_fd);
	free(server->path);
	free(server);
}
