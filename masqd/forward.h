/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Ports of the public address that lead to a client while it is online: one item of a policy's forwards.
 *
 *	FORWARD  = NAME PROTOCOL PORTS ["to" [ADDRESS ":"] PORTS]
 *	PROTOCOL = "tcp" | "udp" | "tcp+udp"
 *	PORTS    = PORT ["-" PORT]
 *
 * "ssh tcp 2222 to 22", "x11 tcp 6000-6010", "web tcp 80 to 192.168.0.2:8080". Without to they are the same ports at the
 * client's own address. */

#ifndef MASQD_FORWARD_H
#define MASQD_FORWARD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	FORWARD_NAME_MAX = 32,
	FORWARDS_MAX = 16,		/* of a policy */
	FORWARD_TEXT_MAX = 128,
	FORWARD_PORTS_MAX = 1024,	/* of all of these, since each port is an element */
};

struct forward {
	char name[FORWARD_NAME_MAX + 1];
	bool is_tcp, is_udp;
	uint16_t first, last;		/* of the public address */
	uint16_t to_port;		/* where first leads to, and the others in turn */
	struct in_addr to_address;	/* 0.0.0.0: the client's own */
};

struct forward_list {
	struct forward forwards[FORWARDS_MAX];
	unsigned count;
};

/* Parse strictly: an item, or what the keys of a section say, the public ports before those they lead to. NULL, or a static
 * text that says what is wrong. */
const char *forward_parse(const char *text, struct forward *forward);
const char *forward_parse_name(const char *text, struct forward *forward);
const char *forward_parse_protocol(const char *text, struct forward *forward);
const char *forward_parse_ports(const char *text, struct forward *forward);
const char *forward_parse_to_ports(const char *text, struct forward *forward);

/* NULL, or what is against it. */
const char *forward_append(struct forward_list *list, const struct forward *forward);

/* As it is written. */
const char *forward_text(const struct forward *forward, char text[FORWARD_TEXT_MAX]);

bool forward_equal(const struct forward *a, const struct forward *b);

/* Do both want a port of the same protocol? */
bool forward_overlap(const struct forward *a, const struct forward *b);

#endif
