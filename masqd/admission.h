/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Who may come in, and with which address: the two steps of a line with pppd, and attached interfaces. Every refusal is a
 * reason fit for the peer, is logged, and counted. */

#ifndef MASQD_ADMISSION_H
#define MASQD_ADMISSION_H

#include "masqd/gateway.h"

#define REASON_MAX 160

/* Step 1. wanted: the address the line already has, 0.0.0.0 if one is to be chosen (also the result may be 0.0.0.0: then
 * the line's own choice is judged in step 2). 0 with a session in the state admitted, or -EACCES with the reason; or
 * -EINPROGRESS with a session that waits until the LANs have been asked for its address: then the event GATEWAY_ADMITTED or
 * GATEWAY_REFUSED follows, or GATEWAY_CLOSED if it ends before. */
int admission_admit(struct gateway *gw, const struct line *line, struct in_addr wanted, struct session **session,
		    char reason[REASON_MAX]);

/* The line went down, as it says, or is just gone, and the session is about to end: who hangs up at once, again and again, is
 * slowed down. */
void admission_hung_up(struct gateway *gw, const struct session *s);

/* A session of before a restart is announced again: the one the kernel remembers, or, where that was lost, a new one with
 * the same serial and start, judged as in step 1. Follow with admission_open. */
int admission_resume(struct gateway *gw, const struct line *line, uint32_t serial, time_t started, struct in_addr address,
		     struct session **session, char reason[REASON_MAX]);

/* Step 2: on return the kernel enforces the grant. The caller has refreshed the link, since that may end sessions. 0, or
 * -errno with the reason; then the session is still the caller's to end. */
int admission_open(struct gateway *gw, struct session *s, unsigned ifindex, struct in_addr local, struct in_addr address,
		   char reason[REASON_MAX]);

/* Both steps for an interface that no pppd announces. */
int admission_attach(struct gateway *gw, const struct line *line, struct in_addr address, struct session **session,
		     char reason[REASON_MAX]);

#endif
