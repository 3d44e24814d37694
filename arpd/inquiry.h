/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Who asks by Probe whether an address is free: each inquiry waits for the answer of each of its LANs. */

#ifndef ARPD_INQUIRY_H
#define ARPD_INQUIRY_H

#include "arpd/publisher.h"

enum { INQUIRIES_MAX = 4096 };

/* Asks these LANs about an address; what comes of it is an event "free", without an interface, or "conflict". LANs that are not
 * there have nobody, and if too many inquiries wait, or without memory, the address is free. */
void inquiry_begin(struct publisher *publisher, const struct in6_addr *address, const char *const lans[], size_t count);
/* A probe is over. Was it asked for here? */
bool inquiry_answer(struct publisher *publisher, const struct probe *probe);
void inquiry_free(struct publisher *publisher);

#endif
