/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Forwards that are in each other's way. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "masqd/conf.h"
#include "masqd/forward-key.h"
#include "masqd/policy-key.h"
#include "masqd/public.h"

/* What one section forwards. */
struct place {
	const struct layer *layer;
	struct forward_list list;
};

struct places {
	struct place *all;
	unsigned count;
};

/* What cannot be read has been complained of. */
static void add_place(struct places *places, const struct layer *layer)
{
	const struct setting *setting = layer_find(layer, policy_key_find("forwards"));
	struct place *all = setting && setting->count ? realloc(places->all, (places->count + 1) * sizeof(*all)) : NULL;

	if (!all)
		return;
	places->all = all;
	all[places->count] = (struct place){ .layer = layer };
	for (unsigned i = 0; i < setting->count; i++)
		forward_key_parse(NULL, setting->values[i].text, &all[places->count].list);
	places->count++;
}

/* The same forward in two places is one service, for which their clients take turns. */
static void compare(struct conffile *file, const struct place *a, const struct place *b)
{
	for (unsigned i = 0; i < a->list.count; i++)
		for (unsigned k = 0; k < b->list.count; k++) {
			const struct forward *forward = &a->list.forwards[i], *other = &b->list.forwards[k];

			if (forward_overlap(forward, other) && !forward_equal(forward, other))
				conffile_error(file, a->layer->line, "%s \"%s\": forward \"%s\": %s \"%s\" forwards one of its ports to something else, as \"%s\"",
					       a->layer->kind, a->layer->name, forward->name, b->layer->kind, b->layer->name, other->name);
		}
}

/* A network is no single host. Its own list, also an empty one, has the place of its policy's. */
static void check_network(struct conffile *file, const struct network *network)
{
	struct places own = { 0 };

	if (layer_find(&network->layer, policy_key_find("forwards")))
		add_place(&own, &network->layer);
	else if (network->policy)
		add_place(&own, &network->policy->layer);
	for (unsigned i = 0; own.count && i < own.all->list.count; i++) {
		const struct forward *forward = &own.all->list.forwards[i];

		if (!forward->to_address.s_addr || !prefix_contains(&network->prefix, forward->to_address))
			conffile_error(file, network->line, "network \"%s\": forward \"%s\": must lead to an address of this network", network->name,
				       forward->name);
	}
	free(own.all);
}

static bool has_blocks(const struct layer *layer)
{
	const struct setting *setting = layer_find(layer, policy_key_find("port-block"));

	return setting && setting->count && strcmp(setting->values[0].text, "0") != 0;
}

/* Does anybody have a block of ports of the public address? */
static bool uses_blocks(const struct conf *conf)
{
	bool uses = false;

	for (unsigned i = 0; i < conf->policy_count; i++)
		uses |= has_blocks(&conf->policies[i].layer);
	for (enum match_kind kind = MATCH_USER; kind < MATCH_KINDS; kind++)
		for (unsigned i = 0; i < conf->matches[kind].count; i++)
			uses |= has_blocks(&conf->matches[kind].list[i].layer);
	for (unsigned i = 0; i < conf->network_count; i++)
		uses |= has_blocks(&conf->networks[i].layer);
	for (unsigned i = 0; i < conf->serial_count; i++)
		uses |= has_blocks(&conf->serials[i].layer);
	return uses;
}

static void check_blocks(struct conffile *file, const struct place *place)
{
	for (unsigned i = 0; i < place->list.count; i++)
		if (place->list.forwards[i].last >= PUBLIC_PORT_FIRST)
			conffile_error(file, place->layer->line, "%s \"%s\": forward \"%s\": ports from %d on belong to the blocks of port-block",
				       place->layer->kind, place->layer->name, place->list.forwards[i].name, PUBLIC_PORT_FIRST);
}

void conf_check_forwards(const struct conf *conf, struct conffile *file)
{
	struct places places = { 0 };

	for (unsigned i = 0; i < conf->policy_count; i++)
		add_place(&places, &conf->policies[i].layer);
	for (enum match_kind kind = MATCH_USER; kind < MATCH_KINDS; kind++)
		for (unsigned i = 0; i < conf->matches[kind].count; i++)
			add_place(&places, &conf->matches[kind].list[i].layer);
	for (unsigned i = 0; i < conf->network_count; i++)
		add_place(&places, &conf->networks[i].layer);
	for (unsigned i = 0; i < conf->serial_count; i++)
		add_place(&places, &conf->serials[i].layer);
	for (unsigned i = 0; i < places.count; i++)
		for (unsigned k = 0; k < i; k++)
			compare(file, &places.all[i], &places.all[k]);
	for (unsigned i = 0; uses_blocks(conf) && i < places.count; i++)
		check_blocks(file, &places.all[i]);
	for (unsigned i = 0; i < conf->network_count; i++)
		check_network(file, &conf->networks[i]);
	free(places.all);
}
