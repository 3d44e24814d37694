/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The policy of a session: chosen, made of its layers, and its chains in the kernel before anything there names them. */

#ifndef MASQD_ASSIGN_H
#define MASQD_ASSIGN_H

#include "masqd/gateway.h"

/* What policy_choose says for this configuration, with the layers applied, and over them what is set live (mostly &s->live); its
 * policy is to be given to the session (session_set_policy) or put (derive_put). NULL also if the layers do not fit. */
struct choice assign_choose(struct gateway *gw, const struct conf *conf, const struct session *s, const struct layer *live);

/* The same, without what is set live if it does not fit this configuration (masqd/override.h may then forget it). */
struct choice assign_choose_again(struct gateway *gw, const struct conf *conf, const struct session *s);

/* Loads the rules of this configuration, the routes to its lists of uplinks, and the chains of all policies that sessions
 * have or are about to have, those of the configuration in force among them. */
int assign_load_rules(struct gateway *gw, const struct conf *conf);

/* What one more policy needs of rules and routes, if it is not there. */
int assign_add_rules(struct gateway *gw, const struct policy *policy);

/* Takes out of the kernel what no session has any more: now, or a little later and for many sessions at once. */
void assign_sweep(struct gateway *gw);
void assign_sweep_later(struct gateway *gw);

#endif
