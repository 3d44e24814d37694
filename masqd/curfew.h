/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Sessions outside the hours of their policy: lines are hung up, and what sections of the configuration name is closed until they
 * begin again. By the wall clock once a second, so that a clock that is set or changed for summer counts at once; without
 * such sessions there is no timer. */

#ifndef MASQD_CURFEW_H
#define MASQD_CURFEW_H

#include <stddef.h>

#include "masqd/session.h"

struct gateway;
struct curfew;

/* 0 or -ENOMEM. */
int curfew_open(struct curfew **curfew, struct gateway *gw);
void curfew_close(struct curfew *curfew);

/* Sets the session's fact is_outside_hours, and from then on does so whenever it changes. */
void curfew_follow(struct curfew *curfew, struct session *s);

/* Why this session may not begin now, nor go on; false if it may. */
bool curfew_denies(const struct session *s, char *reason, size_t size);

#endif
