/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/text-stream.h"
#include "masqd/explain-step.h"
#include "masqd/flows.h"
#include "masqd/origin.h"
#include "masqd/over-quota.h"

void explain_session(struct explanation *e)
{
	char text[ADDR_TEXT_MAX], why[128];

	if (!e->s) {
		explain_stop(e, "no session has %s: what comes from it is dropped", addr_text(e->address, text));
		explain_hint(e, "masqctl list");
	} else if (e->s->state == SESSION_ADMITTED) {
		explain_stop(e, "admitted, and not open yet: its line is still negotiating");
		explain_hint(e, "masqctl wait id=%u state=open", e->s->serial);
	} else if (e->s->is_quarantined) {
		explain_stop(e, "orphaned, and closed: its pppd did not announce it again after masqd's start");
		explain_hint(e, "pgrep -a pppd");
	} else if (curfew_denies(e->s, why, sizeof(why))) {
		explain_stop(e, "%s", why);
		explain_hint(e, "change the hours of %s, then masqctl reload", origin_text(e->gw->conf, e->s, "hours"));
	} else if (over_quota_denies(e->gw, e->s, why, sizeof(why))) {
		explain_stop(e, "%s", why);
		/* A name that a peer has chosen is nothing to be typed. */
		if (e->s->type == SESSION_PPP)
			explain_hint(e, "masqctl show '#%u'", e->s->serial);
		else
			explain_hint(e, "masqctl reset-quota '%s'", quota_owner(e->s, text));
	} else {
		explain_pass(e, "%s since %lld s", session_state_text(e->s->state), (long long)session_age(e->s));
	}
}

void explain_quota(struct explanation *e)
{
	struct quota_use use;

	if (quota_get(e->gw->quota, e->s, &use))
		explain_pass(e, "%u %% are used", use.percent);
}

void explain_interface(struct explanation *e)
{
	const struct link *link = links_find(e->gw->links, e->s->ifindex);

	if (!link) {
		explain_stop(e, "there is no interface with index %u any more", e->s->ifindex);
		explain_hint(e, "masqctl kick '#%u'", e->s->serial);
	} else if (!link->is_up) {
		explain_stop(e, "%s is down", link->name);
		explain_hint(e, "ip link set %s up", link->name);
	} else {
		explain_pass(e, "%s is up", link->name);
	}
}

void explain_grant(struct explanation *e)
{
	const char *missing = elements_missing(e->gw->elements, &e->s->grant);
	char text[ADDR_TEXT_MAX];

	if (missing) {
		explain_stop(e, "not in the kernel's set %s", missing);
		explain_hint(e, "masqctl reload");
	} else {
		explain_pass(e, "%u . %s is in the kernel's maps", e->s->ifindex, prefix_text(&e->s->address, text));
	}
}

void explain_forwarding(struct explanation *e)
{
	const struct link *link = links_find(e->gw->links, e->s->ifindex);

	if (!link->forwards) {
		explain_stop(e, "net.ipv4.conf.%s.forwarding = 0", link->name);
		explain_hint(e, "sysctl -w net.ipv4.conf.%s.forwarding=1", link->name);
	} else {
		explain_pass(e, "net.ipv4.conf.%s.forwarding = 1", link->name);
	}
}

void explain_conntrack(struct explanation *e)
{
	long count = conntrack_count(), max = conntrack_max();

	if (count < 0 || max <= 0)
		return;
	if (count >= max) {
		explain_stop(e, "%ld of %ld connections are in use", count, max);
		explain_hint(e, "sysctl -w net.netfilter.nf_conntrack_max=%ld", 2 * max);
	} else {
		explain_pass(e, "%ld of %ld connections are in use", count, max);
	}
}

void explain_flows(struct explanation *e)
{
	unsigned limit = e->s->grant.flows;

	if (!limit || !flows_count(e->gw))
		return;
	if (e->s->flows >= limit) {
		explain_stop(e, "%u of %u connections are in use", e->s->flows, limit);
		explain_hint(e, "masqctl set '#%u' flows=%u", e->s->serial, 2 * limit);
	} else {
		explain_pass(e, "%u of %u connections are in use", e->s->flows, limit);
	}
}

/* Those of others have their turn when these end. */
static void name_forward(FILE *out, const struct session *s, unsigned i)
{
	fprintf(out, "%s%s", i ? ", " : "", s->policy->forwards.forwards[i].name);
	if (s->forward_holders[i])
		fprintf(out, " (taken by #%u)", s->forward_holders[i]);
}

void explain_forwards(struct explanation *e)
{
	unsigned count = e->s->policy->forwards.count;
	struct text_stream stream;
	FILE *out;
	char *text;

	if (!count)
		return;
	out = text_stream_open(&stream);
	for (unsigned i = 0; out && i < count; i++)
		name_forward(out, e->s, i);
	text = text_stream_close(&stream);
	if (text)
		explain_remark(e, "to it from outside: %s", text);
	free(text);
}
