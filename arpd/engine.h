/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What answers for IPv4 addresses: the kernel's proxy neighbours, or the responder. The choice is for all, but a LAN that the
 * responder cannot be attached to, and an address that it has no room for, stay the kernel's. No change of engines leaves an
 * address unanswered for a moment. */

#ifndef ARPD_ENGINE_H
#define ARPD_ENGINE_H

#include "arpd/publisher.h"

/* Takes the engine that the configuration and the number of addresses ask for. */
void engine_choose(struct publisher *publisher);
/* Whoever wanted something published has said so since the start: what an earlier run's responder answers for can go. */
void engine_settle(struct publisher *publisher);

/* The responder answers for an entry from now on. False: it is the kernel's. */
bool engine_install(struct publisher *publisher, struct entry *entry);
void engine_uninstall(struct publisher *publisher, struct entry *entry);

/* Is the responder where it should be on a LAN? Puts it there, with the LAN's address; if that cannot be, the kernel answers.
 * is_new: the LAN has another address. False: somebody had removed it. */
bool engine_check(struct publisher *publisher, struct lan *lan, bool is_new);
/* The LAN's interface, which had this index, is gone, or nothing is published there any more. */
void engine_forget(struct publisher *publisher, struct lan *lan, int interface);

#endif
