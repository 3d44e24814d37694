/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Address conflict detection (RFC 5227): whether a host of a LAN has an address, and what follows from that for the entry. */

#ifndef ARPD_DETECTION_H
#define ARPD_DETECTION_H

#include "arpd/publisher.h"

/* A LAN's answer to the question whether anybody has an address, or that there was none. ctx is the publisher. */
void detection_on_probe(void *ctx, const struct probe *probe);

/* Asks a LAN about an address, or says what is known. NULL: it may be taken for free. */
const struct probe *detection_ask(struct publisher *publisher, const struct link *link, const struct in6_addr *address);

/* Finds out whether a host of its LAN has an entry's address, if that is not known. */
void detection_look(struct publisher *publisher, struct entry *entry);

/* Stations that have been silent for long are no conflict any more; that is an event "resolved". */
void detection_age(struct publisher *publisher);

#endif
