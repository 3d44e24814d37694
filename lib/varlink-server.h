/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A Varlink service on a Unix stream socket, on the event loop. A daemon gives it its interface description and a table of
 * methods; org.varlink.service is answered from these. Messages, connections and unread replies are bounded. */

#ifndef LIB_VARLINK_SERVER_H
#define LIB_VARLINK_SERVER_H

#include <event2/event.h>
#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

struct varlink_server;
struct varlink_connection;
struct varlink_call;

/* Who may call a method: decided by the peer's credentials (SO_PEERCRED). */
enum varlink_access {
	VARLINK_EVERYBODY,
	VARLINK_GROUP,	/* root, the service's own user, members of its group */
	VARLINK_ROOT,
};

struct varlink_method {
	const char *name;	/* qualified */
	enum varlink_access access;
	/* Must answer the call, by varlink_reply or varlink_error, now or later; oneway calls are never answered.
	 * parameters is an object and borrowed. */
	void (*call)(void *ctx, struct varlink_call *call, json_t *parameters);
	bool needs_more;	/* several answers: a call without "more" is refused */
};

struct varlink_service {
	const char *product;
	const char *version;
	const char *interface;		/* name */
	const char *description;	/* text of the .varlink file */
	const char *group;		/* for VARLINK_GROUP; NULL for none */
	const struct varlink_method *methods;	/* ended by a NULL name */
	/* A connection is gone; every call on it is freed after this. May be NULL. */
	void (*on_disconnect)(void *ctx, struct varlink_connection *connection);
	void *ctx;
};

/* Listens at path, as unix_socket_listen says; unix_socket_report has words for its errors. service is borrowed for life. */
int varlink_server_open(struct varlink_server **server, struct event_base *base, const char *path, uid_t uid, gid_t gid,
			const struct varlink_service *service);

/* Takes no new connection, and has the event loop exit when nobody waits for an answer any more, or after half a second. What has come and
 * was not read by then, its sender knows: the close says it (unix(7), ECONNRESET). Calls that stay open (more) are not waited for. */
void varlink_server_finish(struct varlink_server *server);

/* Closes every connection and removes the socket, unless it is the service manager's. Safe with NULL. */
void varlink_server_close(struct varlink_server *server);

/* Properties of a call. */
struct varlink_connection *varlink_call_connection(const struct varlink_call *call);
bool varlink_call_wants_more(const struct varlink_call *call);
/* Nobody hears of its answer, so it must not be kept open. */
bool varlink_call_is_oneway(const struct varlink_call *call);

/* Answers a call and frees it. Takes over parameters, here and below: json_object() for none. NULL is what could not be made for want
 * of memory, and ends the connection. */
void varlink_reply(struct varlink_call *call, json_t *parameters);

/* Answers a call that wants more, and keeps it open. */
void varlink_reply_continues(struct varlink_call *call, json_t *parameters);

/* What answers a call that wants more a piece at a time, as the peer reads and between other peers' turns. */
struct varlink_producer {
	/* The next reply, or a step on the way to it: by varlink_reply_continues, in the end by varlink_reply or varlink_error,
	 * which release the state. */
	void (*produce)(struct varlink_call *call, void *state);
	/* The call is over, answered or not. */
	void (*release)(void *state);
};

/* Leaves the replies to a producer, which is borrowed for life, and hands it state. Further calls of this connection wait
 * meanwhile. The last thing that a method does with a call, which must want more. */
void varlink_reply_later(struct varlink_call *call, const struct varlink_producer *producer, void *state);

/* Answers with an error and frees the call. name is qualified. */
void varlink_error(struct varlink_call *call, const char *name, json_t *parameters);

/* org.varlink.service.InvalidParameter, for a missing or mistyped one. */
void varlink_error_parameter(struct varlink_call *call, const char *parameter);

/* The user at the other end when it connected (SO_PEERCRED); (uid_t)-1 if that cannot be known. */
uid_t varlink_connection_uid(const struct varlink_connection *connection);

/* What a daemon remembers of a connection. */
void varlink_connection_set_data(struct varlink_connection *connection, void *data);
void *varlink_connection_data(const struct varlink_connection *connection);

#endif
