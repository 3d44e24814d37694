/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Whose packets are listened to: those from addresses that are published or asked about, and no more. For IPv4 a range of them. */

#ifndef ARPD_HEARING_H
#define ARPD_HEARING_H

#include "arpd/publisher.h"

/* Also to packets from this address, from the next flush on. */
void hearing_add(struct publisher *publisher, const struct in6_addr *address);

/* From now on. */
void hearing_now(struct publisher *publisher);

/* Listens to what can matter now, and no more. */
void hearing_renew(struct publisher *publisher);

#endif
