/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Does somebody on the LANs have the address? masq-arpd is asked before it is given away, and tells what it sees later. */

#ifndef MASQD_PROBE_H
#define MASQD_PROBE_H

#include "masqd/gateway.h"

/* The plugin waits meanwhile, and not for long: what is not answered after this time is free. */
enum {
	PROBE_WAIT_MS = 300,
	PROBE_TRIES_MAX = 3,
};

/* Asks on the LANs on which the session's address will be published. If true, done follows once for each time that was
 * asked: with who uses the address, NULL if nobody does. may_move: another address will do too. If false there is nothing
 * to ask, or nobody. */
bool probe_begin(struct gateway *gw, struct session *s, bool may_move,
		 void (*done)(struct gateway *gw, struct session *s, const struct arp_event *in_use));

/* The session has another address now: asks again, in what is left of the time. */
bool probe_again(struct gateway *gw, const struct session *s);

/* May it have another address, and be asked for again? */
bool probe_may_move(const struct gateway *gw, const struct session *s);

/* Is its address being asked for, so that nobody has been told that it is admitted? */
bool probe_is_waiting(const struct gateway *gw, const struct session *s);

/* What is answered from now on is not for this session. */
void probe_forget(struct gateway *gw, const struct session *s);

/* For struct arp_handler. */
void probe_on_listening(struct gateway *gw);
void probe_on_event(struct gateway *gw, const struct arp_event *event);

/* Whose address it is, or behind whom: a session that is published, or will be. */
struct session *probe_find_owner(const struct gateway *gw, const struct in6_addr *address);

/* "192.168.0.100 is in use on eth0 by 52:54:00:12:34:56" */
#define PROBE_TEXT_MAX 128
const char *probe_text(const struct arp_event *in_use, char text[PROBE_TEXT_MAX]);

void probe_close(struct gateway *gw);

#endif
