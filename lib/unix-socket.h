/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A Unix stream socket that one daemon at a time listens on, and who connects to it. */

#ifndef LIB_UNIX_SOCKET_H
#define LIB_UNIX_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

struct unix_socket {
	int fd;		/* listens; non-blocking, close-on-exec */
	int lock_fd;
	bool is_given;	/* the service manager's, who keeps it while nobody reads: not to be unlinked */
};

/* Listens at path (mode 0666), in a folder that is made if it is not there; folder and lock belong to user uid. Whoever
 * listens holds the lock file beside it, so nobody takes a living daemon's socket away, and a killed one's is replaced. A
 * socket that the service manager listens on already (sd_listen_fds(3)) is taken instead of making one. 0 or -errno:
 * -EADDRINUSE if another process holds the lock, -EBUSY if somebody listens there without it; of what the service manager gave
 * -E2BIG if it is more than one, -ENOTSOCK if it is no listening Unix stream socket, -EADDRNOTAVAIL if it is at another path. */
int unix_socket_listen(struct unix_socket *sock, const char *path, uid_t uid, gid_t gid);

/* Logs why that failed, and what to do; returns what to exit with (sysexits.h), in_use where another instance holds the lock. */
int unix_socket_report(int rc, const char *path, const char *program, int in_use);

enum unix_peer {
	UNIX_PEER_STRANGER,
	UNIX_PEER_FRIEND,	/* this process's user, or a member of the group */
	UNIX_PEER_ROOT,
};

/* Who is at the other end, by the credentials it connected with (SO_PEERCRED, SO_PEERGROUPS). group may be NULL. */
enum unix_peer unix_socket_peer(int fd, const gid_t *group);

#endif
