/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Which session is meant: #serial, an interface, an address, or user=NAME. */

#ifndef CLI_SELECT_H
#define CLI_SELECT_H

#include <jansson.h>
#include <stdbool.h>

/* One SEL as typed; the text is borrowed. */
struct selector;

/* 0 with a selector to be freed, or an exit code, reported. */
int select_parse(struct selector **selector, const char *command, const char *text);
void select_free(struct selector *selector);

bool select_matches(const struct selector *selector, const json_t *session);

/* Appends the sessions that match to picked. 0; or an exit code, reported, if there is none (ERROR_NO_MATCH, with a near
 * name as the hint) or if there are several and only one is allowed (ERROR_USAGE). */
int select_pick(const struct selector *selector, const char *command, const json_t *sessions, bool allows_several, json_t *picked);

#endif
