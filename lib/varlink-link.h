/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A daemon's standing connection to another daemon's Varlink service, on the event loop: it connects, and connects again
 * a second after every loss; to who has been away for long it tries less often. Calls go out in order; what was not
 * answered when the connection broke is forgotten, since the owner replays everything in on_connect. */

#ifndef LIB_VARLINK_LINK_H
#define LIB_VARLINK_LINK_H

#include <event2/event.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct varlink_link;

struct varlink_link_handler {
	void (*on_connect)(void *ctx);
	/* A reply to the oldest unanswered call; error is NULL on success, both are borrowed. May be NULL. */
	void (*on_reply)(void *ctx, const char *method, json_t *parameters, const char *error);
	void *ctx;
};

/* path is copied, handler borrowed for life. The first attempt is made when the loop runs. */
int varlink_link_open(struct varlink_link **link, struct event_base *base, const char *path, const struct varlink_link_handler *handler);
void varlink_link_close(struct varlink_link *link);
bool varlink_link_is_connected(const struct varlink_link *link);

/* The time until the next attempt, by how long there has been no connection. */
int varlink_link_pause_ms(int64_t away_ms);

/* Sends a call; dropped silently when not connected. Where there is no memory for it the connection is lost. Takes over parameters:
 * json_object() for none. */
void varlink_link_call(struct varlink_link *link, const char *method, json_t *parameters);

/* The same for a call with more, to which any number of replies comes. A service answers nothing else on a connection
 * while such a call is open: one that stays open wants a link of its own. */
void varlink_link_call_more(struct varlink_link *link, const char *method, json_t *parameters);

#endif
