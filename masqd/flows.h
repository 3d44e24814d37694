/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The connections of all sessions, counted when somebody asks: following them would make each new one half as expensive again. */

#ifndef MASQD_FLOWS_H
#define MASQD_FLOWS_H

#include "masqd/gateway.h"

/* Sets flows and flows_refused of every session. False if they cannot be counted, which is logged. */
bool flows_count(struct gateway *gw);

#endif
