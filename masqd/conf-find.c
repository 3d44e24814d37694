/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What the configuration has under a name, and which name was perhaps meant. */

#include "config.h"

#include <fnmatch.h>
#include <string.h>

#include "lib/suggest.h"
#include "masqd/conf.h"

bool conf_is_policy_name(const char *name)
{
	size_t len = strlen(name);

	return len >= 1 && len <= POLICY_NAME_MAX &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == len;
}

const struct policy *conf_find_policy(const struct conf *conf, const char *name)
{
	for (unsigned i = 0; i < conf->policy_count; i++)
		if (strcmp(conf->policies[i].name, name) == 0)
			return &conf->policies[i];
	return NULL;
}

const struct pool *conf_find_pool(const struct conf *conf, const char *name)
{
	for (unsigned i = 0; i < conf->pool_count; i++)
		if (strcmp(conf->pools[i].name, name) == 0)
			return &conf->pools[i];
	return NULL;
}

const struct lan *conf_find_lan(const struct conf *conf, const char *interface)
{
	for (unsigned i = 0; i < conf->lan_count; i++)
		if (strcmp(conf->lans[i].interface, interface) == 0)
			return &conf->lans[i];
	return NULL;
}

const struct uplink *conf_find_uplink(const struct conf *conf, const char *interface)
{
	for (unsigned i = 0; i < conf->uplink_count; i++)
		if (strcmp(conf->uplinks[i].interface, interface) == 0)
			return &conf->uplinks[i];
	return NULL;
}

const struct network *conf_find_network(const struct conf *conf, const char *interface, struct in_addr address)
{
	for (unsigned i = 0; i < conf->network_count; i++)
		if (strcmp(conf->networks[i].interface, interface) == 0 && prefix_contains(&conf->networks[i].prefix, address))
			return &conf->networks[i];
	return NULL;
}

bool conf_is_line(const struct conf *conf, const char *interface)
{
	for (unsigned i = 0; i < conf->client_interface_count; i++)
		if (fnmatch(conf->client_interfaces[i], interface, 0) == 0)
			return true;
	for (unsigned i = 0; i < conf->serial_count; i++)
		if (strcmp(conf->serials[i].interface, interface) == 0)
			return true;
	return false;
}

const char *conf_no_policy(const struct conf *conf, const char *name)
{
	struct suggest suggest = { .typed = name };

	for (unsigned i = 0; i < conf->policy_count; i++)
		suggest_consider(&suggest, conf->policies[i].name);
	return suggest_reason(&suggest, "no such policy");
}

const char *conf_no_pool(const struct conf *conf, const char *name)
{
	struct suggest suggest = { .typed = name };

	for (unsigned i = 0; i < conf->pool_count; i++)
		suggest_consider(&suggest, conf->pools[i].name);
	return suggest_reason(&suggest, "no such pool");
}
