/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The policy key forwards (masqd/policy-key.h), and the sections that say the same in several lines:
 *
 *	forward ssh { protocol = tcp port = 2222 to-port = 22 }
 */

#ifndef MASQD_FORWARD_KEY_H
#define MASQD_FORWARD_KEY_H

#include <confuse.h>
#include <jansson.h>

#include "lib/conffile.h"
#include "masqd/forward.h"

struct conf;
struct layer;

const char *forward_key_parse(const struct conf *conf, const char *text, void *member);
void forward_key_print(FILE *out, const void *member);
json_t *forward_key_json(const void *member);
void forward_key_release(void *member);

/* The options of a section forward. */
extern cfg_opt_t forward_key_opts[];

/* Appends what the sections forward in this one say, as items of the key forwards. Errors go to file. */
void forward_key_read(struct conffile *file, cfg_t *section, struct layer *layer, struct forward_list *list);

#endif
