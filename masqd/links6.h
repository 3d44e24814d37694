/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The IPv6 addresses of the kernel's interfaces, as far as anybody else can use them: not the link-local ones. */

#ifndef MASQD_LINKS6_H
#define MASQD_LINKS6_H

#include <linux/netlink.h>

#include "masqd/links.h"

/* Takes over what a message (RTM_NEWADDR, RTM_DELADDR) says of this interface. Did that change anything? */
bool links6_note(struct link *link, struct nlmsghdr *header);

/* The interface that has this address as its own; NULL if none has. */
const struct link *links6_find_own(const struct links *links, const struct in6_addr *address);

/* Is the address in a network of this interface's own addresses? */
bool links6_reaches(const struct link *link, const struct in6_addr *address);

#endif
