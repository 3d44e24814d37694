/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What an administrator sets for sessions that are there: keys over those of their policies, until the session ends. They stand in
 * the store, so that they outlive the daemon. */

#ifndef MASQD_OVERRIDE_H
#define MASQD_OVERRIDE_H

#include "masqd/gateway.h"

/* Is this setting one that can be given to a session that is there? NULL, or what is wrong in a static buffer. */
const char *override_objection(const struct conf *conf, const struct setting *setting);

struct override_change {
	const struct layer *wanted;	/* the settings that it gets, perhaps none */
	bool unsets_all;		/* before that, all that it has goes */
	const struct policy_key **unset;	/* or these keys */
	unsigned unset_count;
};

/* The same change for each of the sessions. All of it or, if a key does not go with something else of one of them, nothing:
 * -EINVAL with the reason. Another -errno if the kernel does not take it, logged; then the session at which that was and those
 * behind it are as before. */
int override_change(struct gateway *gw, struct session *const *sessions, unsigned count, const struct override_change *change,
		    char reason[DERIVE_REASON_MAX]);

/* What is set for the session does not fit what was chosen for it (assign_choose_again): then it is unset, and logged. */
void override_drop_unfit(struct gateway *gw, struct session *s);

/* Gives a session what the store has for its serial. Its policy does not follow. */
void override_load(struct gateway *gw, struct session *s);
/* Writes down what the session has now. */
void override_keep(struct gateway *gw, const struct session *s);
/* Forgets what was kept for sessions that are not there. */
void override_sweep(struct gateway *gw);

#endif
