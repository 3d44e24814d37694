/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A few types of values, and the table of keys at the end. */

#include "config.h"

#include <ctype.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text-stream.h"
#include "masqd/address-key.h"
#include "masqd/duration.h"
#include "masqd/forward-key.h"
#include "masqd/ipv6-key.h"
#include "masqd/policy-key.h"
#include "masqd/public.h"
#include "masqd/rate.h"
#include "masqd/rule.h"

/* A list has bounds, so that nothing a policy says can overflow anything. */
enum { LIST_MAX = 64 };

static const char *parse_bool(const struct conf *conf, const char *text, void *member)
{
	static const char *const yes[] = { "yes", "true", "on" }, *const no[] = { "no", "false", "off" };

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
			*(bool *)member = strcmp(text, yes[i]) == 0;
			return NULL;
		}
	}
	return "must be yes or no";
}

static void print_bool(FILE *out, const void *member)
{
	fputs(*(const bool *)member ? "yes" : "no", out);
}

static json_t *json_bool(const void *member)
{
	return json_boolean(*(const bool *)member);
}

static const char *parse_nat(const struct conf *conf, const char *text, void *member)
{
	enum nat_mode *nat = member;

	for (*nat = NAT_MASQUERADE; *nat <= NAT_NONE; (*nat)++)
		if (strcmp(text, nat_mode_text(*nat)) == 0)
			return NULL;
	*nat = NAT_NONE;
	return "must be masquerade, snat or none";
}

static void print_nat(FILE *out, const void *member)
{
	fputs(nat_mode_text(*(const enum nat_mode *)member), out);
}

static json_t *json_nat(const void *member)
{
	return json_string(nat_mode_text(*(const enum nat_mode *)member));
}

static const char *parse_port_block(const struct conf *conf, const char *text, void *member)
{
	char *end;
	unsigned long ports = isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : 0;

	if (ports < PUBLIC_BLOCK_MIN || ports > PUBLIC_BLOCK_MAX || (ports & (ports - 1)) || *end)
		return "must be a number of ports that is a power of two from 64 to 32768";
	*(unsigned *)member = (unsigned)ports;
	return NULL;
}

static void print_port_block(FILE *out, const void *member)
{
	unsigned ports = *(const unsigned *)member;

	if (ports)
		fprintf(out, "%u", ports);
}

static const char *parse_duplicate(const struct conf *conf, const char *text, void *member)
{
	bool *replaces = member;

	*replaces = strcmp(text, "replace") == 0;
	return *replaces || strcmp(text, "refuse") == 0 ? NULL : "must be refuse or replace";
}

static const char *duplicate_text(const void *member)
{
	return *(const bool *)member ? "replace" : "refuse";
}

static void print_duplicate(FILE *out, const void *member)
{
	fputs(duplicate_text(member), out);
}

static json_t *json_duplicate(const void *member)
{
	return json_string(duplicate_text(member));
}

static const char *parse_address_conflict(const struct conf *conf, const char *text, void *member)
{
	bool *moves = member;

	*moves = strcmp(text, "move") == 0;
	return *moves || strcmp(text, "refuse") == 0 ? NULL : "must be refuse or move";
}

static const char *address_conflict_text(const void *member)
{
	return *(const bool *)member ? "move" : "refuse";
}

static void print_address_conflict(FILE *out, const void *member)
{
	fputs(address_conflict_text(member), out);
}

static json_t *json_address_conflict(const void *member)
{
	return json_string(address_conflict_text(member));
}

static const char *parse_pool(const struct conf *conf, const char *text, void *member)
{
	const struct pool **pool = member;

	*pool = conf_find_pool(conf, text);
	return *pool ? NULL : conf_no_pool(conf, text);
}

static void print_pool(FILE *out, const void *member)
{
	const struct pool *const *pool = member;

	if (*pool)
		conf_print_quoted(out, (*pool)->name);
}

static json_t *json_pool(const void *member)
{
	const struct pool *const *pool = member;

	return *pool ? json_string((*pool)->name) : json_null();
}

static const char *parse_duration(const struct conf *conf, const char *text, void *member)
{
	return duration_parse(text, member);
}

/* The kernel looks through a client's connections for each new one: a limit that is never reached only costs. */
static const char *parse_flows(const struct conf *conf, const char *text, void *member)
{
	char *end;
	unsigned long count = isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : ULONG_MAX;

	if (count > 65535 || *end)
		return "must be a number from 0 to 65535";
	*(unsigned *)member = (unsigned)count;
	return NULL;
}

static const char *parse_count(const struct conf *conf, const char *text, void *member)
{
	char *end;
	unsigned long count = isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : ULONG_MAX;

	if (count > 1000000 || *end)
		return "must be a number from 0 to 1000000";
	*(unsigned *)member = (unsigned)count;
	return NULL;
}

static void print_number(FILE *out, const void *member)
{
	fprintf(out, "%u", *(const unsigned *)member);
}

/* 0 stands for no limit. */
static json_t *json_limit(const void *member)
{
	unsigned number = *(const unsigned *)member;

	return number ? json_integer(number) : json_null();
}

static const char *append_rule(const struct conf *conf, struct rule_list *list, const char *text,
			       const char *(*parse)(const char *text, struct rule *rule))
{
	struct rule *rules;
	struct rule rule;
	const char *wrong = parse(text, &rule);

	if (wrong)
		return wrong; /* cppcheck-suppress returnDanglingLifetime // it is static text */
	if (list->count == LIST_MAX)
		return "there may be at most 64 of these";
	rules = realloc(list->rules, (list->count + 1) * sizeof(*rules));
	if (!rules)
		return "there is no memory for it";
	rule.line = conf ? conf->reading_line : 0;
	rules[list->count] = rule;
	list->rules = rules;
	list->count++;
	return NULL;
}

static const char *parse_rule(const struct conf *conf, const char *text, void *member)
{
	return append_rule(conf, member, text, rule_parse);
}

static const char *parse_service(const struct conf *conf, const char *text, void *member)
{
	return append_rule(conf, member, text, rule_parse_traffic);
}

/* What print writes. Caller frees. */
static char *printed(void (*print)(FILE *out, const void *what), const void *what)
{
	struct text_stream stream;
	FILE *out = text_stream_open(&stream);

	if (!out)
		return NULL;
	print(out, what);
	return text_stream_close(&stream);
}

static void print_rule(FILE *out, const void *what)
{
	rule_print(out, what);
}

static void print_service(FILE *out, const void *what)
{
	rule_print_traffic(out, what);
}

static void print_list(FILE *out, const struct rule_list *list, void (*print)(FILE *out, const void *what))
{
	fputc('{', out);
	for (unsigned i = 0; i < list->count; i++) {
		fputs(i ? ", \"" : "\"", out);
		print(out, &list->rules[i]);
		fputc('"', out);
	}
	fputc('}', out);
}

static void print_rules(FILE *out, const void *member)
{
	print_list(out, member, print_rule);
}

static void print_services(FILE *out, const void *member)
{
	print_list(out, member, print_service);
}

static json_t *json_list(const struct rule_list *list, void (*print)(FILE *out, const void *what))
{
	json_t *json = json_array();

	for (unsigned i = 0; i < list->count; i++) {
		char *text = printed(print, &list->rules[i]);

		json_array_append_new(json, json_string(text ? text : ""));
		free(text);
	}
	return json;
}

static json_t *json_rules(const void *member)
{
	return json_list(member, print_rule);
}

static json_t *json_services(const void *member)
{
	return json_list(member, print_service);
}

static void release_rules(void *member)
{
	struct rule_list *list = member;

	free(list->rules);
	*list = (struct rule_list){ 0 };
}

#define AT(member) offsetof(struct policy, member)

const struct policy_key policy_keys[POLICY_KEYS_MAX] = {
	{ "nat", false, AT(nat), parse_nat, print_nat, json_nat, NULL, 0 },
	{ "snat-address", true, AT(snat_address), range_list_parse, range_list_print, range_list_json, range_list_release, 0 },
	{ "port-block", false, AT(port_block), parse_port_block, print_port_block, json_limit, NULL, 0 },
	{ "proxy-arp", false, AT(proxy_arp), parse_bool, print_bool, json_bool, NULL, 0 },
	{ "lans", true, AT(lans), lan_list_parse, lan_list_print, lan_list_json, lan_list_release, 0 },
	{ "address-conflict", false, AT(moves_address), parse_address_conflict, print_address_conflict, json_address_conflict, NULL,
	  POLICY_KEY_ADMISSION },
	{ "isolate", false, AT(isolate), parse_bool, print_bool, json_bool, NULL, POLICY_KEY_CHAINS },
	{ "isolate-lan", false, AT(isolate_lan), parse_bool, print_bool, json_bool, NULL, POLICY_KEY_CHAINS },
	{ "inbound", false, AT(inbound), parse_bool, print_bool, json_bool, NULL, POLICY_KEY_CHAINS },
	{ "pool", false, AT(pool), parse_pool, print_pool, json_pool, NULL, POLICY_KEY_ADMISSION },
	{ "ipv6", false, AT(ipv6), ipv6_parse, ipv6_print, ipv6_json, NULL, POLICY_KEY_CHAINS },
	{ "dns", true, AT(dns), dns_parse, dns_print, dns_json, dns_release, POLICY_KEY_ADMISSION },
	{ "routes", true, AT(routes), routes_parse, routes_print, routes_json, routes_release, 0 },
	{ "rules", true, AT(rules), parse_rule, print_rules, json_rules, release_rules, POLICY_KEY_CHAINS },
	{ "gateway-services", true, AT(gateway_services), parse_service, print_services, json_services, release_rules, POLICY_KEY_CHAINS },
	{ "uplinks", true, AT(uplinks), uplink_list_parse, uplink_list_print, uplink_list_json, uplink_list_release, POLICY_KEY_CHAINS },
	{ "forwards", true, AT(forwards), forward_key_parse, forward_key_print, forward_key_json, forward_key_release, 0 },
	{ "helpers", true, AT(helpers), helper_parse, helper_print, helper_json, helper_release, POLICY_KEY_CHAINS },
	{ "session-timeout", false, AT(session_timeout), parse_duration, print_number, json_limit, NULL, 0 },
	{ "idle-timeout", false, AT(idle_timeout), parse_duration, print_number, json_limit, NULL, 0 },
	{ "sessions-per-user", false, AT(sessions_per_user), parse_count, print_number, json_limit, NULL, POLICY_KEY_ADMISSION },
	{ "flows", false, AT(flows), parse_flows, print_number, json_limit, NULL, 0 },
	{ "new-flows", false, AT(new_flows), parse_flows, print_number, json_limit, NULL, 0 },
	{ "hours", true, AT(hours), hours_parse, hours_print, hours_json, hours_release, 0 },
	{ "quota", false, AT(quota.total), quota_parse_size, quota_print_size, quota_json_size, NULL, 0 },
	{ "quota-down", false, AT(quota.down), quota_parse_size, quota_print_size, quota_json_size, NULL, 0 },
	{ "quota-up", false, AT(quota.up), quota_parse_size, quota_print_size, quota_json_size, NULL, 0 },
	{ "quota-period", false, AT(quota.period), quota_parse_period, quota_print_period, quota_json_period, NULL, 0 },
	{ "quota-warn", false, AT(quota.warn), quota_parse_percent, print_number, json_limit, NULL, 0 },
	{ "over-quota", false, AT(quota.over), quota_parse_over, quota_print_over, quota_json_over, NULL, 0 },
	{ "duplicate", false, AT(replaces_duplicate), parse_duplicate, print_duplicate, json_duplicate, NULL, POLICY_KEY_ADMISSION },
	{ "rate-down", false, AT(rate_down), rate_parse, rate_print, rate_json, NULL, 0 },
	{ "rate-up", false, AT(rate_up), rate_parse, rate_print, rate_json, NULL, 0 },
	{ "burst-down", false, AT(burst_down), rate_parse_burst, rate_print_burst, rate_json_burst, NULL, 0 },
	{ "burst-up", false, AT(burst_up), rate_parse_burst, rate_print_burst, rate_json_burst, NULL, 0 },
	{ "rate", false, AT(rate_is_line), rate_parse_line, rate_print_line, rate_json_line, NULL, 0 },
};

void policy_set_defaults(struct policy *policy)
{
	policy->nat = NAT_MASQUERADE;
	policy->isolate = true;
	policy->quota.period = PERIOD_MONTH;
	policy->quota.warn = 80;
	append_rule(NULL, &policy->gateway_services, "ping", rule_parse_traffic);
}

void policy_release(struct policy *policy)
{
	for (const struct policy_key *key = policy_keys; key->name; key++)
		if (key->release)
			key->release(policy_member(key, policy));
}

const struct policy_key *policy_key_find(const char *name)
{
	for (const struct policy_key *key = policy_keys; key->name; key++)
		if (strcmp(key->name, name) == 0)
			return key;
	return NULL;
}

char *policy_key_text(const struct policy_key *key, const struct policy *policy)
{
	return printed(key->print, policy_member(key, policy));
}
