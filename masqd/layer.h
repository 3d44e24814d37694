/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Keys of a policy as they are written: what the section of a policy says, and what the section of a user, a line, a network
 * or an administrator says over it. A policy is its defaults with one layer after the other applied (masqd/derive.h). */

#ifndef MASQD_LAYER_H
#define MASQD_LAYER_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

struct conf;
struct policy;
struct policy_key;

struct setting_value {
	char *text;
	unsigned line;	/* of the file, here and below; 0: set while the session is there */
};

/* One key and its value; of a list, all items. */
struct setting {
	const struct policy_key *key;
	struct setting_value *values;
	unsigned count;
	unsigned line;
	uid_t uid;	/* then by whom */
	time_t time;	/* and when */
};

struct layer {
	const char *kind;	/* static text: "user", "line", ..., "live" */
	const char *name;	/* the section's title; borrowed, NULL of a live one */
	unsigned line;		/* of the file, 0: live */
	struct setting *settings;
	unsigned count;
};

/* What stands over a policy, the last one counts most. Layers are borrowed. */
enum { LAYERS_MAX = 8 };
struct layers {
	const struct layer *of[LAYERS_MAX];
	unsigned count;
};

/* Puts a layer on top, if it says anything. */
void layers_add(struct layers *layers, const struct layer *layer);

/* The setting that counts for a key, and the layer it is from (may be NULL); NULL if none says anything. */
const struct setting *layers_find(const struct layers *layers, const struct policy_key *key, const struct layer **from);

const struct setting *layer_find(const struct layer *layer, const struct policy_key *key);

/* Appends one value to a key's setting, which is made if it is not there. NULL without memory. */
struct setting *layer_append(struct layer *layer, const struct policy_key *key, const char *text, unsigned line);
/* A setting of no values: the empty list. NULL without memory. */
struct setting *layer_add(struct layer *layer, const struct policy_key *key);
/* Takes a key's setting out; false if there is none. */
bool layer_del(struct layer *layer, const struct policy_key *key);
/* Appends copies of all settings of another layer. 0 or -ENOMEM. */
int layer_append_all(struct layer *to, const struct layer *from);
void layer_release(struct layer *layer);

/* Gives the policy's key the setting's value; a list replaces what was there. NULL, or what is wrong (a static text) with value
 * number *wrong; then the key's value is undefined. */
const char *setting_apply(const struct setting *setting, const struct conf *conf, struct policy *policy, unsigned *wrong);

#endif
