/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A connection's mark is its session's serial. */

#include "config.h"

#include <string.h>

#include "lib/log.h"
#include "masqd/flows.h"

static void on_mark(void *ctx, uint32_t mark)
{
	struct session *s = session_find(ctx, mark);

	if (s)
		s->flows++;
}

static void on_refused(void *ctx, uint32_t serial, uint64_t flows)
{
	struct session *s = session_find(ctx, serial);

	if (s)
		s->flows_refused = flows;
}

bool flows_count(struct gateway *gw)
{
	struct session *s, *next;
	int rc;

	session_each(&gw->sessions, s, next)
		s->flows = 0;
	rc = conntrack_each_mark(gw->conntrack, on_mark, &gw->sessions);
	if (!rc)
		rc = elements_each_refused(gw->elements, on_refused, &gw->sessions);
	if (rc)
		log_warn("cannot count connections: %s", strerror(-rc));
	return !rc;
}
