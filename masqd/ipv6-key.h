/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The policy key ipv6. For the table in masqd/policy-key.c. */

#ifndef MASQD_IPV6_KEY_H
#define MASQD_IPV6_KEY_H

#include <jansson.h>
#include <stdio.h>

enum ipv6_mode {
	IPV6_MODE_NO,		/* nothing passes */
	IPV6_MODE_PROXY,	/* routed as it is, and published on the LANs */
	IPV6_MODE_MASQUERADE,	/* translated where it leaves by an uplink */
};

struct conf;

const char *ipv6_mode_text(enum ipv6_mode mode);

const char *ipv6_parse(const struct conf *conf, const char *text, void *member);
void ipv6_print(FILE *out, const void *member);
json_t *ipv6_json(const void *member);

#endif
