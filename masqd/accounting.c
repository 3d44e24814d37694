/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Interface counters and element counters. */

#include "config.h"

#include "masqd/accounting.h"

static void counter_read(struct counter *counter, uint64_t bytes)
{
	/* Fewer than last time: it began again. */
	counter->total += bytes < counter->last ? bytes : bytes - counter->last;
	counter->last = bytes;
}

static void on_count(void *ctx, const struct host_count *count)
{
	struct session *s = session_find_host(ctx, count->ifindex, count->address);

	if (s)
		counter_read(count->is_received ? &s->rx : &s->tx, count->bytes);
}

int accounting_refresh_hosts(struct elements *elements, struct session_table *sessions, const struct session *only)
{
	return elements_read_counts(elements, only ? &only->grant : NULL, on_count, sessions);
}

bool accounting_get(const struct links *links, const struct session *s, uint64_t *rx, uint64_t *tx)
{
	const struct link *link = links_find(links, s->ifindex);

	*rx = s->type == SESSION_HOST ? s->rx.total : link ? link->rx : 0;
	*tx = s->type == SESSION_HOST ? s->tx.total : link ? link->tx : 0;
	return link;
}

struct sweep {
	struct elements *elements;
	struct session_table *sessions;
};

static void sweep_count(void *ctx, const struct host_count *count)
{
	struct sweep *sweep = ctx;

	if (!session_find_host(sweep->sessions, count->ifindex, count->address))
		elements_forget_count(sweep->elements, count);
}

int accounting_sweep(struct elements *elements, struct session_table *sessions)
{
	struct sweep sweep = { .elements = elements, .sessions = sessions };

	return elements_read_counts(elements, NULL, sweep_count, &sweep);
}
