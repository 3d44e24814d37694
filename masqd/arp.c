/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Calls of org.masqgate.Arp. */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "lib/ip.h"
#include "lib/log.h"
#include "lib/varlink-link.h"
#include "masqd/arp.h"

/* Between two attempts to have published what could not be. */
enum { AGAIN_SEC = 5 };

struct arp {
	struct varlink_link *link;
	struct varlink_link *events;
	struct varlink_link_handler link_handler, events_handler;
	struct arp_handler handler;
	struct event *again;
	bool is_listening;
};

static void on_connect(void *ctx)
{
	struct arp *arp = ctx;

	varlink_link_call(arp->link, "org.masqgate.Arp.Hold", json_pack("{s:s}", "holder", "masqd"));
	arp->handler.replay(arp->handler.ctx);
	varlink_link_call(arp->link, "org.masqgate.Arp.Sweep", json_object());
}

static void on_again(evutil_socket_t fd, short what, void *ctx)
{
	struct arp *arp = ctx;

	if (varlink_link_is_connected(arp->link))
		on_connect(arp);
}

/* May the same call be answered otherwise later? */
static bool is_passing(const char *error)
{
	return strcmp(error, "org.masqgate.Arp.Failed") == 0 || strcmp(error, "org.masqgate.Arp.NotHolding") == 0;
}

/* What masq-arpd cannot do now it is told again, all of it, and that is said once a time. */
static void on_reply(void *ctx, const char *method, json_t *parameters, const char *error)
{
	static const struct timeval delay = { .tv_sec = AGAIN_SEC };
	const char *reason = json_string_value(json_object_get(parameters, "reason"));
	struct arp *arp = ctx;
	bool is_retried = error && is_passing(error), is_first = is_retried && !evtimer_pending(arp->again, NULL);

	if (is_first && event_add(arp->again, &delay) == 0)
		log_warn("masq-arpd: %s: %s, trying again in %d s", method, reason ? reason : error, AGAIN_SEC);
	else if (error && !is_retried)
		log_warn("masq-arpd: %s: %s", method, reason ? reason : error);
}

/* Both at once, so that nothing happens between the conflicts there are and those that come. */
static void on_events_connect(void *ctx)
{
	struct arp *arp = ctx;

	arp->is_listening = false;
	arp->handler.on_listening(arp->handler.ctx);
	varlink_link_call_more(arp->events, "org.masqgate.Arp.Conflicts", json_object());
	varlink_link_call_more(arp->events, "org.masqgate.Arp.Monitor", json_object());
}

static int parse_what(const char *text, enum arp_what *what)
{
	static const char *const texts[] = { [ARP_FREE] = "free", [ARP_CONFLICT] = "conflict", [ARP_RESOLVED] = "resolved" };

	for (*what = ARP_FREE; text && *what <= ARP_RESOLVED; (*what)++)
		if (strcmp(text, texts[*what]) == 0)
			return 0;
	return -EBADMSG;
}

static void copy_text(char *to, size_t size, const json_t *text)
{
	snprintf(to, size, "%s", json_is_string(text) ? json_string_value(text) : "");
}

/* From an Event, or a Conflict, which has no what. */
static void tell(struct arp *arp, json_t *json)
{
	struct arp_event event = { .what = ARP_CONFLICT };
	const char *address = json_string_value(json_object_get(json, "address"));
	json_t *what = json_object_get(json, "what");

	if (!address || ip_parse(address, &event.address) || (what && parse_what(json_string_value(what), &event.what)))
		return;
	event.heard = json_integer_value(json_object_get(json, "last"));
	copy_text(event.interface, sizeof(event.interface), json_object_get(json, "interface"));
	copy_text(event.mac, sizeof(event.mac), json_object_get(json, "mac"));
	arp->handler.on_event(arp->handler.ctx, &event);
}

static void on_events_reply(void *ctx, const char *method, json_t *parameters, const char *error)
{
	struct arp *arp = ctx;
	json_t *event = json_object_get(parameters, "event"), *conflict = json_object_get(parameters, "conflict");

	if (error) {
		log_warn("masq-arpd: %s: %s", method, error);
	} else if (json_is_object(event)) {
		tell(arp, event);
	} else if (json_is_object(conflict)) {
		tell(arp, conflict);
	} else if (strcmp(method, "org.masqgate.Arp.Monitor") == 0) {
		arp->is_listening = true;
		log_debug("masq-arpd tells of conflicts");
	}
}

int arp_open(struct arp **out, struct event_base *base, const char *socket, struct arp_handler handler)
{
	struct arp *arp = calloc(1, sizeof(*arp));
	int rc;

	if (!arp)
		return -ENOMEM;
	arp->handler = handler;
	arp->link_handler = (struct varlink_link_handler){ .on_connect = on_connect, .on_reply = on_reply, .ctx = arp };
	arp->events_handler = (struct varlink_link_handler){ .on_connect = on_events_connect, .on_reply = on_events_reply, .ctx = arp };
	arp->again = evtimer_new(base, on_again, arp);
	rc = arp->again ? varlink_link_open(&arp->link, base, socket, &arp->link_handler) : -ENOMEM;
	if (!rc)
		rc = varlink_link_open(&arp->events, base, socket, &arp->events_handler);
	if (rc)
		arp_close(arp);
	else
		*out = arp;
	return rc;
}

void arp_close(struct arp *arp)
{
	if (!arp)
		return;
	varlink_link_close(arp->events);
	varlink_link_close(arp->link);
	if (arp->again)
		event_free(arp->again);
	free(arp);
}

bool arp_is_connected(const struct arp *arp)
{
	return varlink_link_is_connected(arp->link);
}

void arp_publish(struct arp *arp, struct in_addr address, json_t *interfaces)
{
	char text[ADDR_TEXT_MAX];

	varlink_link_call(arp->link, "org.masqgate.Arp.Publish",
			  json_pack("{s:s, s:o}", "address", addr_text(address, text), "interfaces", interfaces));
}

void arp_withdraw(struct arp *arp, struct in_addr address)
{
	char text[ADDR_TEXT_MAX];

	varlink_link_call(arp->link, "org.masqgate.Arp.Withdraw", json_pack("{s:s}", "address", addr_text(address, text)));
}

bool arp_probe(struct arp *arp, struct in_addr address, json_t *interfaces)
{
	char text[ADDR_TEXT_MAX];
	bool can_hear = arp->is_listening && varlink_link_is_connected(arp->events) && varlink_link_is_connected(arp->link);

	if (can_hear)
		varlink_link_call(arp->link, "org.masqgate.Arp.Probe",
				  json_pack("{s:s, s:O}", "address", addr_text(address, text), "interfaces", interfaces));
	json_decref(interfaces);
	return can_hear;
}

void arp_publish6(struct arp *arp, const struct in6_addr *address, json_t *interfaces)
{
	char text[IP_TEXT_MAX];

	varlink_link_call(arp->link, "org.masqgate.Arp.Publish",
			  json_pack("{s:s, s:o}", "address", ip_text(address, text), "interfaces", interfaces));
}

void arp_withdraw6(struct arp *arp, const struct in6_addr *address)
{
	char text[IP_TEXT_MAX];

	varlink_link_call(arp->link, "org.masqgate.Arp.Withdraw", json_pack("{s:s}", "address", ip_text(address, text)));
}
