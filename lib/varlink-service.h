/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Which method a call is for, and the methods that every Varlink service has. Part of lib/varlink-server.h. */

#ifndef LIB_VARLINK_SERVICE_H
#define LIB_VARLINK_SERVICE_H

#include "lib/varlink-server.h"

/* Hands a call to the method of that name, org.varlink.service's included, or answers that there is none, or that a caller of that access
 * may not have it. */
void varlink_service_call(const struct varlink_service *service, enum varlink_access access, struct varlink_call *call, const char *name,
			  json_t *parameters);

#endif
