/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text-stream.h"
#include "masqd/explain-step.h"
#include "masqd/origin.h"

/* 192.0.2.1: nobody is there (RFC 5737), so its route is that of the rest of the world. */
#define ANYWHERE ((struct in_addr){ .s_addr = htonl(0xc0000201) })

/* The kernel's words for a source that must not come in there (ip_route_input_slow). */
static bool is_source_refused(int rc)
{
	return rc == -EXDEV || rc == -EINVAL;
}

static void explain_no_route(struct explanation *e, int rc)
{
	char text[ADDR_TEXT_MAX];

	if (is_source_refused(rc)) {
		explain_stop(e, "the reverse path filter of %s drops it: answers to %s would go elsewhere", e->s->ifname,
		     prefix_text(&e->s->address, text));
		explain_hint(e, "ip route replace %s dev %s", prefix_text(&e->s->address, text), e->s->ifname);
	} else if (e->s->grant.route_mark && !uplinks_ifindex(e->gw->uplinks, e->s->grant.route_mark)) {
		explain_stop(e, "none of the uplinks of policy %s can be used", e->s->policy->name);
		explain_hint(e, "masqctl uplinks");
	} else {
		explain_stop(e, "no route to %s: %s", addr_text(e->out.to, text), strerror(-rc));
		explain_hint(e, "ip route get %s; masqctl uplinks", addr_text(e->out.to, text));
	}
}

void explain_route(struct explanation *e)
{
	char to[ADDR_TEXT_MAX], gateway[ADDR_TEXT_MAX];
	int rc;

	e->out = (struct lookup){ .from = e->address, .to = e->traffic ? e->traffic->to : ANYWHERE, .iif = e->s->ifindex,
				   .mark = e->s->grant.route_mark };
	rc = lookup_route(&e->out);
	e->oif = links_find(e->gw->links, e->out.oif);
	if (rc)
		explain_no_route(e, rc);
	else if (explain_is_for_gateway(e))
		explain_pass(e, "%s is the gateway itself", addr_text(e->out.to, to));
	else if (e->out.type != RTN_UNICAST || !e->oif)
		explain_no_route(e, -EHOSTUNREACH);
	else if (e->out.gateway.s_addr)
		explain_pass(e, "%s via %s", e->oif->name, addr_text(e->out.gateway, gateway));
	else
		explain_pass(e, "%s", e->oif->name);
}

void explain_out_interface(struct explanation *e)
{
	if (explain_is_for_gateway(e))
		return;
	if (!e->oif->is_up) {
		explain_stop(e, "%s is down", e->oif->name);
		explain_hint(e, "ip link set %s up", e->oif->name);
	} else if (explain_leaves_by_uplink(e) && e->oif->address_count == 0) {
		explain_stop(e, "uplink %s has no address", e->oif->name);
		explain_hint(e, "ip address show dev %s", e->oif->name);
	} else if (explain_leaves_by_uplink(e) && !uplink_list_has(&e->s->policy->uplinks, e->oif->name)) {
		explain_stop(e, "%s is not among the uplinks of %s", e->oif->name, origin_text(e->gw->conf, e->s, "uplinks"));
		explain_hint(e, "ip rule list protocol 77");
	}
}

static char *rule_text(const struct rule *rule)
{
	struct text_stream stream;
	FILE *out = text_stream_open(&stream);

	if (!out)
		return NULL;
	rule_print(out, rule);
	return text_stream_close(&stream);
}

/* The packet's own traffic as a rule would name it. */
static struct rule rule_for(const struct traffic *traffic)
{
	struct rule rule = { .is_allowed = true, .protocol = traffic->protocol, .is_ping = traffic->protocol == IPPROTO_ICMP };

	if (traffic->port)
		rule.ports[rule.port_count++] = (struct rule_ports){ .first = traffic->port, .last = traffic->port };
	return rule;
}

/* The list with one more in front, for this session alone; rules have no character that a shell minds inside quotes. */
static void hint_list(struct explanation *e, const char *key, const struct rule_list *list, const struct rule *first,
		      void (*print)(FILE *out, const struct rule *rule))
{
	struct text_stream stream;
	FILE *out = text_stream_open(&stream);
	char *text;

	if (!out)
		return;
	for (unsigned i = 0; i <= list->count; i++) {
		fprintf(out, " '%s=", key);
		print(out, i ? &list->rules[i - 1] : first);
		fputc('\'', out);
	}
	text = text_stream_close(&stream);
	if (text)
		explain_hint(e, "masqctl set '#%u'%s", e->s->serial, text);
	free(text);
}

static const struct rule *first_match(const struct rule_list *list, const struct traffic *traffic)
{
	for (unsigned i = 0; i < list->count; i++)
		if (rule_matches(&list->rules[i], traffic))
			return &list->rules[i];
	return NULL;
}

static void explain_service(struct explanation *e)
{
	const struct policy *policy = e->s->policy;
	const struct rule *rule = first_match(&policy->gateway_services, e->traffic);
	struct rule wanted;

	if (rule) {
		explain_pass(e, "gateway-services of policy %s", policy->name);
		return;
	}
	wanted = rule_for(e->traffic);
	explain_stop(e, "not among the gateway-services of %s", origin_text(e->gw->conf, e->s, "gateway-services"));
	hint_list(e, "gateway-services", &policy->gateway_services, &wanted, rule_print_traffic);
}

void explain_rule(struct explanation *e)
{
	const struct policy *policy = e->s->policy;
	const struct rule *rule;
	char *text;

	if (!e->traffic) {
		if (policy->rules.count)
			explain_remark(e, "%u of policy %s: say to which HOST:PORT", policy->rules.count, policy->name);
		return;
	}
	if (explain_is_for_gateway(e)) {
		explain_service(e);
		return;
	}
	rule = first_match(&policy->rules, e->traffic);
	if (!rule) {
		explain_pass(e, "none fits: allowed");
		return;
	}
	text = rule_text(rule);
	if (rule->is_allowed) {
		explain_pass(e, "\"%s\" (%s)", text ? text : "", origin_rule_text(e->gw->conf, e->s, rule));
	} else {
		struct rule allowed = rule_for(e->traffic);

		allowed.to = (struct prefix){ .address = e->traffic->to, .length = 32 };
		explain_stop(e, "\"%s\" (%s)", text ? text : "", origin_rule_text(e->gw->conf, e->s, rule));
		hint_list(e, "rules", &policy->rules, &allowed, rule_print);
	}
	free(text);
}

void explain_isolation(struct explanation *e)
{
	const struct session *other;

	if (explain_is_for_gateway(e) || !e->traffic)
		return;
	if (e->s->policy->isolate_lan && conf_find_lan(e->gw->conf, e->oif->name)) {
		explain_stop(e, "%s keeps it from the LANs", origin_text(e->gw->conf, e->s, "isolate-lan"));
		explain_hint(e, "masqctl set '#%u' isolate-lan=no", e->s->serial);
		return;
	}
	other = session_find_address(&e->gw->sessions, e->traffic->to);
	if (!other && !conf_is_line(e->gw->conf, e->oif->name))
		return;
	if (!other) {
		explain_stop(e, "%s is a line without a session", e->oif->name);
		explain_hint(e, "masqctl list ifname=%s", e->oif->name);
	} else if (e->s->policy->isolate || other->policy->isolate) {
		const struct session *isolated = e->s->policy->isolate ? e->s : other;

		explain_stop(e, "session #%u is isolated from other clients by %s", isolated->serial, origin_text(e->gw->conf, isolated, "isolate"));
		explain_hint(e, "masqctl set '#%u' isolate=no", isolated->serial);
	} else {
		explain_pass(e, "neither this session nor #%u is isolated", other->serial);
	}
}

/* With an address that its policy chooses, or with the uplink's. */
static void explain_public(struct explanation *e)
{
	struct in_addr address = e->s->grant.snat_address;
	char text[ADDR_TEXT_MAX], ports[32] = "";

	if (e->s->grant.port_first)
		snprintf(ports, sizeof(ports), ", ports %u-%u", e->s->grant.port_first, e->s->grant.port_last);
	if (!address.s_addr) {
		explain_pass(e, "leaves as %s%s", addr_text(e->oif->addresses[0].address, text), ports);
	} else if (lookup_local(address, e->oif->ifindex) == 0) {
		explain_pass(e, "leaves as %s%s", addr_text(address, text), ports);
	} else {
		explain_stop(e, "%s, which policy %s gives it, is not an address of %s", addr_text(address, text), e->s->policy->name, e->oif->name);
		explain_hint(e, "ip route add local %s dev %s", addr_text(address, text), e->oif->name);
	}
}

void explain_translation(struct explanation *e)
{
	char text[ADDR_TEXT_MAX];

	if (explain_is_for_gateway(e))
		return;
	if (!explain_leaves_by_uplink(e)) {
		explain_remark(e, "untranslated, since %s is no uplink", e->oif->name);
	} else if (e->s->policy->nat != NAT_NONE) {
		explain_public(e);
	} else if (addr_is_private(e->address)) {
		explain_stop(e, "%s is private and policy %s does not translate: nothing inside may be seen outside", addr_text(e->address, text),
		     e->s->policy->name);
		explain_hint(e, "masqctl set '#%u' nat=masquerade", e->s->serial);
	} else {
		explain_pass(e, "leaves as %s, untranslated", addr_text(e->address, text));
	}
}

/* The other way round: what comes in where the packet left must be led to the client's interface. */
void explain_answers(struct explanation *e)
{
	struct lookup back = { .from = e->out.to, .to = e->address, .iif = e->out.oif };
	const struct link *link;
	char text[ADDR_TEXT_MAX];
	int rc;

	if (explain_is_for_gateway(e))
		return;
	if (!e->oif->forwards) {
		explain_stop(e, "net.ipv4.conf.%s.forwarding = 0: answers are not forwarded", e->oif->name);
		explain_hint(e, "sysctl -w net.ipv4.conf.%s.forwarding=1", e->oif->name);
		return;
	}
	rc = lookup_route(&back);
	link = links_find(e->gw->links, back.oif);
	if (is_source_refused(rc)) {
		explain_stop(e, "the reverse path filter of %s drops the answers", e->oif->name);
		explain_hint(e, "sysctl -w net.ipv4.conf.%s.rp_filter=2", e->oif->name);
	} else if (rc || back.oif != e->s->ifindex) {
		explain_stop(e, "answers to %s go to %s", addr_text(e->address, text), rc ? strerror(-rc) : link ? link->name : "another interface");
		explain_hint(e, "ip route replace %s dev %s", prefix_text(&e->s->address, text), e->s->ifname);
	} else {
		explain_pass(e, "those with mark %u are delivered on %s", e->s->serial, e->s->ifname);
	}
}

/* We touch no other table, and cannot judge its rules; but it is where one looks next. */
void explain_other_firewalls(struct explanation *e)
{
	char *tables = ruleset_other_drops(e->gw->ruleset, explain_is_for_gateway(e) ? "input" : "forward");

	if (tables && *tables)
		explain_remark(e, "%s drops what its own rules do not accept", tables);
	free(tables);
}
