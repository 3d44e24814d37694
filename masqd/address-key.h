/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Policy keys that are short lists of addresses: a grant holds them as they are. For the table in masqd/policy-key.c. */

#ifndef MASQD_ADDRESS_KEY_H
#define MASQD_ADDRESS_KEY_H

#include <jansson.h>
#include <stdio.h>

#include "lib/addr.h"

/* RFC 1877 has a primary and a secondary one. */
enum { DNS_MAX = 2 };

struct dns_list {
	struct in_addr servers[DNS_MAX];
	unsigned count;
};

/* Networks behind a client. */
enum { ROUTES_MAX = 8 };

struct route_list {
	struct prefix prefixes[ROUTES_MAX];	/* not one of them overlaps with another */
	unsigned count;
};

struct conf;

const char *dns_parse(const struct conf *conf, const char *text, void *member);
void dns_print(FILE *out, const void *member);
json_t *dns_json(const void *member);
void dns_release(void *member);

const char *routes_parse(const struct conf *conf, const char *text, void *member);
void routes_print(FILE *out, const void *member);
json_t *routes_json(const void *member);
void routes_release(void *member);

#endif
