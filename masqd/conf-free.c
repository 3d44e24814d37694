/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The end of a configuration. */

#include "config.h"

#include <stdlib.h>

#include "masqd/policy-key.h"

static void free_matches(struct match_list *matches)
{
	for (unsigned i = 0; i < matches->count; i++) {
		struct match *match = &matches->list[i];

		if (match->patterns != &match->name) {
			for (unsigned k = 0; k < match->pattern_count; k++)
				free(match->patterns[k]);
			free(match->patterns);
		}
		layer_release(&match->layer);
		free(match->name);
	}
	free(matches->list);
}

#define FREE_EACH(conf, array, count, member)          \
	do {                                           \
		for (unsigned i = 0; i < (conf)->count; i++) \
			free((conf)->array[i].member); \
		free((conf)->array);                   \
	} while (0)

#define FREE_LAYERED(conf, array, count, member)                     \
	do {                                                         \
		for (unsigned i = 0; i < (conf)->count; i++)         \
			layer_release(&(conf)->array[i].layer);      \
		FREE_EACH(conf, array, count, member);               \
	} while (0)

void conf_free(struct conf *conf)
{
	if (!conf)
		return;
	for (unsigned i = 0; i < conf->client_interface_count; i++)
		free(conf->client_interfaces[i]);
	free(conf->client_interfaces);
	for (unsigned i = 0; i < conf->pool_count; i++)
		free(conf->pools[i].ranges);
	for (unsigned i = 0; i < conf->policy_count; i++)
		policy_release(&conf->policies[i]);
	FREE_EACH(conf, uplinks, uplink_count, name);
	FREE_EACH(conf, lans, lan_count, name);
	FREE_EACH(conf, pools, pool_count, name);
	FREE_LAYERED(conf, policies, policy_count, name);
	for (enum match_kind kind = MATCH_USER; kind < MATCH_KINDS; kind++)
		free_matches(&conf->matches[kind]);
	FREE_LAYERED(conf, networks, network_count, name);
	FREE_LAYERED(conf, serials, serial_count, name);
	free(conf->path);
	free(conf->socket);
	free(conf->arpd_socket);
	free(conf->state_directory);
	free(conf);
}
