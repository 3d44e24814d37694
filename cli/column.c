/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The tables of columns, and what their kinds mean. */

#include "config.h"

#include "cli/column.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/error.h"
#include "cli/json.h"
#include "cli/units.h"
#include "lib/bitrate.h"
#include "lib/ip.h"
#include "lib/suggest.h"
#include "lib/text.h"

/* The keys of a policy, which a session has from its policy. */
/* clang-format off */
#define POLICY_COLUMNS(first, flags) \
	{ "NAT", "nat", COLUMN_TEXT, (first) | (flags), "masquerade, snat or none" }, \
	{ "SNAT-ADDRESS", "snat_address", COLUMN_WORDS, flags, "addresses as which clients may appear outside" }, \
	{ "PORT-BLOCK", "port_block", COLUMN_NUMBER, flags, "public ports that each client has for itself" }, \
	{ "POOL", "pool", COLUMN_TEXT, (first) | (flags), "pool the addresses come from" }, \
	{ "IPV6", "ipv6", COLUMN_TEXT, flags, "no, proxy or masquerade" }, \
	{ "PROXY-ARP", "proxy_arp", COLUMN_BOOL, (first) | (flags), "are the addresses published on the LANs?" }, \
	{ "LANS", "lans", COLUMN_WORDS, flags, "LANs on which that is" }, \
	{ "ADDRESS-CONFLICT", "address_conflict", COLUMN_TEXT, flags, "if a host there uses the address: refuse or move" }, \
	{ "ISOLATE", "isolate", COLUMN_BOOL, (first) | (flags), "are clients kept from other clients?" }, \
	{ "ISOLATE-LAN", "isolate_lan", COLUMN_BOOL, (first) | (flags), "are clients kept from the LANs?" }, \
	{ "INBOUND", "inbound", COLUMN_BOOL, flags, "may uplinks open connections to clients?" }, \
	{ "DNS", "dns", COLUMN_WORDS, flags, "name servers that peers are told of" }, \
	{ "ROUTES", "routes", COLUMN_WORDS, flags, "networks behind the client" }, \
	{ "RULES", "rules", COLUMN_WORDS, flags, "what clients may open; the first that fits counts" }, \
	{ "GATEWAY-SERVICES", "gateway_services", COLUMN_WORDS, flags, "what of the gateway itself may be reached" }, \
	{ "UPLINKS", "uplinks", COLUMN_WORDS, flags, "uplinks in the order in which they are tried" }, \
	{ "HELPERS", "helpers", COLUMN_WORDS, flags, "protocols whose further connections are let pass" }, \
	{ "FORWARDS", "forwards", COLUMN_WORDS, flags, "ports of the public address that lead to the client" }, \
	{ "SESSION-TIMEOUT", "session_timeout", COLUMN_DURATION, flags, "how long a session may last" }, \
	{ "IDLE-TIMEOUT", "idle_timeout", COLUMN_DURATION, flags, "how long a client may be silent" }, \
	{ "SESSIONS-PER-USER", "sessions_per_user", COLUMN_NUMBER, flags, "how many sessions a user may have" }, \
	{ "NEW-FLOWS", "new_flows", COLUMN_NUMBER, flags, "how many connections a client may open a second" }, \
	{ "HOURS", "hours", COLUMN_WORDS, flags, "when clients may be there" }, \
	{ "QUOTA", "quota", COLUMN_BYTES, flags, "how many bytes a user may have in a period" }, \
	{ "QUOTA-DOWN", "quota_down", COLUMN_BYTES, flags, "how many of them to the client" }, \
	{ "QUOTA-UP", "quota_up", COLUMN_BYTES, flags, "how many from it" }, \
	{ "QUOTA-PERIOD", "quota_period", COLUMN_TEXT, flags, "day, week, month or session" }, \
	{ "QUOTA-WARN", "quota_warn", COLUMN_NUMBER, flags, "percent from which there is a warning" }, \
	{ "OVER-QUOTA", "over_quota", COLUMN_TEXT, flags, "what happens then: deny, throttle RATE or policy NAME" }, \
	{ "DUPLICATE", "duplicate", COLUMN_TEXT, flags, "what happens to one too many: refuse or replace" }, \
	{ "RATE-DOWN", "rate_down", COLUMN_RATE, flags, "bit/s towards the client" }, \
	{ "RATE-UP", "rate_up", COLUMN_RATE, flags, "bit/s from the client" }, \
	{ "BURST-DOWN", "burst_down", COLUMN_BYTES, flags, "bytes that may go to the client at once" }, \
	{ "BURST-UP", "burst_up", COLUMN_BYTES, flags, "bytes that may come from the client at once" }, \
	{ "RATE", "rate", COLUMN_TEXT, flags, "line, if the tty's speed says the rates" },
/* clang-format on */

const struct column_set column_policies = {
	"org.masqgate.policies", "policies", (const struct column[]){
		{ "NAME", "name", COLUMN_TEXT, COLUMN_DEFAULT, "name in the configuration" },
		POLICY_COLUMNS(COLUMN_DEFAULT, 0)
		{ "FLOWS", "flows", COLUMN_NUMBER, 0, "how many connections a client may have" },
		{ "SESSIONS", "sessions", COLUMN_NUMBER, COLUMN_DEFAULT, "sessions that have it" },
		{ "PORT-BLOCKS-FREE", "port_blocks_free", COLUMN_NUMBER, 0, "for how many more clients there are blocks of ports" },
		{ "LINE", "line", COLUMN_NUMBER, 0, "where it stands in the configuration" },
		{ 0 },
	},
};

const struct column_set column_sessions = {
	"org.masqgate.sessions", "sessions", (const struct column[]){
		{ "ID", "serial", COLUMN_SERIAL, COLUMN_DEFAULT, "serial number, unique on this gateway for good" },
		{ "IFNAME", "ifname", COLUMN_TEXT, COLUMN_DEFAULT, "interface" },
		{ "USER", "user", COLUMN_TEXT, COLUMN_DEFAULT | COLUMN_HAS_HEX, "name the client authenticated with" },
		{ "ADDRESS", "address", COLUMN_ADDRESS, COLUMN_DEFAULT, "the client's address, or the network's prefix" },
		{ "POLICY", "policy", COLUMN_TEXT, COLUMN_DEFAULT, "policy in force" },
		{ "STATE", "state", COLUMN_STATE, COLUMN_DEFAULT, "admitted, open or orphaned" },
		{ "UPTIME", "uptime", COLUMN_DURATION, COLUMN_DEFAULT | COLUMN_MOVES, "time since the start" },
		{ "RX", "rx", COLUMN_BYTES, COLUMN_DEFAULT | COLUMN_MOVES, "bytes from the client" },
		{ "TX", "tx", COLUMN_BYTES, COLUMN_DEFAULT | COLUMN_MOVES, "bytes to the client" },
		{ "FLOWS", "flows", COLUMN_NUMBER, COLUMN_DEFAULT | COLUMN_MOVES | COLUMN_COSTS, "connections now" },
		{ "ADDRESS6", "address6", COLUMN_TEXT, 0, "the client's IPv6 address, if IPv6 is open for it" },
		{ "TYPE", "type", COLUMN_TEXT, 0, "ppp, serial, network, attached or host" },
		{ "MAC", "mac", COLUMN_TEXT, 0, "a host's hardware address" },
		{ "TTY", "tty", COLUMN_TEXT, 0, "serial device" },
		{ "SPEED", "speed", COLUMN_NUMBER, 0, "the line's speed in bit/s" },
		{ "CALLER", "caller", COLUMN_TEXT, 0, "who called, as the line says" },
		{ "IPPARAM", "ipparam", COLUMN_TEXT, 0, "pppd's option ipparam" },
		{ "LOCAL", "local", COLUMN_ADDRESS, 0, "this gateway's address on the line" },
		{ "PUBLIC", "public", COLUMN_ADDRESS, 0, "address as which it appears outside now" },
		{ "PORTS", "ports", COLUMN_TEXT, 0, "public ports that nobody else has" },
		POLICY_COLUMNS(0, COLUMN_POLICYS)
		{ "QUOTA-STATE", "quota_state", COLUMN_STATE, 0, "under, near or over the quota" },
		{ "QUOTA-PERCENT", "quota_percent", COLUMN_NUMBER, COLUMN_MOVES, "how much of it is used" },
		{ "QUOTA-USED-DOWN", "quota_used_down", COLUMN_BYTES, COLUMN_MOVES, "bytes of it to the client" },
		{ "QUOTA-USED-UP", "quota_used_up", COLUMN_BYTES, COLUMN_MOVES, "bytes of it from the client" },
		{ "QUOTA-LEFT", "quota_left", COLUMN_BYTES, COLUMN_MOVES, "bytes until the first limit" },
		{ "QUOTA-RESETS", "quota_resets", COLUMN_TIME, 0, "when the next period begins" },
		{ "FORWARDS-TAKEN", "forwards_taken", COLUMN_SERIALS, 0, "those whose ports another session has" },
		{ "CONFLICTS", "conflicts", COLUMN_WORDS, 0, "hosts on the LANs that use its addresses too" },
		{ "FLOW-LIMIT", "flow_limit", COLUMN_NUMBER, 0, "connections it may have" },
		{ "FLOWS-REFUSED", "flows_refused", COLUMN_NUMBER, COLUMN_MOVES | COLUMN_COSTS, "connections beyond its limits" },
		{ "UPLINK", "uplink", COLUMN_TEXT, 0, "uplink by which it leaves now" },
		{ "DROPS-DOWN", "drops_down", COLUMN_NUMBER, COLUMN_MOVES | COLUMN_COSTS, "packets to the client beyond its rate" },
		{ "DROPS-UP", "drops_up", COLUMN_NUMBER, COLUMN_MOVES | COLUMN_COSTS, "packets from the client beyond its rate" },
		{ "MSS", "mss", COLUMN_NUMBER, 0, "bytes in TCP's largest segment, if the line is slow" },
		{ "IFINDEX", "ifindex", COLUMN_NUMBER, 0, "interface index" },
		{ "PID", "pid", COLUMN_NUMBER, 0, "process that serves the line" },
		{ "MTU", "mtu", COLUMN_NUMBER, 0, "bytes in the line's largest packet" },
		{ "STARTED", "started", COLUMN_TIME, 0, "when it started" },
		{ 0 },
	},
};

const struct column_set column_changes = {
	"org.masqgate.diff", "changes", (const struct column[]){
		{ "ID", "serial", COLUMN_SERIAL, COLUMN_DEFAULT, "serial number of the session" },
		{ "IFNAME", "ifname", COLUMN_TEXT, COLUMN_DEFAULT, "interface" },
		{ "USER", "user", COLUMN_TEXT, COLUMN_DEFAULT, "name the client authenticated with" },
		{ "KEY", "key", COLUMN_TEXT, COLUMN_DEFAULT, "key that changes; policy, or session if it would end" },
		{ "OLD", "old", COLUMN_TEXT, COLUMN_DEFAULT, "its value now" },
		{ "NEW", "new", COLUMN_TEXT, COLUMN_DEFAULT, "its value then" },
		{ "ADDRESS", "address", COLUMN_ADDRESS, 0, "the client's address, or the network's prefix" },
		{ 0 },
	},
};

const struct column_set column_mismatches = {
	"org.masqgate.reconcile", "mismatches", (const struct column[]){
		{ "TYPE", "type", COLUMN_TEXT, COLUMN_DEFAULT, "missing, extra or differs" },
		{ "OBJECT", "object", COLUMN_TEXT, COLUMN_DEFAULT, "table, chain, set, element, route, rule, lock, qdisc, interface or forwarding" },
		{ "NAME", "name", COLUMN_TEXT, COLUMN_DEFAULT, "of the set, the chain, the routing table or the interface" },
		{ "KEY", "key", COLUMN_TEXT, COLUMN_DEFAULT, "which one of it" },
		{ "ID", "serial", COLUMN_SERIAL, COLUMN_DEFAULT, "serial number of the session that it is about" },
		{ "WANTED", "wanted", COLUMN_TEXT, COLUMN_DEFAULT, "what it should be" },
		{ "FOUND", "found", COLUMN_TEXT, COLUMN_DEFAULT, "what the kernel has" },
		{ 0 },
	},
};

const struct column_set column_uplinks = {
	"org.masqgate.uplinks", "uplinks", (const struct column[]){
		{ "NAME", "name", COLUMN_TEXT, COLUMN_DEFAULT, "name in the configuration" },
		{ "INTERFACE", "interface", COLUMN_TEXT, COLUMN_DEFAULT, "interface" },
		{ "STATE", "state", COLUMN_STATE, COLUMN_DEFAULT, "up, down or absent" },
		{ "ADDRESSES", "addresses", COLUMN_WORDS, COLUMN_DEFAULT, "addresses clients appear as" },
		{ "GATEWAY", "gateway", COLUMN_ADDRESS, COLUMN_DEFAULT, "where packets are sent to" },
		{ "PROBLEM", "problem", COLUMN_TEXT, COLUMN_DEFAULT, "why nothing can leave by it" },
		{ "EGRESS-LOCK", "egress_lock", COLUMN_BOOL, 0, "does no private address leave by it though the ruleset is flushed?" },
		{ "SESSIONS", "sessions", COLUMN_NUMBER, COLUMN_DEFAULT, "sessions that leave by it now" },
		{ "RX", "rx", COLUMN_BYTES, COLUMN_DEFAULT, "bytes received" },
		{ "TX", "tx", COLUMN_BYTES, COLUMN_DEFAULT, "bytes sent" },
		{ "IFINDEX", "ifindex", COLUMN_NUMBER, 0, "interface index" },
		{ 0 },
	},
};

const char *column_lower(const struct column *column, char joint, char text[COLUMN_NAME_MAX])
{
	size_t i;

	for (i = 0; column->name[i] && i < COLUMN_NAME_MAX - 1; i++)
		text[i] = column->name[i] == '-' ? joint : (char)tolower((unsigned char)column->name[i]);
	text[i] = '\0';
	return text;
}

static bool is_named(const struct column *column, const char *name, size_t length)
{
	if (strlen(column->name) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (toupper((unsigned char)(name[i] == '_' ? '-' : name[i])) != column->name[i])
			return false;
	return true;
}

const struct column *column_find(const struct column_set *set, const char *name, size_t length)
{
	for (const struct column *c = set->columns; c->name; c++)
		if (is_named(c, name, length))
			return c;
	return NULL;
}

const char *column_suggest(const struct column_set *set, const char *name, char text[COLUMN_NAME_MAX])
{
	struct suggest suggest = { .typed = name };

	for (const struct column *c = set->columns; c->name; c++)
		suggest_consider(&suggest, c->name);
	if (!suggest.best)
		return NULL;
	return column_lower(column_find(set, suggest.best, strlen(suggest.best)), '-', text);
}

static json_t *value(const struct column *column, const json_t *object)
{
	return json_object_get(object, column->member);
}

static json_t *value_hex(const struct column *column, const json_t *object)
{
	char member[COLUMN_NAME_MAX];

	if (!(column->flags & COLUMN_HAS_HEX))
		return NULL;
	snprintf(member, sizeof(member), "%s_hex", column->member);
	return json_object_get(object, member);
}

bool column_is_present(const struct column *column, const json_t *object)
{
	const json_t *v = value(column, object);

	switch (column->kind) {
	case COLUMN_TEXT:
	case COLUMN_STATE:
	case COLUMN_ADDRESS:
		return json_is_string(v);
	case COLUMN_SERIAL:
	case COLUMN_NUMBER:
	case COLUMN_BYTES:
	case COLUMN_RATE:
	case COLUMN_DURATION:
	case COLUMN_TIME:
		return json_is_integer(v);
	case COLUMN_BOOL:
		return json_is_boolean(v);
	case COLUMN_WORDS:
		return json_is_array(v);
	case COLUMN_SERIALS:
		return json_is_object(v);
	}
	return false;
}

static char *escaped(const struct column *column, const json_t *object)
{
	char *bytes = text_from_json(value(column, object), value_hex(column, object));
	char *text = bytes ? text_escape(bytes) : NULL;

	free(bytes);
	return text;
}

/* "10.0.0.1,10.0.0.2"; NULL for none. */
static char *joined(const json_t *words)
{
	char *bytes = NULL, *text, *longer;
	const json_t *word;
	size_t i;

	json_array_foreach(words, i, word) {
		if (!json_is_string(word))
			continue;
		if (asprintf(&longer, "%s%s%s", bytes ? bytes : "", bytes ? "," : "", json_string_value(word)) < 0)
			error_no_memory();
		free(bytes);
		bytes = longer;
	}
	text = bytes ? text_escape(bytes) : NULL;
	free(bytes);
	return text;
}

/* "web by #12,ssh by #13"; NULL for none. */
static char *serials_text(const json_t *serials)
{
	json_t *words = json_array();
	const char *name;
	json_t *serial;
	char *text;

	json_object_foreach((json_t *)serials, name, serial)
		json_array_append_new(words, json_sprintf("%s by #%" JSON_INTEGER_FORMAT, name, json_integer_value(serial)));
	text = joined(words);
	json_decref(words);
	return text;
}

static char *number_text(enum column_kind kind, int64_t number, bool is_raw)
{
	char text[UNITS_TEXT_MAX];

	if (kind == COLUMN_TIME)
		return strdup(is_raw ? units_time_utc_text(number, text) : units_time_text(number, text));
	if (kind == COLUMN_BYTES && !is_raw)
		return strdup(units_bytes_text(number, text));
	if (kind == COLUMN_RATE && !is_raw)
		return strdup(bitrate_text((uint64_t)number, text));
	if (kind == COLUMN_DURATION && !is_raw)
		return strdup(units_duration_text(number, text));
	snprintf(text, sizeof(text), "%s%" PRId64, kind == COLUMN_SERIAL ? "#" : "", number);
	return strdup(text);
}

char *column_text(const struct column *column, const json_t *object, bool is_raw)
{
	const json_t *v = value(column, object);

	if (!column_is_present(column, object))
		return NULL;
	switch (column->kind) {
	case COLUMN_TEXT:
	case COLUMN_STATE:
	case COLUMN_ADDRESS:
		return escaped(column, object);
	case COLUMN_BOOL:
		return strdup(json_is_true(v) ? "yes" : "no");
	case COLUMN_WORDS:
		return joined(v);
	case COLUMN_SERIALS:
		return serials_text(v);
	case COLUMN_SERIAL:
	case COLUMN_NUMBER:
	case COLUMN_BYTES:
	case COLUMN_RATE:
	case COLUMN_DURATION:
	case COLUMN_TIME:
		return number_text(column->kind, json_integer_value(v), is_raw);
	}
	return NULL;
}

void column_put_json(const struct column *column, const json_t *object, json_t *row)
{
	char name[COLUMN_NAME_MAX], name_hex[COLUMN_NAME_MAX + 4];
	json_t *v = column_is_present(column, object) ? value(column, object) : NULL;
	json_t *hex = value_hex(column, object);

	column_lower(column, '_', name);
	if (column->kind == COLUMN_TIME && v)
		json_object_set_new(row, name, json_time(json_integer_value(v)));
	else if (v)
		json_object_set(row, name, v);
	else
		json_object_set_new(row, name, column->kind == COLUMN_WORDS ? json_array() : json_null());
	if (column->flags & COLUMN_HAS_HEX) {
		snprintf(name_hex, sizeof(name_hex), "%s_hex", name);
		json_object_set_new(row, name_hex, json_is_string(hex) ? json_incref(hex) : json_null());
	}
}

json_t *column_row_json(const struct columns *columns, const json_t *object)
{
	json_t *row = json_object();

	for (size_t i = 0; i < columns->count; i++)
		column_put_json(columns->items[i], object, row);
	return row;
}

void columns_take(struct columns *columns, const struct column_set *set, unsigned with, unsigned without)
{
	for (const struct column *c = set->columns; c->name; c++)
		if ((c->flags & with) == with && !(c->flags & without) && columns->count < COLUMNS_MAX)
			columns->items[columns->count++] = c;
}

void column_add_fields(const struct column *column, json_t *fields)
{
	json_array_append_new(fields, json_string(column->member));
	if (column->flags & COLUMN_HAS_HEX)
		json_array_append_new(fields, json_sprintf("%s_hex", column->member));
}

void columns_add_fields(const struct columns *columns, json_t *fields)
{
	for (size_t i = 0; i < columns->count; i++)
		column_add_fields(columns->items[i], fields);
}

bool column_is_number(const struct column *column)
{
	switch (column->kind) {
	case COLUMN_SERIAL:
	case COLUMN_NUMBER:
	case COLUMN_BYTES:
	case COLUMN_RATE:
	case COLUMN_DURATION:
	case COLUMN_TIME:
	case COLUMN_ADDRESS:
		return true;
	case COLUMN_TEXT:
	case COLUMN_STATE:
	case COLUMN_BOOL:
	case COLUMN_WORDS:
	case COLUMN_SERIALS:
		return false;
	}
	return false;
}

int64_t column_number(const struct column *column, const json_t *object)
{
	return json_integer_value(value(column, object));
}

struct in6_addr column_address(const struct column *column, const json_t *object)
{
	const char *text = json_string_value(value(column, object));
	struct ip_prefix prefix;

	return text && !ip_prefix_parse(text, &prefix) ? prefix.address : (struct in6_addr){ 0 };
}

static int compare_address(const struct column *column, const json_t *a, const json_t *b)
{
	struct in6_addr address_a = column_address(column, a), address_b = column_address(column, b);

	return memcmp(&address_a, &address_b, sizeof(address_a));
}

static int compare_text(const struct column *column, const json_t *a, const json_t *b)
{
	char *ta = column_text(column, a, true), *tb = column_text(column, b, true);
	int order = strcmp(ta ? ta : "", tb ? tb : "");

	free(ta);
	free(tb);
	return order;
}

int column_compare(const struct column *column, const json_t *a, const json_t *b)
{
	bool has_a = column_is_present(column, a), has_b = column_is_present(column, b);
	int64_t na, nb;

	if (!has_a || !has_b)
		return has_b - has_a;
	if (column->kind == COLUMN_ADDRESS)
		return compare_address(column, a, b);
	if (!column_is_number(column))
		return compare_text(column, a, b);
	na = column_number(column, a);
	nb = column_number(column, b);
	return (na > nb) - (na < nb);
}
