/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What of the rules translates: the chain translate, and one for each block of ports. */

#ifndef MASQD_RULESET_NAT_H
#define MASQD_RULESET_NAT_H

#include <stdio.h>

/* For policies that have these features (ruleset_policy_features). */
void ruleset_nat_print(FILE *out, unsigned features);

#endif
