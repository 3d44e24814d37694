/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The daemon: configuration, publisher, and the events that make it look again. */

#ifndef ARPD_ARPD_H
#define ARPD_ARPD_H

#include <event2/event.h>
#include <stdbool.h>
#include <time.h>

#include "arpd/conf.h"
#include "arpd/foreign.h"
#include "arpd/listeners.h"
#include "arpd/publisher.h"
#include "lib/netlink.h"

struct arpd {
	const char *path;		/* of the configuration */
	struct event_base *base;
	struct conf *conf;
	struct publisher publisher;
	struct foreign foreign;
	struct holder *administrator;	/* of what masqctl has added; NULL: nothing yet */
	struct netlink_monitor *monitor;
	struct netlink_monitor_handler handler;
	struct event *soon;		/* one look for all events of the last moment */
	struct event *tick;
	bool needs_all;			/* it is to look at everything */
	bool lacks_configured;		/* there was no memory to publish all that the configuration says */
	int look_error;			/* of the last look, logged already */
	int64_t look_ms;		/* when the next tick may look */
	int64_t settle_ms;		/* when every holder should have come back */
	struct listeners listeners;
	time_t started;
	struct timespec started_monotonic;
};

/* The holder of what the configuration publishes, and of what an administrator has added by hand. */
#define ARPD_CONFIGURATION "configuration"
#define ARPD_ADMINISTRATOR "administrator"

/* arpd is zeroed but for path, base and conf, which it takes over. Takes over what an earlier run left, publishes what the
 * configuration says, and follows the kernel. 0 or -errno; close it in every case. */
int arpd_open(struct arpd *arpd);
void arpd_close(struct arpd *arpd);

/* Reads the configuration again; with an error in it nothing changes. */
void arpd_reload(struct arpd *arpd);

/* Something may be different: look at everything, soon. */
void arpd_look_soon(struct arpd *arpd);

/* Publishes every address of a prefix for a holder, or none. NULL, or why one is refused. */
const char *arpd_publish_prefix(struct arpd *arpd, struct holder *holder, const struct ip_prefix *prefix, const char *const lans[],
				size_t count);
/* Withdraws what this holder has of it on these LANs, or with count 0 on all. */
void arpd_withdraw_prefix(struct arpd *arpd, struct holder *holder, const struct ip_prefix *prefix, const char *const lans[], size_t count);

#endif
