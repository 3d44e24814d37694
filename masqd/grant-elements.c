/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Keys of an interface index, an address and perhaps a mark: address in network order, the others in host order; but in
 * a set of intervals, where bytes are compared in turn, all in network order. */

#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "masqd/grant-elements.h"

const char *const grant_count_sets[GRANT_COUNT_SETS] = { "host_rx", "host_tx" };

/* A new element with nothing but its set. */
static struct element *add(struct element_list *list, const char *set)
{
	struct element *element = &list->elements[list->count++];

	if (list->count > GRANT_ELEMENTS_MAX)
		abort();
	memset(element, 0, sizeof(*element));
	element->set = set;
	return element;
}

/* Interface and prefix as an interval. */
static void set_prefix_key(struct element *element, const struct grant *grant, const struct prefix *prefix)
{
	struct range range = prefix_range(prefix);

	element_append_be32(&element->key, grant->ifindex);
	element_append_be32(&element->end, grant->ifindex);
	element_append(&element->key, &range.first, sizeof(range.first));
	element_append(&element->end, &range.last, sizeof(range.last));
}

void grant_elements_set_key(struct element *element, const struct grant *grant)
{
	if (grant->is_network) {
		set_prefix_key(element, grant, &grant->address);
		return;
	}
	element_append_u32(&element->key, grant->ifindex);
	element_append(&element->key, &grant->address.address, sizeof(struct in_addr));
}

static void append_mark(struct element *element, const struct grant *grant)
{
	if (!grant->is_network) {
		element_append_u32(&element->key, grant->serial);
		return;
	}
	element_append_be32(&element->key, grant->serial);
	element_append_be32(&element->end, grant->serial);
}

/* An element under the session's serial. */
static struct element *add_marked(struct element_list *list, const char *set, const struct grant *grant)
{
	struct element *element = add(list, set);

	element_append_u32(&element->key, grant->serial);
	return element;
}

static void list_flow_limits(struct element_list *list, const struct grant *grant)
{
	struct element *element;

	if (grant->flows) {
		element = add_marked(list, "flow_limit", grant);
		element->state = ELEMENT_CONNLIMIT;
		element->rate = grant->flows;
	}
	if (grant->new_flows) {
		element = add_marked(list, "new_flow_limit", grant);
		element->state = ELEMENT_LIMIT_PACKETS;
		element->rate = element->burst = grant->new_flows;
	}
	if (grant->flows || grant->new_flows)
		add_marked(list, "flow_refused", grant)->state = ELEMENT_COUNTER;
}

/* A network behind a client: what it is for its own address, with the prefix, and without a note. */
static void list_route(struct element_list *list, const struct grant *grant, const struct prefix *prefix)
{
	struct element *element = add(list, "serial_net");

	set_prefix_key(element, grant, prefix);
	element_append_u32(&element->value, grant->serial);

	element = add(list, "owner_net");
	set_prefix_key(element, grant, prefix);
	element_append_be32(&element->key, grant->serial);
	element_append_be32(&element->end, grant->serial);
	element_append_u32(&element->value, grant->policy_id);

	if (grant->route_mark) {
		element = add(list, "route_mark_net");
		set_prefix_key(element, grant, prefix);
		element_append_u32(&element->value, grant->route_mark);
	}
	if (!grant->isolate)
		set_prefix_key(add(list, "peers_net"), grant, prefix);
}

static struct element *add6(struct element_list *list, const char *set, const struct grant *grant, const struct in6_addr *address6)
{
	struct element *element = add(list, set);

	element_append_u32(&element->key, grant->ifindex);
	element_append(&element->key, address6, sizeof(*address6));
	return element;
}

/* What the session's own address has of IPv4, for its address of IPv6 (masqd/ruleset-ipv6.c). */
static void list_ipv6(struct element_list *list, const struct grant *grant)
{
	static const struct in6_addr all_nodes = { .s6_addr = { 0xff, 0x02, [15] = 0x01 } };
	struct in6_addr solicited = { .s6_addr = { 0xff, 0x02, [11] = 0x01, [12] = 0xff } };
	struct element *element;

	if (grant->ipv6 == IPV6_MODE_NO)
		return;
	element_append_u32(&add6(list, "serial6", grant, &grant->address6)->value, grant->serial);
	element = add6(list, "owner6", grant, &grant->address6);
	element_append_u32(&element->key, grant->serial);
	element_append_u32(&element->value, grant->policy_id);
	/* Who sends and whom is sent neighbour discovery: the client, and the groups that it is in (RFC 4291 section 2.7.1). Both its
	 * addresses have one solicited-node group. */
	memcpy(&solicited.s6_addr[13], &grant->address6.s6_addr[13], 3);
	add6(list, "neighbours6", grant, &grant->peer6);
	add6(list, "neighbours6", grant, &grant->address6);
	add6(list, "neighbours6", grant, &all_nodes);
	add6(list, "neighbours6", grant, &solicited);
	if (!grant->isolate)
		add6(list, "peers6", grant, &grant->address6);
	if (grant->ipv6 == IPV6_MODE_MASQUERADE)
		add_marked(list, "translated6", grant);
}

/* The kernel's bucket holds a second of the rate and the burst it is told. */
static void set_limit(struct element *element, uint64_t rate, uint32_t burst)
{
	uint64_t bytes = rate / 8 ? rate / 8 : 1;

	element->state = ELEMENT_LIMIT_BYTES;
	element->rate = bytes;
	element->burst = burst > bytes ? burst - (uint32_t)bytes : 0;
}

/* Whose packets the limit counts: a line is one client's, whatever its packets' addresses. */
static struct element *add_limit(struct element_list *list, bool is_up, const struct grant *grant)
{
	struct element *element;

	if (grant->is_network)
		return add_marked(list, is_up ? "rate_up_network" : "rate_down_network", grant);
	element = add(list, grant->is_host ? is_up ? "rate_up_host" : "rate_down_host" : "rate_up");
	element_append_u32(&element->key, grant->ifindex);
	if (grant->is_host)
		element_append(&element->key, &grant->address.address, sizeof(struct in_addr));
	return element;
}

/* Towards a line masqd/shaper.c does better. */
static void list_rates(struct element_list *list, const struct grant *grant)
{
	struct element *element;
	uint16_t mss = htons((uint16_t)grant->mss);

	if (grant->rate_up)
		set_limit(add_limit(list, true, grant), grant->rate_up, grant->burst_up);
	if (grant->rate_down && (grant->is_host || grant->is_network))
		set_limit(add_limit(list, false, grant), grant->rate_down, grant->burst_down);
	if (grant->mss) {
		element = add(list, "mss");
		element_append_u32(&element->key, grant->ifindex);
		element_append(&element->value, &mss, sizeof(mss));
		element->value.len = sizeof(mss);	/* a value alone is not padded */
	}
}

void grant_elements_list(struct element_list *list, const struct grant *grant, const char *note)
{
	struct element *element;

	list->count = 0;
	if (!grant->is_open)
		return;
	element = add(list, grant->is_network ? "serial_net" : "serial");
	grant_elements_set_key(element, grant);
	element_append_u32(&element->value, grant->serial);
	element->note = note;

	element = add(list, grant->is_network ? "owner_net" : "owner");
	grant_elements_set_key(element, grant);
	append_mark(element, grant);
	element_append_u32(&element->value, grant->policy_id);

	if (grant->network_serial) {
		element = add(list, "owner");
		grant_elements_set_key(element, grant);
		element_append_u32(&element->key, grant->network_serial);
		element_append_u32(&element->value, grant->policy_id);
	}

	if (grant->nat != NAT_NONE)
		element_append_u32(&add(list, "translated")->key, grant->serial);
	if (grant->snat_address.s_addr) {
		element = add(list, "snat_address");
		element_append_u32(&element->key, grant->serial);
		element_append(&element->value, &grant->snat_address, sizeof(grant->snat_address));
	}
	if (grant->port_first) {
		element = add(list, "port_block");
		element_append_u32(&element->key, grant->serial);
		element_append_u32(&element->value, (uint32_t)grant->port_first << 16 | grant->port_last);
	}
	if (grant->route_mark) {
		element = add(list, grant->is_network ? "route_mark_net" : "route_mark");
		grant_elements_set_key(element, grant);
		element_append_u32(&element->value, grant->route_mark);
	}
	if (!grant->isolate)
		grant_elements_set_key(add(list, grant->is_network ? "peers_net" : "peers"), grant);
	list_flow_limits(list, grant);
	list_rates(list, grant);
	for (unsigned i = 0; grant->is_host && i < GRANT_COUNT_SETS; i++) {
		element = add(list, grant_count_sets[i]);
		grant_elements_set_key(element, grant);
		element->state = ELEMENT_COUNTER;
	}
	for (unsigned i = 0; i < grant->routes.count; i++)
		list_route(list, grant, &grant->routes.prefixes[i]);
	list_ipv6(list, grant);
}

bool grant_elements_has(const struct element_list *list, const struct element *element)
{
	for (unsigned i = 0; i < list->count; i++)
		if (element_equal(&list->elements[i], element))
			return true;
	return false;
}

/* Does the grant have the forward in force, at the same client? */
static bool has_forward(const struct grant *grant, const struct grant *other, const struct grant_forward *forward)
{
	for (unsigned i = 0; grant->ifindex == other->ifindex && i < FORWARDS_MAX; i++)
		if (memcmp(&grant->forwards[i], forward, sizeof(*forward)) == 0)
			return true;
	return false;
}

/* A port is an element of two sets: masqd/ruleset-forward.c. */
static void put_port(void (*put)(void *ctx, const struct element *element), void *ctx, const struct grant *grant,
		     const struct grant_forward *forward, uint8_t protocol, unsigned i)
{
	struct element to = { .set = "forwards" }, at = { .set = "forwarded" };
	uint16_t port = htons(forward->first + i), to_port = htons(forward->to_port + i);

	element_append(&to.key, &protocol, sizeof(protocol));
	element_append(&to.key, &port, sizeof(port));
	element_append(&to.value, &forward->to_address, sizeof(forward->to_address));
	element_append(&to.value, &to_port, sizeof(to_port));
	put(ctx, &to);
	element_append_u32(&at.key, grant->ifindex);
	element_append(&at.key, &forward->to_address, sizeof(forward->to_address));
	element_append(&at.key, &protocol, sizeof(protocol));
	element_append(&at.key, &port, sizeof(port));
	put(ctx, &at);
}

void grant_elements_put_forwards(void (*put)(void *ctx, const struct element *element), void *ctx, const struct grant *grant,
				 const struct grant *other)
{
	for (unsigned i = 0; grant->has_forwards && i < FORWARDS_MAX; i++) {
		const struct grant_forward *forward = &grant->forwards[i];
		unsigned count = forward->first && !has_forward(other, grant, forward) ? forward->last - forward->first + 1 : 0;

		for (unsigned k = 0; k < count; k++) {
			if (forward->is_tcp)
				put_port(put, ctx, grant, forward, IPPROTO_TCP, k);
			if (forward->is_udp)
				put_port(put, ctx, grant, forward, IPPROTO_UDP, k);
		}
	}
}
