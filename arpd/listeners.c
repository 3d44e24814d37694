/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "arpd/listeners.h"

#include <errno.h>

#include "arpd/conflict.h"
#include "lib/ip.h"

int listeners_add(struct listeners *listeners, struct varlink_call *call)
{
	if (listeners->count == LISTENERS_MAX)
		return -ENOSPC;
	listeners->calls[listeners->count++] = call;
	return 0;
}

void listeners_del(struct listeners *listeners, const struct varlink_connection *connection)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < listeners->count; i++)
		if (varlink_call_connection(listeners->calls[i]) != connection)
			listeners->calls[kept++] = listeners->calls[i];
	listeners->count = kept;
}

void listeners_tell(struct listeners *listeners, const char *what, const struct in6_addr *address, const char *interface,
		    const unsigned char mac[ETH_ALEN])
{
	char text[IP_TEXT_MAX], mac_buffer[MAC_TEXT_MAX];

	for (unsigned i = 0; i < listeners->count; i++)
		varlink_reply_continues(listeners->calls[i],
					json_pack("{s:{s:s, s:s?, s:s?, s:s}}", "event", "address", ip_text(address, text), "interface",
						  interface, "mac", mac ? mac_text(mac, mac_buffer) : NULL, "what", what));
}
