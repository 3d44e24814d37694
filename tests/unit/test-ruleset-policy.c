/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/ruleset-policy, ruleset-nat, ruleset-forward, ruleset-ipv6 and chains: the text of the rules that follow from policies. Whether the
 * kernel then does what they say is for the namespace tests. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "masqd/chains.h"
#include "masqd/policy-key.h"
#include "masqd/public.h"
#include "masqd/ruleset-forward.h"
#include "masqd/ruleset-ipv6.h"
#include "masqd/ruleset-nat.h"
#include "masqd/ruleset-policy.h"

static struct uplink uplinks[] = {
	{ .name = (char *)"isp", .interface = "isp0" },
	{ .name = (char *)"spare", .interface = "eth1" },
};
static const struct conf conf = { .uplinks = uplinks, .uplink_count = 2 };

static struct policy *policy_of(const char *const (*keys)[2])
{
	struct policy *policy = calloc(1, sizeof(*policy));

	assert_non_null(policy);
	policy->name = policy->chain = (char *)"dialup";
	policy_set_defaults(policy);
	for (; keys && (*keys)[0]; keys++) {
		const struct policy_key *key = policy_key_find((*keys)[0]);

		assert_null(key->parse(&conf, (*keys)[1], policy_member(key, policy)));
	}
	return policy;
}

static void drop(struct policy *policy)
{
	policy_release(policy);
	free(policy);
}

/* Its chains, where the static rules have all that it needs and more. Caller frees. */
static char *chains_of(const struct policy *policy, unsigned more)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	ruleset_policy_print(out, policy, ruleset_policy_features(policy) | more);
	fclose(out);
	return text;
}

static void becomes(const char *const (*keys)[2], unsigned more, const char *wanted)
{
	struct policy *policy = policy_of(keys);
	char *text = chains_of(policy, more);

	assert_string_equal(text, wanted);
	free(text);
	drop(policy);
}

static void a_policy_that_says_nothing_isolates_and_lets_nobody_in(void **state)
{
	becomes(NULL, 0,
		"\tchain out_policy_dialup {\n"
		"\t\ttcp flags syn jump clamp\n"
		"\t\taccept\n"
		"\t}\n"
		"\tchain policy_dialup {\n"
		"\t\toifname @uplinks goto out_policy_dialup\n"
		"\t\ttcp flags syn jump clamp\n"
		"\t\toifname @lines counter drop\n"
		"\t\toif @attached counter drop\n"
		"\t\toifname @networks counter drop\n"
		"\t}\n"
		"\tchain to_policy_dialup {\n"
		"\t\ttcp flags syn jump clamp\n"
		"\t\tct state new iifname @uplinks counter drop\n"
		"\t\taccept\n"
		"\t}\n"
		"\tchain gateway_policy_dialup {\n"
		"\t\tmeta l4proto icmp ct state related accept\n"
		"\t\t icmp type echo-request accept\n"
		"\t\tcounter drop\n"
		"\t}\n");
}

static void each_key_is_in_the_chain_that_it_is_for(void **state)
{
	static const char *const keys[][2] = {
		{ "uplinks", "spare" }, { "uplinks", "isp" }, { "isolate", "no" }, { "isolate-lan", "yes" }, { "inbound", "yes" },
		{ "rules", "allow tcp 80,6000-6010" }, { "rules", "deny any to 192.0.2.0/24" }, { "rules", "deny gre" },
		{ "gateway-services", "udp 53" }, { NULL },
	};

	becomes(keys, 0,
		"\tchain out_policy_dialup {\n"
		"\t\ttcp flags syn jump clamp\n"
		"\t\toifname != { \"eth1\", \"isp0\" } counter drop\n"
		"\t\tct direction reply accept\n"
		"\t\t tcp dport { 80,6000-6010 } accept\n"
		"\t\t ip daddr 192.0.2.0/24 counter drop\n"
		"\t\t ip protocol 47 counter drop\n"
		"\t\taccept\n"
		"\t}\n"
		"\tchain policy_dialup {\n"
		"\t\toifname @uplinks goto out_policy_dialup\n"
		"\t\ttcp flags syn jump clamp\n"
		"\t\toifname @lans counter drop\n"
		"\t\tct direction reply return\n"
		"\t\t tcp dport { 80,6000-6010 } return\n"
		"\t\t ip daddr 192.0.2.0/24 counter drop\n"
		"\t\t ip protocol 47 counter drop\n"
		"\t}\n"
		"\tchain to_policy_dialup {\n"
		"\t\ttcp flags syn jump clamp\n"
		"\t\tiifname @lans counter drop\n"
		"\t\taccept\n"
		"\t}\n"
		"\tchain gateway_policy_dialup {\n"
		"\t\tmeta l4proto icmp ct state related accept\n"
		"\t\t icmp type echo-request accept\n"
		"\t\t udp dport { 53 } accept\n"
		"\t\tcounter drop\n"
		"\t}\n");
}

/* How often part is in text. */
static unsigned count(const char *text, const char *part)
{
	unsigned number = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		number++;
	}
	return number;
}

static void has(const char *text, const char *part, unsigned times)
{
	if (count(text, part) != times)
		fail_msg("%u times, not %u: %s\n%s", count(text, part), times, part, text);
}

static void ipv6_is_judged_by_the_rules_that_can_mean_it(void **state)
{
	static const char *const keys[][2] = {
		{ "ipv6", "proxy" }, { "rules", "deny icmp" }, { "rules", "allow ping" }, { "rules", "deny gre to 192.0.2.1" },
		{ "rules", "deny tcp 25" }, { NULL },
	};
	struct policy *policy = policy_of(keys);
	char *text = chains_of(policy, 0);

	/* by an uplink and elsewhere */
	has(text, " meta nfproto ipv6 meta l4proto 58 counter drop\n", 2);
	has(text, " icmpv6 type echo-request accept\n", 1);
	has(text, " icmpv6 type echo-request return\n", 1);
	has(text, " ip daddr 192.0.2.1 ip protocol 47 counter drop\n", 2);
	has(text, "l4proto 47", 0);
	has(text, "tcp dport { 25 } counter drop\n", 2);
	/* of the gateway a ping, and nothing else */
	has(text, "\t\ticmpv6 type echo-request accept\n", 1);
	has(text, "\t\tmeta nfproto ipv6 counter drop\n", 1);
	free(text);
	drop(policy);
}

static void without_ping_ipv6_has_none_either(void **state)
{
	static const char *const keys[][2] = { { "ipv6", "masquerade" }, { NULL } };
	struct policy *policy = policy_of(keys);
	char *text;

	policy->gateway_services.count = 0;
	assert_null(policy_key_find("gateway-services")->parse(&conf, "udp 53", &policy->gateway_services));
	text = chains_of(policy, 0);
	has(text, "echo-request", 0);
	has(text, "\t\tmeta l4proto ipv6-icmp ct state related accept\n\t\tmeta nfproto ipv6 counter drop\n", 1);
	free(text);
	drop(policy);
}

static void with_forwards_only_what_comes_directly_is_isolated(void **state)
{
	static const char *const keys[][2] = { { "forwards", "web tcp 80" }, { "isolate-lan", "yes" }, { NULL } };
	struct policy *policy = policy_of(keys);
	char *text = chains_of(policy, 0);

	has(text, "oifname @lines " RULESET_IS_DIRECT " counter drop\n", 1);
	has(text, "oifname @lans " RULESET_IS_DIRECT " counter drop\n", 1);
	has(text, "iifname @lans " RULESET_IS_DIRECT " counter drop\n", 1);
	has(text, "ct state new iifname @uplinks " RULESET_IS_DIRECT " counter drop\n", 1);
	free(text);
	drop(policy);
}

static void where_some_have_rates_those_without_pass_by(void **state)
{
	static const char *const limited[][2] = { { "rate-down", "64kbit" }, { NULL } };
	struct policy *with = policy_of(limited), *without = policy_of(NULL);
	char *text = chains_of(with, 0);

	has(text, "\t\tgoto rates\n", 2);
	has(text, "iifname @uplinks accept", 0);
	free(text);
	text = chains_of(without, RULESET_RATES);
	/* what comes from another client may be at its rate */
	has(text, "\t\tiifname @uplinks accept\n\t\tgoto rates\n", 1);
	has(text, "goto rates", 1);
	free(text);
	drop(with);
	drop(without);
}

static void only_helpers_that_the_kernel_has_are_set(void **state)
{
	static const char *const keys[][2] = { { "helpers", "ftp" }, { "helpers", "sip" }, { "rules", "deny tcp 25" }, { NULL } };
	struct policy *policy = policy_of(keys);
	unsigned features = ruleset_policy_features(policy);
	char *text = chains_of(policy, 0);
	size_t len;
	FILE *out;

	has(text, "ct state new tcp dport 21 ct helper set \"ftp_tcp\"\n", 3);
	has(text, "ct state new udp dport 5060 ct helper set \"sip_udp\"\n", 3);
	has(text, "ct state new tcp dport 5060 ct helper set \"sip_tcp\"\n", 3);
	has(text, "ct status expected accept\n", 1);
	has(text, "ct status expected return\n", 1);
	free(text);
	out = open_memstream(&text, &len);
	assert_non_null(out);
	ruleset_policy_print(out, policy, features & ~(1u << RULESET_HELPERS_SHIFT));
	fclose(out);
	has(text, "ftp", 0);
	has(text, "sip_udp", 3);
	free(text);
	drop(policy);
}

static void what_a_policy_needs_follows_from_its_keys(void **state)
{
	static const struct {
		const char *key, *value;
		unsigned feature;
	} cases[] = {
		{ "flows", "10", RULESET_LIMITS_FLOWS }, { "new-flows", "10", RULESET_LIMITS_NEW_FLOWS }, { "nat", "snat", RULESET_SNAT },
		{ "uplinks", "isp", RULESET_MARKS_ROUTES }, { "rate-up", "1Mbit", RULESET_RATES }, { "rate", "line", RULESET_RATES },
		{ "over-quota", "throttle 8kbit", RULESET_RATES }, { "forwards", "web tcp 80", RULESET_FORWARDS },
		{ "ipv6", "proxy", RULESET_IPV6 }, { "port-block", "512", 512 }, { "helpers", "irc", 2 << RULESET_HELPERS_SHIFT },
		{ "over-quota", "deny", 0 }, { "hours", "08:00-09:00", 0 }, { "nat", "none", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *const keys[][2] = { { cases[i].key, cases[i].value }, { NULL } };
		struct policy *policy = policy_of(keys);

		if (ruleset_policy_features(policy) != cases[i].feature)
			fail_msg("%s = %s: %#x", cases[i].key, cases[i].value, ruleset_policy_features(policy));
		drop(policy);
	}
}

static void what_was_added_is_what_is_deleted(void **state)
{
	char *added, *deleted;
	size_t len;
	FILE *out = open_memstream(&added, &len);

	assert_non_null(out);
	ruleset_policy_print_verdicts(out, "add", "dialup", 77);
	fclose(out);
	assert_string_equal(added, "add element inet masqgate policies { 77 : goto policy_dialup }\n"
				   "add element inet masqgate out_policies { 77 : goto out_policy_dialup }\n"
				   "add element inet masqgate to_policies { 77 : goto to_policy_dialup }\n"
				   "add element inet masqgate gateway_policies { 77 : goto gateway_policy_dialup }\n");
	out = open_memstream(&deleted, &len);
	assert_non_null(out);
	ruleset_policy_print_deletion(out, "dialup", 77);
	fclose(out);
	assert_string_equal(deleted, "delete element inet masqgate policies { 77 : goto policy_dialup }\n"
				     "delete element inet masqgate out_policies { 77 : goto out_policy_dialup }\n"
				     "delete element inet masqgate to_policies { 77 : goto to_policy_dialup }\n"
				     "delete element inet masqgate gateway_policies { 77 : goto gateway_policy_dialup }\n"
				     "delete chain inet masqgate policy_dialup\n"
				     "delete chain inet masqgate out_policy_dialup\n"
				     "delete chain inet masqgate to_policy_dialup\n"
				     "delete chain inet masqgate gateway_policy_dialup\n");
	free(added);
	free(deleted);
}

static char *nat_of(unsigned features)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	ruleset_nat_print(out, features);
	fclose(out);
	return text;
}

static void without_more_there_is_only_masquerade(void **state)
{
	char *text = nat_of(0);

	assert_string_equal(text, "\tchain translate {\n"
				  "\t\ttype nat hook postrouting priority srcnat; policy accept;\n"
				  "\t\toifname != @uplinks accept\n"
				  "\t\tct mark @translated masquerade\n"
				  "\t}\n");
	free(text);
	text = nat_of(RULESET_SNAT);
	has(text, "\t\tsnat ip to ct mark map @snat_address\n\t\tct mark @translated masquerade\n", 1);
	free(text);
}

static void each_block_of_ports_has_its_chain(void **state)
{
	unsigned blocks = public_block_count(512) + public_block_count(16384);
	char *text = nat_of(512 | 16384 | RULESET_SNAT), chain[128];

	has(text, "\tchain ports_", blocks);
	has(text, " : jump ports_", blocks);
	has(text, "masquerade to :", blocks + 1);
	has(text, "snat_address:", blocks + 1);
	/* who has no block stays below them */
	has(text, "ct mark @translated masquerade to :1024-9999\n", 1);
	has(text, "map @snat_address:1024-9999\n", 1);
	for (unsigned i = 0; i < public_block_count(512); i++) {
		struct public block;

		public_block(512, i, &block);
		snprintf(chain, sizeof(chain), ", %u : jump ports_%u_%u", (unsigned)block.port_first << 16 | block.port_last, block.port_first,
			 block.port_last);
		has(text, chain, 1);
		snprintf(chain, sizeof(chain), "masquerade to :%u-%u\n", block.port_first, block.port_last);
		has(text, chain, 1);
	}
	free(text);
}

static void what_no_policy_needs_is_not_there(void **state)
{
	struct ruleset_forward forward = ruleset_forward(~(unsigned)RULESET_FORWARDS);
	struct ruleset_ipv6 ipv6 = ruleset_ipv6(~(unsigned)RULESET_IPV6);
	char *text = nat_of(RULESET_FORWARDS | RULESET_IPV6);

	assert_string_equal(forward.from_client, "");
	assert_string_equal(forward.to_client, "");
	assert_string_equal(forward.to_peer, "");
	assert_string_equal(forward.translate, "");
	assert_string_equal(ipv6.from_client, "");
	assert_string_equal(ipv6.guard, "");
	assert_string_equal(ipv6.sources, "");
	has(ruleset_ipv6(RULESET_IPV6).sources, "@serial6 accept\n", 1);
	has(ruleset_ipv6(RULESET_IPV6 | RULESET_LIMITS_FLOWS).sources, "@serial6 goto limit_flows\n", 1);
	has(ruleset_ipv6(RULESET_IPV6 | RULESET_LIMITS_NEW_FLOWS).sources, "@serial6 goto limit_flows\n", 1);
	has(text, "goto translate6\n", 1);
	has(text, "ct original ip daddr @uplink_addresses masquerade\n", 1);
	has(ruleset_forward(RULESET_FORWARDS).to_peer, " accept\n", 2);
	has(ruleset_forward(RULESET_FORWARDS | RULESET_RATES).to_peer, " goto rates\n", 2);
	free(text);
}

static void ipv6_has_its_chains_if_a_policy_opens_it(void **state)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	ruleset_ipv6_print(out, RULESET_SNAT);
	fflush(out);
	assert_int_equal(len, 0);
	ruleset_ipv6_print(out, RULESET_IPV6 | RULESET_RATES | RULESET_LIMITS_FLOWS);
	fclose(out);
	has(text, "\tchain translate6 {\n", 1);
	has(text, "\tchain guard6 {\n", 1);
	has(text, " jump limit_flows\n", 1);
	has(text, "goto rates\n", 1);
	free(text);
}

static void chains_are_noted_once(void **state)
{
	struct chains *all = NULL;

	assert_null(chains_find(all, "dialup"));
	assert_true(chains_add(&all, "dialup", 1) && chains_add(&all, "server", 2));
	assert_false(chains_add(&all, "dialup", 3));
	assert_int_equal(chains_find(all, "dialup")->id, 1);
	assert_int_equal(chains_find(all, "server")->id, 2);
	chains_del(&all, chains_find(all, "dialup"));
	assert_null(chains_find(all, "dialup"));
	chains_free(&all);
	assert_null(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_that_says_nothing_isolates_and_lets_nobody_in),
		cmocka_unit_test(each_key_is_in_the_chain_that_it_is_for),
		cmocka_unit_test(ipv6_is_judged_by_the_rules_that_can_mean_it),
		cmocka_unit_test(without_ping_ipv6_has_none_either),
		cmocka_unit_test(with_forwards_only_what_comes_directly_is_isolated),
		cmocka_unit_test(where_some_have_rates_those_without_pass_by),
		cmocka_unit_test(only_helpers_that_the_kernel_has_are_set),
		cmocka_unit_test(what_a_policy_needs_follows_from_its_keys),
		cmocka_unit_test(what_was_added_is_what_is_deleted),
		cmocka_unit_test(without_more_there_is_only_masquerade),
		cmocka_unit_test(each_block_of_ports_has_its_chain),
		cmocka_unit_test(what_no_policy_needs_is_not_there),
		cmocka_unit_test(ipv6_has_its_chains_if_a_policy_opens_it),
		cmocka_unit_test(chains_are_noted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
