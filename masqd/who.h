/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Whose a public address and port is, asked of what masqd has given away and of the kernel's connections. */

#ifndef MASQD_WHO_H
#define MASQD_WHO_H

#include <jansson.h>

#include "masqd/gateway.h"

/* An array of the API's Owner. protocol: 0 for any. */
json_t *who(struct gateway *gw, struct in_addr address, unsigned port, int protocol);

#endif
