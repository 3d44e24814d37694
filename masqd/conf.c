/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* From libconfuse's tree to struct conf: one table and one function a kind of section. */

#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "masqd/conf.h"
#include "masqd/duration.h"
#include "masqd/forward-key.h"
#include "masqd/policy-key.h"

static cfg_opt_t uplink_opts[] = { CFG_STR("interface", NULL, CFGF_NONE), CFG_STR("gateway", NULL, CFGF_NONE), CFG_END() };

static cfg_opt_t lan_opts[] = { CFG_STR("interface", NULL, CFGF_NONE), CFG_BOOL("proxy-arp", cfg_false, CFGF_NONE), CFG_END() };

static cfg_opt_t pool_opts[] = { CFG_STR_LIST("range", "{}", CFGF_NONE), CFG_STR("prefix", NULL, CFGF_NONE), CFG_END() };

/* A section that may have every key of a policy: they are filled in from their table, behind its own. */
#define WITH_KEYS (8 + POLICY_KEYS_MAX)

static cfg_opt_t policy_opts[WITH_KEYS] = { CFG_END() };

static cfg_opt_t user_opts[WITH_KEYS] = { CFG_STR("policy", NULL, CFGF_NONE), CFG_STR("address", NULL, CFGF_NONE), CFG_END() };

static cfg_opt_t group_opts[WITH_KEYS] = { CFG_STR_LIST("users", "{}", CFGF_NONE), CFG_STR("policy", NULL, CFGF_NONE), CFG_END() };

static cfg_opt_t caller_opts[WITH_KEYS] = { CFG_STR("policy", NULL, CFGF_NONE), CFG_END() };

static cfg_opt_t line_opts[WITH_KEYS] = { CFG_STR("policy", NULL, CFGF_NONE), CFG_END() };

static cfg_opt_t network_opts[WITH_KEYS] = {
	CFG_STR("interface", NULL, CFGF_NONE),
	CFG_STR("prefix", NULL, CFGF_NONE),
	CFG_STR("policy", NULL, CFGF_NONE),
	CFG_STR("host-timeout", "2h4m", CFGF_NONE),	/* RFC 5382 section 5, REQ-5: no sooner is a silent connection dead */
	CFG_STR("hosts-max", "1024", CFGF_NONE),
	CFG_END(),
};

static cfg_opt_t serial_opts[WITH_KEYS] = {
	CFG_STR("interface", NULL, CFGF_NONE),
	CFG_STR("address", NULL, CFGF_NONE),
	CFG_STR("policy", NULL, CFGF_NONE),
	CFG_END(),
};

#define SECTION_FLAGS (CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES)

static cfg_opt_t conf_opts[] = {
	CFG_STR("socket", MASQD_SOCKET, CFGF_NONE),
	CFG_STR("arpd-socket", ARPD_SOCKET, CFGF_NONE),
	CFG_STR("state-directory", STATEDIR, CFGF_NONE),
	CFG_STR("redial-backoff", "0", CFGF_NONE),
	CFG_STR("default-policy", NULL, CFGF_NONE),
	CFG_STR_LIST("client-interfaces", "{\"ppp*\", \"sl*\"}", CFGF_NONE),
	CFG_SEC("uplink", uplink_opts, SECTION_FLAGS),
	CFG_SEC("lan", lan_opts, SECTION_FLAGS),
	CFG_SEC("pool", pool_opts, SECTION_FLAGS),
	CFG_SEC("policy", policy_opts, SECTION_FLAGS),
	CFG_SEC("user", user_opts, SECTION_FLAGS),
	CFG_SEC("group", group_opts, SECTION_FLAGS),
	CFG_SEC("caller", caller_opts, SECTION_FLAGS),
	CFG_SEC("line", line_opts, SECTION_FLAGS),
	CFG_SEC("network", network_opts, SECTION_FLAGS),
	CFG_SEC("serial", serial_opts, SECTION_FLAGS),
	CFG_END(),
};

/* Of one network: each is looked after in turn. */
enum { HOSTS_MAX = 65536 };

/* What the readers of sections share: where they are and where their errors go. */
struct reader {
	struct conf *conf;
	struct conffile *file;
	cfg_t *section;
	const char *kind;
	unsigned line;
};

/* What is wrong with value number i of a key. */
static void complain(struct reader *r, const char *key, unsigned i, const char *reason)
{
	cfg_opt_t *opt = cfg_getopt(r->section, key);

	conffile_error(r->file, conffile_value_line(r->file, opt, i), "%s \"%s\": %s: %s: %s", r->kind, cfg_title(r->section), key,
		       cfg_opt_getnstr(opt, i), reason);
}

/* The value of a key that must be there; NULL after the complaint. */
static const char *required(struct reader *r, const char *key)
{
	const char *value = cfg_getstr(r->section, key);

	if (!value)
		conffile_error(r->file, r->line, "%s \"%s\": %s: missing", r->kind, cfg_title(r->section), key);
	return value;
}

/* Interface names become nft text, so only those without surprises are taken. */
static bool is_interface_name(const char *name, size_t len)
{
	return len > 0 && len < IFNAMSIZ &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:@+-") >= len;
}

static void read_interface(struct reader *r, char interface[IFNAMSIZ])
{
	const char *name = required(r, "interface");

	if (!name)
		return;
	if (is_interface_name(name, strlen(name)))
		strcpy(interface, name);
	else
		complain(r, "interface", 0, "must be an interface's name: 1 to 15 letters, digits, or any of ._:@+-");
}

/* The policy that the section names; NULL if it names none, or after the complaint. */
static const struct policy *read_policy_name(struct reader *r)
{
	const char *name = cfg_getstr(r->section, "policy");
	const struct policy *policy = name ? conf_find_policy(r->conf, name) : NULL;

	if (name && !policy)
		complain(r, "policy", 0, conf_no_policy(r->conf, name));
	return policy;
}

static void read_address(struct reader *r, const char *key, struct in_addr *address)
{
	const char *text = cfg_getstr(r->section, key);
	const char *reason = text ? addr_parse(text, address) : NULL;

	if (text && !reason)
		reason = addr_objection(*address);
	if (reason)
		complain(r, key, 0, reason);
}

static void read_uplink(struct reader *r, unsigned i)
{
	struct uplink *uplink = &r->conf->uplinks[i];

	uplink->name = strdup(cfg_title(r->section));
	uplink->line = r->line;
	read_interface(r, uplink->interface);
	read_address(r, "gateway", &uplink->gateway);
}

static void read_lan(struct reader *r, unsigned i)
{
	struct lan *lan = &r->conf->lans[i];

	lan->name = strdup(cfg_title(r->section));
	lan->line = r->line;
	lan->proxy_arp = cfg_getbool(r->section, "proxy-arp");
	read_interface(r, lan->interface);
}

/* The other half of an address is an interface identifier of 64 bits (RFC 5072 section 4.1). */
static void read_pool_prefix(struct reader *r, struct pool *pool)
{
	const char *text = cfg_getstr(r->section, "prefix");
	const char *reason = text ? ip_prefix_parse(text, &pool->prefix) : NULL;

	if (text && !reason && (ip_is_v4(&pool->prefix.address) || pool->prefix.length != 64))
		reason = "must be an IPv6 prefix of length 64";
	if (text && !reason)
		reason = ip_objection(&pool->prefix.address);
	if (reason)
		complain(r, "prefix", 0, reason);
}

static void read_pool(struct reader *r, unsigned i)
{
	struct pool *pool = &r->conf->pools[i];
	unsigned count = cfg_size(r->section, "range");

	pool->name = strdup(cfg_title(r->section));
	pool->line = r->line;
	pool->ranges = calloc(count + 1, sizeof(*pool->ranges));
	read_pool_prefix(r, pool);
	if (count == 0)
		required(r, "range");
	for (unsigned k = 0; k < count; k++) {
		const char *text = cfg_getnstr(r->section, "range", k);
		const char *reason = range_parse(text, &pool->ranges[k]);

		if (!reason)
			reason = addr_objection(pool->ranges[k].first);
		if (!reason)
			reason = addr_objection(pool->ranges[k].last);
		if (reason)
			complain(r, "range", k, reason);
		else
			pool->range_count++;
		if (reason)
			return;
	}
}

/* FNV-1a: the policy's number in the kernel's maps depends on nothing but its name, so it is the same after a restart. */
uint32_t conf_policy_id(const char *chain)
{
	uint32_t id = 2166136261u;

	while (*chain)
		id = (id ^ (unsigned char)*chain++) * 16777619u;
	return id ? id : 1;
}

/* Once: descriptions outlive a reading. */
static void put_option(cfg_opt_t *opts, cfg_opt_t option)
{
	cfg_opt_t end = CFG_END();
	unsigned i = 0;

	while (opts[i].name && strcmp(opts[i].name, option.name) != 0)
		i++;
	if (!opts[i].name)
		opts[i + 1] = end;
	opts[i] = option;
}

/* Adds the keys of a policy to a section's own. */
static void describe_keys(cfg_opt_t *opts)
{
	cfg_opt_t forward = CFG_SEC("forward", forward_key_opts, SECTION_FLAGS);

	for (const struct policy_key *key = policy_keys; key->name; key++) {
		cfg_opt_t text = CFG_STR(key->name, NULL, CFGF_NODEFAULT), list = CFG_STR_LIST(key->name, NULL, CFGF_NODEFAULT);

		put_option(opts, key->is_list ? list : text);
	}
	put_option(opts, forward);
}

static void read_key(struct reader *r, const struct policy_key *key, struct layer *layer, struct policy *policy)
{
	cfg_opt_t *opt = cfg_getopt(r->section, key->name);
	void *member = policy_member(key, policy);
	struct setting *setting;

	if (!(opt->flags & CFGF_MODIFIED))
		return;
	setting = layer_add(layer, key);
	if (setting)
		setting->line = cfg_opt_size(opt) ? conffile_value_line(r->file, opt, 0) : r->line;
	/* A list that is given replaces the default, also if it is empty. */
	if (key->release)
		key->release(member);
	for (unsigned i = 0; i < cfg_opt_size(opt); i++) {
		const char *text = cfg_opt_getnstr(opt, i), *wrong;

		r->conf->reading_line = conffile_value_line(r->file, opt, i);
		wrong = key->parse(r->conf, text, member);

		layer_append(layer, key, text, r->conf->reading_line);
		if (wrong)
			complain(r, key->name, i, wrong);
	}
}

/* The keys of a policy that a section has: each is judged as if it were in one. */
static void read_layer(struct reader *r, struct layer *layer, const char *name)
{
	struct policy policy = { 0 };

	layer->kind = r->kind;
	layer->name = name;
	layer->line = r->line;
	policy_set_defaults(&policy);
	for (const struct policy_key *key = policy_keys; key->name; key++)
		read_key(r, key, layer, &policy);
	forward_key_read(r->file, r->section, layer, &policy.forwards);
	policy_release(&policy);
}

static void read_policy(struct reader *r, unsigned i)
{
	struct policy *policy = &r->conf->policies[i];

	policy->name = policy->chain = strdup(cfg_title(r->section));
	policy->id = conf_policy_id(policy->chain);
	policy->line = r->line;
	policy->layer = (struct layer){ .kind = r->kind, .name = policy->name, .line = r->line };
	policy_set_defaults(policy);
	for (const struct policy_key *key = policy_keys; key->name; key++)
		read_key(r, key, &policy->layer, policy);
	forward_key_read(r->file, r->section, &policy->layer, &policy->forwards);
}

static struct match *read_match(struct reader *r, enum match_kind kind, unsigned i)
{
	struct match *match = &r->conf->matches[kind].list[i];

	match->name = strdup(cfg_title(r->section));
	match->line = r->line;
	match->policy = read_policy_name(r);
	read_layer(r, &match->layer, match->name);
	return match;
}

/* A match that is its own pattern. */
static struct match *read_pattern(struct reader *r, enum match_kind kind, unsigned i)
{
	struct match *match = read_match(r, kind, i);

	match->patterns = &match->name;
	match->pattern_count = 1;
	return match;
}

static void read_user(struct reader *r, unsigned i)
{
	read_address(r, "address", &read_pattern(r, MATCH_USER, i)->address);
}

static void read_group(struct reader *r, unsigned i)
{
	struct match *match = read_match(r, MATCH_GROUP, i);
	unsigned count = cfg_size(r->section, "users");

	if (!match->layer.count)
		required(r, "policy");
	if (count == 0)
		required(r, "users");
	match->patterns = calloc(count + 1, sizeof(*match->patterns));
	for (unsigned k = 0; match->patterns && k < count; k++)
		match->patterns[match->pattern_count++] = strdup(cfg_getnstr(r->section, "users", k));
}

static void read_caller(struct reader *r, unsigned i)
{
	const struct match *caller = read_pattern(r, MATCH_CALLER, i);

	if (!caller->layer.count)
		required(r, "policy");
}

static void read_line(struct reader *r, unsigned i)
{
	const struct match *line = read_pattern(r, MATCH_LINE, i);

	if (!line->layer.count)
		required(r, "policy");
}

static void read_hosts(struct reader *r, struct network *network)
{
	const char *timeout = duration_parse(cfg_getstr(r->section, "host-timeout"), &network->host_timeout);
	const char *max = cfg_getstr(r->section, "hosts-max");
	char *end;
	unsigned long count = strtoul(max, &end, 10);

	if (!timeout && !network->host_timeout)
		timeout = "must be more than 0";
	if (timeout)
		complain(r, "host-timeout", 0, timeout);
	if (!isdigit((unsigned char)*max) || *end || count > HOSTS_MAX)
		complain(r, "hosts-max", 0, "must be a number from 0 to 65536");
	network->hosts_max = (unsigned)count;
}

static void read_network(struct reader *r, unsigned i)
{
	struct network *network = &r->conf->networks[i];
	const char *prefix = required(r, "prefix");
	const char *reason = prefix ? prefix_parse(prefix, &network->prefix) : NULL;

	network->name = strdup(cfg_title(r->section));
	network->line = r->line;
	if (prefix && !reason && network->prefix.length == 0)
		reason = "prefix length must be 1 to 32";
	if (reason)
		complain(r, "prefix", 0, reason);
	read_interface(r, network->interface);
	required(r, "policy");
	network->policy = read_policy_name(r);
	read_layer(r, &network->layer, network->name);
	read_hosts(r, network);
}

static void read_serial(struct reader *r, unsigned i)
{
	struct serial_line *serial = &r->conf->serials[i];

	serial->name = strdup(cfg_title(r->section));
	serial->line = r->line;
	read_interface(r, serial->interface);
	required(r, "address");
	read_address(r, "address", &serial->address);
	required(r, "policy");
	serial->policy = read_policy_name(r);
	read_layer(r, &serial->layer, serial->name);
}

/* Reads all sections of a kind into a new array of elements of this size. */
static int read_sections(struct reader *r, cfg_t *cfg, const char *kind, size_t size, void *array, unsigned *count,
			 void (*read)(struct reader *r, unsigned i))
{
	unsigned n = cfg_size(cfg, kind);
	void **start = array;

	*start = calloc(n + 1, size);
	if (!*start)
		return -1;
	*count = n;
	r->kind = kind;
	for (unsigned i = 0; i < n; i++) {
		r->section = cfg_getnsec(cfg, kind, i);
		r->line = conffile_section_line(r->file, r->section);
		read(r, i);
	}
	return 0;
}

#define READ_SECTIONS(r, cfg, kind, array, count, read) \
	read_sections(r, cfg, kind, sizeof(*(r)->conf->array), &(r)->conf->array, &(r)->conf->count, read)

static void read_client_interfaces(struct reader *r, cfg_t *cfg)
{
	struct conf *conf = r->conf;
	unsigned count = cfg_size(cfg, "client-interfaces");

	conf->client_interfaces = calloc(count + 1, sizeof(*conf->client_interfaces));
	for (unsigned i = 0; conf->client_interfaces && i < count; i++) {
		const char *name = cfg_getnstr(cfg, "client-interfaces", i);
		size_t len = strlen(name);

		if (is_interface_name(name, len > 1 && name[len - 1] == '*' ? len - 1 : len))
			conf->client_interfaces[conf->client_interface_count++] = strdup(name);
		else
			conffile_error(r->file, conffile_value_line(r->file, cfg_getopt(cfg, "client-interfaces"), i),
				       "client-interfaces: %s: must be an interface's name, or its beginning and a *", name);
	}
}

static void read_redial_backoff(struct reader *r, cfg_t *cfg)
{
	const char *text = cfg_getstr(cfg, "redial-backoff"), *wrong = duration_parse(text, &r->conf->redial_backoff);

	if (wrong)
		conffile_error(r->file, conffile_value_line(r->file, cfg_getopt(cfg, "redial-backoff"), 0), "redial-backoff: %s: %s", text,
			       wrong);
}

static int read_all(struct reader *r, cfg_t *cfg)
{
	struct conf *conf = r->conf;
	const char *name = cfg_getstr(cfg, "default-policy");

	conf->socket = strdup(cfg_getstr(cfg, "socket"));
	conf->arpd_socket = strdup(cfg_getstr(cfg, "arpd-socket"));
	conf->state_directory = strdup(cfg_getstr(cfg, "state-directory"));
	read_redial_backoff(r, cfg);
	read_client_interfaces(r, cfg);
	/* Whatever is referred to comes before what refers to it, whatever its place in the file. */
	if (READ_SECTIONS(r, cfg, "uplink", uplinks, uplink_count, read_uplink) ||
	    READ_SECTIONS(r, cfg, "lan", lans, lan_count, read_lan) ||
	    READ_SECTIONS(r, cfg, "pool", pools, pool_count, read_pool) ||
	    READ_SECTIONS(r, cfg, "policy", policies, policy_count, read_policy) ||
	    READ_SECTIONS(r, cfg, "user", matches[MATCH_USER].list, matches[MATCH_USER].count, read_user) ||
	    READ_SECTIONS(r, cfg, "group", matches[MATCH_GROUP].list, matches[MATCH_GROUP].count, read_group) ||
	    READ_SECTIONS(r, cfg, "caller", matches[MATCH_CALLER].list, matches[MATCH_CALLER].count, read_caller) ||
	    READ_SECTIONS(r, cfg, "line", matches[MATCH_LINE].list, matches[MATCH_LINE].count, read_line) ||
	    READ_SECTIONS(r, cfg, "network", networks, network_count, read_network) ||
	    READ_SECTIONS(r, cfg, "serial", serials, serial_count, read_serial))
		return -1;
	if (name) {
		conf->default_policy = conf_find_policy(conf, name);
		conf->default_policy_line = conffile_value_line(r->file, cfg_getopt(cfg, "default-policy"), 0);
		if (!conf->default_policy)
			conffile_error(r->file, conf->default_policy_line, "default-policy: %s: %s", name, conf_no_policy(conf, name));
	}
	return 0;
}

struct conf *conf_load(struct conffile *file, const char *path)
{
	cfg_opt_t *const with_keys[] = { policy_opts, user_opts, group_opts, caller_opts, line_opts, network_opts, serial_opts };
	struct conf *conf = calloc(1, sizeof(*conf));
	struct reader reader = { .conf = conf, .file = file };
	cfg_t *cfg = NULL;

	if (conffile_open(file, path) || !conf)
		goto fail;
	conf->path = strdup(path);
	for (size_t i = 0; i < sizeof(with_keys) / sizeof(with_keys[0]); i++)
		describe_keys(with_keys[i]);
	conffile_note_lines(conf_opts);
	cfg = cfg_init(conf_opts, CFGF_NONE);
	if (!cfg || conffile_parse(file, cfg) || read_all(&reader, cfg))
		goto fail;
	conf_check(conf, file);
	if (file->error_count)
		goto fail;
	cfg_free(cfg);
	return conf;
fail:
	if (cfg)
		cfg_free(cfg);
	conf_free(conf);
	return NULL;
}
