/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What a policy says of quotas, and how the configuration writes it. Pure. */

#ifndef MASQD_QUOTA_KEY_H
#define MASQD_QUOTA_KEY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "masqd/period.h"

struct conf;
struct conffile;
struct policy;

enum over_quota_action {
	OVER_QUOTA_DENY,
	OVER_QUOTA_THROTTLE,
	OVER_QUOTA_POLICY,
};

struct over_quota {
	enum over_quota_action action;
	uint64_t rate;		/* bit/s, of OVER_QUOTA_THROTTLE */
	char policy[33];	/* its name, of OVER_QUOTA_POLICY */
};

struct quota_terms {
	uint64_t total, down, up;	/* bytes, 0: no limit */
	enum period period;
	unsigned warn;			/* percent, 0: never */
	struct over_quota over;
};

enum quota_state {
	QUOTA_NONE,	/* there is none */
	QUOTA_UNDER,
	QUOTA_NEAR,	/* the warning threshold is reached */
	QUOTA_OVER,
};

const char *quota_state_text(enum quota_state state);

bool quota_is_limited(const struct quota_terms *terms);

/* What having used that many bytes means. percent is that of the limit that is nearest to be reached, left its bytes; both may
 * be NULL. */
enum quota_state quota_judge(const struct quota_terms *terms, uint64_t down, uint64_t up, unsigned *percent, uint64_t *left);

/* Types of policy keys, in the signatures of masqd/policy-key.h. A size is a uint64_t, as in "10G", "500M" or a number of bytes; a
 * letter is 1024 of the one before. Over-quota is "deny", "throttle RATE" or "policy NAME". */
const char *quota_parse_size(const struct conf *conf, const char *text, void *member);
void quota_print_size(FILE *out, const void *member);
json_t *quota_json_size(const void *member);
const char *quota_parse_period(const struct conf *conf, const char *text, void *member);
void quota_print_period(FILE *out, const void *member);
json_t *quota_json_period(const void *member);
const char *quota_parse_over(const struct conf *conf, const char *text, void *member);
void quota_print_over(FILE *out, const void *member);
json_t *quota_json_over(const void *member);
const char *quota_parse_percent(const struct conf *conf, const char *text, void *member);

/* Is what over-quota names a policy? Where it is not, who has used up his quota would keep the policy that he has. */
bool quota_names_policy(const struct conf *conf, const struct policy *policy);

/* The checks that need all policies: over-quota names one, and following these names ends. Errors go to file. */
void quota_check(const struct conf *conf, struct conffile *file);

#endif
