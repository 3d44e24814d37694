/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The Varlink interface org.masqgate.Arp. */

#ifndef ARPD_API_H
#define ARPD_API_H

#include "arpd/arpd.h"
#include "lib/varlink-server.h"

/* Fills service, which serves arpd. */
void api_init(struct varlink_service *service, struct arpd *arpd);

#endif
