/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/policy-key and the modules of its types: what each key takes, how it is printed and shown, what it refuses and why. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "masqd/policy-key.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One more than a list may have. */
static struct uplink uplinks[UPLINK_LIST_MAX + 1];
static struct lan lans[LAN_LIST_MAX + 2];
static struct pool pools[] = { { .name = (char *)"dial\"in" } };
static const struct conf conf = {
	.uplinks = uplinks,
	.uplink_count = COUNT(uplinks),
	.lans = lans,
	.lan_count = COUNT(lans),
	.pools = pools,
	.pool_count = COUNT(pools),
	.reading_line = 7,
};

/* isp0, isp1, ... on ppp0, ppp1, ...; lan0, lan1, ... on eth0, eth1, ..., the last of which does not publish anything. */
static int fill(void **state)
{
	static char uplink_names[COUNT(uplinks)][8], lan_names[COUNT(lans)][8];

	for (unsigned i = 0; i < COUNT(uplinks); i++) {
		snprintf(uplink_names[i], sizeof(uplink_names[i]), "isp%u", i);
		snprintf(uplinks[i].interface, sizeof(uplinks[i].interface), "ppp%u", i);
		uplinks[i].name = uplink_names[i];
	}
	for (unsigned i = 0; i < COUNT(lans); i++) {
		snprintf(lan_names[i], sizeof(lan_names[i]), "lan%u", i);
		snprintf(lans[i].interface, sizeof(lans[i].interface), "eth%u", i);
		lans[i].name = lan_names[i];
		lans[i].proxy_arp = i + 1 < COUNT(lans);
	}
	return 0;
}

static const char *parse(struct policy *policy, const char *name, const char *value)
{
	const struct policy_key *key = policy_key_find(name);

	assert_non_null(key);
	return key->parse(&conf, value, policy_member(key, policy));
}

static void take(struct policy *policy, const char *name, const char *value)
{
	const char *wrong = parse(policy, name, value);

	if (wrong)
		fail_msg("%s: %s: %s", name, value, wrong);
}

/* Caller frees. */
static char *shown(const struct policy_key *key, const struct policy *policy)
{
	json_t *json = key->json(policy_member(key, policy));
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

	assert_non_null(text);
	json_decref(json);
	return text;
}

static void is_written(const struct policy *policy, const char *name, const char *printed, const char *json)
{
	const struct policy_key *key = policy_key_find(name);
	char *text = policy_key_text(key, policy);

	if (strcmp(text, printed) != 0)
		fail_msg("%s is printed as %s, not as %s", name, text, printed);
	free(text);
	text = shown(key, policy);
	if (strcmp(text, json) != 0)
		fail_msg("%s is shown as %s, not as %s", name, text, json);
	free(text);
}

static const struct {
	const char *key, *values[4], *printed, *json;
} spellings[] = {
	{ "nat", { "masquerade" }, "masquerade", "\"masquerade\"" },
	{ "nat", { "snat" }, "snat", "\"snat\"" },
	{ "nat", { "none" }, "none", "\"none\"" },
	{ "snat-address", { "198.51.100.1", "198.51.100.4-198.51.100.6", "198.51.100.8/30" },
	  "{\"198.51.100.1\", \"198.51.100.4-198.51.100.6\", \"198.51.100.8-198.51.100.11\"}",
	  "[\"198.51.100.1\",\"198.51.100.4-198.51.100.6\",\"198.51.100.8-198.51.100.11\"]" },
	{ "port-block", { "512" }, "512", "512" },
	{ "proxy-arp", { "on" }, "yes", "true" },
	{ "isolate", { "true" }, "yes", "true" },
	{ "isolate-lan", { "off" }, "no", "false" },
	{ "inbound", { "yes" }, "yes", "true" },
	{ "lans", { "lan2", "lan0" }, "{\"lan2\", \"lan0\"}", "[\"lan2\",\"lan0\"]" },
	{ "address-conflict", { "refuse" }, "refuse", "\"refuse\"" },
	{ "address-conflict", { "move" }, "move", "\"move\"" },
	{ "pool", { "dial\"in" }, "\"dial\\\"in\"", "\"dial\\\"in\"" },
	{ "ipv6", { "no" }, "no", "\"no\"" },
	{ "ipv6", { "masquerade" }, "masquerade", "\"masquerade\"" },
	{ "dns", { "192.168.0.1", "198.51.100.53" }, "{\"192.168.0.1\", \"198.51.100.53\"}", "[\"192.168.0.1\",\"198.51.100.53\"]" },
	{ "routes", { "10.1.0.0/16", "10.2.3.4" }, "{\"10.1.0.0/16\", \"10.2.3.4\"}", "[\"10.1.0.0/16\",\"10.2.3.4\"]" },
	{ "rules", { "deny  tcp 25", "allow any" }, "{\"deny tcp 25\", \"allow any\"}", "[\"deny tcp 25\",\"allow any\"]" },
	{ "gateway-services", { "ping", "udp 53" }, "{\"ping\", \"udp 53\"}", "[\"ping\",\"udp 53\"]" },
	{ "uplinks", { "isp1", "isp0" }, "{\"isp1\", \"isp0\"}", "[\"isp1\",\"isp0\"]" },
	{ "forwards", { "web tcp+udp 80", "dns  udp 53 to 192.168.0.9:5353" }, "{\"web tcp+udp 80\", \"dns udp 53 to 192.168.0.9:5353\"}",
	  "[\"web tcp+udp 80\",\"dns udp 53 to 192.168.0.9:5353\"]" },
	/* in the order of the table, whatever that of the words */
	{ "helpers", { "pptp", "ftp", "ftp" }, "{\"ftp\", \"pptp\"}", "[\"ftp\",\"pptp\"]" },
	{ "session-timeout", { "1h30m" }, "5400", "5400" },
	{ "idle-timeout", { "0" }, "0", "null" },
	{ "sessions-per-user", { "1000000" }, "1000000", "1000000" },
	{ "flows", { "65535" }, "65535", "65535" },
	{ "new-flows", { "20" }, "20", "20" },
	{ "hours", { "mon-wed,FRI 08:00-18:00", "Sat,Sun 22:00-04:00", "06:00-24:00" },
	  "{\"Mon-Wed,Fri 08:00-18:00\", \"Sat,Sun 22:00-04:00\", \"06:00-24:00\"}",
	  "[\"Mon-Wed,Fri 08:00-18:00\",\"Sat,Sun 22:00-04:00\",\"06:00-24:00\"]" },
	{ "quota", { "1536m" }, "1536M", "1610612736" },
	{ "quota-down", { "2048G" }, "2T", "2199023255552" },
	{ "quota-up", { "1000" }, "1000", "1000" },
	{ "quota-up", { "none" }, "", "null" },
	{ "quota-period", { "week" }, "week", "\"week\"" },
	{ "quota-warn", { "0" }, "0", "null" },
	{ "over-quota", { "deny" }, "\"deny\"", "\"deny\"" },
	{ "over-quota", { "throttle  64kbit" }, "\"throttle 64kbit\"", "\"throttle 64kbit\"" },
	{ "over-quota", { "policy slow" }, "\"policy slow\"", "\"policy slow\"" },
	{ "duplicate", { "refuse" }, "refuse", "\"refuse\"" },
	{ "duplicate", { "replace" }, "replace", "\"replace\"" },
	{ "rate-down", { "33.6kbit" }, "33.6kbit", "33600" },
	{ "rate-up", { "none" }, "", "null" },
	{ "burst-down", { "32K" }, "32k", "32768" },
	{ "burst-up", { "2m" }, "2M", "2097152" },
	{ "burst-up", { "16001" }, "16001", "16001" },
	{ "burst-up", { "none" }, "", "null" },
	{ "rate", { "line" }, "line", "\"line\"" },
	{ "rate", { "none" }, "", "null" },
};

static void each_key_has_one_spelling(void **state)
{
	for (size_t i = 0; i < COUNT(spellings); i++) {
		struct policy policy = { 0 };

		for (size_t k = 0; spellings[i].values[k]; k++)
			take(&policy, spellings[i].key, spellings[i].values[k]);
		is_written(&policy, spellings[i].key, spellings[i].printed, spellings[i].json);
		policy_release(&policy);
	}
}

static void no_key_is_forgotten_here(void **state)
{
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		bool is_here = false;

		for (size_t i = 0; i < COUNT(spellings); i++)
			is_here |= strcmp(spellings[i].key, key->name) == 0;
		if (!is_here)
			fail_msg("%s", key->name);
	}
}

static void what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *key, *value, *reason;
	} cases[] = {
		{ "nat", "snat ", "must be masquerade, snat or none" },
		{ "snat-address", "198.51.100.9-198.51.100.1", "" },
		{ "snat-address", "127.0.0.1", "" },
		{ "snat-address", "223.255.255.0-224.0.0.1", "" },
		{ "snat-address", "isp", "" },
		{ "port-block", "32", "must be a number of ports that is a power of two from 64 to 32768" },
		{ "port-block", "96", "must be a number of ports that is a power of two from 64 to 32768" },
		{ "port-block", "64k", "must be a number of ports that is a power of two from 64 to 32768" },
		{ "port-block", "-64", "must be a number of ports that is a power of two from 64 to 32768" },
		{ "proxy-arp", "Yes", "must be yes or no" },
		{ "lans", "lan", "no such lan, did you mean \"lan0\"?" },
		{ "lans", "lan9", "this lan does not have proxy-arp = yes" },
		{ "address-conflict", "ignore", "must be refuse or move" },
		{ "pool", "dialin", "no such pool, did you mean \"dial\"in\"?" },
		{ "ipv6", "yes", "must be no, proxy or masquerade" },
		{ "dns", "255.255.255.255", "" },
		{ "dns", "dns.example.net", "" },
		{ "routes", "0.0.0.0/0", "prefix length must be 1 to 32" },
		{ "routes", "10.0.0.1/8", "" },
		{ "routes", "224.0.0.0/4", "" },
		{ "rules", "permit any", "" },
		{ "gateway-services", "allow ping", "" },
		{ "uplinks", "ips0", "no such uplink, did you mean \"isp0\"?" },
		{ "forwards", "web", "" },
		{ "helpers", "FTP", "must be ftp, irc, sip, tftp or pptp" },
		{ "session-timeout", "1y", "" },
		{ "sessions-per-user", "1000001", "must be a number from 0 to 1000000" },
		{ "sessions-per-user", "", "must be a number from 0 to 1000000" },
		{ "flows", "65536", "must be a number from 0 to 65535" },
		{ "flows", "10s", "must be a number from 0 to 65535" },
		{ "flows", "18446744073709551617", "must be a number from 0 to 65535" },
		{ "quota", "0", "must be more than 0, or none" },
		{ "quota", "131073T", "must be a number of bytes up to 131072T, as in 500M or 10G" },
		{ "quota", "10GB", "must be a number of bytes up to 131072T, as in 500M or 10G" },
		{ "quota", " 1", "must be a number of bytes up to 131072T, as in 500M or 10G" },
		{ "quota-period", "year", "must be day, week, month or session" },
		{ "quota-warn", "100", "must be a number from 0 to 99" },
		{ "quota-warn", "80%", "must be a number from 0 to 99" },
		{ "over-quota", "throttle", "must be deny, throttle RATE or policy NAME" },
		{ "over-quota", "throttle none", "throttle: needs a rate, as in \"throttle 64kbit\"" },
		{ "over-quota", "policy a;b", "must be deny, throttle RATE or policy NAME" },
		{ "duplicate", "replaces", "must be refuse or replace" },
		{ "rate-up", "0", "must be more than 0, or none" },
		{ "rate-up", "999", "" },
		{ "rate-up", "33Gbit", "" },
		{ "burst-up", "1599", "must be none or a number of bytes from 1600 to 256M, as in 16000, 32k or 1M" },
		{ "burst-up", "257M", "must be none or a number of bytes from 1600 to 256M, as in 16000, 32k or 1M" },
		{ "burst-up", "1G", "must be none or a number of bytes from 1600 to 256M, as in 16000, 32k or 1M" },
		{ "rate", "56kbit", "must be line or none; a rate in bit/s is given as rate-down and rate-up" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct policy policy = { 0 };
		const char *wrong = parse(&policy, cases[i].key, cases[i].value);

		if (!wrong)
			fail_msg("%s: %s is taken", cases[i].key, cases[i].value);
		else if (*cases[i].reason && strcmp(wrong, cases[i].reason) != 0)
			fail_msg("%s: %s: %s", cases[i].key, cases[i].value, wrong);
		policy_release(&policy);
	}
}

/* A list takes so many, and nothing of one too many. */
static void lists_end(void **state)
{
	static const struct {
		const char *key, *format;
		unsigned most;
		const char *reason;
	} cases[] = {
		{ "snat-address", "198.51.100.%u", 64, "there may be at most 64 of these" },
		{ "lans", "lan%u", 8, "there may be at most 8 of these" },
		{ "dns", "192.168.0.%u", 2, "there may be at most 2 of these" },
		{ "routes", "10.%u.0.0/16", 8, "there may be at most 8 of these" },
		{ "rules", "deny tcp 1%u", 64, "there may be at most 64 of these" },
		{ "gateway-services", "tcp 1%u", 64, "there may be at most 64 of these" },
		{ "uplinks", "isp%u", 8, "there may be at most 8 of these" },
		{ "hours", "%02u:00-24:00", 16, "there may be at most 16 of these" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct policy_key *key = policy_key_find(cases[i].key);
		struct policy policy = { 0 };
		char value[64], *full, *after;

		assert_true(key->is_list);
		for (unsigned n = 0; n < cases[i].most; n++) {
			snprintf(value, sizeof(value), cases[i].format, n + (key->parse == dns_parse));
			take(&policy, cases[i].key, value);
		}
		full = policy_key_text(key, &policy);
		snprintf(value, sizeof(value), cases[i].format, cases[i].most + (key->parse == dns_parse));
		assert_string_equal(parse(&policy, cases[i].key, value), cases[i].reason);
		after = policy_key_text(key, &policy);
		assert_string_equal(full, after);
		free(full);
		free(after);
		policy_release(&policy);
	}
}

static void nothing_is_in_a_list_twice(void **state)
{
	static const struct {
		const char *key, *first, *second, *reason;
	} cases[] = {
		{ "lans", "lan1", "lan1", "is in the list already" },
		{ "uplinks", "isp1", "isp1", "is in the list already" },
		{ "dns", "192.168.0.1", "192.168.0.1", "is there twice" },
		{ "routes", "10.1.0.0/16", "10.1.2.0/24", "overlaps with another one of the list" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct policy policy = { 0 };

		take(&policy, cases[i].key, cases[i].first);
		assert_string_equal(parse(&policy, cases[i].key, cases[i].second), cases[i].reason);
		policy_release(&policy);
	}
}

static void what_is_released_is_empty_again(void **state)
{
	struct policy policy = { 0 };

	for (size_t i = 0; i < COUNT(spellings); i++)
		if (policy_key_find(spellings[i].key)->is_list)
			take(&policy, spellings[i].key, spellings[i].values[0]);
	policy_release(&policy);
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		char *text = key->is_list ? shown(key, &policy) : NULL;

		if (text)
			assert_string_equal(text, "[]");
		free(text);
	}
}

static void a_policy_that_says_nothing_is_careful(void **state)
{
	struct policy policy = { 0 };

	policy_set_defaults(&policy);
	is_written(&policy, "nat", "masquerade", "\"masquerade\"");
	is_written(&policy, "isolate", "yes", "true");
	is_written(&policy, "inbound", "no", "false");
	is_written(&policy, "gateway-services", "{\"ping\"}", "[\"ping\"]");
	is_written(&policy, "quota-period", "month", "\"month\"");
	is_written(&policy, "quota-warn", "80", "80");
	is_written(&policy, "pool", "", "null");
	is_written(&policy, "snat-address", "", "[]");
	is_written(&policy, "helpers", "", "[]");
	is_written(&policy, "forwards", "", "[]");
	is_written(&policy, "uplinks", "{}", "[]");
	policy_release(&policy);
	assert_null(policy_key_find("Nat"));
}

static void rules_know_their_lines(void **state)
{
	struct policy policy = { 0 };
	const struct policy_key *key = policy_key_find("rules");

	take(&policy, "rules", "deny any");
	assert_null(key->parse(NULL, "allow any", policy_member(key, &policy)));
	assert_int_equal(policy.rules.rules[0].line, 7);
	assert_int_equal(policy.rules.rules[1].line, 0);
	policy_release(&policy);
}

static void addresses_of_ranges_are_numbered(void **state)
{
	static const char *const in_order[] = { "198.51.100.9", "198.51.100.4", "198.51.100.5", "198.51.100.255", "198.51.101.0" };
	struct policy policy = { 0 };
	const struct range_list *list = &policy.snat_address;

	take(&policy, "snat-address", "198.51.100.9");
	take(&policy, "snat-address", "198.51.100.4/31");
	take(&policy, "snat-address", "198.51.100.255-198.51.101.0");
	assert_int_equal(range_list_size(list), COUNT(in_order));
	for (size_t i = 0; i < COUNT(in_order); i++) {
		char text[ADDR_TEXT_MAX];

		assert_string_equal(addr_text(range_list_nth(list, i), text), in_order[i]);
		assert_true(range_list_contains(list, range_list_nth(list, i)));
	}
	assert_false(range_list_contains(list, (struct in_addr){ .s_addr = inet_addr("198.51.100.6") }));
	policy_release(&policy);
}

static void an_empty_list_means_every_one(void **state)
{
	struct policy policy = { 0 };
	struct lan_interfaces interfaces;

	assert_true(lan_list_has(&policy.lans, "eth0") && uplink_list_has(&policy.uplinks, "ppp0"));
	take(&policy, "lans", "lan1");
	take(&policy, "lans", "lan2");
	take(&policy, "uplinks", "isp1");
	assert_true(lan_list_has(&policy.lans, "eth1") && uplink_list_has(&policy.uplinks, "ppp1"));
	assert_false(lan_list_has(&policy.lans, "eth0") || uplink_list_has(&policy.uplinks, "ppp0"));
	interfaces = lan_list_interfaces(&policy.lans);
	assert_string_equal(interfaces.names[0], "eth1");
	assert_string_equal(interfaces.names[1], "eth2");
	assert_string_equal(interfaces.names[2], "");
	policy_release(&policy);
}

static void a_list_of_uplinks_is_known_by_its_names_and_their_order(void **state)
{
	struct policy a = { 0 }, b = { 0 }, turned = { 0 };

	take(&a, "uplinks", "isp1");
	take(&a, "uplinks", "isp0");
	take(&b, "uplinks", "isp1");
	assert_int_not_equal(a.uplinks.id, b.uplinks.id);
	take(&b, "uplinks", "isp0");
	assert_int_equal(a.uplinks.id, b.uplinks.id);
	take(&turned, "uplinks", "isp0");
	take(&turned, "uplinks", "isp1");
	assert_int_not_equal(a.uplinks.id, turned.uplinks.id);
	assert_in_range(a.uplinks.id, UPLINK_LIST_ID_FIRST, UPLINK_LIST_ID_LAST);
}

/* Where modules are not listed there are none, and everything is built in. */
static void a_helpers_module_is_missing_if_the_kernel_does_not_have_it(void **state)
{
	static const struct helper nothing = { "no_such_helper", { "tcp" }, 1 };
	bool lists_modules = access("/proc/modules", R_OK) == 0;

	for (unsigned i = 0; i < HELPER_COUNT; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/sys/module/nf_nat_%s", helpers[i].name);
		assert_int_equal(helper_nat_is_missing(&helpers[i]), lists_modules && access(path, F_OK) != 0);
	}
	assert_int_equal(helper_nat_is_missing(&nothing), lists_modules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_has_one_spelling),
		cmocka_unit_test(no_key_is_forgotten_here),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(lists_end),
		cmocka_unit_test(nothing_is_in_a_list_twice),
		cmocka_unit_test(what_is_released_is_empty_again),
		cmocka_unit_test(a_policy_that_says_nothing_is_careful),
		cmocka_unit_test(rules_know_their_lines),
		cmocka_unit_test(addresses_of_ranges_are_numbered),
		cmocka_unit_test(an_empty_list_means_every_one),
		cmocka_unit_test(a_list_of_uplinks_is_known_by_its_names_and_their_order),
		cmocka_unit_test(a_helpers_module_is_missing_if_the_kernel_does_not_have_it),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
