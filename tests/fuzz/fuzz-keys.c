/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What people write for a value: each key of a policy, rules, forwards, durations, rates, addresses. The first byte chooses which, the
 * rest is the text; of a list, each line is an item. Whatever it is: it is taken, or refused with a plain text that says why; what was
 * taken is written in one way, and that is read as the same; nft's words for it have nothing in them but what nft's words are made of. */

#include "config.h"

#include "lib/bitrate.h"
#include "masqd/conf.h"
#include "masqd/duration.h"
#include "masqd/policy-key.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/memory-file.h"

/* What the keys may refer to. */
static const char configuration[] =
	"uplink isp { interface = \"isp0\" }\nuplink backup { interface = \"eth1\" }\nlan office { interface = \"eth0\" proxy-arp = yes }\n"
	"pool dialin { range = { \"192.168.0.100-192.168.0.200\" } prefix = \"2001:db8::/64\" }\n"
	"policy full { }\npolicy slow { rate-down = 64kbit }\n";

static const struct conf *conf;

static const struct conf *load(void)
{
	struct memory_file file;
	struct conffile errors;
	struct conf *loaded;

	memory_file_open(&file);
	memory_file_fill(&file, configuration, strlen(configuration));
	loaded = conf_load(&errors, file.path);
	must(loaded);
	conffile_close(&errors);
	close(file.fd);
	return loaded;
}

/* True if it was taken; a reason is one that stands in a message as it is. */
static bool taken(const char *wrong)
{
	must(!wrong || (*wrong && strlen(wrong) < 128 && fuzz_is_plain(wrong)));
	return !wrong;
}

/* ---- keys of a policy */

/* The next value of those that are written there, as libconfuse reads it; NULL after the last. Works in place. */
static char *next_value(char **written)
{
	char *from = *written + strspn(*written, " ,{}\n"), *to, *value = from;
	bool is_quoted = *from == '"';

	if (!*from)
		return NULL;
	for (to = from += is_quoted; *from && (is_quoted ? *from != '"' : !strchr(" ,{}", *from)); from++) {
		if (is_quoted && *from == '\\' && from[1])
			from++;
		*to++ = *from;
	}
	*written = *from ? from + 1 : from;
	*to = '\0';
	return value + is_quoted;
}

/* The text of a key in a policy that has been given these values; NULL if one was refused. Caller frees. */
static char *write_values(const struct policy_key *key, char *const *values, unsigned count)
{
	struct policy policy = { 0 };
	char *text = NULL;
	bool is_taken = true;
	json_t *json;

	for (unsigned i = 0; i < count && is_taken; i++)
		is_taken = taken(key->parse(conf, values[i], policy_member(key, &policy)));
	if (is_taken) {
		text = policy_key_text(key, &policy);
		json = key->json(policy_member(key, &policy));
		must(text && json);
		json_decref(json);
	}
	policy_release(&policy);
	return text;
}

enum { VALUES_MAX = 64 };

static void try_key(const struct policy_key *key, char *text)
{
	char *values[VALUES_MAX], *again[VALUES_MAX], *first, *second, *copy, *rest;
	unsigned count = 0, again_count = 0;

	while (key->is_list && text && count < VALUES_MAX)
		values[count++] = strsep(&text, "\n");
	if (!key->is_list)
		values[count++] = text;
	first = write_values(key, values, count);
	if (!first)
		return;
	must(fuzz_is_plain(first));
	rest = copy = strdup(first);
	while (again_count < VALUES_MAX && (again[again_count] = next_value(&rest)))
		again_count++;
	/* What is not set is written as nothing. */
	second = *first ? write_values(key, again, again_count) : strdup("");
	must(second && strcmp(first, second) == 0);
	free(copy);
	free(second);
	free(first);
}

/* ---- rules and forwards */

static char *print_rule(const struct rule *rule, void (*print)(FILE *out, const struct rule *rule))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	must(out);
	print(out, rule);
	fclose(out);
	must(text && fuzz_is_plain(text));
	return text;
}

static void try_nft(const struct rule *rule)
{
	char *text = print_rule(rule, rule_print_nft);

	must(strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789 .,/-{}") == strlen(text));
	free(text);
	if (!rule_has_nft6(rule))
		return;
	text = print_rule(rule, rule_print_nft6);
	must(strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789 -") == strlen(text));
	free(text);
}

static bool same_rule(const struct rule *a, const struct rule *b)
{
	return a->is_allowed == b->is_allowed && a->protocol == b->protocol && a->is_ping == b->is_ping && a->port_count == b->port_count &&
	       memcmp(a->ports, b->ports, sizeof(a->ports)) == 0 && prefix_equal(&a->to, &b->to);
}

static void try_rule_by(const char *text, const char *(*parse)(const char *text, struct rule *rule),
			void (*print)(FILE *out, const struct rule *rule))
{
	struct traffic traffic = { .protocol = IPPROTO_TCP, .port = 80, .to.s_addr = 0x01020304 };
	struct rule rule, again;
	char *written;

	if (!taken(parse(text, &rule)))
		return;
	must(rule.port_count <= RULE_PORTS_MAX && rule.protocol <= UINT8_MAX);
	written = print_rule(&rule, print);
	must(taken(parse(written, &again)) && same_rule(&rule, &again));
	must(rule_matches(&rule, &traffic) == rule_matches(&again, &traffic));
	free(written);
	try_nft(&rule);
}

static void try_rule(char *text)
{
	try_rule_by(text, rule_parse, rule_print);
}

static void try_traffic(char *text)
{
	try_rule_by(text, rule_parse_traffic, rule_print_traffic);
}

static void try_forward(char *text)
{
	char written[FORWARD_TEXT_MAX];
	struct forward forward, again;

	if (!taken(forward_parse(text, &forward)))
		return;
	must(strlen(forward_text(&forward, written)) < sizeof(written) && fuzz_is_plain(written));
	must(taken(forward_parse(written, &again)) && forward_equal(&forward, &again));
	must(forward.first && forward.first <= forward.last && forward.to_port + (forward.last - forward.first) <= UINT16_MAX);
	must(forward_overlap(&forward, &again));
}

/* ---- numbers and addresses */

static void try_duration(char *text)
{
	unsigned seconds;

	if (taken(duration_parse(text, &seconds)))
		must(seconds <= 10 * 366 * 86400);
}

static void try_bitrate(char *text)
{
	char written[BITRATE_TEXT_MAX];
	uint64_t rate, again;

	if (!bitrate_parse(text, &rate))
		return;
	must(strlen(bitrate_text(rate, written)) < sizeof(written) && bitrate_parse(written, &again) && again == rate);
}

static void try_addr(char *text)
{
	char written[2 * ADDR_TEXT_MAX];
	struct in_addr address, again;
	struct prefix prefix, prefix_again;
	struct range range;

	/* An address has one spelling. */
	if (taken(addr_parse(text, &address)))
		must(strcmp(addr_text(address, written), text) == 0 && taken(addr_parse(written, &again)) && again.s_addr == address.s_addr);
	if (taken(prefix_parse(text, &prefix))) {
		must(prefix.length <= 32 && taken(prefix_parse(prefix_text(&prefix, written), &prefix_again)));
		must(prefix_equal(&prefix, &prefix_again) && prefix_contains(&prefix, prefix.address));
	}
	if (taken(range_parse(text, &range))) {
		must(ntohl(range.first.s_addr) <= ntohl(range.last.s_addr));
		must(range_contains(&range, range.first) && range_contains(&range, range.last));
	}
}

static void try_ip(char *text)
{
	char written[IP_TEXT_MAX];
	struct in6_addr address, again;
	struct ip_prefix prefix, prefix_again;
	const char *objection;

	if (taken(ip_parse(text, &address))) {
		must(taken(ip_parse(ip_text(&address, written), &again)) && ip_equal(&address, &again));
		objection = ip_objection(&address);
		must(!objection || fuzz_is_plain(objection));
	}
	if (taken(ip_prefix_parse(text, &prefix))) {
		must(prefix.length <= 128 && taken(ip_prefix_parse(ip_prefix_text(&prefix, written), &prefix_again)));
		must(prefix.length == prefix_again.length && ip_equal(&prefix.address, &prefix_again.address));
		must(ip_prefix_contains(&prefix, &prefix.address));
	}
}

/* In this order by the first byte, from 'A' on; behind them the keys of a policy. */
static void (*const tries[])(char *text) = { try_rule, try_traffic, try_forward, try_duration, try_bitrate, try_addr, try_ip };
enum { TRIES = sizeof(tries) / sizeof(tries[0]) };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned keys = 0, choice;
	char *text;

	if (!conf)
		conf = load();
	if (!size)
		return 0;
	while (policy_keys[keys].name)
		keys++;
	choice = (unsigned char)(data[0] - 'A') % (TRIES + keys);
	text = fuzz_text(data + 1, size - 1);
	if (choice < TRIES)
		tries[choice](text);
	else
		try_key(&policy_keys[choice - TRIES], text);
	free(text);
	return 0;
}
