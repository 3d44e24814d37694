/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "masqd/forward.h"

enum { WORDS_MAX = 5 };

static const char *const protocols[] = { "tcp", "udp", "tcp+udp" };

static const char *protocol_text(const struct forward *forward)
{
	return protocols[forward->is_udp + (forward->is_tcp && forward->is_udp)];
}

static unsigned port_count(const struct forward *forward)
{
	return (forward->last - forward->first + 1u) * (forward->is_tcp + forward->is_udp);
}

const char *forward_parse_name(const char *text, struct forward *forward)
{
	size_t len = strlen(text);

	if (len < 1 || len > FORWARD_NAME_MAX ||
	    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != len)
		return "a forward's name must be 1 to 32 letters, digits, _ or -";
	strcpy(forward->name, text);
	return NULL;
}

const char *forward_parse_protocol(const char *text, struct forward *forward)
{
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (strcmp(text, protocols[i]) != 0)
			continue;
		forward->is_tcp = i != 1;
		forward->is_udp = i != 0;
		return NULL;
	}
	return "protocol must be tcp, udp or tcp+udp";
}

/* Where the number ends; NULL if there is none, or it is no port. */
static const char *parse_port(const char *text, uint16_t *port)
{
	char *end;
	unsigned long number = isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : 0;

	if (number < 1 || number > UINT16_MAX)
		return NULL;
	*port = (uint16_t)number;
	return end;
}

static const char *parse_range(const char *text, uint16_t *first, uint16_t *last)
{
	const char *end = parse_port(text, first);

	*last = *first;
	if (end && *end == '-')
		end = parse_port(end + 1, last);
	return end && *end == '\0' && *last >= *first ? NULL : "ports must be 1 to 65535, as in 2222 or 6000-6010";
}

const char *forward_parse_ports(const char *text, struct forward *forward)
{
	return parse_range(text, &forward->first, &forward->last);
}

const char *forward_parse_to_ports(const char *text, struct forward *forward)
{
	unsigned more = forward->last - forward->first;
	uint16_t last;
	const char *wrong = parse_range(text, &forward->to_port, &last);

	if (wrong)
		return wrong;
	if (last != forward->to_port && (unsigned)(last - forward->to_port) != more)
		return "both ranges of ports must have the same length";
	return forward->to_port + more > UINT16_MAX ? "the ports that it leads to go beyond 65535" : NULL;
}

/* Cuts the address off. */
static const char *parse_to(char *text, struct forward *forward)
{
	char *colon = strchr(text, ':');
	const char *wrong;

	if (!colon)
		return forward_parse_to_ports(text, forward);
	*colon = '\0';
	wrong = addr_parse(text, &forward->to_address);
	if (!wrong)
		wrong = addr_objection(forward->to_address);
	return wrong ? wrong : forward_parse_to_ports(colon + 1, forward);
}

const char *forward_parse(const char *text, struct forward *forward)
{
	char copy[FORWARD_TEXT_MAX], *words[WORDS_MAX + 1], *save;
	unsigned count = 0;
	const char *wrong;

	memset(forward, 0, sizeof(*forward));
	if (strlen(text) >= sizeof(copy))
		return "is too long";
	strcpy(copy, text);
	for (char *word = strtok_r(copy, " \t", &save); word && count <= WORDS_MAX; word = strtok_r(NULL, " \t", &save))
		words[count++] = word;
	if ((count != 3 && count != 5) || (count == 5 && strcmp(words[3], "to") != 0))
		return "must be a name, tcp, udp or tcp+udp, ports, and perhaps to and where they lead, as in ssh tcp 2222 to 22";
	wrong = forward_parse_name(words[0], forward);
	if (!wrong)
		wrong = forward_parse_protocol(words[1], forward);
	if (!wrong)
		wrong = forward_parse_ports(words[2], forward);
	forward->to_port = forward->first;
	return wrong || count == 3 ? wrong : parse_to(words[4], forward);
}

bool forward_equal(const struct forward *a, const struct forward *b)
{
	return strcmp(a->name, b->name) == 0 && a->is_tcp == b->is_tcp && a->is_udp == b->is_udp && a->first == b->first && a->last == b->last &&
	       a->to_port == b->to_port && a->to_address.s_addr == b->to_address.s_addr;
}

bool forward_overlap(const struct forward *a, const struct forward *b)
{
	return ((a->is_tcp && b->is_tcp) || (a->is_udp && b->is_udp)) && a->first <= b->last && b->first <= a->last;
}

const char *forward_append(struct forward_list *list, const struct forward *forward)
{
	unsigned ports = port_count(forward);

	for (unsigned i = 0; i < list->count; i++) {
		ports += port_count(&list->forwards[i]);
		if (strcmp(list->forwards[i].name, forward->name) == 0)
			return "the policy has another one of this name";
		if (forward_overlap(&list->forwards[i], forward))
			return "the policy forwards one of these ports already";
	}
	if (list->count == FORWARDS_MAX)
		return "there may be at most 16 of these";
	if (ports > FORWARD_PORTS_MAX)
		return "a policy may forward at most 1024 ports";
	list->forwards[list->count++] = *forward;
	return NULL;
}

const char *forward_text(const struct forward *forward, char text[FORWARD_TEXT_MAX])
{
	unsigned more = forward->last - forward->first;
	char address[ADDR_TEXT_MAX];
	int len = snprintf(text, FORWARD_TEXT_MAX, "%s %s %u", forward->name, protocol_text(forward), forward->first);

	if (more)
		len += snprintf(text + len, FORWARD_TEXT_MAX - len, "-%u", forward->last);
	if (!forward->to_address.s_addr && forward->to_port == forward->first)
		return text;
	len += snprintf(text + len, FORWARD_TEXT_MAX - len, " to %s%s%u",
			forward->to_address.s_addr ? addr_text(forward->to_address, address) : "", forward->to_address.s_addr ? ":" : "",
			forward->to_port);
	if (more)
		snprintf(text + len, FORWARD_TEXT_MAX - len, "-%u", forward->to_port + more);
	return text;
}
