/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* One table says how each member is made and what has to be counted for it. The keys of policies come after it. */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "lib/log.h"
#include "lib/text.h"
#include "masqd/accounting.h"
#include "masqd/api-json.h"
#include "masqd/api-session.h"
#include "masqd/drops.h"
#include "masqd/flows.h"
#include "masqd/policy-key.h"
#include "masqd/probe.h"
#include "masqd/translation.h"

enum needs {
	NEEDS_LINES = 1 << 0,
	NEEDS_HOSTS = 1 << 1,
	NEEDS_FLOWS = 1 << 2,
	NEEDS_DROPS = 1 << 3,
	NEEDS_BYTES = NEEDS_LINES | NEEDS_HOSTS,
};

/* What the members of one session are made from. */
struct view {
	const struct gateway *gw;
	const struct session *s;
	const struct policy_key *key;	/* of the member that is being made, if it is a policy's */
	unsigned counted;		/* of enum needs */
	bool is_quota_known, has_quota;
	struct quota_use quota;
	bool are_bytes_known, has_bytes;
	uint64_t rx, tx;
};

struct member {
	const char *name;
	json_t *(*json)(struct view *view);
	unsigned needs;
	const struct policy_key *key;
};

static json_t *serial_json(struct view *view)
{
	return json_integer(view->s->serial);
}

static json_t *type_json(struct view *view)
{
	return json_string(session_type_text(view->s->type));
}

static json_t *state_json(struct view *view)
{
	return json_string(session_state_text(view->s->state));
}

static json_t *ifname_json(struct view *view)
{
	return text_json(view->s->ifname[0] ? view->s->ifname : NULL);
}

static json_t *ifindex_json(struct view *view)
{
	return api_json_number(view->s->ifindex);
}

static json_t *user_json(struct view *view)
{
	return text_json(view->s->user);
}

static json_t *user_hex_json(struct view *view)
{
	return text_json_hex(view->s->user);
}

static json_t *address_json(struct view *view)
{
	char text[ADDR_TEXT_MAX];

	return view->s->address.address.s_addr ? json_string(prefix_text(&view->s->address, text)) : json_null();
}

static json_t *address6_json(struct view *view)
{
	char text[IP_TEXT_MAX];

	return view->s->grant.ipv6 != IPV6_MODE_NO ? json_string(ip_text(&view->s->grant.address6, text)) : json_null();
}

static json_t *mac_json(struct view *view)
{
	return view->s->mac[0] ? json_string(view->s->mac) : json_null();
}

static json_t *local_json(struct view *view)
{
	return api_json_address(view->s->local);
}

static json_t *public_json(struct view *view)
{
	return view->s->policy ? api_json_address(translation_address(view->gw, view->s)) : json_null();
}

static json_t *ports_json(struct view *view)
{
	const struct public *public = &view->s->public;

	return public->port_first ? json_sprintf("%u-%u", public->port_first, public->port_last) : json_null();
}

static json_t *uplink_json(struct view *view)
{
	const struct uplink *uplink = view->s->policy ? translation_uplink(view->gw, view->s->policy) : NULL;

	return text_json(uplink ? uplink->name : NULL);
}

/* Which keys are not the policy's, and whose instead: none of a policy for who has used up his quota. */
static json_t *overrides_json(struct view *view)
{
	const struct session *s = view->s;
	json_t *overrides = json_array();

	for (const struct policy_key *key = policy_keys; key->name; key++) {
		const struct layer *from = NULL;
		const struct setting *setting = layers_find(&s->layers, key, &from);
		json_t *json;

		if (!setting || s->policy != s->chosen_policy)
			continue;
		json = json_pack("{s:s, s:s, s:o, s:o}", "key", key->name, "source", from->kind, "name", text_json(from->name), "line",
				 api_json_number(setting->line));
		json_object_set_new(json, "uid", from->line ? json_null() : json_integer(setting->uid));
		json_object_set_new(json, "time", api_json_number((unsigned long long)setting->time));
		json_array_append_new(overrides, json);
	}
	return overrides;
}

static json_t *policy_json(struct view *view)
{
	return json_string(view->s->policy ? view->s->policy->name : "");
}

/* All that the policy says; it is known from admission on. */
static json_t *key_json(struct view *view)
{
	return view->s->policy ? view->key->json(policy_member(view->key, view->s->policy)) : json_null();
}

/* The quota is that of the policy that was chosen. */
static json_t *quota_key_json(struct view *view)
{
	return view->s->chosen_policy ? view->key->json(policy_member(view->key, view->s->chosen_policy)) : json_null();
}

/* What is used of the quota; NULL without one. */
static const struct quota_use *quota(struct view *view)
{
	if (!view->is_quota_known)
		view->has_quota = quota_get(view->gw->quota, view->s, &view->quota);
	view->is_quota_known = true;
	return view->has_quota ? &view->quota : NULL;
}

static json_t *quota_state_json(struct view *view)
{
	return quota(view) ? json_string(quota_state_text(view->quota.state)) : json_null();
}

static json_t *quota_used_down_json(struct view *view)
{
	return quota(view) ? json_integer((json_int_t)view->quota.down) : json_null();
}

static json_t *quota_used_up_json(struct view *view)
{
	return quota(view) ? json_integer((json_int_t)view->quota.up) : json_null();
}

static json_t *quota_percent_json(struct view *view)
{
	return quota(view) ? json_integer(view->quota.percent) : json_null();
}

static json_t *quota_left_json(struct view *view)
{
	return quota(view) ? json_integer((json_int_t)view->quota.left) : json_null();
}

static json_t *quota_resets_json(struct view *view)
{
	return quota(view) ? api_json_number((unsigned long long)view->quota.resets) : json_null();
}

/* Rates and bursts are those in force, which the keys alone do not tell. */
static json_t *rate_down_json(struct view *view)
{
	return api_json_number(view->s->grant.rate_down);
}

static json_t *rate_up_json(struct view *view)
{
	return api_json_number(view->s->grant.rate_up);
}

static json_t *burst_down_json(struct view *view)
{
	return api_json_number(view->s->grant.burst_down);
}

static json_t *burst_up_json(struct view *view)
{
	return api_json_number(view->s->grant.burst_up);
}

static json_t *mss_json(struct view *view)
{
	return api_json_number(view->s->grant.mss);
}

static json_t *drops_down_json(struct view *view)
{
	bool has_drops = view->counted & NEEDS_DROPS && view->s->grant.rate_down;

	return has_drops ? json_integer((json_int_t)view->s->drops_down) : json_null();
}

static json_t *drops_up_json(struct view *view)
{
	bool has_drops = view->counted & NEEDS_DROPS && view->s->grant.rate_up;

	return has_drops ? json_integer((json_int_t)view->s->drops_up) : json_null();
}

/* The forwards that wait for a port, and the sessions that have it. */
static json_t *forwards_taken_json(struct view *view)
{
	const struct session *s = view->s;
	json_t *taken = json_object();

	for (unsigned i = 0; s->policy && i < s->policy->forwards.count; i++)
		if (s->forward_holders[i])
			json_object_set_new(taken, s->policy->forwards.forwards[i].name, json_integer(s->forward_holders[i]));
	return taken;
}

/* Whose conflict it is, asked of one session, which costs nothing where there are many. */
static bool is_conflict_of(const struct session *s, const struct arp_event *event)
{
	struct in_addr address = ip_to_v4(&event->address);
	bool is_behind = false;

	if (!s->policy || !lan_list_has(&s->policy->lans, event->interface))
		return false;
	if (!ip_is_v4(&event->address))
		return s->grant.ipv6 == IPV6_MODE_PROXY && ip_equal(&s->grant.address6, &event->address);
	for (unsigned i = 0; i < s->grant.routes.count; i++)
		is_behind |= prefix_contains(&s->grant.routes.prefixes[i], address);
	return s->policy->proxy_arp && (is_behind || s->address.address.s_addr == address.s_addr);
}

/* Who else uses its addresses. */
static json_t *conflicts_json(struct view *view)
{
	json_t *conflicts = json_array();
	const struct conflict *conflict;
	char text[PROBE_TEXT_MAX];

	for (conflict = view->gw->conflicts.list; conflict; conflict = conflict->next)
		if (is_conflict_of(view->s, &conflict->event))
			json_array_append_new(conflicts, text_json(probe_text(&conflict->event, text)));
	return conflicts;
}

static json_t *tty_json(struct view *view)
{
	return text_json(view->s->tty);
}

static json_t *speed_json(struct view *view)
{
	return api_json_number(view->s->speed);
}

static json_t *caller_json(struct view *view)
{
	return text_json(view->s->caller);
}

static json_t *ipparam_json(struct view *view)
{
	return text_json(view->s->ipparam);
}

static json_t *pid_json(struct view *view)
{
	return api_json_number(view->s->pid);
}

static json_t *mtu_json(struct view *view)
{
	return api_json_number(view->s->mtu);
}

static json_t *started_json(struct view *view)
{
	return json_integer(view->s->started);
}

static json_t *uptime_json(struct view *view)
{
	return json_integer(session_age(view->s));
}

/* Are its bytes counted? */
static bool has_bytes(struct view *view)
{
	if (!view->are_bytes_known)
		view->has_bytes = accounting_get(view->gw->links, view->s, &view->rx, &view->tx);
	view->are_bytes_known = true;
	return view->has_bytes;
}

static json_t *rx_json(struct view *view)
{
	return has_bytes(view) ? json_integer((json_int_t)view->rx) : json_null();
}

static json_t *tx_json(struct view *view)
{
	return has_bytes(view) ? json_integer((json_int_t)view->tx) : json_null();
}

static json_t *flows_json(struct view *view)
{
	return view->counted & NEEDS_FLOWS ? json_integer(view->s->flows) : json_null();
}

static json_t *flow_limit_json(struct view *view)
{
	return api_json_number(view->s->policy ? view->s->policy->flows : 0);
}

static json_t *flows_refused_json(struct view *view)
{
	const struct grant *grant = &view->s->grant;
	bool is_limited = view->counted & NEEDS_FLOWS && (grant->flows || grant->new_flows);

	return is_limited ? json_integer((json_int_t)view->s->flows_refused) : json_null();
}

static const struct member own_members[] = {
	{ "serial", serial_json, 0, NULL },
	{ "type", type_json, 0, NULL },
	{ "state", state_json, 0, NULL },
	{ "ifname", ifname_json, 0, NULL },
	{ "ifindex", ifindex_json, 0, NULL },
	{ "user", user_json, 0, NULL },
	{ "user_hex", user_hex_json, 0, NULL },
	{ "address", address_json, 0, NULL },
	{ "address6", address6_json, 0, NULL },
	{ "mac", mac_json, 0, NULL },
	{ "local", local_json, 0, NULL },
	{ "public", public_json, 0, NULL },
	{ "ports", ports_json, 0, NULL },
	{ "uplink", uplink_json, 0, NULL },
	{ "policy", policy_json, 0, NULL },
	{ "overrides", overrides_json, 0, NULL },
	{ "quota_state", quota_state_json, 0, NULL },
	{ "quota_used_down", quota_used_down_json, 0, NULL },
	{ "quota_used_up", quota_used_up_json, 0, NULL },
	{ "quota_percent", quota_percent_json, 0, NULL },
	{ "quota_left", quota_left_json, 0, NULL },
	{ "quota_resets", quota_resets_json, 0, NULL },
	{ "rate_down", rate_down_json, 0, NULL },
	{ "rate_up", rate_up_json, 0, NULL },
	{ "burst_down", burst_down_json, 0, NULL },
	{ "burst_up", burst_up_json, 0, NULL },
	{ "mss", mss_json, 0, NULL },
	{ "drops_down", drops_down_json, NEEDS_DROPS, NULL },
	{ "drops_up", drops_up_json, NEEDS_DROPS, NULL },
	{ "forwards_taken", forwards_taken_json, 0, NULL },
	{ "conflicts", conflicts_json, 0, NULL },
	{ "tty", tty_json, 0, NULL },
	{ "speed", speed_json, 0, NULL },
	{ "caller", caller_json, 0, NULL },
	{ "ipparam", ipparam_json, 0, NULL },
	{ "pid", pid_json, 0, NULL },
	{ "mtu", mtu_json, 0, NULL },
	{ "started", started_json, 0, NULL },
	{ "uptime", uptime_json, 0, NULL },
	{ "rx", rx_json, NEEDS_BYTES, NULL },
	{ "tx", tx_json, NEEDS_BYTES, NULL },
	{ "flows", flows_json, NEEDS_FLOWS, NULL },
	{ "flow_limit", flow_limit_json, 0, NULL },
	{ "flows_refused", flows_refused_json, NEEDS_FLOWS, NULL },
};

enum { OWN_COUNT = sizeof(own_members) / sizeof(own_members[0]) };
_Static_assert(OWN_COUNT + POLICY_KEYS_MAX <= API_SESSION_MEMBERS_MAX, "a place fits into a byte, and the list into its array");

static struct member *find(struct member *members, const char *name)
{
	struct member *m;

	for (m = members; m->name && strcmp(m->name, name) != 0; m++)
		;
	return m->name ? m : NULL;
}

/* All members, ended by a NULL name: the own ones, and those of the policy's keys whose names are not among them. */
static struct member *all_members(void)
{
	static struct member members[API_SESSION_MEMBERS_MAX + 1];
	static char names[POLICY_KEYS_MAX][API_JSON_KEY_MAX];
	struct member *to = members + OWN_COUNT;
	const char *name;

	if (members[0].name)
		return members;
	memcpy(members, own_members, sizeof(own_members));
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		bool is_quota = strncmp(key->name, "quota", strlen("quota")) == 0 || strcmp(key->name, "over-quota") == 0;

		name = api_json_key(key, names[key - policy_keys]);
		if (!find(members, name))
			*to++ = (struct member){ name, is_quota ? quota_key_json : key_json, 0, key };
	}
	return members;
}

static void add(struct api_session_fields *fields, const struct member *members, const struct member *m)
{
	unsigned char place = (unsigned char)(m - members);

	if (memchr(fields->members, place, fields->count))
		return;
	fields->members[fields->count++] = place;
	fields->needs |= m->needs;
}

int api_session_select(struct api_session_fields *fields, const json_t *names)
{
	struct member *members = all_members(), *m;
	json_t *name;
	size_t i;

	*fields = (struct api_session_fields){ 0 };
	if (!names || json_is_null(names))
		for (m = members; m->name; m++)
			add(fields, members, m);
	else if (!json_is_array(names))
		return -EINVAL;
	json_array_foreach(names, i, name) {
		m = json_is_string(name) ? find(members, json_string_value(name)) : NULL;
		if (!m)
			return -EINVAL;
		add(fields, members, m);
	}
	return 0;
}

static bool count_lines(struct gateway *gw)
{
	return links_refresh_counters(gw->links, 0) == 0;
}

static bool count_hosts(struct gateway *gw)
{
	int rc = accounting_refresh_hosts(gw->elements, &gw->sessions, NULL);

	if (rc)
		log_warn("cannot read the counters of hosts: %s", strerror(-rc));
	return !rc;
}

static bool count_drops(struct gateway *gw)
{
	drops_count(gw);
	return true;
}

bool api_session_count(struct api_session_fields *fields, struct gateway *gw)
{
	static const struct {
		unsigned need;
		bool (*count)(struct gateway *gw);
	} counts[] = { { NEEDS_LINES, count_lines }, { NEEDS_HOSTS, count_hosts }, { NEEDS_FLOWS, flows_count }, { NEEDS_DROPS, count_drops } };

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (!(fields->needs & counts[i].need))
			continue;
		fields->needs &= ~counts[i].need;
		if (counts[i].count(gw))
			fields->counted |= counts[i].need;
		return true;
	}
	return false;
}

json_t *api_session_json(const struct gateway *gw, const struct session *s, const struct api_session_fields *fields)
{
	const struct member *members = all_members();
	struct view view = { .gw = gw, .s = s, .counted = fields->counted };
	json_t *json = json_object();

	for (unsigned i = 0; i < fields->count; i++) {
		const struct member *m = &members[fields->members[i]];

		view.key = m->key;
		/* One without a member would look like another one. */
		if (json_object_set_new_nocheck(json, m->name, m->json(&view))) {
			json_decref(json);
			return NULL;
		}
	}
	return json;
}

json_t *api_session_json_all(const struct gateway *gw, const struct session *s)
{
	struct api_session_fields fields;

	api_session_select(&fields, NULL);
	return api_session_json(gw, s, &fields);
}
