/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Taken and returned, by family. */

#include "arpd/delay.h"

#include <inttypes.h>
#include <string.h>

#include "arpd/neighbour.h"
#include "lib/log.h"

static const int af_of[FAMILIES] = { [FAMILY_IPV4] = AF_INET, [FAMILY_IPV6] = AF_INET6 };

/* Has an earlier run, killed perhaps, left entries there? */
static bool has_adopted(const struct lan *lan, enum family family)
{
	for (const struct entry *entry = lan->entries; entry; entry = entry->hh.next)
		if (entry->is_installed && entry_family(entry) == family)
			return true;
	return false;
}

static void take(struct nl_sock *sock, struct lan *lan, enum family family)
{
	uint64_t delay_ms = 0;
	int rc = neighbour_get_delay(sock, af_of[family], lan->link.index, &delay_ms);

	/* It has set it to 0 and cannot be asked what it was; the default is the best guess. */
	if (!rc && delay_ms == 0 && has_adopted(lan, family))
		rc = neighbour_get_delay(sock, af_of[family], 0, &delay_ms);
	if (!rc)
		rc = neighbour_set_delay(sock, af_of[family], lan->link.index, 0);
	if (rc)
		log_warn("cannot make answers immediate: %s: %s", lan->name, strerror(-rc));
	lan->delays[family].is_ours = true;
	lan->delays[family].before_ms = rc ? 0 : delay_ms;
}

void delay_take(struct nl_sock *sock, struct lan *lan)
{
	for (enum family family = 0; family < FAMILIES; family++)
		if (lan->counts[family] && !lan->delays[family].is_ours)
			take(sock, lan, family);
}

void delay_return(struct nl_sock *sock, struct lan *lan)
{
	for (enum family family = 0; family < FAMILIES; family++) {
		const struct lan_delay *delay = &lan->delays[family];
		uint64_t delay_ms;
		int rc;

		if (!delay->is_ours || !delay->before_ms || neighbour_get_delay(sock, af_of[family], lan->link.index, &delay_ms) || delay_ms)
			continue;
		rc = neighbour_set_delay(sock, af_of[family], lan->link.index, delay->before_ms);
		if (rc)
			log_warn("cannot restore proxy_delay: %s: %s", lan->name, strerror(-rc));
		else
			log_debug("%s: proxy_delay is %" PRIu64 " ms again", lan->name, delay->before_ms);
	}
}
