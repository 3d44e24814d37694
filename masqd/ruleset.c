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
#include "lib/text-stream.h"
#include "masqd/chains.h"
#include "masqd/fingerprint.h"
#include "masqd/outline.h"
#include "masqd/ruleset-forward.h"
#include "masqd/ruleset-helper.h"
#include "masqd/ruleset-ipv6.h"
#include "masqd/ruleset-nat.h"
#include "masqd/ruleset-policy.h"
#include "masqd/ruleset-text.h"
#include "masqd/ruleset.h"

struct ruleset {
	struct nft_ctx *nft;
	struct chains *loaded;	/* what is in the kernel */
	unsigned features;	/* what the rules there are fit for */
	unsigned missing;	/* features that this kernel does not have */
	char uplinks[IFNAMSIZ + 2];	/* what the rules call them */
	struct fingerprint *prints;	/* of what was loaded last */
};

/* Chains that are there only if some policy needs them. */
static const struct {
	enum ruleset_feature feature;
	const char *text;
} optional_chains[] = {
	{ RULESET_MARKS_ROUTES, ruleset_text_route_marks },
	{ RULESET_FORWARDS, ruleset_forward_publish },
	{ RULESET_RATES, ruleset_text_rates },
};

int ruleset_open(struct ruleset **out)
{
	struct ruleset *ruleset = calloc(1, sizeof(*ruleset));

	if (!ruleset)
		return -ENOMEM;
	ruleset->nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!ruleset->nft || nft_ctx_buffer_output(ruleset->nft) || nft_ctx_buffer_error(ruleset->nft)) {
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
	chains_free(&ruleset->loaded);
	fingerprints_free(&ruleset->prints);
	free(ruleset);
}

enum ruleset_state ruleset_look(void)
{
	enum ruleset_state state = RULESET_ABSENT;
	char *table;

	if (outline_read(&table) == 0)
		state = strstr(table, "\tcomment \"" RULESET_LAYOUT "\"\n") ? RULESET_OURS : RULESET_FOREIGN;
	free(table);
	return state;
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

/* If somebody else was there before us, that is told of, and all is loaded again. */
static void take_fingerprints(struct ruleset *ruleset)
{
	int rc = fingerprints_read(&ruleset->prints);

	if (rc)
		log_warn("cannot read the rules that were loaded: %s", strerror(-rc));
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
	if (!rc)
		take_fingerprints(ruleset);
	return rc;
}

/* Is this chain, a line of nft's own listing, one of a policy that is loaded, or in the text of the others? */
static bool is_wanted(const char *line, struct chains *loaded, const char *others)
{
	char chain[128];
	const char *policy;

	snprintf(chain, sizeof(chain), "%.*s", (int)strcspn(line, "{"), line);
	policy = strstr(chain, "policy_");
	if (!policy)
		return strstr(others, chain);
	policy += strlen("policy_");
	chain[strcspn(chain, "{") - 1] = '\0';
	return chains_find(loaded, policy);
}

/* Whatever chains are in nft's own listing and not wanted: also those of an older masqd. */
static void print_deletions(FILE *out, struct chains *loaded, const char *others, const char *table)
{
	while (table && (table = strstr(table, "\tchain "))) {
		if (!is_wanted(table, loaded, others))
			fprintf(out, "delete chain inet masqgate %.*s\n", (int)strcspn(table + 7, " "), table + 7);
		table += 7;
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
	bool limits_new_flows = features & RULESET_LIMITS_NEW_FLOWS, limits_flows = features & RULESET_LIMITS_FLOWS;

	for (size_t i = 0; i < sizeof(optional_chains) / sizeof(optional_chains[0]); i++)
		if (features & optional_chains[i].feature)
			fputs(optional_chains[i].text, out);
	if (limits_new_flows || limits_flows)
		fprintf(out, "\tchain limit_flows {\n%s%s\t}\n", limits_new_flows ? ruleset_text_limit_new_flows : "",
			limits_flows ? ruleset_text_limit_flows : "");
	fprintf(out, "\tchain clamp {\n%s%s\t}\n", ruleset_text_clamp, features & RULESET_RATES ? ruleset_text_clamp_at_rates : "");
}

/* One uplink is compared by its name: 50 ns less than to look among several, each time a packet is asked for it. */
static void name_uplinks(char uplinks[static IFNAMSIZ + 2], const struct conf *conf)
{
	if (conf->uplink_count == 1)
		snprintf(uplinks, IFNAMSIZ + 2, "\"%s\"", conf->uplinks[0].interface);
	else
		strcpy(uplinks, "@uplinks");
}

static void print_with_uplinks(FILE *out, const char *text, const char *uplinks)
{
	const char *next;

	for (; (next = strstr(text, "@uplinks")); text = next + strlen("@uplinks"))
		fprintf(out, "%.*s%s", (int)(next - text), text, uplinks);
	fputs(text, out);
}

/* All chains but the policies', as text; NULL without memory. */
static char *make_chains(const struct conf *conf, unsigned features)
{
	struct ruleset_forward forward = ruleset_forward(features);
	struct ruleset_ipv6 ipv6 = ruleset_ipv6(features);
	const char *count_from = conf->network_count ? "		iifname @networks iif . ip saddr @host_rx\n" : "";
	const char *count_to = conf->network_count ? "goto not_to_uplink" : "accept";
	const char *unless_forwarded = features & RULESET_FORWARDS ? RULESET_IS_DIRECT " " : "";
	struct text_stream stream;
	FILE *out = text_stream_open(&stream);

	if (!out)
		return NULL;
	print_optional_chains(out, features);
	ruleset_nat_print(out, features);
	ruleset_ipv6_print(out, features);
	if (fprintf(out, ruleset_text_rules, RULESET_JUDGES(features), forward.from_client, forward.to_client, forward.to_peer,
		    ipv6.from_client, ipv6.to_client, ipv6.line_to_gateway, ipv6.gateway_to_line, ipv6.guard, count_from, count_to,
		    unless_forwarded, RULESET_ACCEPTS(features), features & RULESET_RATES ? "\t\tgoto rates\n" : "",
		    RULESET_ADMITS(features), ipv6.sources) < 0)
		stream.is_cut = true;
	return text_stream_close(&stream);
}

static void print_all(FILE *out, const struct conf *conf, const struct policy *const *policies, unsigned count, struct chains **loaded,
		      unsigned features, const char *uplinks, const char *old_table)
{
	struct text_stream verdicts_stream, own_stream;
	FILE *verdicts_out = text_stream_open(&verdicts_stream), *own_out = text_stream_open(&own_stream);
	char *verdicts, *own, *others = make_chains(conf, features);

	for (unsigned i = 0; verdicts_out && own_out && i < count; i++) {
		if (!chains_add(loaded, policies[i]->chain, policies[i]->id))
			continue;
		ruleset_policy_print(own_out, policies[i], features);
		ruleset_policy_print_verdicts(verdicts_out, "add", policies[i]->chain, policies[i]->id);
	}
	own = text_stream_close(&own_stream);
	verdicts = text_stream_close(&verdicts_stream);
	if (others && own && verdicts) {
		fputs(ruleset_text_declarations, out);
		fputs(ruleset_forward_sets, out);
		fputs(ruleset_ipv6_sets, out);
		print_deletions(out, *loaded, others, old_table);
		ruleset_helper_print_deletions(out, features >> RULESET_HELPERS_SHIFT, old_table);
		print_sets(out, conf);
		fputs("table inet masqgate {\n", out);
		ruleset_helper_print_objects(out, features >> RULESET_HELPERS_SHIFT);
		print_with_uplinks(out, own, uplinks);
		print_with_uplinks(out, others, uplinks);
		fprintf(out, "}\n%s", verdicts);
	}
	free(own);
	free(verdicts);
	free(others);
}

int ruleset_load(struct ruleset *ruleset, const struct conf *conf, const struct policy *const *policies, unsigned count)
{
	struct chains *loaded = NULL;
	struct text_stream stream;
	FILE *out = text_stream_open(&stream);
	char *text, *old_table = NULL, uplinks[IFNAMSIZ + 2];
	unsigned features = features_of(policies, count), wanted = (features & RULESET_HELPERS) >> RULESET_HELPERS_SHIFT;
	unsigned missing = wanted & ~ruleset_helper_probe(ruleset->nft, wanted);
	int rc = -ENOMEM;

	name_uplinks(uplinks, conf);
	outline_read(&old_table);
	if (out)
		print_all(out, conf, policies, count, &loaded, features & ~(missing << RULESET_HELPERS_SHIFT), uplinks, old_table);
	free(old_table);
	text = text_stream_close(&stream);
	if (text && *text)
		rc = run(ruleset, text);
	if (!rc) {
		chains_free(&ruleset->loaded);
		ruleset->loaded = loaded;
		ruleset->features = features;
		ruleset->missing = missing << RULESET_HELPERS_SHIFT;
		strcpy(ruleset->uplinks, uplinks);
	} else {
		chains_free(&loaded);
	}
	free(text);
	return rc;
}

/* False: no memory. */
static bool print_policy(FILE *out, const struct policy *policy, const struct ruleset *ruleset)
{
	struct text_stream stream;
	FILE *text_out = text_stream_open(&stream);
	bool is_whole;
	char *text;

	if (text_out)
		ruleset_policy_print(text_out, policy, ruleset->features & ~ruleset->missing);
	text = text_stream_close(&stream);
	is_whole = text;
	if (is_whole)
		print_with_uplinks(out, text, ruleset->uplinks);
	free(text);
	return is_whole;
}

int ruleset_add(struct ruleset *ruleset, const struct policy *policy)
{
	struct text_stream stream;
	char *text;
	FILE *out;
	int rc = -ENOMEM;

	if (ruleset_policy_features(policy) & ~ruleset->features)
		return -ENOENT;
	if (chains_find(ruleset->loaded, policy->chain))
		return 0;
	out = text_stream_open(&stream);
	if (!out)
		return rc;
	fputs("table inet masqgate {\n", out);
	if (!print_policy(out, policy, ruleset))
		stream.is_cut = true;
	fputs("}\n", out);
	ruleset_policy_print_verdicts(out, "add", policy->chain, policy->id);
	text = text_stream_close(&stream);
	if (text)
		rc = run(ruleset, text);
	if (!rc)
		chains_add(&ruleset->loaded, policy->chain, policy->id);
	free(text);
	return rc;
}

int ruleset_keep(struct ruleset *ruleset, const struct conf *conf, const struct policy *const *policies, unsigned count)
{
	struct chains *wanted = NULL, *chains, *next;
	struct text_stream stream;
	char *text;
	FILE *out;
	int rc = -ENOMEM;

	if (ruleset->features & ~features_of(policies, count))
		return ruleset_load(ruleset, conf, policies, count);
	out = text_stream_open(&stream);
	for (unsigned i = 0; i < count; i++)
		chains_add(&wanted, policies[i]->chain, policies[i]->id);
	for (chains = ruleset->loaded; out && chains; chains = chains->hh.next)
		if (!chains_find(wanted, chains->name))
			ruleset_policy_print_deletion(out, chains->name, chains->id);
	text = text_stream_close(&stream);
	if (text)
		rc = *text ? run(ruleset, text) : 0;
	HASH_ITER(hh, ruleset->loaded, chains, next)
		if (!rc && !chains_find(wanted, chains->name))
			chains_del(&ruleset->loaded, chains);
	chains_free(&wanted);
	free(text);
	return rc;
}

int ruleset_compare(const struct ruleset *ruleset, const struct mismatch_handler *handler)
{
	struct fingerprint *found = NULL;
	int rc = fingerprints_read(&found);

	/* Without a table all is missing. */
	if (rc && rc != -ENOENT)
		return rc;
	fingerprints_compare(ruleset->prints, found, handler);
	fingerprints_free(&found);
	return 0;
}

char *ruleset_other_drops(struct ruleset *ruleset, const char *hook)
{
	char *listing = NULL, *save, wanted[32];
	const char *table = "";
	struct text_stream stream;
	FILE *out = text_stream_open(&stream);
	unsigned count = 0;

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
			fprintf(out, "%s%.*s", count++ ? ", " : "", (int)strcspn(table, "{") - 1, table);
	}
	free(listing);
	return text_stream_close(&stream);
}
