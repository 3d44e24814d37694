/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What of the rules is for IPv6. It is there if a policy opens it; without, the rules for IPv4 drop all of it. */

#ifndef MASQD_RULESET_IPV6_H
#define MASQD_RULESET_IPV6_H

#include <stdio.h>

/* The sets, which are always there. */
extern const char ruleset_ipv6_sets[];

void ruleset_ipv6_print(FILE *out, unsigned features);

/* Statements for the chains of masqd/ruleset-text.c and masqd/ruleset-nat.c; all of them empty if no policy opens IPv6. */
struct ruleset_ipv6 {
	const char *from_client;
	const char *to_client;
	const char *line_to_gateway;
	const char *gateway_to_line;
	const char *translate;
	const char *guard;
	const char *sources;
};

struct ruleset_ipv6 ruleset_ipv6(unsigned features);

#endif
