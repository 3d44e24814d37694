/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Structs to JSON and back. */

#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/text.h"
#include "lib/varlink-client.h"
#include "masqd/address6.h"
#include "masqd/api-json.h"
#include "masqd/hosts.h"
#include "masqd/policy-key.h"
#include "masqd/probe.h"
#include "masqd/accounting.h"
#include "masqd/translation.h"

json_t *api_json_number(unsigned long long number)
{
	return number ? json_integer((json_int_t)number) : json_null();
}

json_t *api_json_address(struct in_addr address)
{
	char text[ADDR_TEXT_MAX];

	return address.s_addr ? json_string(addr_text(address, text)) : json_null();
}

const char *api_json_key(const struct policy_key *key, char name[API_JSON_KEY_MAX])
{
	snprintf(name, API_JSON_KEY_MAX, "%s", key->name);
	for (char *hyphen = name; (hyphen = strchr(hyphen, '-'));)
		*hyphen = '_';
	return name;
}

/* Whose conflict it is: that of nobody who is published elsewhere meanwhile. */
static const struct session *find_conflicting(const struct gateway *gw, const struct conflict *conflict)
{
	const struct session *s = probe_find_owner(gw, &conflict->event.address);

	return s && lan_list_has(&s->policy->lans, conflict->event.interface) ? s : NULL;
}

static json_t *policy_json(const struct gateway *gw, const struct policy *policy)
{
	char name[API_JSON_KEY_MAX];
	struct session *s, *next;
	unsigned sessions = 0;
	json_t *json;

	session_each(&gw->sessions, s, next)
		sessions += s->policy == policy || (s->policy && s->policy->base == policy);
	json = json_pack("{s:s, s:i, s:i}", "name", policy->name, "line", (int)policy->line, "sessions", (int)sessions);
	json_object_set_new(json, "port_blocks_free",
			    policy->port_block ? json_integer((json_int_t)public_count_free(gw->publics, policy)) : json_null());
	for (const struct policy_key *key = policy_keys; key->name; key++)
		json_object_set_new(json, api_json_key(key, name), key->json(policy_member(key, policy)));
	return json;
}

json_t *api_json_policies(const struct gateway *gw)
{
	json_t *policies = json_array();

	for (unsigned i = 0; i < gw->conf->policy_count; i++)
		json_array_append_new(policies, policy_json(gw, &gw->conf->policies[i]));
	return policies;
}

static json_t *uplink_json(const struct gateway *gw, const struct uplink *uplink)
{
	const struct link *link = links_find_name(gw->links, uplink->interface);
	json_t *addresses = json_array(), *json;
	struct session *s, *next;
	struct in_addr gateway;
	const char *problem = uplinks_problem(gw->uplinks, uplink, &gateway);
	char text[ADDR_TEXT_MAX];
	unsigned sessions = 0;

	for (unsigned i = 0; link && i < link->address_count; i++)
		json_array_append_new(addresses, json_string(addr_text(link->addresses[i].address, text)));
	session_each(&gw->sessions, s, next)
		sessions += s->grant.is_open && translation_uplink(gw, s->policy) == uplink;
	json = json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:o}", "name", text_json(uplink->name), "interface", uplink->interface, "state",
			 !link ? "absent" : link->is_up ? "up" : "down", "ifindex", api_json_number(link ? link->ifindex : 0), "addresses",
			 addresses, "rx", link ? json_integer((json_int_t)link->rx) : json_null(), "tx",
			 link ? json_integer((json_int_t)link->tx) : json_null());
	json_object_set_new(json, "gateway", api_json_address(gateway));
	json_object_set_new(json, "problem", text_json(problem));
	json_object_set_new(json, "egress_lock", json_boolean(egress_lock_has(gw->egress_lock, uplink)));
	json_object_set_new(json, "sessions", json_integer(sessions));
	return json;
}

json_t *api_json_uplinks(const struct gateway *gw)
{
	json_t *uplinks = json_array();

	for (unsigned i = 0; i < gw->conf->uplink_count; i++)
		json_array_append_new(uplinks, uplink_json(gw, &gw->conf->uplinks[i]));
	return uplinks;
}

static json_t *count_sessions(const struct gateway *gw)
{
	struct session *s, *next;
	unsigned count[SESSION_ORPHANED + 1] = { 0 };
	json_t *json = json_object();

	session_each(&gw->sessions, s, next)
		count[s->state]++;
	for (enum session_state state = SESSION_ADMITTED; state <= SESSION_ORPHANED; state++)
		json_object_set_new(json, session_state_text(state), json_integer(count[state]));
	return json;
}

/* Names in the configuration may be any bytes. */
__attribute__((format(printf, 3, 4))) static void warn(json_t *warnings, const char *hint, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	json_array_append_new(warnings, json_pack("{s:o, s:s}", "text", text_json(text ? text : "out of memory"), "hint", hint));
	free(text);
}

/* Addresses that clients are to appear as and that are no uplink's, and clients that there are no ports for. */
static void find_untranslatable(const struct gateway *gw, json_t *warnings)
{
	char text[ADDR_TEXT_MAX];
	const char *hint;

	for (unsigned i = 0; i < gw->conf->policy_count; i++) {
		const struct policy *policy = &gw->conf->policies[i];

		if (policy->port_block && !public_count_free(gw->publics, policy))
			warn(warnings, "masqctl policies -o name,port-block,sessions", "policy %s: all port blocks are in use", policy->name);
		for (unsigned long k = 0; k < range_list_size(&policy->snat_address); k++) {
			struct in_addr address = range_list_nth(&policy->snat_address, k);

			if (translation_is_stranded(gw, address, &hint))
				warn(warnings, hint, "policy %s: snat-address %s is no uplink's: nothing can leave with it", policy->name,
				     addr_text(address, text));
		}
	}
}

static void find_unshaped(const struct gateway *gw, json_t *warnings)
{
	struct session *s, *next;

	session_each(&gw->sessions, s, next)
		if (s->is_unshaped)
			warn(warnings, "tc qdisc show", "#%u on %s is not shaped: its interface has a root qdisc of somebody else, or the kernel refuses",
			     s->serial, s->ifname);
}

/* Their pppds hang, or have lost their plugins: nobody else will end them. */
static void find_quarantined(const struct gateway *gw, json_t *warnings)
{
	struct session *s, *next;
	unsigned count = 0;

	session_each(&gw->sessions, s, next)
		count += s->is_quarantined;
	if (count)
		warn(warnings, "masqctl list state=orphaned", "%u session%s orphaned and closed: not announced again by %s pppd", count,
		     count == 1 ? " is" : "s are", count == 1 ? "its" : "their");
}

/* A pppd has its plugin call before it gives the line an address. */
static bool is_unannounced(const struct gateway *gw, const struct link *link)
{
	return link->is_up && link->address_count && !session_find_ifindex(&gw->sessions, link->ifindex) &&
	       conf_is_line(gw->conf, link->name) && !conf_find_uplink(gw->conf, link->name);
}

static void find_unannounced(const struct gateway *gw, json_t *warnings)
{
	const struct link *link = NULL, *first = NULL;
	unsigned count = 0;

	while ((link = links_next(gw->links, link))) {
		if (!is_unannounced(gw, link))
			continue;
		first = first ? first : link;
		count++;
	}
	if (first)
		warn(warnings, "the option plugin masq.so for its pppd, or masqctl attach IFNAME --address A",
		     "%u line%s up without a session, and closed: %s%s", count, count == 1 ? " is" : "s are", first->name,
		     count == 1 ? "" : ", ...");
}

static void find_conflicts(const struct gateway *gw, json_t *warnings)
{
	const struct conflict *conflict;
	char text[PROBE_TEXT_MAX];

	for (conflict = gw->conflicts.list; conflict; conflict = conflict->next) {
		const struct session *s = find_conflicting(gw, conflict);

		if (s && !probe_is_waiting(gw, s))
			warn(warnings, "masqctl arp conflicts", "#%u on %s: address %s too", s->serial, s->ifname,
			     probe_text(&conflict->event, text));
	}
}

static bool is_in_list(const struct conf *conf, const struct uplink *uplink)
{
	for (unsigned i = 0; i < conf->policy_count; i++)
		for (unsigned k = 0; k < conf->policies[i].uplinks.count; k++)
			if (conf->policies[i].uplinks.uplinks[k] == uplink)
				return true;
	return false;
}

/* What keeps an uplink that is up, and that a policy names, from being used. */
static void find_route_warnings(json_t *warnings, const struct gateway *gw, const struct uplink *uplink)
{
	struct in_addr gateway;
	const char *problem = uplinks_problem(gw->uplinks, uplink, &gateway);
	char hint[128];

	snprintf(hint, sizeof(hint), "sysctl -w net/ipv4/conf/all/rp_filter=0 net/ipv4/conf/%s/rp_filter=0", uplink->interface);
	if (problem)
		warn(warnings, "masqctl uplinks", "uplink %s: cannot be used: %s", uplink->name, problem);
	else if (!uplinks_accepts(gw->uplinks, uplink))
		warn(warnings, hint, "uplink %s: the reverse path filter of %s drops what comes in", uplink->name,
		     uplink->interface);
}

static json_t *find_warnings(const struct gateway *gw, long count, long max)
{
	json_t *warnings = json_array();

	for (unsigned i = 0; i < gw->conf->uplink_count; i++) {
		const struct uplink *uplink = &gw->conf->uplinks[i];
		const struct link *link = links_find_name(gw->links, uplink->interface);

		if (!link || !link->is_up)
			warn(warnings, "ip link show", "uplink %s: interface %s is %s", uplink->name, uplink->interface,
			     link ? "down" : "absent");
		else if (is_in_list(gw->conf, uplink))
			find_route_warnings(warnings, gw, uplink);
		if (link && !egress_lock_has(gw->egress_lock, uplink))
			warn(warnings, "journalctl -u masqd", "uplink %s: it has no second lock: private addresses leave while the ruleset is flushed",
			     uplink->name);
	}
	for (unsigned i = 0; i < gw->conf->lan_count; i++)
		if (!links_find_name(gw->links, gw->conf->lans[i].interface))
			warn(warnings, "ip link show", "lan %s: interface %s is absent", gw->conf->lans[i].name,
			     gw->conf->lans[i].interface);
	if (gw->previous)
		warn(warnings, "masqctl confirm, or masqctl rollback", "the configuration goes back to the one before in %lld s",
		     (long long)(gw->confirm_by - clock_since_boot()));
	find_untranslatable(gw, warnings);
	for (unsigned i = 0; i < gw->conf->network_count; i++)
		if (hosts_is_full(gw, &gw->conf->networks[i]))
			warn(warnings, "masqctl list type=host", "network %s: it has %u hosts, as hosts-max says: others are not told apart",
			     gw->conf->networks[i].name, gw->conf->networks[i].hosts_max);
	find_unshaped(gw, warnings);
	find_quarantined(gw, warnings);
	find_unannounced(gw, warnings);
	find_conflicts(gw, warnings);
	if (address6_is_not_forwarded(gw))
		warn(warnings, "sysctl -w net.ipv6.conf.all.forwarding=1", "a policy has ipv6, but the kernel forwards no IPv6");
	if (!arp_is_connected(gw->arp))
		warn(warnings, "systemctl status masq-arpd", "masq-arpd is not reachable: clients are not published on the LANs");
	if (store_trouble(gw->store))
		warn(warnings, "df; journalctl -u masqd", "%s: what is used is counted, but not kept over a restart", store_trouble(gw->store));
	if (conntrack_is_nearly_full(count, max))
		warn(warnings, "sysctl net.netfilter.nf_conntrack_max", "the kernel's connection table is nearly full: %ld of %ld", count, max);
	return warnings;
}

/* Sessions whose quota has come to something. */
static json_t *count_quotas(const struct gateway *gw)
{
	return json_pack("{s:i, s:i}", quota_state_text(QUOTA_NEAR), (int)quota_count(gw->quota, QUOTA_NEAR), quota_state_text(QUOTA_OVER),
			 (int)quota_count(gw->quota, QUOTA_OVER));
}

static void add_held_back(void *ctx, const char *user, const char *line, unsigned failures, unsigned wait_s)
{
	json_array_append_new(ctx, json_pack("{s:o, s:o, s:o, s:i, s:i}", "user", text_json(user), "user_hex", text_json_hex(user), "tty",
					     text_json(line), "failures", (int)failures, "wait", (int)wait_s));
}

static json_t *held_back_json(const struct gateway *gw)
{
	json_t *json = json_array();

	backoff_each(gw->backoff, varlink_now_ms(), gw->conf->redial_backoff, add_held_back, json);
	return json;
}

json_t *api_json_status(const struct gateway *gw)
{
	long count = conntrack_count(), max = conntrack_max();

	return json_pack("{s:s, s:i, s:I, s:I, s:o, s:o, s:i, s:o, s:o, s:s, s:o, s:o, s:i, s:i, s:o, s:o}", "version", PACKAGE_VERSION, "pid",
			 (int)getpid(), "started", (json_int_t)gw->started, "uptime", (json_int_t)(clock_since_boot() - gw->begun),
			 "configuration", text_json(gw->conf->path), "sessions", count_sessions(gw), "refused", (int)gw->refused, "held_back",
			 held_back_json(gw), "uplinks",
			 api_json_uplinks(gw), "arpd", arp_is_connected(gw->arp) ? "connected" : "unreachable", "conntrack_count",
			 count < 0 ? json_null() : json_integer(count), "conntrack_max", max < 0 ? json_null() : json_integer(max),
			 "repairs", (int)gw->repairs, "store_failures", (int)store_failures(gw->store), "quotas", count_quotas(gw), "warnings",
			 find_warnings(gw, count, max));
}

int api_json_parse_line(json_t *json, struct line *line, char **user, const char **wrong)
{
	memset(line, 0, sizeof(*line));
	line->ifname = json_string_value(json_object_get(json, "ifname"));
	if (!line->ifname || !*line->ifname || strlen(line->ifname) >= IFNAMSIZ) {
		*wrong = "line.ifname";
		return -EINVAL;
	}
	*user = text_from_json(json_object_get(json, "user"), json_object_get(json, "user_hex"));
	line->user = *user && **user ? *user : NULL;
	line->tty = json_string_value(json_object_get(json, "tty"));
	line->caller = json_string_value(json_object_get(json, "caller"));
	line->ipparam = json_string_value(json_object_get(json, "ipparam"));
	line->policy = json_string_value(json_object_get(json, "policy"));
	line->speed = (unsigned)json_integer_value(json_object_get(json, "speed"));
	line->pid = (pid_t)json_integer_value(json_object_get(json, "pid"));
	return 0;
}
