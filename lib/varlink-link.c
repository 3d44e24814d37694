/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A standing client connection on the event loop. */

#include "config.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <utlist.h>

#include "lib/frame.h"
#include "lib/json-text.h"
#include "lib/log.h"
#include "lib/varlink-client.h"
#include "lib/varlink-link.h"

/* Calls that wait for their reply; their methods, oldest first. */
struct pending {
	struct pending *prev, *next;
	bool more;
	char method[];
};

struct varlink_link {
	struct event_base *base;
	const struct varlink_link_handler *handler;
	struct sockaddr_un address;
	struct bufferevent *bev;	/* NULL while waiting to try again */
	struct event *again;
	struct frame in;
	struct pending *pending;
	bool is_connected;
	int64_t away_ms;	/* since when it is not, of varlink_now_ms */
};

/* A tenth of what it has taken already is little to wait for, and who is not installed wakes nobody up each second. Nobody is made to wait
 * for longer than a holder of addresses may be away (masq-arpd(8)). */
int varlink_link_pause_ms(int64_t away_ms)
{
	return away_ms < 10000 ? 1000 : away_ms < 50000 ? (int)(away_ms / 10) : 5000;
}

static void link_drop(struct varlink_link *link)
{
	int64_t now_ms = varlink_now_ms();
	struct timeval pause = { 0 };
	struct pending *p, *next;

	if (link->is_connected || !link->away_ms)
		link->away_ms = now_ms;
	if (link->is_connected)
		log_warn("lost the connection to %s, trying again", link->address.sun_path);
	link->is_connected = false;
	if (link->bev)
		bufferevent_free(link->bev);
	link->bev = NULL;
	DL_FOREACH_SAFE(link->pending, p, next)
		free(p);
	link->pending = NULL;
	frame_reset(&link->in);
	pause.tv_sec = varlink_link_pause_ms(now_ms - link->away_ms) / 1000;
	pause.tv_usec = varlink_link_pause_ms(now_ms - link->away_ms) % 1000 * 1000;
	event_add(link->again, &pause);
}

static int link_message(struct varlink_link *link, const char *text)
{
	json_t *message = json_text_read(text, 0);
	struct pending *oldest = link->pending;
	bool continues = json_is_true(json_object_get(message, "continues"));

	if (!message)
		return -errno;
	if (!json_is_object(message) || !oldest || (continues && !oldest->more)) {
		json_decref(message);
		return -EBADMSG;
	}
	if (!continues)
		DL_DELETE(link->pending, oldest);
	if (link->handler->on_reply)
		link->handler->on_reply(link->handler->ctx, oldest->method, json_object_get(message, "parameters"),
					json_string_value(json_object_get(message, "error")));
	if (!continues)
		free(oldest);
	json_decref(message);
	return 0;
}

static void on_read(struct bufferevent *bev, void *ctx)
{
	struct varlink_link *link = ctx;
	const char *text;
	char bytes[4096];
	int n, rc = 0;

	while (!rc && (n = evbuffer_remove(bufferevent_get_input(bev), bytes, sizeof(bytes))) > 0) {
		rc = frame_put(&link->in, bytes, n);
		while (!rc && (text = frame_take(&link->in)))
			rc = link_message(link, text);
	}
	if (rc) {
		log_warn("%s does not speak Varlink: %s", link->address.sun_path, strerror(-rc));
		link_drop(link);
	}
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct varlink_link *link = ctx;

	if (!(what & BEV_EVENT_CONNECTED)) {
		link_drop(link);
		return;
	}
	log_info("connected to %s", link->address.sun_path);
	link->is_connected = true;
	link->handler->on_connect(link->handler->ctx);
}

static void on_again(evutil_socket_t fd, short what, void *ctx)
{
	struct varlink_link *link = ctx;

	link->bev = bufferevent_socket_new(link->base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (!link->bev) {
		link_drop(link);
		return;
	}
	bufferevent_setcb(link->bev, on_read, NULL, on_event, link);
	bufferevent_enable(link->bev, EV_READ | EV_WRITE);
	if (bufferevent_socket_connect(link->bev, (struct sockaddr *)&link->address, sizeof(link->address)))
		link_drop(link);
}

int varlink_link_open(struct varlink_link **out, struct event_base *base, const char *path, const struct varlink_link_handler *handler)
{
	struct varlink_link *link = calloc(1, sizeof(*link));
	struct timeval now = { 0 };

	if (!link)
		return -ENOMEM;
	link->base = base;
	link->handler = handler;
	link->address.sun_family = AF_UNIX;
	link->again = evtimer_new(base, on_again, link);
	if (!link->again || strlen(path) >= sizeof(link->address.sun_path)) {
		varlink_link_close(link);
		return -ENAMETOOLONG;
	}
	strcpy(link->address.sun_path, path);
	event_add(link->again, &now);
	*out = link;
	return 0;
}

void varlink_link_close(struct varlink_link *link)
{
	if (!link)
		return;
	link->is_connected = false;
	if (link->again) {
		link_drop(link);
		event_free(link->again);
	}
	free(link);
}

bool varlink_link_is_connected(const struct varlink_link *link)
{
	return link->is_connected;
}

/* No call is left out, and nothing follows it: all is said anew by the next connection. */
static void link_fail(struct varlink_link *link)
{
	log_warn("no memory for a call of %s, connecting again", link->address.sun_path);
	link->is_connected = false;
	link->away_ms = 0;
	/* Calls come from anywhere, so the connection is never freed under the caller. */
	bufferevent_trigger_event(link->bev, BEV_EVENT_ERROR, BEV_TRIG_DEFER_CALLBACKS);
}

static void send_call(struct varlink_link *link, const char *method, json_t *parameters, enum varlink_flags flags)
{
	char *text = parameters ? varlink_call_text(method, parameters, flags) : NULL;
	struct pending *p = malloc(sizeof(*p) + strlen(method) + 1);

	if (!link->is_connected || !text || !p || bufferevent_write(link->bev, text, strlen(text) + 1)) {
		free(p);
		if (link->is_connected)
			link_fail(link);
	} else {
		p->more = flags & VARLINK_MORE;
		strcpy(p->method, method);
		DL_APPEND(link->pending, p);
	}
	free(text);
}

void varlink_link_call(struct varlink_link *link, const char *method, json_t *parameters)
{
	send_call(link, method, parameters, 0);
}

void varlink_link_call_more(struct varlink_link *link, const char *method, json_t *parameters)
{
	send_call(link, method, parameters, VARLINK_MORE);
}
