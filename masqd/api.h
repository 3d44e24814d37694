/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The control API, org.masqgate.Gateway: the way in for the pppd plugin and for masqctl. */

#ifndef MASQD_API_H
#define MASQD_API_H

#include <event2/event.h>
#include <sys/types.h>

#include "masqd/gateway.h"

struct api;

/* Listens on the configured socket, for user uid. description: the interface's .varlink text. 0, or -errno that
 * unix_socket_report has words for. Calls that come in before the gateway is open wait in the socket. */
int api_open(struct api **api, struct event_base *base, struct gateway *gw, const char *socket, const char *description, uid_t uid,
	     gid_t gid);

/* Ends the event loop, as soon as those have their answers who wait for one (lib/varlink-server.h). */
void api_finish(struct api *api);

/* Closes the connections; the sessions on them go on. */
void api_close(struct api *api);

#endif
