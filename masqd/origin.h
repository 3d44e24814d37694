/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Where a key's value comes from, for people. */

#ifndef MASQD_ORIGIN_H
#define MASQD_ORIGIN_H

#include "masqd/session.h"

/* "policy dialup (FILE:12)", or what stands over it: "user \"alice\" (FILE:31)", "masqctl set"; in a static buffer. key is in the
 * table of policy keys. */
const char *origin_text(const struct conf *conf, const struct session *s, const char *key);

/* The same for one of its rules: "FILE:12" or "masqctl set"; in a static buffer. */
const char *origin_rule_text(const struct conf *conf, const struct session *s, const struct rule *rule);

#endif
