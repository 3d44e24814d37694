/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A policy's LANs: where its clients are published. */

#ifndef MASQD_LAN_LIST_H
#define MASQD_LAN_LIST_H

#include <jansson.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>

struct conf;
struct lan;

enum { LAN_LIST_MAX = 8 };

struct lan_list {
	const struct lan *lans[LAN_LIST_MAX];	/* of the same configuration */
	unsigned count;				/* 0: all that have proxy-arp and whose network has the address */
};

/* Their interfaces, without references to a configuration; the first is empty if there are none. */
struct lan_interfaces {
	char names[LAN_LIST_MAX][IFNAMSIZ];
};

/* A key's type, as masqd/policy-key.h has it; parse appends. */
const char *lan_list_parse(const struct conf *conf, const char *text, void *member);
void lan_list_print(FILE *out, const void *member);
json_t *lan_list_json(const void *member);
void lan_list_release(void *member);

/* May one be published there? An empty list has all. */
bool lan_list_has(const struct lan_list *list, const char *interface);

struct lan_interfaces lan_list_interfaces(const struct lan_list *list);

#endif
