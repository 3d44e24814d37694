/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A Unix stream socket that one daemon at a time listens on, and who connects to it. */

#ifndef LIB_UNIX_SOCKET_H
#define LIB_UNIX_SOCKET_H

#include <sys/types.h>

/* Listens at path (mode 0666), in a folder that is made if it is not there; folder and lock belong to user uid. Whoever
 * listens holds the lock file beside it, so nobody takes a living daemon's socket away, and a killed one's is replaced. 0 with
 * both descriptors (non-blocking, close-on-exec), or -errno: -EADDRINUSE if another process holds the lock. */
int unix_socket_listen(const char *path, uid_t uid, gid_t gid, int *fd, int *lock_fd);

enum unix_peer {
	UNIX_PEER_STRANGER,
	UNIX_PEER_FRIEND,	/* this process's user, or a member of the group */
	UNIX_PEER_ROOT,
};

/* Who is at the other end, by the credentials it connected with (SO_PEERCRED, SO_PEERGROUPS). group may be NULL. */
enum unix_peer unix_socket_peer(int fd, const gid_t *group);

#endif
