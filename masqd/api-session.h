/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The type Session of org.masqgate.Gateway as JSON: all of its members, or those that somebody asks for. */

#ifndef MASQD_API_SESSION_H
#define MASQD_API_SESSION_H

#include <jansson.h>

#include "masqd/gateway.h"

#define API_SESSION_MEMBERS_MAX 128

/* Members of sessions, in the order in which they are wanted. */
struct api_session_fields {
	unsigned char members[API_SESSION_MEMBERS_MAX];	/* their places in the table of all */
	unsigned count;
	unsigned needs;		/* what has to be counted for them yet */
	unsigned counted;	/* what has been */
};

/* Those of these names, an array of strings, or all if names is NULL or null. 0, or -EINVAL if one is unknown. */
int api_session_select(struct api_session_fields *fields, const json_t *names);

/* Counts one of the things that they need, for all sessions; false if nothing is left. Where there are many sessions each
 * takes some milliseconds. Without it bytes are those last read, and flows and drops are null. */
bool api_session_count(struct api_session_fields *fields, struct gateway *gw);

/* A session's members, a new reference. What is absent is null. */
json_t *api_session_json(const struct gateway *gw, const struct session *s, const struct api_session_fields *fields);

/* With all members but those that would have to be counted, which are null. */
json_t *api_session_json_all(const struct gateway *gw, const struct session *s);

#endif
