/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "lib/log.h"
#include "masqd/assign.h"
#include "masqd/ports.h"
#include "masqd/replay.h"
#include "masqd/unmarked.h"

static const struct grant nothing;

/* Notes what should be there, all of it. */
static int want_all(struct gateway *gw)
{
	struct session *s, *next;
	char note[SESSION_NOTE_MAX + 1];
	int rc = elements_want_none(gw->elements);

	if (rc)
		return rc;
	ports_each_uplink_address(gw, elements_want_uplink_address);
	session_each(&gw->sessions, s, next) {
		session_note(s, note);
		if (s->type == SESSION_ATTACHED)
			elements_want_attached(gw->elements, s->ifindex);
		elements_want(gw->elements, &s->grant, note);
	}
	return 0;
}

/* Adds all of it to the transaction. */
static void put_all(struct gateway *gw, enum replay how)
{
	struct session *s, *next;
	char note[SESSION_NOTE_MAX + 1];

	elements_flush(gw->elements);
	ports_put_uplink_addresses(gw);
	session_each(&gw->sessions, s, next) {
		struct grant grant = how == REPLAY_DECISIONS ? policy_decide(s) : s->grant;

		session_note(s, note);
		if (s->type == SESSION_ATTACHED)
			elements_attach(gw->elements, s->ifindex);
		elements_replace(gw->elements, &nothing, &grant, note);
	}
}

static int replay_elements(struct gateway *gw, enum replay how)
{
	int rc = 0;

	elements_begin(gw->elements);
	if (how == REPLAY_DIFFERENCE) {
		rc = want_all(gw);
		if (!rc)
			rc = elements_add_difference(gw->elements);
	} else {
		put_all(gw, how);
	}
	return rc ? rc : elements_commit(gw->elements);
}

int replay(struct gateway *gw, enum replay how)
{
	int rc = assign_load_rules(gw, gw->conf);

	return rc ? rc : replay_elements(gw, how);
}

int replay_repair(struct gateway *gw)
{
	bool is_flushed = elements_find_table(gw->elements) == -ENOENT;
	int rc = is_flushed ? 0 : replay(gw, REPLAY_DIFFERENCE);

	if (rc)
		log_info("cannot put right what is not (%s), putting all of it anew", strerror(-rc));
	if (rc || is_flushed)
		rc = replay(gw, REPLAY_GRANTS);
	if (!rc)
		unmarked_flush(gw);
	return rc;
}

int replay_compare(struct gateway *gw, const struct difference_handler *handler)
{
	int rc = want_all(gw);

	return rc ? rc : elements_compare(gw->elements, handler);
}
