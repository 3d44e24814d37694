/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Why does a client's packet get through, or not? Every step is looked up where it is decided, in the kernel, and not in what
 * masqd believes of it; the first that stops the packet ends the list. */

#ifndef MASQD_EXPLAIN_H
#define MASQD_EXPLAIN_H

#include <jansson.h>

#include "masqd/gateway.h"

/* The type Explanation of org.masqgate.Gateway, for a packet of this client (s may be NULL: nobody has the address).
 * traffic NULL: whatever it is, to wherever the default route leads. A new reference. */
json_t *explain(struct gateway *gw, const struct session *s, struct in_addr address, const struct traffic *traffic);

#endif
