/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A connection that holds has its holder as data. Nothing in parameters is trusted. */

#include "config.h"

#include "arpd/api.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "arpd/engine.h"
#include "arpd/inquiry.h"
#include "arpd/org.masqgate.Arp.varlink.h"
#include "lib/log.h"
#include "lib/text.h"

#define INTERFACE "org.masqgate.Arp"
#define HOLDER_NAME_MAX 64
/* One address on more LANs than this is no gateway's business. */
#define INTERFACES_MAX 16

static const char *state_name(enum entry_state state)
{
	switch (state) {
	case ENTRY_PUBLISHED:
		return "published";
	case ENTRY_PROBING:
		return "probing";
	case ENTRY_UNROUTED:
		return "unrouted";
	case ENTRY_CONFLICT:
		return "conflict";
	case ENTRY_WAITING:
		return "waiting";
	case ENTRY_ORPHANED:
		return "orphaned";
	}
	return NULL;
}

static const char *engine_name(const struct entry *entry)
{
	return !entry->is_installed ? NULL : entry->is_responders ? "bpf" : "kernel";
}

static json_t *mac_json(const struct link *link)
{
	char text[MAC_TEXT_MAX];

	return link->index && link->is_ethernet ? json_string(mac_text(link->mac, text)) : json_null();
}

static json_t *entry_json(const struct entry *entry)
{
	json_t *holders = json_array();
	const struct claim *claim;
	char text[IP_TEXT_MAX];

	LL_FOREACH(entry->claims, claim) {
		if (claim_is_living(claim))
			json_array_append_new(holders, json_string(claim->holder->name));
	}
	return json_pack("{s:s, s:o, s:o, s:o, s:s, s:s?, s:I, s:i}", "address", ip_text(&entry->address, text),
			 "interface", text_json(entry->lan->name), "mac", mac_json(&entry->lan->link), "holders", holders,
			 "state", state_name(entry_state(entry)), "engine", engine_name(entry), "since", (json_int_t)entry->since, "announced", (int)entry->announced);
}

static void list(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct arpd *arpd = ctx;
	const struct lan *lan;
	const struct entry *entry;

	(void)parameters;
	LL_FOREACH(arpd->publisher.table.lans, lan) {
		for (entry = lan->entries; entry; entry = entry->hh.next)
			varlink_reply_continues(call, json_pack("{s:o}", "entry", entry_json(entry)));
	}
	varlink_reply(call, json_pack("{s:n}", "entry"));
}

static void warn(json_t *warnings, json_t *text, json_t *hint)
{
	json_array_append_new(warnings, json_pack("{s:o, s:o}", "text", text, "hint", hint ? hint : json_null()));
}

/* What keeps a LAN's addresses from being answered. */
static void warn_lan(json_t *warnings, const struct lan *lan, unsigned foreign)
{
	if (!lan->link.index)
		warn(warnings, json_sprintf("%s: there is no such interface, its addresses are waiting", lan->name), NULL);
	else if (!lan->is_ready)
		warn(warnings, json_sprintf("%s: is down or no Ethernet, its addresses are waiting", lan->name),
		     json_sprintf("ip link set %s up", lan->name));
	else if (!lan->link.is_forwarding)
		warn(warnings, json_sprintf("%s: forwarding is off, its addresses are not answered", lan->name),
		     json_sprintf("sysctl net/ipv4/conf/%s/forwarding=1", lan->name));
	if (foreign)
		warn(warnings, json_sprintf("%s: somebody else's proxy neighbours have %u addresses", lan->name, foreign),
		     json_sprintf("ip neigh show proxy dev %s", lan->name));
}

/* What concerns no LAN alone. */
static void warn_all(struct arpd *arpd, json_t *warnings)
{
	const struct publisher *publisher = &arpd->publisher;
	size_t ipv6 = 0;
	const struct lan *lan;

	LL_FOREACH(publisher->table.lans, lan)
		ipv6 += lan->counts[FAMILY_IPV6];
	LL_FOREACH(publisher->table.lans, lan)
		if (lan->attach_error)
			warn(warnings, json_sprintf("%s: cannot answer by BPF, the kernel's proxy neighbours do: %s", lan->name,
						    strerror(-lan->attach_error)),
			     json_sprintf("tc filter show dev %s ingress", lan->name));
	if (publisher->responder_error)
		warn(warnings, json_sprintf("cannot answer by BPF, the kernel's proxy neighbours do: %s", strerror(-publisher->responder_error)),
		     json_string("engine = kernel in arpd.conf"));
	if (ipv6 && !link_all_proxy_ndp(publisher->sock))
		warn(warnings, json_string("IPv6 addresses are not answered for when asked directly: proxy_ndp is off"),
		     json_string("sysctl net/ipv6/conf/all/proxy_ndp=1"));
	if (arpd->foreign.reported)
		warn(warnings, json_sprintf("proxy neighbours of others that lead nowhere: %zu", arpd->foreign.reported),
		     json_string("clean-foreign = yes in arpd.conf"));
	if (HASH_COUNT(publisher->conflicts.conflicts))
		warn(warnings, json_sprintf("others on the LANs use or want published addresses: %u", HASH_COUNT(publisher->conflicts.conflicts)),
		     json_string("masqctl arp conflicts"));
}

static void status(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct arpd *arpd = ctx;
	json_t *warnings = json_array();
	struct timespec now;
	const struct lan *lan;
	const struct entry *entry;
	int count[ENTRY_PUBLISHED + 1] = { 0 };

	(void)parameters;
	LL_FOREACH(arpd->publisher.table.lans, lan) {
		unsigned foreign = 0;

		for (entry = lan->entries; entry; entry = entry->hh.next) {
			count[entry_state(entry)]++;
			foreign += entry->error == -EEXIST;
		}
		warn_lan(warnings, lan, foreign);
	}
	warn_all(arpd, warnings);
	clock_gettime(CLOCK_MONOTONIC, &now);
	varlink_reply(call, json_pack("{s:s, s:i, s:I, s:I, s:o, s:{s:i, s:i, s:i, s:i, s:i, s:i}, s:s, s:i, s:i, s:I, s:i, s:i, s:i, s:o}", "version", PACKAGE_VERSION,
				      "pid", (int)getpid(), "started", (json_int_t)arpd->started,
				      "uptime", (json_int_t)(now.tv_sec - arpd->started_monotonic.tv_sec),
				      "configuration", text_json(arpd->path),
				      "entries", "published", count[ENTRY_PUBLISHED], "waiting", count[ENTRY_WAITING],
				      "orphaned", count[ENTRY_ORPHANED], "probing", count[ENTRY_PROBING],
				      "unrouted", count[ENTRY_UNROUTED], "conflict", count[ENTRY_CONFLICT],
				      "engine", arpd->publisher.responder ? "bpf" : "kernel",
				      "conflicts", (int)HASH_COUNT(arpd->publisher.conflicts.conflicts),
				      "probes_answered", (int)arpd->publisher.probes_answered,
				      "missed", (json_int_t)wire_missed(arpd->publisher.wire),
				      "foreign_dead", (int)arpd->foreign.reported, "foreign_cleaned", (int)arpd->foreign.cleaned,
				      "repairs", (int)arpd->publisher.repairs, "warnings", warnings));
}

static void refuse(struct varlink_call *call, json_t *reason)
{
	varlink_error(call, INTERFACE ".Refused", json_pack("{s:o}", "reason", reason));
}

/* What may well go next time. */
static void fail(struct varlink_call *call, json_t *reason)
{
	varlink_error(call, INTERFACE ".Failed", json_pack("{s:o}", "reason", reason));
}

/* The holder this call's connection speaks for; NULL, the call being answered, if it speaks for none. */
static struct holder *need_holder(struct varlink_call *call)
{
	struct holder *holder = varlink_connection_data(varlink_call_connection(call));

	if (!holder)
		varlink_error(call, INTERFACE ".NotHolding", json_object());
	return holder;
}

static bool is_holder_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= HOLDER_NAME_MAX && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == len;
}

static struct holder *find_speaking(const struct arpd *arpd, const char *name)
{
	struct holder *holder;

	LL_FOREACH(arpd->publisher.table.holders, holder) {
		if (holder->speaker && strcmp(holder->name, name) == 0)
			return holder;
	}
	return NULL;
}

static void hold(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct arpd *arpd = ctx;
	struct varlink_connection *connection = varlink_call_connection(call);
	const char *name = json_string_value(json_object_get(parameters, "holder"));
	struct holder *holder = varlink_connection_data(connection), *before;

	if (!name || !is_holder_name(name)) {
		varlink_error_parameter(call, "holder");
		return;
	}
	if (strcmp(name, ARPD_CONFIGURATION) == 0 || strcmp(name, ARPD_ADMINISTRATOR) == 0) {
		refuse(call, json_sprintf("this name is the %s's", name));
		return;
	}
	if (holder && strcmp(name, holder->name) != 0) {
		refuse(call, json_string("this connection has a holder already"));
		return;
	}
	if (holder) {
		varlink_reply(call, json_object());
		return;
	}
	/* A holder that was killed may be back before its old connection is seen to be gone. */
	before = find_speaking(arpd, name);
	if (before) {
		varlink_connection_set_data((struct varlink_connection *)before->speaker, NULL);
	}
	holder = table_hold(&arpd->publisher.table, name, connection);
	if (!holder) {
		fail(call, json_string("there are too many holders, or no memory for one more"));
		return;
	}
	varlink_connection_set_data(connection, holder);
	log_info("%s holds addresses%s", name, before ? ", instead of an earlier connection" : "");
	varlink_reply(call, json_object());
}

/* The parameter address. False, the call being answered, if it is none. */
static bool need_address(struct varlink_call *call, json_t *parameters, struct in6_addr *address)
{
	const char *text = json_string_value(json_object_get(parameters, "address"));

	if (text && !ip_parse(text, address))
		return true;
	varlink_error_parameter(call, "address");
	return false;
}

/* The parameter interfaces, whose names stay the parameters'. Their number; -1, the call being answered, if it is none. */
static int need_interfaces(struct varlink_call *call, json_t *parameters, const char *lans[INTERFACES_MAX])
{
	json_t *interfaces = json_object_get(parameters, "interfaces"), *interface;
	bool is_good = json_is_array(interfaces) && json_array_size(interfaces) <= INTERFACES_MAX;
	size_t i;

	if (is_good) {
		json_array_foreach(interfaces, i, interface) {
			lans[i] = json_string_value(interface);
			is_good &= lans[i] && !conf_interface_objection(lans[i]);
			for (size_t j = 0; j < i && is_good; j++)
				is_good = strcmp(lans[i], lans[j]) != 0;
		}
	}
	if (is_good)
		return (int)json_array_size(interfaces);
	varlink_error_parameter(call, "interfaces");
	return -1;
}

/* Answers a call that was to publish something. */
static void answer_publication(struct varlink_call *call, const struct holder *holder, const char *what, const char *objection)
{
	if (!objection) {
		varlink_reply(call, json_object());
		return;
	}
	log_info("%s refused to %s: %s", what, holder->name, objection);
	if (objection == PUBLISHER_NO_MEMORY)
		fail(call, json_sprintf("%s %s", what, objection));
	else
		refuse(call, json_sprintf("%s %s", what, objection));
}

static void publish(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct arpd *arpd = ctx;
	struct holder *holder = need_holder(call);
	const char *lans[INTERFACES_MAX];
	char text[IP_TEXT_MAX];
	struct in6_addr address;
	int count;

	if (!holder || !need_address(call, parameters, &address))
		return;
	count = need_interfaces(call, parameters, lans);
	if (count >= 0)
		answer_publication(call, holder, ip_text(&address, text),
				   publisher_publish(&arpd->publisher, holder, &address, lans, (size_t)count, true));
}

static void withdraw(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct arpd *arpd = ctx;
	struct holder *holder = need_holder(call);
	struct in6_addr address;

	if (!holder || !need_address(call, parameters, &address))
		return;
	table_withdraw(&arpd->publisher.table, holder, &address, NULL, 0);
	varlink_reply(call, json_object());
}

static void sweep(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct arpd *arpd = ctx;
	struct holder *holder = need_holder(call);
	size_t count;

	(void)parameters;
	if (!holder)
		return;
	/* The kernel does not say whose an earlier run's entries were; whoever wanted them has had the time to say so. */
	count = table_sweep(&arpd->publisher.table, holder, true);
	engine_settle(&arpd->publisher);
	varlink_reply(call, json_pack("{s:I}", "withdrawn", (json_int_t)count));
}

static void probe(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct arpd *arpd = ctx;
	const char *lans[INTERFACES_MAX];
	struct in6_addr address;
	int count;

	if (!need_address(call, parameters, &address))
		return;
	count = need_interfaces(call, parameters, lans);
	if (count < 0)
		return;
	varlink_reply(call, json_object());
	inquiry_begin(&arpd->publisher, &address, lans, (size_t)count);
}

static void monitor(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct arpd *arpd = ctx;

	(void)parameters;
	if (listeners_add(&arpd->listeners, call))
		refuse(call, json_string("there are too many listeners"));
	else
		varlink_reply_continues(call, json_pack("{s:n}", "event"));
}

/* The parameter address, which may be a prefix. False, the call being answered, if it is none that can be published. */
static bool need_prefix(struct varlink_call *call, json_t *parameters, struct ip_prefix *prefix)
{
	const char *text = json_string_value(json_object_get(parameters, "address"));
	const char *objection = text ? conf_prefix_parse(text, prefix) : "";

	if (!objection)
		return true;
	if (!*objection)
		varlink_error_parameter(call, "address");
	else
		refuse(call, json_sprintf("%s %s", text, objection));
	return false;
}

/* Whoever has added by hand is there as long as the daemon is. NULL, the call being answered, if there cannot be one. */
static struct holder *need_administrator(struct arpd *arpd, struct varlink_call *call)
{
	if (!arpd->administrator)
		arpd->administrator = table_hold(&arpd->publisher.table, ARPD_ADMINISTRATOR, arpd);
	if (!arpd->administrator)
		fail(call, json_string("there are too many holders, or no memory for one more"));
	return arpd->administrator;
}

static void add(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct arpd *arpd = ctx;
	const char *lans[INTERFACES_MAX];
	char text[IP_TEXT_MAX];
	struct ip_prefix prefix;
	int count;

	if (!need_prefix(call, parameters, &prefix))
		return;
	count = need_interfaces(call, parameters, lans);
	if (count == 0)
		varlink_error_parameter(call, "interfaces");
	if (count > 0 && need_administrator(arpd, call))
		answer_publication(call, arpd->administrator, ip_prefix_text(&prefix, text),
				   arpd_publish_prefix(arpd, arpd->administrator, &prefix, lans, (size_t)count));
}

static void del(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct arpd *arpd = ctx;
	const char *lans[INTERFACES_MAX];
	struct ip_prefix prefix;
	int count;
	size_t before;

	if (!need_prefix(call, parameters, &prefix))
		return;
	count = need_interfaces(call, parameters, lans);
	if (count < 0 || !need_administrator(arpd, call))
		return;
	before = arpd->administrator->claims;
	arpd_withdraw_prefix(arpd, arpd->administrator, &prefix, lans, (size_t)count);
	if (arpd->administrator->claims == before)
		varlink_error(call, INTERFACE ".NotFound", json_object());
	else
		varlink_reply(call, json_object());
}

static json_t *conflict_json(const struct conflict *conflict)
{
	char text[IP_TEXT_MAX], mac[MAC_TEXT_MAX];

	return json_pack("{s:s, s:o, s:s, s:I, s:I, s:I, s:I}", "address", ip_text(&conflict->key.address, text), "interface",
			 text_json(conflict->key.lan), "mac", mac_text(conflict->key.mac, mac), "count", (json_int_t)conflict->count,
			 "first", (json_int_t)conflict->first, "last", (json_int_t)conflict->last, "defended",
			 (json_int_t)conflict->defended);
}

static void conflicts(void *ctx, struct varlink_call *call, json_t *parameters)
{
	struct arpd *arpd = ctx;
	const struct conflict *conflict;

	(void)parameters;
	for (conflict = arpd->publisher.conflicts.conflicts; conflict; conflict = conflict->hh.next)
		varlink_reply_continues(call, json_pack("{s:o}", "conflict", conflict_json(conflict)));
	varlink_reply(call, json_pack("{s:n}", "conflict"));
}

static void on_disconnect(void *ctx, struct varlink_connection *connection)
{
	struct arpd *arpd = ctx;
	struct holder *holder = varlink_connection_data(connection);
	char name[HOLDER_NAME_MAX + 1];
	size_t count;

	listeners_del(&arpd->listeners, connection);
	/* At the end, every connection is closed, and nothing follows from that. */
	if (!holder || event_base_got_exit(arpd->base))
		return;
	snprintf(name, sizeof(name), "%s", holder->name);
	count = table_leave(&arpd->publisher.table, holder);
	if (count)
		log_warn("%s is gone; what it published stays as long as a host route leads to it: %zu", name, count);
	else
		log_info("%s is gone", name);
	arpd_look_soon(arpd);
}

static const struct varlink_method methods[] = {
	{ INTERFACE ".Status", VARLINK_EVERYBODY, .call = status },
	{ INTERFACE ".List", VARLINK_EVERYBODY, .call = list, .needs_more = true },
	{ INTERFACE ".Hold", VARLINK_GROUP, .call = hold },
	{ INTERFACE ".Publish", VARLINK_GROUP, .call = publish },
	{ INTERFACE ".Withdraw", VARLINK_GROUP, .call = withdraw },
	{ INTERFACE ".Sweep", VARLINK_GROUP, .call = sweep },
	{ INTERFACE ".Conflicts", VARLINK_EVERYBODY, .call = conflicts, .needs_more = true },
	{ INTERFACE ".Probe", VARLINK_GROUP, .call = probe },
	{ INTERFACE ".Monitor", VARLINK_GROUP, .call = monitor, .needs_more = true },
	{ INTERFACE ".Add", VARLINK_GROUP, .call = add },
	{ INTERFACE ".Del", VARLINK_GROUP, .call = del },
	{ 0 },
};

void api_init(struct varlink_service *service, struct arpd *arpd)
{
	*service = (struct varlink_service){
		.product = "masq-arpd",
		.version = PACKAGE_VERSION,
		.interface = INTERFACE,
		.description = varlink_description,
		.group = MASQGATE_GROUP,
		.methods = methods,
		.on_disconnect = on_disconnect,
		.ctx = arpd,
	};
}
