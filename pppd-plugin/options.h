/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The options that masq.so adds to pppd: masq-*. */

#ifndef PPPD_PLUGIN_OPTIONS_H
#define PPPD_PLUGIN_OPTIONS_H

#include "pppd-plugin/pppd-compat.h"

#include <sys/un.h>

struct options {
	char policy[64];	/* empty: masqd's choice */
	char socket[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int timeout_ms;
	bool is_fail_open;
	bool has_ipv6;
};

/* pppd writes into it while it reads its options. */
extern struct options options;

void options_register(void);

#endif
