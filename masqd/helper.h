/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The policy key helpers (masqd/policy-key.h): protocols whose connections announce further ones, which the kernel's
 * connection tracking helpers let pass and translate. */

#ifndef MASQD_HELPER_H
#define MASQD_HELPER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct conf;

/* One a bit. */
struct helper_list {
	unsigned mask;
};

enum { HELPER_COUNT = 5 };

struct helper {
	const char *name;	/* of the module nf_nat_NAME too */
	const char *protocols[2];	/* the second may be NULL */
	uint16_t port;		/* the standard one */
};

extern const struct helper helpers[HELPER_COUNT];

const char *helper_parse(const struct conf *conf, const char *text, void *member);
void helper_print(FILE *out, const void *member);
json_t *helper_json(const void *member);
void helper_release(void *member);

/* Is it known that the kernel has not loaded what translates the helper's announcements? It is not loaded by itself. */
bool helper_nat_is_missing(const struct helper *helper);

#endif
