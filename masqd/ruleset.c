/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The rules. doc/design.md, "The translation engine", tells why they are as they are. Only numbers, validated policy names
 * and validated interface names become nft text. */

#include "config.h"

#include <errno.h>
#include <fnmatch.h>
#include <nftables/libnftables.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/netlink.h"
#include "masqd/chains.h"
#include "masqd/ruleset-forward.h"
#include "masqd/ruleset-helper.h"
#include "masqd/ruleset-ipv6.h"
#include "masqd/ruleset-nat.h"
#include "masqd/ruleset-policy.h"
#include "masqd/ruleset-text.h"
#include "masqd/ruleset.h"
#include "masqd/table.h"

struct ruleset {
	struct nft_ctx *nft;
	struct nl_sock *sock;
	struct chains *loaded;	/* what is in the kernel */
	unsigned features;	/* what the rules there are fit for */
	unsigned missing;	/* features that this kernel does not have */
};

/* Chains that are there only if some policy needs them. */
static const struct {
	enum ruleset_feature feature;
	const char *chain, *text;
} optional_chains[] = {
	{ RULESET_LIMITS_FLOWS, "limit_flows", ruleset_text_limit_flows },
	{ RULESET_MARKS_ROUTES, "route_marks", ruleset_text_route_marks },
	{ RULESET_FORWARDS, "publish", ruleset_forward_publish },
};

int ruleset_open(struct ruleset **out)
{
	struct ruleset *ruleset = calloc(1, sizeof(*ruleset));

	if (!ruleset)
		return -ENOMEM;
	ruleset->nft = nft_ctx_new(NFT_CTX_DEFAULT);
	ruleset->sock = netlink_request_open(NETLINK_NETFILTER);
	if (!ruleset->nft || !ruleset->sock || nft_ctx_buffer_output(ruleset->nft) || nft_ctx_buffer_error(ruleset->nft)) {
		ruleset_close(ruleset);
		return -ENOMEM;
	}
	*out = ruleset;
	return 0;
}

void ruleset_close(struct ruleset *ruleset)
{
	if (!ruleset)
		return;
	if (ruleset->nft)
		nft_ctx_free(ruleset->nft);
	if (ruleset->sock)
		nl_socket_free(ruleset->sock);
	chains_free(&ruleset->loaded);
	free(ruleset);
}

/* The table's chains as text, without rules; NULL if there is no table. Caller frees. (To list the table itself libnftables reads all of
 * its elements, whether they are wanted or not.) */
static char *list_chains(struct ruleset *ruleset)
{
	static const char heading[] = "table inet masqgate {\n";
	const char *listing = NULL, *begin = NULL, *end;

	if (nft_run_cmd_from_buffer(ruleset->nft, "list chains inet") == 0)
		listing = nft_ctx_get_output_buffer(ruleset->nft);
	nft_ctx_get_error_buffer(ruleset->nft);
	if (listing)
		begin = strstr(listing, heading);
	end = begin ? strstr(begin, "\n}") : NULL;
	return end ? strndup(begin, (size_t)(end - begin)) : NULL;
}

enum ruleset_state ruleset_look(struct ruleset *ruleset)
{
	char comment[TABLE_COMMENT_MAX + 1];

	if (table_comment(ruleset->sock, comment))
		return RULESET_ABSENT;
	return strcmp(comment, RULESET_LAYOUT) == 0 ? RULESET_OURS : RULESET_FOREIGN;
}

static void print_elements(FILE *out, const char *set, const char *name)
{
	fprintf(out, "add element inet masqgate %s { \"%s\" }\n", set, name);
}

/* Is this pattern inside another one, so that an interval set must not have it as well? */
static bool is_covered(const struct conf *conf, const char *pattern, unsigned self)
{
	for (unsigned i = 0; i < conf->client_interface_count; i++) {
		const char *other = conf->client_interfaces[i];
		bool is_same = strcmp(other, pattern) == 0;

		if (i != self && (is_same ? i < self : fnmatch(other, pattern, 0) == 0))
			return true;
	}
	return false;
}

static void print_sets(FILE *out, const struct conf *conf)
{
	for (unsigned i = 0; i < conf->client_interface_count; i++)
		if (!is_covered(conf, conf->client_interfaces[i], i))
			print_elements(out, "lines", conf->client_interfaces[i]);
	for (unsigned i = 0; i < conf->serial_count; i++)
		if (!is_covered(conf, conf->serials[i].interface, conf->client_interface_count))
			print_elements(out, "lines", conf->serials[i].interface);
	for (unsigned i = 0; i < conf->network_count; i++)
		print_elements(out, "networks", conf->networks[i].interface);
	for (unsigned i = 0; i < conf->uplink_count; i++)
		print_elements(out, "uplinks", conf->uplinks[i].interface);
	for (unsigned i = 0; i < conf->lan_count; i++)
		print_elements(out, "lans", conf->lans[i].interface);
}

/* Runs commands; all are one transaction. */
static int run(struct ruleset *ruleset, const char *text)
{
	int rc = 0;

	if (nft_run_cmd_from_buffer(ruleset->nft, text)) {
		log_error("cannot load the rules: nft: %s", nft_ctx_get_error_buffer(ruleset->nft));
		rc = -EIO;
	}
	nft_ctx_get_output_buffer(ruleset->nft);
	return rc;
}

/* Chains of policies and of blocks of ports that are gone. table is nft's own listing, NULL: there is none. */
static void print_deletions(FILE *out, struct chains *loaded, unsigned features, const char *table)
{
	char chain[128];

	while (table && (table = strstr(table, "\tchain "))) {
		const char *name;

		table += strlen("\tchain ");
		snprintf(chain, sizeof(chain), "%.*s", (int)strcspn(table, " {"), table);
		name = strstr(chain, "policy_");
		if ((name && !chains_find(loaded, name + strlen("policy_"))) || ruleset_nat_is_outdated(chain, features) ||
		    ruleset_ipv6_is_outdated(chain, features))
			fprintf(out, "delete chain inet masqgate %s\n", chain);
	}
}

static unsigned features_of(const struct policy *const *policies, unsigned count)
{
	unsigned features = 0;

	for (unsigned i = 0; i < count; i++)
		features |= ruleset_policy_features(policies[i]);
	return features;
}

static void print_optional_chains(FILE *out, unsigned features)
{
	for (size_t i = 0; i < sizeof(optional_chains) / sizeof(optional_chains[0]); i++)
		if (features & optional_chains[i].feature)
			fputs(optional_chains[i].text, out);
}

static void print_optional_deletions(FILE *out, unsigned features, const char *old_table)
{
	char chain[64];

	for (size_t i = 0; old_table && i < sizeof(optional_chains) / sizeof(optional_chains[0]); i++) {
		snprintf(chain, sizeof(chain), "\tchain %s {", optional_chains[i].chain);
		if (!(features & optional_chains[i].feature) && strstr(old_table, chain))
			fprintf(out, "delete chain inet masqgate %s\n", optional_chains[i].chain);
	}
}

static void print_all(FILE *out, const struct conf *conf, const struct policy *const *policies, unsigned count, struct chains **loaded,
		      unsigned features, struct ruleset *old)
{
	char *old_table = list_chains(old);
	struct ruleset_forward forward = ruleset_forward(features & RULESET_FORWARDS);
	struct ruleset_ipv6 ipv6 = ruleset_ipv6(features);
	const char *judge = features & RULESET_LIMITS_FLOWS ? " jump limit_flows" : "";
	const char *count_from = conf->network_count ? "		iifname @networks iif . ip saddr @host_rx\n" : "";
	const char *count_to = conf->network_count ? "goto not_to_uplink" : "accept";
	const char *unless_forwarded = features & RULESET_FORWARDS ? RULESET_IS_DIRECT " " : "";
	char *verdicts = NULL, *own = NULL;
	size_t len;
	FILE *verdicts_out = open_memstream(&verdicts, &len), *own_out = open_memstream(&own, &len);

	for (unsigned i = 0; verdicts_out && own_out && i < count; i++) {
		if (!chains_add(loaded, policies[i]->chain, policies[i]->id))
			continue;
		ruleset_policy_print(own_out, policies[i], features);
		ruleset_policy_print_verdicts(verdicts_out, "add", policies[i]->chain, policies[i]->id);
		ruleset_policy_print_rated(verdicts_out, policies[i]);
	}
	fputs(ruleset_text_declarations, out);
	fputs(ruleset_forward_sets, out);
	fputs(ruleset_ipv6_sets, out);
	print_deletions(out, *loaded, features, old_table);
	print_optional_deletions(out, features, old_table);
	ruleset_helper_print_deletions(out, features >> RULESET_HELPERS_SHIFT, old->sock);
	print_sets(out, conf);
	if (own_out && !fclose(own_out) && verdicts_out && !fclose(verdicts_out)) {
		fputs("table inet masqgate {\n", out);
		ruleset_helper_print_objects(out, features >> RULESET_HELPERS_SHIFT);
		fputs(own, out);
		print_optional_chains(out, features);
		ruleset_nat_print(out, features);
		ruleset_ipv6_print(out, features, judge);
		fprintf(out, ruleset_text_rules, judge, forward.from_client, forward.to_client, forward.to_peer, ipv6.from_line, ipv6.to_line,
			ipv6.line_to_gateway, ipv6.gateway_to_line, ipv6.guard, count_from, count_to, unless_forwarded);
		fprintf(out, "%s%s\t}\n}\n%s", ruleset_text_accepted, features & RULESET_RATES ? ruleset_text_accepted_at_rates : "", verdicts);
	}
	free(own);
	free(verdicts);
	free(old_table);
}

int ruleset_load(struct ruleset *ruleset, const struct conf *conf, const struct policy *const *policies, unsigned count)
{
	struct chains *loaded = NULL;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	unsigned features = features_of(policies, count), wanted = features >> RULESET_HELPERS_SHIFT;
	unsigned missing = wanted & ~ruleset_helper_probe(ruleset->nft, wanted);
	int rc = -ENOMEM;

	if (out)
		print_all(out, conf, policies, count, &loaded, features & ~(missing << RULESET_HELPERS_SHIFT), ruleset);
	if (out && !fclose(out))
		rc = run(ruleset, text);
	if (!rc) {
		chains_free(&ruleset->loaded);
		ruleset->loaded = loaded;
		ruleset->features = features;
		ruleset->missing = missing << RULESET_HELPERS_SHIFT;
	} else {
		chains_free(&loaded);
	}
	free(text);
	return rc;
}

int ruleset_add(struct ruleset *ruleset, const struct policy *policy)
{
	char *text = NULL;
	size_t len;
	FILE *out;
	int rc = -ENOMEM;

	if (ruleset_policy_features(policy) & ~ruleset->features)
		return -ENOENT;
	if (chains_find(ruleset->loaded, policy->chain))
		return 0;
	out = open_memstream(&text, &len);
	if (!out)
		return rc;
	fputs("table inet masqgate {\n", out);
	ruleset_policy_print(out, policy, ruleset->features & ~ruleset->missing);
	fputs("}\n", out);
	ruleset_policy_print_verdicts(out, "add", policy->chain, policy->id);
	ruleset_policy_print_rated(out, policy);
	if (!fclose(out))
		rc = run(ruleset, text);
	if (!rc)
		chains_add(&ruleset->loaded, policy->chain, policy->id);
	free(text);
	return rc;
}

int ruleset_keep(struct ruleset *ruleset, const struct conf *conf, const struct policy *const *policies, unsigned count)
{
	struct chains *wanted = NULL, *chains, *next;
	char *text = NULL;
	size_t len;
	FILE *out;
	int rc = -ENOMEM;

	if (ruleset->features & ~features_of(policies, count))
		return ruleset_load(ruleset, conf, policies, count);
	out = open_memstream(&text, &len);
	for (unsigned i = 0; i < count; i++)
		chains_add(&wanted, policies[i]->chain, policies[i]->id);
	for (chains = ruleset->loaded; out && chains; chains = chains->hh.next)
		if (!chains_find(wanted, chains->name))
			ruleset_policy_print_deletion(out, chains->name, chains->id);
	if (out && !fclose(out))
		rc = *text ? run(ruleset, text) : 0;
	HASH_ITER(hh, ruleset->loaded, chains, next)
		if (!rc && !chains_find(wanted, chains->name))
			chains_del(&ruleset->loaded, chains);
	chains_free(&wanted);
	free(text);
	return rc;
}

char *ruleset_other_drops(struct ruleset *ruleset, const char *hook)
{
	char *listing = NULL, *found = NULL, *save, wanted[32];
	const char *table = "";
	size_t len;
	FILE *out = open_memstream(&found, &len);

	if (!out)
		return NULL;
	if (nft_run_cmd_from_buffer(ruleset->nft, "list chains") == 0)
		listing = strdup(nft_ctx_get_output_buffer(ruleset->nft));
	nft_ctx_get_error_buffer(ruleset->nft);
	snprintf(wanted, sizeof(wanted), "hook %s ", hook);
	for (char *line = listing ? strtok_r(listing, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "table ", 6) == 0)
			table = line;
		else if (strstr(line, wanted) && strstr(line, "policy drop") && strncmp(table, "table inet masqgate ", 20) != 0)
			fprintf(out, "%s%.*s", ftell(out) ? ", " : "", (int)strcspn(table, "{") - 1, table);
	}
	free(listing);
	return fclose(out) ? NULL : found;
}
