/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Sessions that nobody announces, since the configuration has them: serial lines, networks, and these's hosts. */

#ifndef MASQD_CONFIGURED_H
#define MASQD_CONFIGURED_H

#include "masqd/gateway.h"

/* Opens one, on this link, with this address. name: of its section. NULL on failure, logged. */
struct session *configured_open(struct gateway *gw, enum session_type type, const char *name, const struct link *link,
				const struct prefix *address);

/* Notes in a host which session its network is. */
void configured_find_network(struct gateway *gw, struct session *host);

#endif
