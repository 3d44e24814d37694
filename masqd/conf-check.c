/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What can be wrong although each key is right: names that nft cannot have, and things that are in each other's way. What
 * could not be read is empty here, and already complained of. */

#include "config.h"

#include <arpa/inet.h>
#include <string.h>

#include "masqd/conf.h"
#include "masqd/derive.h"
#include "masqd/rate.h"

/* A pool is searched, and its use shown, address by address. */
#define POOL_MAX (1UL << 20)

/* Each has a table of its ports in memory. */
enum { SNAT_ADDRESSES_MAX = 256 };

const char *conf_policy_objection(const struct policy *policy)
{
	if (policy->isolate_lan && policy->proxy_arp)
		return "isolate-lan: yes: contradicts proxy-arp = yes";
	if (policy->quota.over.action != OVER_QUOTA_DENY && !quota_is_limited(&policy->quota))
		return "over-quota: needs quota, quota-down or quota-up";
	if (policy->inbound && policy->nat != NAT_NONE)
		return "inbound: yes: needs nat = none";
	if (policy->nat == NAT_SNAT && !policy->snat_address.count)
		return "snat-address: missing: nat = snat needs one";
	if (policy->nat != NAT_SNAT && policy->snat_address.count)
		return "snat-address: needs nat = snat";
	if (range_list_size(&policy->snat_address) > SNAT_ADDRESSES_MAX)
		return "snat-address: must be at most 256 addresses";
	if (policy->nat == NAT_NONE && policy->port_block)
		return "port-block: needs nat = masquerade or snat";
	if (policy->ipv6 != IPV6_MODE_NO && (!policy->pool || !policy->pool->prefix.length))
		return "ipv6: needs a pool with a prefix";
	return rate_objection(policy);
}

/* Whose the range's addresses are already, at least one of them: the kind of section and its title; NULL if nobody's. */
static const char *client_of(const struct conf *conf, const struct range *range, const char **name)
{
	for (unsigned i = 0; i < conf->pool_count; i++) {
		*name = conf->pools[i].name;
		for (unsigned k = 0; k < conf->pools[i].range_count; k++)
			if (ranges_overlap(range, &conf->pools[i].ranges[k]))
				return "pool";
	}
	for (unsigned i = 0; i < conf->matches[MATCH_USER].count; i++) {
		*name = conf->matches[MATCH_USER].list[i].name;
		if (range_contains(range, conf->matches[MATCH_USER].list[i].address))
			return "user";
	}
	for (unsigned i = 0; i < conf->serial_count; i++) {
		*name = conf->serials[i].name;
		if (range_contains(range, conf->serials[i].address))
			return "serial";
	}
	for (unsigned i = 0; i < conf->network_count; i++) {
		const struct prefix *prefix = &conf->networks[i].prefix;

		*name = conf->networks[i].name;
		if (prefix->length && (prefix_contains(prefix, range->first) || range_contains(range, prefix->address)))
			return "network";
	}
	return NULL;
}

const char *conf_snat_objection(const struct conf *conf, const struct range *range)
{
	static char reason[RANGE_TEXT_MAX + 128];
	char text[RANGE_TEXT_MAX];
	const char *name, *kind = client_of(conf, range, &name);

	snprintf(reason, sizeof(reason), "snat-address: %s: is of %s \"%.64s\"", range_text(range, text), kind ? kind : "", kind ? name : "");
	return kind ? reason : NULL;
}

/* kind, name: of the section that says so. */
static void check_snat_address(const struct conf *conf, struct conffile *file, const struct policy *policy, const char *kind,
			       const char *name, unsigned line)
{
	for (unsigned i = 0; i < policy->snat_address.count; i++) {
		const char *objection = conf_snat_objection(conf, &policy->snat_address.ranges[i]);

		if (objection)
			conffile_error(file, line, "%s \"%s\": %s", kind, name, objection);
	}
}

static void check_routes(const struct conf *conf, struct conffile *file, const struct policy *policy, const char *kind, const char *name,
			 unsigned line)
{
	char text[ADDR_TEXT_MAX];

	if (policy->routes.count && strcmp(kind, "network") == 0)
		conffile_error(file, line, "network \"%s\": routes: lead to one client, not to a network of them", name);
	for (unsigned i = 0; i < policy->routes.count; i++) {
		const char *reason = conf_route_objection(conf, policy, &policy->routes.prefixes[i]);

		if (reason)
			conffile_error(file, line, "%s \"%s\": routes: %s: %s", kind, name,
				       prefix_text(&policy->routes.prefixes[i], text), reason);
	}
}

/* Where nobody reports a tty's speed, there is no line's rate. */
static void check_line_rate(const struct policy *policy, const char *kind, const char *name, unsigned line, struct conffile *file)
{
	if (policy && policy->rate_is_line)
		conffile_error(file, line, "%s \"%s\": policy \"%s\" has rate = line, but only a pppd says its line's speed; use rate-down and rate-up",
			       kind, name, policy->name);
}

static void check_policies(const struct conf *conf, struct conffile *file)
{
	for (unsigned i = 0; i < conf->policy_count; i++) {
		const struct policy *policy = &conf->policies[i];
		const char *objection = conf_policy_objection(policy);

		if (!conf_is_policy_name(policy->name))
			conffile_error(file, policy->line, "policy \"%s\": its name must be 1 to 32 letters, digits, _ or -", policy->name);
		if (objection)
			conffile_error(file, policy->line, "policy \"%s\": %s", policy->name, objection);
		check_snat_address(conf, file, policy, "policy", policy->name, policy->line);
		check_routes(conf, file, policy, "policy", policy->name, policy->line);
		for (unsigned k = 0; k < i; k++)
			if (conf->policies[k].id == policy->id)
				conffile_error(file, policy->line, "policy \"%s\": \"%s\": both names have the same hash, rename one",
					       policy->name, conf->policies[k].name);
	}
}

/* A section's own keys over its policy; without one it depends on who comes. */
static void check_layer(const struct conf *conf, struct conffile *file, const struct layer *layer, const struct policy *policy)
{
	struct derived *derived;
	struct layers layers = { 0 };
	char reason[DERIVE_REASON_MAX];

	layers_add(&layers, layer);
	if (policy && !layers.count && strcmp(layer->kind, "network") == 0)
		check_routes(conf, file, policy, layer->kind, layer->name, layer->line);
	if (!policy || !layers.count)
		return;
	derived = derive_policy(conf, policy, &layers, reason);
	if (derived) {
		check_snat_address(conf, file, &derived->policy, layer->kind, layer->name, layer->line);
		check_routes(conf, file, &derived->policy, layer->kind, layer->name, layer->line);
	} else {
		conffile_error(file, layer->line, "%s \"%s\": %s", layer->kind, layer->name, reason);
	}
	derive_free(derived);
}

static void check_layers(const struct conf *conf, struct conffile *file)
{
	for (enum match_kind kind = MATCH_USER; kind < MATCH_KINDS; kind++)
		for (unsigned i = 0; i < conf->matches[kind].count; i++)
			check_layer(conf, file, &conf->matches[kind].list[i].layer, conf->matches[kind].list[i].policy);
	for (unsigned i = 0; i < conf->network_count; i++)
		check_layer(conf, file, &conf->networks[i].layer, conf->networks[i].policy);
	for (unsigned i = 0; i < conf->serial_count; i++)
		check_layer(conf, file, &conf->serials[i].layer, conf->serials[i].policy);
}

/* Tables and marks have the id's number: two lists must not share one. */
static void check_uplink_lists(const struct conf *conf, struct conffile *file)
{
	for (unsigned i = 0; i < conf->policy_count; i++) {
		const struct policy *policy = &conf->policies[i];

		for (unsigned k = 0; k < i; k++) {
			const struct policy *other = &conf->policies[k];

			if (policy->uplinks.id == other->uplinks.id &&
			    memcmp(&policy->uplinks, &other->uplinks, sizeof(policy->uplinks)) != 0)
				conffile_error(file, policy->line,
					       "policy \"%s\": uplinks: the names have the same hash as those of policy \"%s\", rename one",
					       policy->name, other->name);
		}
	}
}

/* The first pool, in the file's order up to range number last of pool number self, that has some of that range's addresses. */
static const struct pool *overlapping_pool(const struct conf *conf, unsigned self, unsigned last)
{
	const struct range *range = &conf->pools[self].ranges[last];

	for (unsigned i = 0; i <= self; i++)
		for (unsigned k = 0; k < (i == self ? last : conf->pools[i].range_count); k++)
			if (ranges_overlap(range, &conf->pools[i].ranges[k]))
				return &conf->pools[i];
	return NULL;
}

static void check_pools(const struct conf *conf, struct conffile *file)
{
	for (unsigned i = 0; i < conf->pool_count; i++) {
		const struct pool *pool = &conf->pools[i];
		unsigned long size = 0;

		for (unsigned k = 0; k < pool->range_count; k++) {
			const struct range *range = &pool->ranges[k];
			const struct pool *other = overlapping_pool(conf, i, k);
			char first[ADDR_TEXT_MAX], last[ADDR_TEXT_MAX];

			size += (unsigned long)ntohl(range->last.s_addr) - ntohl(range->first.s_addr) + 1;
			if (other)
				conffile_error(file, pool->line, "pool \"%s\": %s-%s: overlaps with pool \"%s\"", pool->name,
					       addr_text(range->first, first), addr_text(range->last, last), other->name);
		}
		if (size > POOL_MAX)
			conffile_error(file, pool->line, "pool \"%s\": %lu addresses: must be at most %lu", pool->name, size, POOL_MAX);
	}
}

/* An interface is an uplink, or a client's, or neither. */
static void check_interface(const struct conf *conf, struct conffile *file, unsigned line, const char *kind, const char *name,
			    const char *interface)
{
	const struct uplink *uplink = conf_find_uplink(conf, interface);

	if (!*interface)
		return;
	if (uplink && strcmp(kind, "uplink") != 0)
		conffile_error(file, line, "%s \"%s\": %s: is the interface of uplink \"%s\"", kind, name, interface, uplink->name);
	if (strcmp(kind, "serial") != 0 && conf_is_line(conf, interface))
		conffile_error(file, line,
			       "%s \"%s\": %s: fits client-interfaces or a serial line; a pppd names its interface with the option ifname", kind,
			       name, interface);
}

/* A LAN is not judged, a network is: an interface cannot be both. */
static void check_network_interface(const struct conf *conf, struct conffile *file, const struct network *network)
{
	check_interface(conf, file, network->line, "network", network->name, network->interface);
	for (unsigned i = 0; i < conf->lan_count; i++)
		if (*network->interface && strcmp(conf->lans[i].interface, network->interface) == 0)
			conffile_error(file, network->line, "network \"%s\": %s: is the interface of lan \"%s\"", network->name,
				       network->interface, conf->lans[i].name);
}

static void check_interfaces(const struct conf *conf, struct conffile *file)
{
	if (conf->uplink_count == 0)
		conffile_error(file, 0, "uplink: missing: there must be at least one");
	for (unsigned i = 0; i < conf->uplink_count; i++) {
		const struct uplink *uplink = &conf->uplinks[i];
		const struct uplink *first = conf_find_uplink(conf, uplink->interface);

		check_interface(conf, file, uplink->line, "uplink", uplink->name, uplink->interface);
		if (first != uplink && *uplink->interface)
			conffile_error(file, uplink->line, "uplink \"%s\": %s: is the interface of uplink \"%s\"", uplink->name,
				       uplink->interface, first->name);
	}
	for (unsigned i = 0; i < conf->lan_count; i++)
		check_interface(conf, file, conf->lans[i].line, "lan", conf->lans[i].name, conf->lans[i].interface);
	for (unsigned i = 0; i < conf->network_count; i++)
		check_network_interface(conf, file, &conf->networks[i]);
	for (unsigned i = 0; i < conf->serial_count; i++)
		check_interface(conf, file, conf->serials[i].line, "serial", conf->serials[i].name, conf->serials[i].interface);
}

static void check_networks(const struct conf *conf, struct conffile *file)
{
	for (unsigned i = 0; i < conf->network_count; i++) {
		const struct network *network = &conf->networks[i];
		char text[ADDR_TEXT_MAX];

		check_line_rate(network->policy, "network", network->name, network->line, file);
		for (unsigned k = 0; network->prefix.length && k < i; k++) {
			const struct prefix *other = &conf->networks[k].prefix;

			if (other->length == 0)
				continue;
			if (prefix_contains(other, network->prefix.address) || prefix_contains(&network->prefix, other->address))
				conffile_error(file, network->line, "network \"%s\": %s: overlaps with network \"%s\"", network->name,
					       prefix_text(&network->prefix, text), conf->networks[k].name);
		}
	}
}

static void check_serials(const struct conf *conf, struct conffile *file)
{
	for (unsigned i = 0; i < conf->serial_count; i++) {
		const struct serial_line *serial = &conf->serials[i];
		char text[ADDR_TEXT_MAX];

		check_line_rate(serial->policy, "serial", serial->name, serial->line, file);
		for (unsigned k = 0; k < i; k++) {
			const struct serial_line *other = &conf->serials[k];

			if (*serial->interface && strcmp(other->interface, serial->interface) == 0)
				conffile_error(file, serial->line, "serial \"%s\": %s: is the interface of serial \"%s\"", serial->name,
					       serial->interface, other->name);
			if (serial->address.s_addr && other->address.s_addr == serial->address.s_addr)
				conffile_error(file, serial->line, "serial \"%s\": %s: is the address of serial \"%s\"", serial->name,
					       addr_text(serial->address, text), other->name);
		}
	}
}

void conf_check(const struct conf *conf, struct conffile *file)
{
	check_interfaces(conf, file);
	check_pools(conf, file);
	check_policies(conf, file);
	check_uplink_lists(conf, file);
	quota_check(conf, file);
	check_networks(conf, file);
	check_serials(conf, file);
	conf_check_forwards(conf, file);
	conf_check_uplinks(conf, file);
	/* What has errors already would only have them again. */
	if (!file->error_count)
		check_layers(conf, file);
}
