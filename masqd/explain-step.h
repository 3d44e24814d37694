/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The steps of an explanation, and how they say what they find. */

#ifndef MASQD_EXPLAIN_STEP_H
#define MASQD_EXPLAIN_STEP_H

#include "masqd/gateway.h"
#include "masqd/lookup.h"

struct explanation {
	struct gateway *gw;
	const struct session *s;
	struct in_addr address;
	const struct traffic *traffic;
	struct lookup out;	/* from the step route on */
	const struct link *oif;
	json_t *steps;
	const char *step;	/* the one at work */
	bool is_stopped;
};

/* The step at work says: so far nothing is against it; something worth knowing that decides nothing; here it ends. Then, what to type. */
void explain_pass(struct explanation *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
void explain_remark(struct explanation *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
void explain_stop(struct explanation *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
void explain_hint(struct explanation *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* From the step route on. */
bool explain_is_for_gateway(const struct explanation *e);
bool explain_leaves_by_uplink(const struct explanation *e);

/* What is true of the client, whatever it sends (masqd/explain-client.c). */
void explain_session(struct explanation *e);
void explain_quota(struct explanation *e);
void explain_interface(struct explanation *e);
void explain_grant(struct explanation *e);
void explain_forwarding(struct explanation *e);
void explain_conntrack(struct explanation *e);
void explain_flows(struct explanation *e);
void explain_forwards(struct explanation *e);

/* Where the packet goes (masqd/explain-path.c). */
void explain_route(struct explanation *e);
void explain_out_interface(struct explanation *e);
void explain_rule(struct explanation *e);
void explain_isolation(struct explanation *e);
void explain_translation(struct explanation *e);
void explain_answers(struct explanation *e);
void explain_other_firewalls(struct explanation *e);

#endif
