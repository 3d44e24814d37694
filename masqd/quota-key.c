/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Sizes, what happens when a quota is used up, and the judgement. */

#include "config.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text-stream.h"
#include "masqd/conf.h"
#include "masqd/quota-key.h"
#include "masqd/rate.h"

/* A hundred times this fits in 64 bits; a gigabit line takes 36 years for it. */
#define SIZE_LIMIT (1ULL << 57)

static const struct {
	char letter;
	unsigned shift;
} units[] = { { 'T', 40 }, { 'G', 30 }, { 'M', 20 }, { 'K', 10 } };
enum { UNITS = sizeof(units) / sizeof(units[0]) };

static const char *const state_texts[] = {
	[QUOTA_NONE] = "none",
	[QUOTA_UNDER] = "under",
	[QUOTA_NEAR] = "near",
	[QUOTA_OVER] = "over",
};

const char *quota_state_text(enum quota_state state)
{
	return state_texts[state];
}

bool quota_is_limited(const struct quota_terms *terms)
{
	return terms->total || terms->down || terms->up;
}

/* Takes one limit into account. */
static void judge(uint64_t limit, uint64_t used, unsigned *percent, uint64_t *left)
{
	uint64_t rest = used < limit ? limit - used : 0, part;

	if (!limit)
		return;
	part = rest ? used * 100 / limit : 100;
	if (part > *percent)
		*percent = (unsigned)part;
	if (rest < *left)
		*left = rest;
}

enum quota_state quota_judge(const struct quota_terms *terms, uint64_t down, uint64_t up, unsigned *percent, uint64_t *left)
{
	uint64_t total = down + up, least = UINT64_MAX;
	unsigned most = 0;

	judge(terms->total, total < down ? UINT64_MAX : total, &most, &least);
	judge(terms->down, down, &most, &least);
	judge(terms->up, up, &most, &least);
	if (percent)
		*percent = most;
	if (left)
		*left = least;
	if (!quota_is_limited(terms))
		return QUOTA_NONE;
	if (least == 0)
		return QUOTA_OVER;
	return terms->warn && most >= terms->warn ? QUOTA_NEAR : QUOTA_UNDER;
}

const char *quota_parse_size(const struct conf *conf, const char *text, void *member)
{
	static const char bad[] = "must be a number of bytes up to 131072T, as in 500M or 10G";
	unsigned long long number = 0;
	unsigned shift = 0;
	char *end;

	if (strcmp(text, "none") == 0) {
		*(uint64_t *)member = 0;
		return NULL;
	}
	if (!isdigit((unsigned char)*text))
		return bad;
	number = strtoull(text, &end, 10);
	for (size_t i = 0; i < UNITS; i++)
		if (toupper((unsigned char)*end) == units[i].letter)
			shift = units[i].shift;
	if (end[shift ? 1 : 0] || number > SIZE_LIMIT >> shift)
		return bad;
	if (number == 0)
		return "must be more than 0, or none";
	*(uint64_t *)member = (uint64_t)number << shift;
	return NULL;
}

void quota_print_size(FILE *out, const void *member)
{
	uint64_t size = *(const uint64_t *)member;

	for (size_t i = 0; size && i < UNITS; i++) {
		if (size & ((1ULL << units[i].shift) - 1))
			continue;
		fprintf(out, "%" PRIu64 "%c", size >> units[i].shift, units[i].letter);
		return;
	}
	if (size)
		fprintf(out, "%" PRIu64, size);
}

json_t *quota_json_size(const void *member)
{
	uint64_t size = *(const uint64_t *)member;

	return size ? json_integer((json_int_t)size) : json_null();
}

const char *quota_parse_period(const struct conf *conf, const char *text, void *member)
{
	enum period *period = member;

	for (*period = PERIOD_DAY; *period <= PERIOD_SESSION; (*period)++)
		if (strcmp(text, period_text(*period)) == 0)
			return NULL;
	*period = PERIOD_MONTH;
	return "must be day, week, month or session";
}

void quota_print_period(FILE *out, const void *member)
{
	fputs(period_text(*(const enum period *)member), out);
}

json_t *quota_json_period(const void *member)
{
	return json_string(period_text(*(const enum period *)member));
}

/* What stands behind the word and blanks; NULL if text does not begin with it. */
static const char *after_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(text, word, len) != 0 || text[len] != ' ')
		return NULL;
	return text + len + strspn(text + len, " ");
}

const char *quota_parse_over(const struct conf *conf, const char *text, void *member)
{
	struct over_quota *over = member, parsed = { 0 };
	const char *rate = after_word(text, "throttle"), *policy = after_word(text, "policy"), *wrong = NULL;

	if (rate) {
		parsed.action = OVER_QUOTA_THROTTLE;
		wrong = rate_parse(conf, rate, &parsed.rate);
		if (!wrong && !parsed.rate)
			wrong = "throttle: needs a rate, as in \"throttle 64kbit\"";
	} else if (policy && conf_is_policy_name(policy)) {
		parsed.action = OVER_QUOTA_POLICY;
		strcpy(parsed.policy, policy);
	} else if (strcmp(text, "deny") != 0) {
		wrong = "must be deny, throttle RATE or policy NAME";
	}
	if (!wrong)
		*over = parsed;
	return wrong;
}

static void print_over(FILE *out, const struct over_quota *over)
{
	switch (over->action) {
	case OVER_QUOTA_DENY:
		fputs("deny", out);
		break;
	case OVER_QUOTA_THROTTLE:
		fputs("throttle ", out);
		rate_print(out, &over->rate);
		break;
	case OVER_QUOTA_POLICY:
		fprintf(out, "policy %s", over->policy);
		break;
	}
}

/* As the configuration writes it. Caller frees; NULL without memory. */
static char *over_text(const void *member)
{
	struct text_stream stream;
	FILE *out = text_stream_open(&stream);

	if (!out)
		return NULL;
	print_over(out, member);
	return text_stream_close(&stream);
}

void quota_print_over(FILE *out, const void *member)
{
	char *text = over_text(member);

	conf_print_quoted(out, text ? text : "");
	free(text);
}

json_t *quota_json_over(const void *member)
{
	char *text = over_text(member);
	json_t *json = json_string(text ? text : "");

	free(text);
	return json;
}

const char *quota_parse_percent(const struct conf *conf, const char *text, void *member)
{
	char *end;
	unsigned long percent = isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : 100;

	if (percent > 99 || *end)
		return "must be a number from 0 to 99";
	*(unsigned *)member = (unsigned)percent;
	return NULL;
}

/* The policy that takes the place of this one; NULL: none does. */
static const struct policy *next_policy(const struct conf *conf, const struct policy *policy)
{
	return policy->quota.over.action == OVER_QUOTA_POLICY ? conf_find_policy(conf, policy->quota.over.policy) : NULL;
}

bool quota_names_policy(const struct conf *conf, const struct policy *policy)
{
	return policy->quota.over.action != OVER_QUOTA_POLICY || next_policy(conf, policy);
}

void quota_check(const struct conf *conf, struct conffile *file)
{
	for (unsigned i = 0; i < conf->policy_count; i++) {
		const struct policy *policy = &conf->policies[i], *next = next_policy(conf, policy);
		const char *name = policy->quota.over.policy;
		unsigned steps = 0;

		if (!quota_names_policy(conf, policy))
			conffile_error(file, policy->line, "policy \"%s\": over-quota: policy %s: %s", policy->name, name,
				       conf_no_policy(conf, name));
		/* One that leads into a circle without being on it is told of with those that are. */
		for (; next && next != policy && steps < conf->policy_count; steps++)
			next = next_policy(conf, next);
		if (next == policy)
			conffile_error(file, policy->line, "policy \"%s\": over-quota: policy %s: leads back to this policy", policy->name, name);
	}
}
