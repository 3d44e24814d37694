/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What the configuration has against a network behind a client. */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "masqd/conf.h"

/* In a static buffer. */
__attribute__((format(printf, 1, 2))) static const char *because(const char *format, ...)
{
	static char reason[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	return reason;
}

/* Also if one of them is made of the other (masqd/derive.h). */
static bool is_same(const struct policy *a, const struct policy *b)
{
	return a && strcmp(a->name, b->name) == 0;
}

const char *conf_route_objection(const struct conf *conf, const struct policy *policy, const struct prefix *route)
{
	const struct match_list *users = &conf->matches[MATCH_USER];
	struct range range = prefix_range(route);

	for (unsigned i = 0; i < conf->pool_count; i++)
		for (unsigned k = 0; k < conf->pools[i].range_count; k++)
			if (ranges_overlap(&range, &conf->pools[i].ranges[k]))
				return because("overlaps with pool \"%s\"", conf->pools[i].name);
	for (unsigned i = 0; i < conf->network_count; i++)
		if (conf->networks[i].prefix.length && prefix_overlaps(route, &conf->networks[i].prefix))
			return because("overlaps with network \"%s\"", conf->networks[i].name);
	/* The client itself may have an address of it. */
	for (unsigned i = 0; i < conf->serial_count; i++)
		if (!is_same(conf->serials[i].policy, policy) && prefix_contains(route, conf->serials[i].address))
			return because("has the address of serial \"%s\"", conf->serials[i].name);
	for (unsigned i = 0; i < users->count; i++)
		if (users->list[i].policy && !is_same(users->list[i].policy, policy) && prefix_contains(route, users->list[i].address))
			return because("has the address of user \"%s\"", users->list[i].name);
	return NULL;
}
