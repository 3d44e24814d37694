/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* From root to an ordinary user with a few capabilities. */

#ifndef LIB_PRIVILEGE_H
#define LIB_PRIVILEGE_H

#include <sys/types.h>

/* Looks the user up. 0 or -ENOENT. */
int privilege_find_user(const char *user, uid_t *uid, gid_t *gid);

/* Becomes that user, keeping only these capabilities (CAP_…, ended by -1), with no way back and none for children.
 * When not root: checks that the capabilities are there and drops the others. 0 or -errno, -EPERM if one is missing. */
int privilege_drop(uid_t uid, gid_t gid, const int *capabilities);

#endif
