/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What of the rules is a policy's own: its chains. */

#ifndef MASQD_RULESET_POLICY_H
#define MASQD_RULESET_POLICY_H

#include <stdio.h>

#include "masqd/conf.h"

/* What static rules are needed for it that are there only if some policy needs them. */
enum ruleset_feature {
	RULESET_LIMITS_FLOWS = 1 << 0,
	RULESET_SNAT = 1 << 1,
	RULESET_MARKS_ROUTES = 1 << 2,
	RULESET_RATES = 1 << 3,
	RULESET_FORWARDS = 1 << 4,
	RULESET_IPV6 = 1 << 5,
	RULESET_HELPERS = 0x1f0000,	/* a bit for each helper */
	RULESET_LIMITS_NEW_FLOWS = 1 << 21,
	RULESET_PORT_BLOCKS = 0xffc0,	/* a bit for each size of blocks: that which the size is */
};
#define RULESET_HELPERS_SHIFT 16

/* Where a new flow is limited once it is a session's, if anything limits one. */
#define RULESET_LIMITS(features) ((features) & (RULESET_LIMITS_FLOWS | RULESET_LIMITS_NEW_FLOWS))
#define RULESET_JUDGES(features) (RULESET_LIMITS(features) ? " jump limit_flows" : "")
/* The same at the end of a base chain that accepts what is not limited. */
#define RULESET_ADMITS(features) (RULESET_LIMITS(features) ? "goto limit_flows" : "accept")

/* What accepts a packet where it may be of a client with rates. */
#define RULESET_ACCEPTS(features) ((features) & RULESET_RATES ? "goto rates" : "accept")

unsigned ruleset_policy_features(const struct policy *policy);

/* A policy's own chains, where the static rules have these features. What comes from its clients returns where nothing is
 * against it; answers are not judged by its rules, since what they answer was. */
void ruleset_policy_print(FILE *out, const struct policy *policy, unsigned features);

/* Commands that add the ways from the policy's id to its chains, or delete them. */
void ruleset_policy_print_verdicts(FILE *out, const char *add_or_delete, const char *chain, uint32_t id);

/* Commands that take all of it out. */
void ruleset_policy_print_deletion(FILE *out, const char *chain, uint32_t id);

#endif
