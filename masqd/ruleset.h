/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The static part of the translation engine: the table inet masqgate, its chains, rules and empty maps, as nft text made from
 * the configuration and loaded through libnftables in one transaction. Clients are elements of the maps: masqd/elements.h. */

#ifndef MASQD_RULESET_H
#define MASQD_RULESET_H

#include "masqd/conf.h"
#include "masqd/mismatch.h"

struct ruleset;

int ruleset_open(struct ruleset **ruleset);
void ruleset_close(struct ruleset *ruleset);

enum ruleset_state {
	RULESET_ABSENT,
	RULESET_OURS,
	RULESET_FOREIGN,	/* a table of this name that Masq-Gate did not make */
};

/* What stands in the kernel under our name. */
enum ruleset_state ruleset_look(void);

/* Puts the configuration's rules and the chains of these policies (of several with the same id the first) in force, in one
 * transaction. Elements of clients stay as they are. 0, or -EIO with nft's words logged and nothing changed. */
int ruleset_load(struct ruleset *ruleset, const struct conf *conf, const struct policy *const *policies, unsigned count);

/* Loads the chains of one more policy if they are not there, in one transaction that touches nothing else. 0 or as above;
 * -ENOENT if the rules that are loaded are not fit for what this policy asks for, and have to be loaded again with it. */
int ruleset_add(struct ruleset *ruleset, const struct policy *policy);

/* Takes out, in one transaction, all chains of policies but of these, and what rules nobody needs any more. No element names them
 * now. conf is the one that is loaded. 0 or as above. */
int ruleset_keep(struct ruleset *ruleset, const struct conf *conf, const struct policy *const *policies, unsigned count);

/* Tells where the table, its chains and the sets that the configuration fills are not as they were loaded. 0 or -errno. */
int ruleset_compare(const struct ruleset *ruleset, const struct mismatch_handler *handler);

/* Other tables' base chains at this hook that drop by default, as "table ip filter, table …"; "" if there are none. Caller
 * frees; NULL without memory. */
char *ruleset_other_drops(struct ruleset *ruleset, const char *hook);

#endif
