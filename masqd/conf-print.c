/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The configuration in canonical form, as masqd -nv prints it: what conf_load reads back to the same. */

#include "config.h"

#include <stdlib.h>

#include "masqd/policy-key.h"

static const char *const nat_texts[] = {
	[NAT_MASQUERADE] = "masquerade",
	[NAT_SNAT] = "snat",
	[NAT_NONE] = "none",
};

static const char *const match_texts[] = {
	[MATCH_USER] = "user",
	[MATCH_GROUP] = "group",
	[MATCH_CALLER] = "caller",
	[MATCH_LINE] = "line",
};

const char *match_kind_text(enum match_kind kind)
{
	return match_texts[kind];
}

const char *nat_mode_text(enum nat_mode mode)
{
	return nat_texts[mode];
}

/* A string in libconfuse's double quotes, in which only the quote, the backslash and ${ mean something. */
void conf_print_quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\' || *text == '$')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void print_string(FILE *out, const char *key, const char *value)
{
	fprintf(out, "%s = ", key);
	conf_print_quoted(out, value);
	fputc('\n', out);
}

static void print_section(FILE *out, const char *kind, const char *title)
{
	fprintf(out, "\n%s ", kind);
	conf_print_quoted(out, title);
	fputs(" {\n", out);
}

static void print_bool(FILE *out, const char *key, bool value)
{
	fprintf(out, "\t%s = %s\n", key, value ? "yes" : "no");
}

static void print_address(FILE *out, const char *key, struct in_addr address)
{
	char text[ADDR_TEXT_MAX];

	if (address.s_addr)
		fprintf(out, "\t%s = \"%s\"\n", key, addr_text(address, text));
}

static void print_policy_name(FILE *out, const struct policy *policy)
{
	if (policy)
		fprintf(out, "\tpolicy = \"%s\"\n", policy->name);
}

static void print_pool(const struct pool *pool, FILE *out)
{
	char first[ADDR_TEXT_MAX], last[ADDR_TEXT_MAX], prefix[IP_TEXT_MAX];

	print_section(out, "pool", pool->name);
	fputs("\trange = {", out);
	for (unsigned i = 0; i < pool->range_count; i++)
		fprintf(out, "%s\"%s-%s\"", i ? ", " : "", addr_text(pool->ranges[i].first, first), addr_text(pool->ranges[i].last, last));
	fputs("}\n", out);
	if (pool->prefix.length)
		fprintf(out, "\tprefix = \"%s\"\n", ip_prefix_text(&pool->prefix, prefix));
	fputs("}\n", out);
}

/* instead: what stands where the value is none; NULL: nothing does. */
static void print_key(const struct policy_key *key, const struct policy *policy, const char *instead, FILE *out)
{
	char *text = policy_key_text(key, policy);
	const char *value = text && *text ? text : instead;

	if (value)
		fprintf(out, "\t%s = %s\n", key->name, value);
	free(text);
}

static void print_policy(const struct policy *policy, FILE *out)
{
	print_section(out, "policy", policy->name);
	for (const struct policy_key *key = policy_keys; key->name; key++)
		print_key(key, policy, NULL, out);
	fputs("}\n", out);
}

/* A section's keys of a policy, in canonical form too. */
static void print_layer(const struct conf *conf, const struct layer *layer, FILE *out)
{
	struct policy policy = { 0 };
	unsigned wrong;

	for (const struct policy_key *key = policy_keys; key->name; key++) {
		const struct setting *setting = layer_find(layer, key);

		/* An empty list says that there are none, whatever the policy has. */
		if (setting && !setting_apply(setting, conf, &policy, &wrong))
			print_key(key, &policy, key->is_list ? "{}" : NULL, out);
	}
	policy_release(&policy);
}

static void print_match(const struct conf *conf, enum match_kind kind, const struct match *match, FILE *out)
{
	print_section(out, match_texts[kind], match->name);
	if (kind == MATCH_GROUP) {
		fputs("\tusers = {", out);
		for (unsigned i = 0; i < match->pattern_count; i++) {
			fputs(i ? ", " : "", out);
			conf_print_quoted(out, match->patterns[i]);
		}
		fputs("}\n", out);
	}
	print_policy_name(out, match->policy);
	print_address(out, "address", match->address);
	print_layer(conf, &match->layer, out);
	fputs("}\n", out);
}

void conf_print(const struct conf *conf, FILE *out)
{
	char text[ADDR_TEXT_MAX];

	print_string(out, "socket", conf->socket);
	print_string(out, "arpd-socket", conf->arpd_socket);
	print_string(out, "state-directory", conf->state_directory);
	fprintf(out, "redial-backoff = %u\n", conf->redial_backoff);
	if (conf->default_policy)
		print_string(out, "default-policy", conf->default_policy->name);
	fputs("client-interfaces = {", out);
	for (unsigned i = 0; i < conf->client_interface_count; i++)
		fprintf(out, "%s\"%s\"", i ? ", " : "", conf->client_interfaces[i]);
	fputs("}\n", out);
	for (unsigned i = 0; i < conf->uplink_count; i++) {
		print_section(out, "uplink", conf->uplinks[i].name);
		fprintf(out, "\tinterface = \"%s\"\n", conf->uplinks[i].interface);
		print_address(out, "gateway", conf->uplinks[i].gateway);
		fputs("}\n", out);
	}
	for (unsigned i = 0; i < conf->lan_count; i++) {
		print_section(out, "lan", conf->lans[i].name);
		fprintf(out, "\tinterface = \"%s\"\n", conf->lans[i].interface);
		print_bool(out, "proxy-arp", conf->lans[i].proxy_arp);
		fputs("}\n", out);
	}
	for (unsigned i = 0; i < conf->pool_count; i++)
		print_pool(&conf->pools[i], out);
	for (unsigned i = 0; i < conf->policy_count; i++)
		print_policy(&conf->policies[i], out);
	for (enum match_kind kind = MATCH_USER; kind < MATCH_KINDS; kind++)
		for (unsigned i = 0; i < conf->matches[kind].count; i++)
			print_match(conf, kind, &conf->matches[kind].list[i], out);
	for (unsigned i = 0; i < conf->network_count; i++) {
		print_section(out, "network", conf->networks[i].name);
		fprintf(out, "\tinterface = \"%s\"\n\tprefix = \"%s\"\n", conf->networks[i].interface,
			prefix_text(&conf->networks[i].prefix, text));
		print_policy_name(out, conf->networks[i].policy);
		fprintf(out, "\thost-timeout = %u\n\thosts-max = %u\n", conf->networks[i].host_timeout, conf->networks[i].hosts_max);
		print_layer(conf, &conf->networks[i].layer, out);
		fputs("}\n", out);
	}
	for (unsigned i = 0; i < conf->serial_count; i++) {
		print_section(out, "serial", conf->serials[i].name);
		fprintf(out, "\tinterface = \"%s\"\n", conf->serials[i].interface);
		print_address(out, "address", conf->serials[i].address);
		print_policy_name(out, conf->serials[i].policy);
		print_layer(conf, &conf->serials[i].layer, out);
		fputs("}\n", out);
	}
}
