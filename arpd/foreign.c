/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Each look makes a list of what is dead; what was on the last list too is dead indeed. */

#include "arpd/foreign.h"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "arpd/route.h"
#include "lib/ip.h"
#include "lib/log.h"
#include "lib/varlink-client.h"

/* In words only for a few at a time. */
enum { WORDS_MAX = 16 };

static bool leads_nowhere(struct nl_sock *sock, const struct neighbour *neighbour)
{
	struct route route;

	if (!ip_is_v4(&neighbour->address) || route_get(sock, &neighbour->address, &route))
		return false;
	return route.type != RTN_UNICAST || !route.length || route.interface == neighbour->interface;
}

static void report(const struct neighbour *neighbour, const char *what)
{
	char text[IP_TEXT_MAX], name[IF_NAMESIZE] = "?";

	if_indextoname((unsigned)neighbour->interface, name);
	log_warn("%s on %s: somebody else's proxy neighbour leads nowhere%s", ip_text(&neighbour->address, text), name, what);
}

void foreign_look(struct foreign *foreign, struct nl_sock *sock, const struct neighbour *found, size_t count, bool is_cleaning)
{
	int64_t now_ms = varlink_now_ms();
	struct dead *dead;
	size_t n = 0, reported = 0, words = 0;

	if (now_ms < foreign->look_ms)
		return;
	foreign->look_ms = now_ms + FOREIGN_LOOK_MS;
	dead = calloc(count ? count : 1, sizeof(*dead));
	if (!dead)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct dead *was;

		if (found[i].is_ours || !leads_nowhere(sock, &found[i]))
			continue;
		was = foreign->count ? bsearch(&found[i], foreign->dead, foreign->count, sizeof(*was), neighbour_compare) : NULL;
		if (was && is_cleaning && neighbour_clean(sock, &found[i]) == 0) {
			report(&found[i], ", and is deleted");
			foreign->cleaned++;
			continue;
		}
		dead[n++] = (struct dead){ .neighbour = found[i], .is_reported = was };
		reported += !!was;
		if (was && !was->is_reported && ++words <= WORDS_MAX)
			report(&found[i], "");
	}
	qsort(dead, n, sizeof(*dead), neighbour_compare);
	free(foreign->dead);
	foreign->dead = dead;
	foreign->count = n;
	foreign->reported = reported;
}

void foreign_free(struct foreign *foreign)
{
	free(foreign->dead);
	*foreign = (struct foreign){ 0 };
}
