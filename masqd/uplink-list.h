/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A policy's uplinks, in the order in which they are tried. */

#ifndef MASQD_UPLINK_LIST_H
#define MASQD_UPLINK_LIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct conf;
struct uplink;

enum { UPLINK_LIST_MAX = 8 };

/* The range of the ids: routing tables and packet marks have these numbers (masqd/fib.h). */
enum {
	UPLINK_LIST_ID_FIRST = 770000,
	UPLINK_LIST_ID_LAST = 779999,
};

struct uplink_list {
	const struct uplink *uplinks[UPLINK_LIST_MAX];	/* of the same configuration */
	unsigned count;					/* 0: no choice, the system's own routes lead out */
	uint32_t id;	/* follows from the names alone, so that it is the same in every run; 0 if there are none */
};

/* A key's type, as masqd/policy-key.h has it; parse appends. */
const char *uplink_list_parse(const struct conf *conf, const char *text, void *member);
void uplink_list_print(FILE *out, const void *member);
json_t *uplink_list_json(const void *member);
void uplink_list_release(void *member);

/* May one leave by this interface? An empty list has all. */
bool uplink_list_has(const struct uplink_list *list, const char *interface);

#endif
