/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd.conf as data: what masqd.conf(5) describes, read and validated as a whole. Nothing here changes after conf_load;
 * a reload makes a new one. */

#ifndef MASQD_CONF_H
#define MASQD_CONF_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/addr.h"
#include "lib/conffile.h"
#include "lib/ip.h"
#include "masqd/address-key.h"
#include "masqd/hours.h"
#include "masqd/ipv6-key.h"
#include "masqd/lan-list.h"
#include "masqd/layer.h"
#include "masqd/range-list.h"
#include "masqd/quota-key.h"
#include "masqd/forward.h"
#include "masqd/helper.h"
#include "masqd/rule.h"
#include "masqd/uplink-list.h"

enum nat_mode {
	NAT_MASQUERADE,
	NAT_SNAT,
	NAT_NONE,
};

struct uplink {
	char *name;
	char interface[IFNAMSIZ];
	struct in_addr gateway;	/* 0.0.0.0: none, or as the system's own routes say */
	unsigned line;	/* of the file, here and below */
};

struct lan {
	char *name;
	char interface[IFNAMSIZ];
	bool proxy_arp;
	unsigned line;
};

struct pool {
	char *name;
	struct range *ranges;
	unsigned range_count;
	struct ip_prefix prefix;	/* of IPv6, to be completed by the clients' identifiers; length 0: none, else 64 */
	unsigned line;
};

struct rule_list {
	struct rule *rules;
	unsigned count;
};

/* The members below layer are keys: masqd/policy-key.c. */
struct policy {
	char *name;
	char *chain;	/* the name in its chains' names: its own, or another one if it is derived (masqd/derive.h) and differs there */
	uint32_t id;	/* a hash of chain, so that it is the same in every run; never 0 */
	unsigned line;
	const struct policy *base;	/* NULL, but for a derived one */
	struct layer layer;	/* as it is written */
	enum nat_mode nat;
	struct range_list snat_address;	/* as which clients appear if nat is snat */
	unsigned port_block;		/* how many public ports each client has for itself, 0: all have all */
	bool proxy_arp;
	struct lan_list lans;		/* where it is published, with proxy_arp */
	bool moves_address;		/* an address of the pool that a host on a LAN uses is left to it, and another one taken */
	bool isolate;
	bool isolate_lan;
	bool inbound;			/* may be reached from an uplink, if it is not translated */
	bool replaces_duplicate;	/* one session too many of a user ends his oldest, and is not refused */
	const struct pool *pool;	/* NULL: no address of ours */
	enum ipv6_mode ipv6;		/* of clients of pppd; needs a pool with a prefix */
	struct rule_list rules;		/* the first that fits counts; what none fits is allowed */
	struct rule_list gateway_services;	/* what of the gateway itself may be reached */
	struct dns_list dns;		/* told to the peer */
	struct route_list routes;	/* networks behind the client */
	struct uplink_list uplinks;
	struct forward_list forwards;
	struct helper_list helpers;
	unsigned session_timeout;	/* seconds, 0: none */
	unsigned idle_timeout;		/* seconds, 0: none */
	unsigned sessions_per_user;	/* 0: any number */
	unsigned flows;			/* connections at a time, 0: any number */
	unsigned new_flows;		/* connections a second, 0: any number */
	struct quota_terms quota;
	uint64_t rate_down, rate_up;	/* bit/s towards the client and from it, 0: no limit */
	uint32_t burst_down, burst_up;	/* bytes, 0: what suits the rate */
	bool rate_is_line;		/* the tty's speed says the rates */
	struct hours hours;		/* when its clients may be there */
};

/* What decides by patterns, in the order in which it is asked. */
enum match_kind {
	MATCH_USER,
	MATCH_GROUP,
	MATCH_CALLER,
	MATCH_LINE,
};
#define MATCH_KINDS (MATCH_LINE + 1)

/* A user, group, caller or line section: the first of its kind that fits counts. */
struct match {
	char *name;
	char **patterns;		/* of a group; else there is one, the name */
	unsigned pattern_count;
	const struct policy *policy;	/* NULL: says nothing about it */
	struct in_addr address;		/* of a user; 0.0.0.0: none */
	struct layer layer;		/* its other keys, over those of the policy that is chosen; here and below */
	unsigned line;
};

struct match_list {
	struct match *list;
	unsigned count;
};

struct network {
	char *name;
	char interface[IFNAMSIZ];
	struct prefix prefix;
	const struct policy *policy;
	struct layer layer;
	unsigned host_timeout;	/* seconds of silence after which a host is asked whether it is there; never 0 */
	unsigned hosts_max;	/* hosts that are sessions of their own; 0: none is */
	unsigned line;
};

struct serial_line {
	char *name;
	char interface[IFNAMSIZ];
	struct in_addr address;
	const struct policy *policy;
	struct layer layer;
	unsigned line;
};

struct conf {
	char *path;
	unsigned reading_line;	/* while it is read: that of the value at work */
	char *socket;
	char *arpd_socket;
	char *state_directory;
	unsigned redial_backoff;	/* seconds, 0: none */
	const struct policy *default_policy;	/* NULL: none */
	unsigned default_policy_line;
	char **client_interfaces;
	unsigned client_interface_count;
	struct uplink *uplinks;
	unsigned uplink_count;
	struct lan *lans;
	unsigned lan_count;
	struct pool *pools;
	unsigned pool_count;
	struct policy *policies;
	unsigned policy_count;
	struct match_list matches[MATCH_KINDS];
	struct network *networks;
	unsigned network_count;
	struct serial_line *serials;
	unsigned serial_count;
};

/* Reads and validates. NULL with every error in file, which the caller closes in every case. The result is the caller's. */
struct conf *conf_load(struct conffile *file, const char *path);
void conf_free(struct conf *conf);

/* The checks that need the whole configuration; conf_load calls it. Errors go to file. */
void conf_check(const struct conf *conf, struct conffile *file);
void conf_check_forwards(const struct conf *conf, struct conffile *file);
/* The one check that looks at this machine: at the addresses that its uplinks have now. */
void conf_check_uplinks(const struct conf *conf, struct conffile *file);

/* Why a network cannot be behind the client of this policy, as far as the configuration says: "overlaps with pool \"dialin\"",
 * in a static buffer; NULL if it can. */
const char *conf_route_objection(const struct conf *conf, const struct policy *policy, const struct prefix *route);

/* Prints the configuration in canonical form: every key, defaults too. */
void conf_print(const struct conf *conf, FILE *out);

/* What is wrong with a policy although each of its keys is right: "key: value: reason" in a static buffer; NULL if nothing is. */
const char *conf_policy_objection(const struct policy *policy);

/* Is one of these addresses, as one to be translated to, a client's? NULL, or what is wrong in a static buffer. */
const char *conf_snat_objection(const struct conf *conf, const struct range *range);

/* The number of the chains of this name. */
uint32_t conf_policy_id(const char *chain);

/* No policy's: nothing passes. */
enum { POLICY_ID_DROP = 0 };

/* Can a policy be called so? It stands in chains' names. */
enum { POLICY_NAME_MAX = 32 };
bool conf_is_policy_name(const char *name);

const struct policy *conf_find_policy(const struct conf *conf, const char *name);
const struct pool *conf_find_pool(const struct conf *conf, const char *name);
const struct uplink *conf_find_uplink(const struct conf *conf, const char *interface);
const struct lan *conf_find_lan(const struct conf *conf, const char *interface);

/* The network on this interface that has the address; NULL if none has. */
const struct network *conf_find_network(const struct conf *conf, const char *interface, struct in_addr address);

/* "no such policy", with the one that was perhaps meant. In a static buffer. */
const char *conf_no_policy(const struct conf *conf, const char *name);
const char *conf_no_pool(const struct conf *conf, const char *name);

/* Is this the name of an interface on which clients come in: does it fit client-interfaces, or is it a serial line's? */
bool conf_is_line(const struct conf *conf, const char *interface);

const char *nat_mode_text(enum nat_mode mode);
const char *match_kind_text(enum match_kind kind);

/* Writes a string in the configuration's quotes. */
void conf_print_quoted(FILE *out, const char *text);

#endif
