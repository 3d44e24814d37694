/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What follows when a quota is used up, nearly so, or there again. */

#ifndef MASQD_OVER_QUOTA_H
#define MASQD_OVER_QUOTA_H

#include "masqd/gateway.h"

struct quota_handler over_quota_handler(struct gateway *gw);

/* Why this session may not go on, or begin; false if it may. */
bool over_quota_denies(struct gateway *gw, const struct session *s, char *reason, size_t size);

#endif
