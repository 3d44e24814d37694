/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/derive, masqd/layer and masqd/origin: policies with the keys of users, lines and administrators over them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "masqd/origin.h"
#include "masqd/policy-key.h"
#include "masqd/session.h"

static const char text[] = "uplink isp { interface = \"isp0\" }\n"
			   "policy dialup { rules = { \"deny tcp 25\" } idle-timeout = 1h }\n"
			   "policy plain { nat = none }\n"
			   "line \"tty*\" { idle-timeout = 2h isolate = no }\n"
			   "user alice { policy = \"dialup\"\n"
			   "  idle-timeout = 3h\n"
			   "  rules = { \"allow tcp 25\", \"deny any\" } }\n"
			   "user bob { policy = \"dialup\" isolate = yes rules = { \"deny tcp 25\" } proxy-arp = yes }\n"
			   "user carol { inbound = yes }\n"
			   "default-policy = \"dialup\"\n";

static struct conf *conf;
static struct derive_table table;

static int load(void **state)
{
	char path[] = "/tmp/test-derive-XXXXXX";
	int fd = mkstemp(path);
	struct conffile file;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	close(fd);
	conf = conf_load(&file, path);
	for (size_t i = 0; i < file.error_count; i++)
		print_error("%s\n", file.errors[i]);
	conffile_close(&file);
	unlink(path);
	return conf ? 0 : -1;
}

static int unload(void **state)
{
	derive_sweep(&table);
	assert_null(table.by_text);
	conf_free(conf);
	return 0;
}

static const struct policy *derived(const struct policy *base, const struct layers *layers)
{
	char reason[DERIVE_REASON_MAX];
	const struct policy *policy = derive_get(&table, conf, base, layers, reason);

	if (!policy)
		print_error("%s\n", reason);
	assert_non_null(policy);
	return policy;
}

static struct choice choose(char *user, char *tty)
{
	return policy_choose(conf, &(struct session){ .user = user, .tty = tty });
}

static void without_layers_it_is_the_policy_itself(void **state)
{
	struct choice choice = choose("nobody", NULL);

	assert_int_equal(choice.layers.count, 0);
	assert_ptr_equal(derived(choice.policy, &choice.layers), choice.policy);
	assert_null(derive_of(choice.policy));
	derive_put(choice.policy);
}

static void the_users_keys_go_over_the_lines_and_those_over_the_policys(void **state)
{
	struct choice choice = choose("alice", "ttyS0");
	const struct policy *policy = derived(choice.policy, &choice.layers);

	assert_ptr_not_equal(policy, choice.policy);
	assert_ptr_equal(policy->base, choice.policy);
	assert_string_equal(policy->name, "dialup");
	assert_int_equal(policy->idle_timeout, 3 * 3600);
	assert_false(policy->isolate);
	assert_int_equal(policy->rules.count, 2);
	assert_int_equal(policy->gateway_services.count, 1);
	assert_int_equal(choice.policy->rules.count, 1);
	derive_put(policy);
}

static void each_key_says_what_decided_it(void **state)
{
	struct choice choice = choose("alice", "ttyS0");
	const struct layer *from = NULL;
	const struct setting *setting = layers_find(&choice.layers, policy_key_find("idle-timeout"), &from);

	assert_string_equal(from->kind, "user");
	assert_string_equal(from->name, "alice");
	assert_int_equal(setting->line, 6);
	assert_string_equal(setting->values[0].text, "3h");
	layers_find(&choice.layers, policy_key_find("isolate"), &from);
	assert_string_equal(from->kind, "line");
	assert_int_equal(from->line, 4);
	assert_null(layers_find(&choice.layers, policy_key_find("nat"), &from));
}

static void comes_from(const struct session *s, const char *key, const char *format)
{
	char wanted[256];

	snprintf(wanted, sizeof(wanted), format, conf->path);
	assert_string_equal(origin_text(conf, s, key), wanted);
}

static void it_is_said_where_a_value_stands(void **state)
{
	struct choice choice = choose("alice", "ttyS0");
	struct layer live = { .kind = "live" };
	struct session s = { 0 };
	char wanted[256];

	layer_append(&live, policy_key_find("isolate"), "yes", 0);
	layers_add(&choice.layers, &live);
	s.layers = choice.layers;
	s.policy = s.chosen_policy = derived(choice.policy, &choice.layers);
	comes_from(&s, "nat", "policy dialup (%s:2)");
	comes_from(&s, "idle-timeout", "user \"alice\" (%s:6)");
	comes_from(&s, "isolate", "masqctl set");
	snprintf(wanted, sizeof(wanted), "%s:7", conf->path);
	assert_string_equal(origin_rule_text(conf, &s, &s.policy->rules.rules[0]), wanted);
	assert_string_equal(origin_rule_text(conf, &s, &(struct rule){ 0 }), origin_text(conf, &s, "rules"));
	/* another policy has its place, over which nothing stands */
	s.policy = &conf->policies[1];
	comes_from(&s, "idle-timeout", "policy plain (%s:3)");
	derive_put(s.chosen_policy);
	layer_release(&live);
}

static void chains_of_its_own_only_if_they_differ(void **state)
{
	struct choice bob = choose("bob", NULL), alice = choose("alice", NULL);
	const struct policy *policy = derived(bob.policy, &bob.layers), *other = derived(alice.policy, &alice.layers);

	assert_true(policy->proxy_arp);
	assert_string_equal(policy->chain, "dialup");
	assert_int_equal(policy->id, bob.policy->id);
	assert_memory_equal(other->chain, "dialup.", 7);
	assert_int_equal(strlen(other->chain), 7 + 16);
	assert_int_not_equal(other->id, alice.policy->id);
	assert_int_equal(other->id, conf_policy_id(other->chain));
	derive_put(policy);
	derive_put(other);
}

static void the_same_layers_make_one_policy(void **state)
{
	struct layer live = { .kind = "live" };
	struct layers layers[2] = { 0 };
	const struct policy *policies[3];

	layer_append(&live, policy_key_find("idle-timeout"), "3h", 0);
	layer_append(&live, policy_key_find("rules"), "allow tcp 25", 0);
	layer_append(&live, policy_key_find("rules"), "deny any", 0);
	layers_add(&layers[0], &live);
	layers[1] = choose("alice", NULL).layers;
	for (int i = 0; i < 3; i++)
		policies[i] = derived(&conf->policies[0], &layers[i % 2]);
	assert_ptr_equal(policies[0], policies[1]);
	assert_ptr_equal(policies[0], policies[2]);
	assert_int_equal(derive_of(policies[0])->users, 3);
	for (int i = 0; i < 3; i++)
		derive_put(policies[i]);
	derive_sweep(&table);
	assert_null(table.by_text);
	layer_release(&live);
}

static void what_does_not_go_together_is_refused(void **state)
{
	struct choice carol = choose("carol", NULL);
	struct layer live = { .kind = "live" };
	struct layers layers = { 0 };
	char reason[DERIVE_REASON_MAX];

	assert_null(derive_get(&table, conf, carol.policy, &carol.layers, reason));
	assert_string_equal(reason, "with policy \"dialup\": inbound: yes: needs nat = none");
	derive_put(derived(&conf->policies[1], &carol.layers));
	layer_append(&live, policy_key_find("isolate"), "perhaps", 0);
	layers_add(&layers, &live);
	assert_null(derive_get(&table, conf, carol.policy, &layers, reason));
	assert_string_equal(reason, "isolate: perhaps: must be yes or no");
	layer_release(&live);
}

static void a_layer_loses_and_copies_its_settings(void **state)
{
	struct layer layer = { .kind = "live" }, copy = { 0 };

	layer_append(&layer, policy_key_find("rules"), "deny any", 0);
	layer_append(&layer, policy_key_find("isolate"), "no", 0);
	layer_add(&layer, policy_key_find("gateway-services"));
	assert_int_equal(layer_append_all(&copy, &layer), 0);
	assert_true(layer_del(&layer, policy_key_find("rules")));
	assert_false(layer_del(&layer, policy_key_find("rules")));
	assert_int_equal(layer.count, 2);
	assert_int_equal(copy.count, 3);
	assert_string_equal(layer_find(&copy, policy_key_find("rules"))->values[0].text, "deny any");
	assert_int_equal(layer_find(&copy, policy_key_find("gateway-services"))->count, 0);
	layer_release(&layer);
	layer_release(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_layers_it_is_the_policy_itself),
		cmocka_unit_test(the_users_keys_go_over_the_lines_and_those_over_the_policys),
		cmocka_unit_test(each_key_says_what_decided_it),
		cmocka_unit_test(it_is_said_where_a_value_stands),
		cmocka_unit_test(chains_of_its_own_only_if_they_differ),
		cmocka_unit_test(the_same_layers_make_one_policy),
		cmocka_unit_test(what_does_not_go_together_is_refused),
		cmocka_unit_test(a_layer_loses_and_copies_its_settings),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
