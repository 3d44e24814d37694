/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "arpd/detection.h"

#include <net/if.h>
#include <string.h>

#include "arpd/hearing.h"
#include "arpd/inquiry.h"
#include "lib/log.h"
#include "lib/varlink-client.h"

/* Who asks wants to know how it is now, not how it was when the last caller had the address. */
enum { INQUIRY_AGE_MS = 1000 };

/* What a probe says about the entry that it was made for. Was that in conflict? */
static bool take_result(struct entry *entry, const struct probe *probe)
{
	bool was_in_conflict = entry->is_in_conflict;

	entry->is_probing = false;
	entry->is_in_conflict = probe->state == PROBE_TAKEN;
	entry->is_probed = !entry->is_in_conflict;
	entry->probe_again_ms = varlink_now_ms() + CONFLICT_RETRY_MS;
	return was_in_conflict;
}

static void log_result(struct publisher *publisher, const struct probe *probe, const char *lan, bool was_in_conflict)
{
	char text[IP_TEXT_MAX], mac[MAC_TEXT_MAX];
	bool is_new;

	if (probe->state == PROBE_TAKEN) {
		conflict_note(&publisher->conflicts, &probe->address, lan, probe->mac, &is_new);
		if (is_new && conflict_may_log(&publisher->conflicts))
			log_warn("%s is in use on %s by %s", ip_text(&probe->address, text), lan, mac_text(probe->mac, mac));
		return;
	}
	if (was_in_conflict)
		publisher_say(publisher, "%s on %s: nobody else uses it any more", ip_text(&probe->address, text), lan);
	conflict_forget(&publisher->conflicts, &probe->address, lan);
}

void detection_on_probe(void *ctx, const struct probe *probe)
{
	struct publisher *publisher = ctx;
	struct lan *lan = table_find_lan_index(&publisher->table, probe->interface);
	struct entry *entry = lan ? table_find(lan, &probe->address) : NULL;
	bool is_taken = probe->state == PROBE_TAKEN, is_asked, was_in_conflict;
	char name[IF_NAMESIZE] = "";

	if (lan)
		memcpy(name, lan->name, sizeof(name));
	else
		if_indextoname((unsigned)probe->interface, name);
	was_in_conflict = entry && entry->is_probing && take_result(entry, probe);
	log_result(publisher, probe, name, was_in_conflict);
	is_asked = inquiry_answer(publisher, probe);
	if (is_taken && (is_asked || !was_in_conflict))
		publisher->on_event(publisher->ctx, "conflict", &probe->address, name, probe->mac);
	else if (!is_taken && was_in_conflict)
		publisher->on_event(publisher->ctx, "resolved", &probe->address, name, NULL);
	if (entry)
		publisher_follow(publisher, entry);
}

void detection_age(struct publisher *publisher)
{
	struct conflict_key over;

	while (conflict_expire(&publisher->conflicts, &over)) {
		struct lan *lan = table_find_lan(&publisher->table, over.lan);
		struct entry *entry = lan ? table_find(lan, &over.address) : NULL;

		/* Of one that is in conflict, the next probe will tell. */
		if (entry && entry->is_installed && !conflict_has(&publisher->conflicts, &over.address, over.lan))
			publisher->on_event(publisher->ctx, "resolved", &over.address, over.lan, NULL);
	}
}

const struct probe *detection_ask(struct publisher *publisher, const struct link *link, const struct in6_addr *address)
{
	const struct probe *probe = prober_ask(publisher->prober, link, address, INQUIRY_AGE_MS);

	if (probe && probe->state == PROBE_PENDING)
		hearing_add(publisher, address);
	return probe;
}

void detection_look(struct publisher *publisher, struct entry *entry)
{
	const struct probe *probe;
	bool is_again = entry->is_in_conflict;

	/* Without a carrier nobody can answer. */
	if (publisher->is_probing && !entry->lan->link.has_carrier)
		return;
	if (entry->is_probed || entry->is_probing || (is_again && varlink_now_ms() < entry->probe_again_ms))
		return;
	probe = publisher->is_probing ? prober_ask(publisher->prober, &entry->lan->link, &entry->address,
						   is_again ? 0 : PROBE_REMEMBERED_MS) : NULL;
	if (!probe || probe->state == PROBE_FREE) {
		entry->is_probed = true;
		entry->is_in_conflict = false;
	} else if (probe->state == PROBE_TAKEN) {
		entry->is_in_conflict = true;
		entry->probe_again_ms = varlink_now_ms() + CONFLICT_RETRY_MS;
	} else {
		entry->is_probing = true;
		hearing_add(publisher, &entry->address);
	}
}
