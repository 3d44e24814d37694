/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Who gets what. */

#include "config.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "masqd/policy.h"
#include "masqd/rate.h"
#include "masqd/session.h"

/* Does nothing pass any more? */
static bool is_denied(const struct session *s)
{
	return s->is_outside_hours || (s->quota_state == QUOTA_OVER && s->chosen_policy->quota.over.action == OVER_QUOTA_DENY);
}

/* No faster than this, both ways; a burst that suits another rate does not suit this one. */
static void throttle(struct grant *grant, uint64_t rate)
{
	if (!grant->rate_down || grant->rate_down > rate) {
		grant->rate_down = rate;
		grant->burst_down = rate_burst_down(rate);
	}
	if (!grant->rate_up || grant->rate_up > rate) {
		grant->rate_up = rate;
		grant->burst_up = rate_burst_up(rate);
	}
}

/* Those of a network's hosts that are not told apart have theirs together, as they are one session. */
static void decide_rates(struct grant *grant, const struct session *s)
{
	const struct policy *policy = s->policy;

	grant->rate_down = policy->rate_is_line ? rate_line_down(s->speed) : policy->rate_down;
	grant->rate_up = policy->rate_is_line ? rate_line_up(s->speed) : policy->rate_up;
	if (grant->rate_down)
		grant->burst_down = policy->burst_down ? policy->burst_down : rate_burst_down(grant->rate_down);
	if (grant->rate_up)
		grant->burst_up = policy->burst_up ? policy->burst_up : rate_burst_up(grant->rate_up);
	if (s->quota_state == QUOTA_OVER && s->chosen_policy->quota.over.action == OVER_QUOTA_THROTTLE)
		throttle(grant, s->chosen_policy->quota.over.rate);
	grant->overhead = policy->rate_is_line ? RATE_LINE_OVERHEAD : 0;
	grant->mss = grant->is_host || grant->is_network ? 0 : rate_mss(grant->rate_down);
}

/* Is the address the client's own, or behind it? */
static bool leads_to(const struct session *s, struct in_addr address)
{
	const struct route_list *routes = &s->policy->routes;

	for (unsigned i = 0; i < routes->count; i++)
		if (prefix_contains(&routes->prefixes[i], address))
			return true;
	return prefix_contains(&s->address, address);
}

/* Those whose ports nobody has, and that lead to the session. The network has those of its hosts. */
static void decide_forwards(struct grant *grant, const struct session *s)
{
	const struct forward_list *list = &s->policy->forwards;

	for (unsigned i = 0; i < list->count && !grant->is_host; i++) {
		const struct forward *forward = &list->forwards[i];
		struct in_addr to = forward->to_address;

		if (!to.s_addr && s->address.length == 32)
			to = s->address.address;
		if (s->forward_holders[i] || !to.s_addr || !leads_to(s, to))
			continue;
		grant->has_forwards = true;
		grant->forwards[i] = (struct grant_forward){ .first = forward->first,
							     .last = forward->last,
							     .to_port = forward->to_port,
							     .is_tcp = forward->is_tcp,
							     .is_udp = forward->is_udp,
							     .to_address = to };
	}
}

/* Only what pppd reports has an identifier, and so an address. */
static void decide_ipv6(struct grant *grant, const struct session *s)
{
	if (s->policy->ipv6 == IPV6_MODE_NO || IN6_IS_ADDR_UNSPECIFIED(&s->address6) || is_denied(s))
		return;
	grant->ipv6 = s->policy->ipv6;
	grant->address6 = s->address6;
	grant->peer6 = s->peer6;
}

struct grant policy_decide(const struct session *s)
{
	struct grant grant;

	memset(&grant, 0, sizeof(grant));	/* padding too: grants are compared as bytes */
	if (s->state == SESSION_ADMITTED || s->is_quarantined || !s->policy || (is_denied(s) && s->type != SESSION_HOST) || !s->ifindex ||
	    !s->address.address.s_addr)
		return grant;
	grant.is_open = true;
	grant.is_network = s->type == SESSION_NETWORK;
	grant.is_host = s->type == SESSION_HOST;
	grant.isolate = s->policy->isolate || is_denied(s);
	/* A network's hosts are on an Ethernet of their own and answer for themselves. */
	grant.proxy_arp = s->policy->proxy_arp && !grant.is_network && !grant.is_host;
	if (grant.proxy_arp)
		grant.lans = lan_list_interfaces(&s->policy->lans);
	grant.nat = s->policy->nat;
	if (grant.nat != NAT_NONE) {
		grant.snat_address = s->public.address;
		grant.port_first = s->public.port_first;
		grant.port_last = s->public.port_last;
	}
	grant.serial = s->serial;
	grant.ifindex = s->ifindex;
	grant.address = s->address;
	/* Which of a network's hosts leads there nobody says. */
	if (!grant.is_network && !grant.is_host)
		grant.routes = s->policy->routes;
	/* Without elements of its own a host would be served by its network's. */
	grant.policy_id = is_denied(s) ? POLICY_ID_DROP : s->policy->id;
	grant.network_serial = s->network_serial;
	grant.flows = s->policy->flows;
	grant.new_flows = s->policy->new_flows;
	grant.route_mark = s->policy->uplinks.id;
	decide_ipv6(&grant, s);
	decide_forwards(&grant, s);
	/* What the configuration names by its interface would only be opened again. */
	if (s->type == SESSION_PPP || s->type == SESSION_ATTACHED) {
		grant.expires = s->policy->session_timeout ? s->begun + s->policy->session_timeout : 0;
		grant.idle_timeout = s->policy->idle_timeout;
	}
	decide_rates(&grant, s);
	return grant;
}

bool grant_equal(const struct grant *a, const struct grant *b)
{
	/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c): policy_decide clears the padding. */
	return memcmp(a, b, sizeof(*a)) == 0;
}


/* A tty is meant by its path below /dev, as in "ttyS0" and "pts/3". */
static const char *tty_name(const char *tty)
{
	return tty && strncmp(tty, "/dev/", 5) == 0 ? tty + 5 : tty;
}

static const struct serial_line *find_serial(const struct conf *conf, const struct session *s)
{
	for (unsigned i = 0; i < conf->serial_count; i++)
		if (strcmp(conf->serials[i].interface, s->ifname) == 0 && conf->serials[i].address.s_addr == s->address.address.s_addr)
			return &conf->serials[i];
	return NULL;
}

static const struct network *find_network(const struct conf *conf, const struct session *s)
{
	for (unsigned i = 0; i < conf->network_count; i++)
		if (strcmp(conf->networks[i].interface, s->ifname) == 0 && prefix_equal(&conf->networks[i].prefix, &s->address))
			return &conf->networks[i];
	return NULL;
}

/* A section of the file decides. */
static void decide(struct choice *choice, const struct policy *policy, unsigned line, const char *kind, const char *name)
{
	choice->policy = policy;
	choice->line = line;
	snprintf(choice->why, sizeof(choice->why), "%s \"%s\", line %u", kind, name, line);
}

/* Lines, networks and their hosts, whom nobody announces, have the policy that their section names. */
static struct choice choose_configured(const struct conf *conf, const struct session *s)
{
	const struct serial_line *serial = s->type == SESSION_SERIAL ? find_serial(conf, s) : NULL;
	const struct network *network = s->type == SESSION_NETWORK ? find_network(conf, s) :
					s->type == SESSION_HOST    ? conf_find_network(conf, s->ifname, s->address.address) :
								     NULL;
	struct choice choice = { 0 };

	if (serial) {
		decide(&choice, serial->policy, serial->line, "serial", serial->name);
		layers_add(&choice.layers, &serial->layer);
	} else if (network) {
		decide(&choice, network->policy, network->line, "network", network->name);
		layers_add(&choice.layers, &network->layer);
	} else {
		snprintf(choice.why, sizeof(choice.why), "not configured any more");
	}
	return choice;
}

/* What the patterns of this kind are about; NULL where nobody said. */
static const char *subject(enum match_kind kind, const struct session *s)
{
	switch (kind) {
	case MATCH_USER:
	case MATCH_GROUP:
		return s->user;
	case MATCH_CALLER:
		return s->caller;
	case MATCH_LINE:
		break;
	}
	return tty_name(s->tty);
}

/* The first section that fits; NULL if none does or there is no text. */
static const struct match *first_match(const struct match_list *matches, const char *text)
{
	for (unsigned i = 0; text && i < matches->count; i++)
		for (unsigned k = 0; k < matches->list[i].pattern_count; k++)
			if (fnmatch(matches->list[i].patterns[k], text, 0) == 0)
				return &matches->list[i];
	return NULL;
}

/* Lines that are announced: of each kind of section the first that fits is asked, one kind after the other, and what the
 * first of them says counts. */
static struct choice choose_announced(const struct conf *conf, const struct session *s)
{
	const struct layer *layers[MATCH_KINDS] = { 0 };
	struct choice choice = { 0 };

	if (s->wanted_policy) {
		choice.policy = conf_find_policy(conf, s->wanted_policy);
		snprintf(choice.why, sizeof(choice.why), choice.policy ? "asked for by the line" : "unknown policy \"%s\"", s->wanted_policy);
	}
	for (enum match_kind kind = MATCH_USER; kind < MATCH_KINDS; kind++) {
		const struct match *match = first_match(&conf->matches[kind], subject(kind, s));

		/* The address belongs to the user, whatever decides the policy. */
		if (match && !choice.address.s_addr)
			choice.address = match->address;
		if (match)
			layers[kind] = &match->layer;
		if (match && match->policy && !*choice.why)
			decide(&choice, match->policy, match->line, match_kind_text(kind), match->name);
	}
	if (!*choice.why && conf->default_policy) {
		choice.policy = conf->default_policy;
		choice.line = conf->default_policy_line;
		snprintf(choice.why, sizeof(choice.why), "default-policy, line %u", choice.line);
	} else if (!*choice.why) {
		snprintf(choice.why, sizeof(choice.why), "no policy for this user, caller or line");
	}
	for (enum match_kind kind = MATCH_KINDS; kind-- > MATCH_USER;)
		if (layers[kind])
			layers_add(&choice.layers, layers[kind]);
	return choice;
}

struct choice policy_choose(const struct conf *conf, const struct session *s)
{
	switch (s->type) {
	case SESSION_SERIAL:
	case SESSION_NETWORK:
	case SESSION_HOST:
		return choose_configured(conf, s);
	case SESSION_PPP:
	case SESSION_ATTACHED:
		break;
	}
	return choose_announced(conf, s);
}
