/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A policy's key whose items are ranges of addresses: "192.0.2.1", "192.0.2.1-192.0.2.9" or "192.0.2.0/28". The functions are those
 * of the table in masqd/policy-key.c, for a member of this type. */

#ifndef MASQD_RANGE_LIST_H
#define MASQD_RANGE_LIST_H

#include <jansson.h>
#include <stdio.h>

#include "lib/addr.h"

struct conf;

struct range_list {
	struct range *ranges;
	unsigned count;
};

const char *range_list_parse(const struct conf *conf, const char *text, void *member);
void range_list_print(FILE *out, const void *member);
json_t *range_list_json(const void *member);
void range_list_release(void *member);

/* How many addresses it has, and the one of this number, from 0 on. */
unsigned long range_list_size(const struct range_list *list);
struct in_addr range_list_nth(const struct range_list *list, unsigned long n);
bool range_list_contains(const struct range_list *list, struct in_addr address);

/* "192.0.2.1", or "192.0.2.1-192.0.2.9". In a buffer of the caller. */
#define RANGE_TEXT_MAX (2 * ADDR_TEXT_MAX)
const char *range_text(const struct range *range, char text[RANGE_TEXT_MAX]);

#endif
