/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "masqd/rate.h"
#include "masqd/ruleset-forward.h"
#include "masqd/ruleset-helper.h"
#include "masqd/ruleset-policy.h"

#define CLAMP "\t\ttcp flags syn jump clamp\n"

static void print_rules(FILE *out, const struct rule_list *list, const char *allowed, bool has_ipv6)
{
	for (unsigned i = 0; i < list->count; i++) {
		const char *verdict = list->rules[i].is_allowed ? allowed : "counter drop";

		fputs("\t\t", out);
		rule_print_nft(out, &list->rules[i]);
		fprintf(out, " %s\n", verdict);
		if (!has_ipv6 || !rule_has_nft6(&list->rules[i]))
			continue;
		fputs("\t\t", out);
		rule_print_nft6(out, &list->rules[i]);
		fprintf(out, " %s\n", verdict);
	}
}

/* Of IPv6 the gateway answers a ping, and nothing else, whatever its services. */
static void print_services6(FILE *out, const struct rule_list *services)
{
	const struct traffic ping = { .protocol = IPPROTO_ICMP };

	fputs("\t\tmeta l4proto ipv6-icmp ct state related accept\n", out);
	for (unsigned i = 0; i < services->count; i++) {
		if (!rule_matches(&services->rules[i], &ping))
			continue;
		fputs("\t\ticmpv6 type echo-request accept\n", out);
		break;
	}
	fputs("\t\tmeta nfproto ipv6 counter drop\n", out);
}

/* Whatever the routes say, also those of an uplink's own network: by no other uplink. */
static void print_uplinks(FILE *out, const struct uplink_list *list)
{
	if (!list->count)
		return;
	fputs("\t\toifname != {", out);
	for (unsigned i = 0; i < list->count; i++)
		fprintf(out, "%s \"%s\"", i ? "," : "", list->uplinks[i]->interface);
	fputs(" } counter drop\n", out);
}

/* What its clients may open. */
static void print_client_rules(FILE *out, const struct policy *policy, unsigned helper_mask, const char *allowed)
{
	ruleset_helper_print_rules(out, helper_mask);
	if (policy->rules.count)
		fprintf(out, "\t\tct direction reply %s\n", allowed);
	/* What a helper expects belongs to a connection that was allowed. */
	if (policy->rules.count && helper_mask)
		fprintf(out, "\t\tct status expected %s\n", allowed);
	print_rules(out, &policy->rules, allowed, policy->ipv6 != IPV6_MODE_NO);
}

void ruleset_policy_print(FILE *out, const struct policy *policy, unsigned features)
{
	/* What comes by the public address is not judged as a client's: it is as if it came from outside. */
	const char *directly = features & RULESET_FORWARDS ? RULESET_IS_DIRECT " " : "";
	unsigned helper_mask = policy->helpers.mask & features >> RULESET_HELPERS_SHIFT;
	bool has_ipv6 = policy->ipv6 != IPV6_MODE_NO;
	const char *accepts = rate_has_any(policy) ? RULESET_ACCEPTS(features) : "accept";

	fprintf(out, "\tchain out_policy_%s {\n" CLAMP, policy->chain);
	print_uplinks(out, &policy->uplinks);
	print_client_rules(out, policy, helper_mask, accepts);
	fprintf(out, "\t\t%s\n\t}\n\tchain policy_%s {\n\t\toifname @uplinks goto out_policy_%s\n" CLAMP, accepts, policy->chain,
		policy->chain);
	if (policy->isolate)
		fprintf(out,
			"\t\toifname @lines %1$scounter drop\n"
			"\t\toif @attached %1$scounter drop\n"
			"\t\toifname @networks %1$scounter drop\n",
			directly);
	if (policy->isolate_lan)
		fprintf(out, "\t\toifname @lans %scounter drop\n", directly);
	print_client_rules(out, policy, helper_mask, "return");
	fprintf(out, "\t}\n\tchain to_policy_%s {\n" CLAMP, policy->chain);
	if (!policy->inbound)
		fprintf(out, "\t\tct state new iifname @uplinks %scounter drop\n", directly);
	if (policy->isolate_lan)
		fprintf(out, "\t\tiifname @lans %scounter drop\n", directly);
	ruleset_helper_print_rules(out, helper_mask);
	/* What comes from another client may be at its rate. */
	if (features & RULESET_RATES && !rate_has_any(policy))
		fputs("\t\tiifname @uplinks accept\n", out);
	fprintf(out, "\t\t%s\n\t}\n\tchain gateway_policy_%s {\n", RULESET_ACCEPTS(features), policy->chain);
	/* Errors about what passed; what a helper expects is not for the gateway. */
	fputs("\t\tmeta l4proto icmp ct state related accept\n", out);
	if (has_ipv6)
		print_services6(out, &policy->gateway_services);
	print_rules(out, &policy->gateway_services, "accept", false);
	fputs("\t\tcounter drop\n\t}\n", out);
}

unsigned ruleset_policy_features(const struct policy *policy)
{
	unsigned features = policy->port_block | policy->helpers.mask << RULESET_HELPERS_SHIFT;

	if (policy->flows)
		features |= RULESET_LIMITS_FLOWS;
	if (policy->new_flows)
		features |= RULESET_LIMITS_NEW_FLOWS;
	if (policy->nat == NAT_SNAT)
		features |= RULESET_SNAT;
	if (policy->uplinks.count)
		features |= RULESET_MARKS_ROUTES;
	if (rate_has_any(policy))
		features |= RULESET_RATES;
	if (policy->forwards.count)
		features |= RULESET_FORWARDS;
	if (policy->ipv6 != IPV6_MODE_NO)
		features |= RULESET_IPV6;
	return features;
}

/* The kinds of chains that a policy has, by the beginning of their names, and the verdict maps that lead to them. */
static const struct {
	const char *map, *chain;
} kinds[] = {
	{ "policies", "policy" },
	{ "out_policies", "out_policy" },
	{ "to_policies", "to_policy" },
	{ "gateway_policies", "gateway_policy" },
};
#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

void ruleset_policy_print_verdicts(FILE *out, const char *add_or_delete, const char *chain, uint32_t id)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		fprintf(out, "%s element inet masqgate %s { %u : goto %s_%s }\n", add_or_delete, kinds[i].map, id, kinds[i].chain, chain);
}

void ruleset_policy_print_deletion(FILE *out, const char *chain, uint32_t id)
{
	ruleset_policy_print_verdicts(out, "delete", chain, id);
	for (size_t i = 0; i < KIND_COUNT; i++)
		fprintf(out, "delete chain inet masqgate %s_%s\n", kinds[i].chain, chain);
}
