/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A list; each is there for as long as a probe takes. */

#include "arpd/inquiry.h"

#include <stdlib.h>
#include <utlist.h>

#include "arpd/detection.h"
#include "lib/ip.h"

struct inquiry {
	struct in6_addr address;
	bool is_taken;
	struct inquiry *prev, *next;
	size_t count;
	int pending[];		/* interfaces; 0 once it has answered */
};

static bool is_pending(const struct inquiry *inquiry)
{
	for (size_t i = 0; i < inquiry->count; i++)
		if (inquiry->pending[i])
			return true;
	return false;
}

/* Tells what has come of it, and frees it. */
static void end(struct publisher *publisher, struct inquiry *inquiry)
{
	if (!inquiry->is_taken)
		publisher->on_event(publisher->ctx, "free", &inquiry->address, NULL, NULL);
	free(inquiry);
}

bool inquiry_answer(struct publisher *publisher, const struct probe *probe)
{
	struct inquiry *inquiry, *next;
	bool is_asked = false;

	DL_FOREACH_SAFE(publisher->inquiries, inquiry, next) {
		bool is_this = false;

		for (size_t i = 0; i < inquiry->count && ip_equal(&inquiry->address, &probe->address); i++) {
			if (inquiry->pending[i] != probe->interface)
				continue;
			inquiry->pending[i] = 0;
			is_this = true;
		}
		if (!is_this)
			continue;
		is_asked = true;
		inquiry->is_taken |= probe->state == PROBE_TAKEN;
		if (is_pending(inquiry))
			continue;
		DL_DELETE(publisher->inquiries, inquiry);
		publisher->inquiry_count--;
		end(publisher, inquiry);
	}
	return is_asked;
}

/* Asks one LAN; the interface that is to answer, or 0. */
static int ask(struct publisher *publisher, struct inquiry *inquiry, const char *lan)
{
	const struct probe *probe;
	struct link link;

	if (link_get(publisher->sock, lan, 0, &link) || publisher_link_objection(&link) || !link.has_carrier)
		return 0;
	probe = detection_ask(publisher, &link, &inquiry->address);
	if (probe && probe->state == PROBE_PENDING)
		return link.index;
	if (probe && probe->state == PROBE_TAKEN) {
		publisher->on_event(publisher->ctx, "conflict", &inquiry->address, lan, probe->mac);
		inquiry->is_taken = true;
	}
	return 0;
}

void inquiry_begin(struct publisher *publisher, const struct in6_addr *address, const char *const lans[], size_t count)
{
	struct inquiry *inquiry = calloc(1, sizeof(*inquiry) + count * sizeof(inquiry->pending[0]));

	if (!inquiry)
		return;
	inquiry->address = *address;
	inquiry->count = count;
	for (size_t i = 0; i < count && publisher->is_probing && publisher->inquiry_count < INQUIRIES_MAX; i++)
		inquiry->pending[i] = ask(publisher, inquiry, lans[i]);
	if (!is_pending(inquiry)) {
		end(publisher, inquiry);
		return;
	}
	DL_APPEND(publisher->inquiries, inquiry);
	publisher->inquiry_count++;
}

void inquiry_free(struct publisher *publisher)
{
	struct inquiry *inquiry, *next;

	DL_FOREACH_SAFE(publisher->inquiries, inquiry, next)
		free(inquiry);
	publisher->inquiries = NULL;
}
