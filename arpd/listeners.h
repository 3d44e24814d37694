/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The calls of Monitor that are open: who is told what becomes known about addresses. */

#ifndef ARPD_LISTENERS_H
#define ARPD_LISTENERS_H

#include <net/ethernet.h>
#include <netinet/in.h>

#include "lib/varlink-server.h"

enum { LISTENERS_MAX = 16 };

struct listeners {
	struct varlink_call *calls[LISTENERS_MAX];
	unsigned count;
};

/* 0, or -ENOSPC. */
int listeners_add(struct listeners *listeners, struct varlink_call *call);
/* A connection is gone, and its calls with it. */
void listeners_del(struct listeners *listeners, const struct varlink_connection *connection);
/* Tells all of them; interface and mac may be NULL. */
void listeners_tell(struct listeners *listeners, const char *what, const struct in6_addr *address, const char *interface,
		    const unsigned char mac[ETH_ALEN]);

#endif
