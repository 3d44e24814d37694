/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/policy: who gets which policy and address, and what a session gets for it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "masqd/policy.h"
#include "masqd/session.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct policy policies[] = {
	{ .name = "dialup", .id = 1, .nat = NAT_MASQUERADE, .proxy_arp = true, .isolate = true },
	{ .name = "office", .id = 2, .nat = NAT_NONE, .uplinks.id = 770001 },
	{ .name = "guest", .id = 3, .nat = NAT_MASQUERADE, .isolate = true },
};
#define DIALUP (&policies[0])
#define OFFICE (&policies[1])
#define GUEST  (&policies[2])

#define PATTERN(text) .name = (text), .patterns = (char *[]){ text }, .pattern_count = 1

static struct match users[] = {
	{ PATTERN("alice@example.net"), .policy = OFFICE, .address.s_addr = 100, .line = 10 },
	{ PATTERN("*@example.net"), .policy = GUEST, .line = 11 },
	{ PATTERN("carol"), .address.s_addr = 101, .line = 12 },
	{ PATTERN("x[0-9]?"), .policy = OFFICE, .line = 13 },
	{ PATTERN("\xff*"), .policy = GUEST, .line = 14 },
};

static struct match groups[] = {
	{ .name = "staff", .patterns = (char *[]){ "dora", "*.staff" }, .pattern_count = 2, .policy = OFFICE, .line = 50 },
	{ .name = "all", .patterns = (char *[]){ "*.staff", "*@elsewhere" }, .pattern_count = 2, .policy = GUEST, .line = 51 },
};

static struct match callers[] = {
	{ PATTERN("+4930*"), .policy = OFFICE, .line = 60 },
	{ PATTERN("+49*"), .policy = GUEST, .line = 61 },
};

static struct match lines[] = {
	{ PATTERN("ttyS0"), .policy = OFFICE, .line = 20 },
	{ PATTERN("ttyS*"), .policy = GUEST, .line = 21 },
	{ PATTERN("pts/*"), .policy = OFFICE, .line = 22 },
};

static struct serial_line serials[] = {
	{ .name = "slip0", .interface = "sl0", .address.s_addr = 120, .policy = OFFICE, .line = 30 },
};

static struct network networks[] = {
	{ .name = "home", .interface = "eth1", .prefix = { { 64 }, 26 }, .policy = GUEST, .line = 40 },
	{ .name = "attic", .interface = "eth1", .prefix = { { 128 }, 26 }, .policy = DIALUP, .line = 41 },
};

static const struct conf without_default = {
	.policies = policies,
	.policy_count = COUNT(policies),
	.matches = { { users, COUNT(users) }, { groups, COUNT(groups) }, { callers, COUNT(callers) }, { lines, COUNT(lines) } },
	.serials = serials,
	.serial_count = COUNT(serials),
	.networks = networks,
	.network_count = COUNT(networks),
};

static struct conf with_default(void)
{
	struct conf conf = without_default;

	conf.default_policy = DIALUP;
	conf.default_policy_line = 5;
	return conf;
}

static void a_line_is_given_the_first_policy_that_somebody_names(void **state)
{
	static const struct {
		char *user, *tty, *wanted;
		const struct policy *policy;
		in_addr_t address;
		const char *why;
	} cases[] = {
		{ NULL, NULL, NULL, DIALUP, 0, "default-policy, line 5" },
		{ "nobody", "/dev/tty9", NULL, DIALUP, 0, "default-policy, line 5" },
		{ "nobody", "/dev/ttyS0", NULL, OFFICE, 0, "line \"ttyS0\", line 20" },
		{ NULL, "ttyS1", NULL, GUEST, 0, "line \"ttyS*\", line 21" },
		{ NULL, "/dev/pts/17", NULL, OFFICE, 0, "line \"pts/*\", line 22" },
		{ NULL, "/tmp/dev/ttyS0", NULL, DIALUP, 0, "default-policy, line 5" },
		{ "alice@example.net", "/dev/ttyS1", NULL, OFFICE, 100, "user \"alice@example.net\", line 10" },
		{ "bob@example.net", "/dev/ttyS0", NULL, GUEST, 0, "user \"*@example.net\", line 11" },
		{ "x5y", NULL, NULL, OFFICE, 0, "user \"x[0-9]?\", line 13" },
		{ "\xff\x01", NULL, NULL, GUEST, 0, "user \"\xff*\", line 14" },
		/* a section without policy gives the address and leaves the policy to the rest */
		{ "carol", "/dev/ttyS0", NULL, OFFICE, 101, "line \"ttyS0\", line 20" },
		{ "carol", NULL, NULL, DIALUP, 101, "default-policy, line 5" },
		/* the option goes before all, the address stays the user's */
		{ "alice@example.net", "/dev/ttyS0", "guest", GUEST, 100, "asked for by the line" },
		{ "alice@example.net", "/dev/ttyS0", "gues", NULL, 100, "unknown policy \"gues\"" },
		{ NULL, NULL, "", NULL, 0, "unknown policy \"\"" },
		/* a pattern is no name, and a name is no pattern */
		{ "*", NULL, NULL, DIALUP, 0, "default-policy, line 5" },
		{ NULL, NULL, "*", NULL, 0, "unknown policy \"*\"" },
	};
	struct conf conf = with_default();

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct session s = { .user = cases[i].user, .tty = cases[i].tty, .wanted_policy = cases[i].wanted };

		for (s.type = SESSION_PPP; s.type <= SESSION_ATTACHED; s.type += SESSION_ATTACHED - SESSION_PPP) {
			struct choice choice = policy_choose(&conf, &s);

			assert_ptr_equal(choice.policy, cases[i].policy);
			assert_int_equal(choice.address.s_addr, cases[i].address);
			assert_string_equal(choice.why, cases[i].why);
		}
	}
}

static void users_go_before_groups_callers_and_lines(void **state)
{
	static const struct {
		char *user, *caller, *tty;
		const struct policy *policy;
		unsigned line;
	} cases[] = {
		{ "bob@example.net", "+4930123", "ttyS0", GUEST, 11 },
		{ "dora", "+49123", "ttyS1", OFFICE, 50 },
		{ "eve.staff", NULL, NULL, OFFICE, 50 },
		{ "eve@elsewhere", "+4930123", "ttyS0", GUEST, 51 },
		{ "eve", "+4930123", "ttyS1", OFFICE, 60 },
		{ "eve", "+49123", "ttyS0", GUEST, 61 },
		{ NULL, "+49123", NULL, GUEST, 61 },
		{ "eve", "0123", "ttyS0", OFFICE, 20 },
		{ "eve", "", "ttyX", DIALUP, 5 },
		/* a caller is no user, nor a user a caller */
		{ "+4930123", "dora", NULL, DIALUP, 5 },
	};
	struct conf conf = with_default();

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct session s = { .user = cases[i].user, .caller = cases[i].caller, .tty = cases[i].tty };
		struct choice choice = policy_choose(&conf, &s);

		assert_ptr_equal(choice.policy, cases[i].policy);
		assert_int_equal(choice.line, cases[i].line);
	}
}

static void without_a_default_there_are_refusals(void **state)
{
	struct session s = { .user = "nobody", .tty = "/dev/tty9" };
	struct choice choice = policy_choose(&without_default, &s);

	assert_null(choice.policy);
	assert_string_equal(choice.why, "no policy for this user, caller or line");
	s.user = "carol";
	choice = policy_choose(&without_default, &s);
	assert_null(choice.policy);
}

static void reasons_are_bounded(void **state)
{
	char wanted[1000];
	struct session s = { .wanted_policy = wanted };
	struct choice choice;

	memset(wanted, 'x', sizeof(wanted));
	wanted[sizeof(wanted) - 1] = '\0';
	choice = policy_choose(&without_default, &s);
	assert_null(choice.policy);
	assert_int_equal(strlen(choice.why), sizeof(choice.why) - 1);
}

static void what_is_configured_has_its_sections_policy(void **state)
{
	static const struct {
		enum session_type type;
		const char *ifname;
		struct prefix address;
		const struct policy *policy;
		const char *why;
	} cases[] = {
		{ SESSION_SERIAL, "sl0", { { 120 }, 32 }, OFFICE, "serial \"slip0\", line 30" },
		{ SESSION_SERIAL, "sl0", { { 121 }, 32 }, NULL, "not configured any more" },
		{ SESSION_SERIAL, "sl1", { { 120 }, 32 }, NULL, "not configured any more" },
		{ SESSION_NETWORK, "eth1", { { 64 }, 26 }, GUEST, "network \"home\", line 40" },
		{ SESSION_NETWORK, "eth1", { { 128 }, 26 }, DIALUP, "network \"attic\", line 41" },
		{ SESSION_NETWORK, "eth1", { { 64 }, 27 }, NULL, "not configured any more" },
		{ SESSION_NETWORK, "sl0", { { 120 }, 32 }, NULL, "not configured any more" },
		{ SESSION_HOST, "eth1", { { 64 + (2 << 24) }, 32 }, GUEST, "network \"home\", line 40" },
		{ SESSION_HOST, "eth1", { { 128 + (2 << 24) }, 32 }, DIALUP, "network \"attic\", line 41" },
		{ SESSION_HOST, "eth2", { { 64 + (2 << 24) }, 32 }, NULL, "not configured any more" },
		{ SESSION_HOST, "eth1", { { 192 + (2 << 24) }, 32 }, NULL, "not configured any more" },
	};
	struct conf conf = with_default();

	for (size_t i = 0; i < COUNT(cases); i++) {
		/* neither its name nor what it is like in other ways counts */
		struct session s = { .type = cases[i].type, .user = "alice@example.net", .tty = "ttyS0", .address = cases[i].address };
		struct choice choice;

		snprintf(s.ifname, sizeof(s.ifname), "%s", cases[i].ifname);
		choice = policy_choose(&conf, &s);
		assert_ptr_equal(choice.policy, cases[i].policy);
		assert_string_equal(choice.why, cases[i].why);
		assert_int_equal(choice.address.s_addr, 0);
	}
}

static struct session open_session(void)
{
	return (struct session){
		.serial = 12, .type = SESSION_PPP, .state = SESSION_OPEN, .ifindex = 7, .address = { { 100 }, 32 }, .policy = DIALUP,
	};
}

static void an_open_session_is_granted_its_policy(void **state)
{
	struct session s = open_session();
	struct grant grant = policy_decide(&s);

	assert_true(grant.is_open && grant.isolate && grant.proxy_arp && !grant.is_network);
	assert_int_equal(grant.nat, NAT_MASQUERADE);
	assert_int_equal(grant.serial, 12);
	assert_int_equal(grant.ifindex, 7);
	assert_int_equal(grant.policy_id, 1);
	assert_int_equal(grant.route_mark, 0);
	assert_true(prefix_equal(&grant.address, &s.address));
	s.policy = OFFICE;
	grant = policy_decide(&s);
	assert_true(grant.is_open && !grant.isolate && !grant.proxy_arp);
	assert_int_equal(grant.nat, NAT_NONE);
	assert_int_equal(grant.policy_id, 2);
	assert_int_equal(grant.route_mark, 770001);
}

static void ipv6_is_open_with_an_address_and_a_policy_that_wants_it(void **state)
{
	struct in6_addr address6 = { .s6_addr = { 0x20, 0x01, [15] = 7 } }, peer6 = { .s6_addr = { 0xfe, 0x80, [15] = 7 } };
	struct policy policy = *DIALUP;
	struct session s = open_session();
	struct grant without = policy_decide(&s), grant;

	s.policy = s.chosen_policy = &policy;
	s.address6 = address6;
	s.peer6 = peer6;
	grant = policy_decide(&s);
	assert_true(grant_equal(&grant, &without));
	for (policy.ipv6 = IPV6_MODE_PROXY; policy.ipv6 <= IPV6_MODE_MASQUERADE; policy.ipv6++) {
		grant = policy_decide(&s);
		assert_int_equal(grant.ipv6, policy.ipv6);
		assert_memory_equal(&grant.address6, &address6, sizeof(address6));
		assert_memory_equal(&grant.peer6, &peer6, sizeof(peer6));
	}
	policy.ipv6 = IPV6_MODE_PROXY;
	s.address6 = in6addr_any;
	grant = policy_decide(&s);
	assert_true(grant_equal(&grant, &without));
	s.address6 = address6;
	s.is_outside_hours = true;
	grant = policy_decide(&s);
	assert_true(!grant.is_open && grant.ipv6 == IPV6_MODE_NO);
	s.is_outside_hours = false;
	s.state = SESSION_ADMITTED;
	grant = policy_decide(&s);
	assert_true(!grant.is_open && grant.ipv6 == IPV6_MODE_NO);
}

static void rates_are_the_policys_or_the_lines(void **state)
{
	static const struct {
		struct policy policy;
		unsigned speed;
		uint64_t down, up;
		uint32_t burst_down, burst_up;
		unsigned overhead, mss;
	} cases[] = {
		{ { .id = 1 }, 33600, 0, 0, 0, 0, 0, 0 },
		{ { .id = 1, .rate_down = 1000000 }, 33600, 1000000, 0, 12500, 0, 0, 0 },
		{ { .id = 1, .rate_up = 1000000 }, 0, 0, 1000000, 0, 125000, 0, 0 },
		{ { .id = 1, .rate_down = 33600, .rate_up = 33600, .burst_down = 3000, .burst_up = 20000 }, 0, 33600, 33600, 3000, 20000, 0, 800 },
		{ { .id = 1, .rate_is_line = true }, 33600, 25536, 26880, 319, 15000, 8, 598 },
		{ { .id = 1, .rate_is_line = true, .burst_up = 50000 }, 115200, 87552, 92160, 1094, 50000, 8, 0 },
		/* nobody said it, or nothing that is one */
		{ { .id = 1, .rate_is_line = true, .burst_up = 50000 }, 0, 0, 0, 0, 0, 8, 0 },
		{ { .id = 1, .rate_is_line = true }, 1, 0, 0, 0, 0, 8, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct session s = open_session();
		struct grant grant;

		s.policy = &cases[i].policy;
		s.speed = cases[i].speed;
		grant = policy_decide(&s);
		assert_int_equal(grant.rate_down, cases[i].down);
		assert_int_equal(grant.rate_up, cases[i].up);
		assert_int_equal(grant.burst_down, cases[i].burst_down);
		assert_int_equal(grant.burst_up, cases[i].burst_up);
		assert_int_equal(grant.overhead, cases[i].overhead);
		assert_int_equal(grant.mss, cases[i].mss);
		/* who shares an interface must not have all of it */
		s.type = SESSION_HOST;
		grant = policy_decide(&s);
		assert_true(grant.rate_down == cases[i].down && grant.rate_up == cases[i].up && !grant.mss);
		s.type = SESSION_NETWORK;
		s.address.length = 24;
		grant = policy_decide(&s);
		assert_true(grant.rate_down == cases[i].down && grant.rate_up == cases[i].up && !grant.mss);
	}
}

static void an_orphan_keeps_what_it_had(void **state)
{
	struct session s = open_session();
	struct grant before = policy_decide(&s), after;

	s.state = SESSION_ORPHANED;
	after = policy_decide(&s);
	assert_true(grant_equal(&before, &after));
}

static void an_orphan_in_quarantine_is_closed(void **state)
{
	static const struct grant nothing;
	struct session s = open_session();
	struct grant grant;

	s.state = SESSION_ORPHANED;
	s.is_quarantined = true;
	grant = policy_decide(&s);
	assert_true(grant_equal(&grant, &nothing));
}

static void a_client_is_published_on_the_lans_that_its_policy_names(void **state)
{
	static const struct lan office = { .name = "office", .interface = "eth0" }, cellar = { .name = "cellar", .interface = "eth2" };
	struct policy policy = { .id = 1, .proxy_arp = true, .lans = { .lans = { &office, &cellar }, .count = 2 } };
	struct session s = open_session();
	struct grant grant, other;

	s.policy = &policy;
	grant = policy_decide(&s);
	assert_string_equal(grant.lans.names[0], "eth0");
	assert_string_equal(grant.lans.names[1], "eth2");
	assert_string_equal(grant.lans.names[2], "");
	policy.lans.count = 1;
	other = policy_decide(&s);
	assert_false(grant_equal(&grant, &other));
	/* what says nothing makes no difference */
	policy.proxy_arp = false;
	grant = policy_decide(&s);
	policy.lans.count = 0;
	other = policy_decide(&s);
	assert_true(grant_equal(&grant, &other));
}

static void a_network_and_its_hosts_are_not_published(void **state)
{
	struct session s = open_session();
	struct grant grant;

	s.type = SESSION_NETWORK;
	s.address.length = 26;
	grant = policy_decide(&s);
	assert_true(grant.is_open && grant.is_network && grant.isolate && !grant.proxy_arp);
	s.type = SESSION_HOST;
	s.address.length = 32;
	grant = policy_decide(&s);
	assert_true(grant.is_open && grant.is_host && !grant.is_network && grant.isolate && !grant.proxy_arp);
	/* it would only be there again */
	assert_true(!grant.expires && !grant.idle_timeout);
}

static void everything_else_is_granted_nothing(void **state)
{
	static const struct grant nothing;
	struct session variants[4];
	struct grant grant;

	for (size_t i = 0; i < COUNT(variants); i++)
		variants[i] = open_session();
	variants[0].state = SESSION_ADMITTED;
	variants[1].policy = NULL;
	variants[2].ifindex = 0;
	variants[3].address.address.s_addr = 0;
	for (size_t i = 0; i < COUNT(variants); i++) {
		grant = policy_decide(&variants[i]);
		assert_true(grant_equal(&grant, &nothing));
	}
}

static void a_used_up_quota_and_hours_that_are_over_close_or_throttle(void **state)
{
	static const struct grant nothing;
	struct policy policy = *DIALUP;
	struct session s = open_session();
	struct grant before, grant;

	s.chosen_policy = s.policy = &policy;
	policy.rate_down = 1000000;
	before = policy_decide(&s);
	s.quota_state = QUOTA_NEAR;
	grant = policy_decide(&s);
	assert_true(grant_equal(&grant, &before));
	s.quota_state = QUOTA_OVER;
	policy.quota.over.action = OVER_QUOTA_DENY;
	grant = policy_decide(&s);
	assert_true(grant_equal(&grant, &nothing));
	/* gateway_decide has given it the other policy */
	policy.quota.over.action = OVER_QUOTA_POLICY;
	grant = policy_decide(&s);
	assert_true(grant_equal(&grant, &before));
	policy.quota.over = (struct over_quota){ .action = OVER_QUOTA_THROTTLE, .rate = 64000 };
	grant = policy_decide(&s);
	assert_true(grant.is_open && grant.rate_down == 64000 && grant.rate_up == 64000 && grant.burst_down && grant.burst_up);
	policy.quota.over.rate = 2000000;
	grant = policy_decide(&s);
	assert_true(grant.rate_down == 1000000 && grant.rate_up == 2000000);
	s.quota_state = QUOTA_NONE;
	s.is_outside_hours = true;
	grant = policy_decide(&s);
	assert_true(grant_equal(&grant, &nothing));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_given_the_first_policy_that_somebody_names),
		cmocka_unit_test(users_go_before_groups_callers_and_lines),
		cmocka_unit_test(without_a_default_there_are_refusals),
		cmocka_unit_test(reasons_are_bounded),
		cmocka_unit_test(what_is_configured_has_its_sections_policy),
		cmocka_unit_test(an_open_session_is_granted_its_policy),
		cmocka_unit_test(ipv6_is_open_with_an_address_and_a_policy_that_wants_it),
		cmocka_unit_test(rates_are_the_policys_or_the_lines),
		cmocka_unit_test(an_orphan_keeps_what_it_had),
		cmocka_unit_test(an_orphan_in_quarantine_is_closed),
		cmocka_unit_test(a_client_is_published_on_the_lans_that_its_policy_names),
		cmocka_unit_test(a_network_and_its_hosts_are_not_published),
		cmocka_unit_test(everything_else_is_granted_nothing),
		cmocka_unit_test(a_used_up_quota_and_hours_that_are_over_close_or_throttle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
