/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What of the rules is for forwards: ports of the public address that lead to clients. It is there if a policy has any. */

#ifndef MASQD_RULESET_FORWARD_H
#define MASQD_RULESET_FORWARD_H

/* A flow whose destination was translated, and not one that a helper expected. */
#define RULESET_IS_FORWARDED "ct status & (expected | dnat) == dnat"
#define RULESET_IS_DIRECT    "ct status & (expected | dnat) != dnat"

/* The sets, which are always there. */
extern const char ruleset_forward_sets[];

/* The chain publish, if a policy forwards. */
extern const char ruleset_forward_publish[];

/* Statements for the chains of masqd/ruleset.c; all of them empty if no policy forwards. */
struct ruleset_forward {
	const char *from_client;	/* lets pass what answers another client that came by the public address */
	const char *to_client;	/* drops what was forwarded and is not any more */
	const char *to_peer;	/* accepts what comes from another client by the public address */
	const char *translate;	/* gives whoever comes from inside by the public address the gateway's own */
};

struct ruleset_forward ruleset_forward(unsigned features);

#endif
