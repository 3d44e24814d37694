/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Words to a struct and back, and to nft, where only numbers arrive. */

#include "config.h"

#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "masqd/rule.h"

enum { WORDS_MAX = 6, TEXT_MAX = 256 };

static const struct {
	const char *name;
	int protocol;
	bool is_ping;
	bool has_ports;
} traffics[] = {
	{ "any", -1, false, false },
	{ "ping", IPPROTO_ICMP, true, false },
	{ "icmp", IPPROTO_ICMP, false, false },
	{ "tcp", IPPROTO_TCP, false, true },
	{ "udp", IPPROTO_UDP, false, true },
	{ "gre", IPPROTO_GRE, false, false },
};

/* Splits at blanks, in place. The number of words, or WORDS_MAX + 1 if there are more. */
static unsigned split(char *text, char *words[WORDS_MAX])
{
	unsigned count = 0;
	char *save;

	for (char *word = strtok_r(text, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
		if (count == WORDS_MAX)
			return WORDS_MAX + 1;
		words[count++] = word;
	}
	return count;
}

/* A decimal number up to max, and where it ends; NULL if there is none. */
static const char *parse_number(const char *text, unsigned long max, unsigned long *number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return NULL;
	*number = strtoul(text, &end, 10);
	return *number <= max ? end : NULL;
}

static const char *parse_ports(const char *text, struct rule *rule)
{
	static const char bad[] = "ports must be 1 to 65535, as in 80,443,6000-6063";

	for (;; text++) {
		struct rule_ports *ports = &rule->ports[rule->port_count];
		unsigned long first = 0, last;

		if (rule->port_count == RULE_PORTS_MAX)
			return "there may be at most 16 ports and ranges in a rule";
		text = parse_number(text, UINT16_MAX, &first);
		last = first;
		if (text && *text == '-')
			text = parse_number(text + 1, UINT16_MAX, &last);
		if (!text || first == 0 || last < first)
			return bad;
		*ports = (struct rule_ports){ .first = (uint16_t)first, .last = (uint16_t)last };
		rule->port_count++;
		if (*text == '\0')
			return NULL;
		if (*text != ',')
			return bad;
	}
}

/* Consumes the words that say which traffic. */
static const char *parse_traffic(char **words, unsigned count, unsigned *used, struct rule *rule)
{
	unsigned long number;
	const char *end;

	*used = 1;
	if (count == 0)
		return "must say which traffic: any, ping, icmp, tcp, udp, gre or protocol";
	for (size_t i = 0; i < sizeof(traffics) / sizeof(traffics[0]); i++) {
		if (strcmp(words[0], traffics[i].name) != 0)
			continue;
		rule->protocol = traffics[i].protocol;
		rule->is_ping = traffics[i].is_ping;
		if (!traffics[i].has_ports || count < 2 || strcmp(words[1], "to") == 0)
			return NULL;
		*used = 2;
		return parse_ports(words[1], rule);
	}
	if (strcmp(words[0], "protocol") != 0)
		return "traffic must be any, ping, icmp, tcp, udp, gre or protocol";
	*used = 2;
	end = count > 1 ? parse_number(words[1], UINT8_MAX, &number) : NULL;
	if (!end || *end)
		return "protocol must be followed by a number from 0 to 255";
	rule->protocol = (int)number;
	return NULL;
}

const char *rule_parse_traffic(const char *text, struct rule *rule)
{
	char copy[TEXT_MAX], *words[WORDS_MAX];
	unsigned count, used;
	const char *wrong;

	memset(rule, 0, sizeof(*rule));
	rule->is_allowed = true;
	if (strlen(text) >= sizeof(copy))
		return "is too long";
	strcpy(copy, text);
	count = split(copy, words);
	wrong = parse_traffic(words, count, &used, rule);
	return !wrong && count > used ? "has more words than are understood" : wrong;
}

const char *rule_parse(const char *text, struct rule *rule)
{
	char copy[TEXT_MAX], *words[WORDS_MAX];
	unsigned count, used;
	const char *wrong;

	memset(rule, 0, sizeof(*rule));
	if (strlen(text) >= sizeof(copy))
		return "is too long";
	strcpy(copy, text);
	count = split(copy, words);
	if (count == 0 || (strcmp(words[0], "allow") != 0 && strcmp(words[0], "deny") != 0))
		return "must begin with allow or deny";
	if (count > WORDS_MAX)
		return "has more words than are understood";
	rule->is_allowed = strcmp(words[0], "allow") == 0;
	wrong = parse_traffic(words + 1, count - 1, &used, rule);
	used++;
	if (wrong || used == count)
		return wrong;
	if (strcmp(words[used], "to") != 0 || count != used + 2)
		return "must end there, or with to and a prefix";
	return prefix_parse(words[used + 1], &rule->to);
}

bool rule_matches(const struct rule *rule, const struct traffic *traffic)
{
	bool is_port = rule->port_count == 0;

	for (unsigned i = 0; i < rule->port_count; i++)
		is_port |= traffic->port >= rule->ports[i].first && traffic->port <= rule->ports[i].last;
	return is_port && (rule->protocol < 0 || rule->protocol == traffic->protocol) &&
	       (rule->to.length == 0 || prefix_contains(&rule->to, traffic->to));
}

static void print_ports(FILE *out, const struct rule *rule)
{
	for (unsigned i = 0; i < rule->port_count; i++) {
		fprintf(out, "%s%u", i ? "," : "", rule->ports[i].first);
		if (rule->ports[i].last != rule->ports[i].first)
			fprintf(out, "-%u", rule->ports[i].last);
	}
}

void rule_print_traffic(FILE *out, const struct rule *rule)
{
	for (size_t i = 0; i < sizeof(traffics) / sizeof(traffics[0]); i++) {
		if (traffics[i].protocol != rule->protocol || traffics[i].is_ping != rule->is_ping)
			continue;
		fputs(traffics[i].name, out);
		if (rule->port_count)
			fputc(' ', out);
		print_ports(out, rule);
		return;
	}
	fprintf(out, "protocol %d", rule->protocol);
}

void rule_print(FILE *out, const struct rule *rule)
{
	char to[ADDR_TEXT_MAX];

	fputs(rule->is_allowed ? "allow " : "deny ", out);
	rule_print_traffic(out, rule);
	if (rule->to.length)
		fprintf(out, " to %s", prefix_text(&rule->to, to));
}

void rule_print_nft(FILE *out, const struct rule *rule)
{
	char to[ADDR_TEXT_MAX];

	if (rule->to.length)
		fprintf(out, " ip daddr %s", prefix_text(&rule->to, to));
	if (rule->is_ping)
		fputs(" icmp type echo-request", out);
	else if (rule->port_count)
		fprintf(out, " %s dport { ", rule->protocol == IPPROTO_TCP ? "tcp" : "udp");
	else if (rule->protocol >= 0)
		fprintf(out, " ip protocol %d", rule->protocol);
	print_ports(out, rule);
	if (rule->port_count)
		fputs(" }", out);
}

bool rule_has_nft6(const struct rule *rule)
{
	return !rule->to.length && !rule->port_count && rule->protocol >= 0;
}

void rule_print_nft6(FILE *out, const struct rule *rule)
{
	if (rule->is_ping)
		fputs(" icmpv6 type echo-request", out);
	else
		fprintf(out, " meta nfproto ipv6 meta l4proto %d", rule->protocol == IPPROTO_ICMP ? IPPROTO_ICMPV6 : rule->protocol);
}
