/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A table of steps in the order in which a packet meets them. */

#include "config.h"

#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/text.h"
#include "masqd/explain-step.h"
#include "masqd/follow.h"
#include "masqd/explain.h"

static json_t *text_of(const char *format, va_list arguments)
{
	char text[4096];	/* a command with a list of rules */

	vsnprintf(text, sizeof(text), format, arguments);
	return text_json(text);
}

static void note(struct explanation *e, const char *verdict, json_t *text)
{
	json_array_append_new(e->steps, json_pack("{s:s, s:s, s:o, s:n}", "step", e->step, "verdict", verdict, "text", text, "hint"));
}

void explain_pass(struct explanation *e, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	note(e, "yes", text_of(format, arguments));
	va_end(arguments);
}

void explain_remark(struct explanation *e, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	note(e, "info", text_of(format, arguments));
	va_end(arguments);
}

void explain_stop(struct explanation *e, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	note(e, "no", text_of(format, arguments));
	va_end(arguments);
	e->is_stopped = true;
}

void explain_hint(struct explanation *e, const char *format, ...)
{
	json_t *last = json_array_get(e->steps, json_array_size(e->steps) - 1);
	va_list arguments;

	va_start(arguments, format);
	json_object_set_new(last, "hint", text_of(format, arguments));
	va_end(arguments);
}

bool explain_is_for_gateway(const struct explanation *e)
{
	return e->out.type == RTN_LOCAL;
}

bool explain_leaves_by_uplink(const struct explanation *e)
{
	return e->oif && conf_find_uplink(e->gw->conf, e->oif->name);
}

static const struct {
	const char *name;
	void (*explain)(struct explanation *e);
} steps[] = {
	{ "session", explain_session },
	{ "quota", explain_quota },
	{ "interface", explain_interface },
	{ "grant", explain_grant },
	{ "forwarding", explain_forwarding },
	{ "conntrack", explain_conntrack },
	{ "flows", explain_flows },
	{ "forwards", explain_forwards },
	{ "route", explain_route },
	{ "uplink", explain_out_interface },
	{ "rule", explain_rule },
	{ "isolation", explain_isolation },
	{ "translation", explain_translation },
	{ "answers", explain_answers },
	{ "firewall", explain_other_firewalls },
};

/* What decided the policy, and where both stand. */
static json_t *choice_json(const struct explanation *e)
{
	const struct policy *policy = e->s ? e->s->policy : NULL;
	struct choice choice;

	if (!policy)
		return json_null();
	choice = policy_choose(e->gw->conf, e->s);
	return json_pack("{s:s, s:s, s:i, s:o}", "policy", policy->name, "file", e->gw->conf->path, "line", (int)policy->line, "why",
			 text_json(choice.why));
}

static const char *result_of(const struct explanation *e)
{
	if (e->is_stopped)
		return "dropped";
	if (explain_is_for_gateway(e))
		return "delivered";
	return explain_leaves_by_uplink(e) && e->s->policy->nat != NAT_NONE ? "translated" : "forwarded";
}

json_t *explain(struct gateway *gw, const struct session *s, struct in_addr address, const struct traffic *traffic)
{
	struct explanation e = { .gw = gw, .s = s, .address = address, .traffic = traffic, .steps = json_array() };

	follow_catch_up(gw);
	/* Nobody tells of its switch. */
	if (s && s->ifindex)
		links_refresh(gw->links, s->ifindex);
	for (size_t i = 0; !e.is_stopped && i < sizeof(steps) / sizeof(steps[0]); i++) {
		e.step = steps[i].name;
		steps[i].explain(&e);
	}
	return json_pack("{s:o, s:o, s:s}", "choice", choice_json(&e), "steps", e.steps, "result", result_of(&e));
}
