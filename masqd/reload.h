/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Another configuration for a gateway that is running. */

#ifndef MASQD_RELOAD_H
#define MASQD_RELOAD_H

#include "masqd/gateway.h"

/* The longest time to wait for a confirmation, in seconds. */
enum { RELOAD_CONFIRM_MAX = 24 * 3600 };

/* Reads the configuration again and puts it in force: all rules in one transaction, then what changes for the sessions in another;
 * sessions that have no policy any more end. With confirm_sec (0: none) the old one is put back after so many seconds, unless
 * reload_confirm comes before that. 0 with the number of sessions that changed; -EBADMSG with every error in file (which the caller
 * closes in every case); -EBUSY while another one waits to be confirmed; or another -errno, logged. Then nothing has changed. */
int reload(struct gateway *gw, struct conffile *file, unsigned confirm_sec, unsigned *changed);

/* The configuration in force stays. -ENOENT if nothing waits to be confirmed. */
int reload_confirm(struct gateway *gw);

/* Puts the one before it back now. -ENOENT if nothing waits to be confirmed; another -errno, logged, if the kernel does not take it:
 * then the new one stays. */
int reload_rollback(struct gateway *gw, unsigned *changed);

/* What a reload would change for the sessions, told key by key; was and becomes are as in the configuration. key is "policy" where
 * another one is chosen, and "session" with the reason as becomes where the session would end. Errors as of reload. */
struct reload_differences {
	void (*tell)(void *ctx, const struct session *s, const char *key, const char *was, const char *becomes);
	void *ctx;
};
int reload_diff(struct gateway *gw, struct conffile *file, const struct reload_differences *differences);

/* Ends what waits, when the gateway closes. */
void reload_close(struct gateway *gw);

#endif
