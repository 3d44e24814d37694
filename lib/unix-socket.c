/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* unix(7) */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/notify.h"
#include "lib/unix-socket.h"

enum {
	GROUPS_MAX = 64,	/* whoever is in more counts as a stranger */
	LEAVING_TRIES = 20,	/* of 10 ms, for a killed daemon whose lock is free already and whose socket is not */
};

static int make_folder(const char *path, uid_t uid, gid_t gid)
{
	char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	int rc = folder ? 0 : -ENOMEM;

	if (slash && slash != folder) {
		*slash = '\0';
		if (mkdir(folder, 0755))
			rc = errno == EEXIST ? 0 : -errno;
		/* An ordinary user's is its own, and its unit forbids chown even so. */
		else if (geteuid() == 0 && chown(folder, uid, gid))
			rc = -errno;
	}
	free(folder);
	return rc;
}

/* A lock and not the socket itself, because a killed process leaves the socket's file but not the lock. */
static int take_lock(const char *path, uid_t uid, gid_t gid)
{
	char *lock;
	int fd, rc = 0;

	if (asprintf(&lock, "%s.lock", path) < 0)
		return -ENOMEM;
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	free(lock);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB))
		rc = errno == EWOULDBLOCK ? -EADDRINUSE : -errno;
	/* The next one may be started as that user. */
	else if (geteuid() == 0 && fchown(fd, uid, gid))
		rc = -errno;
	if (rc)
		close(fd);
	return rc ? rc : fd;
}

/* The service manager takes no lock. */
static bool is_listened_at(const struct sockaddr_un *sun)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool is_listened = fd >= 0 && (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0 || errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return is_listened;
}

static int make_socket(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, rc;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	strcpy(sun.sun_path, path);
	for (int tries = 0; is_listened_at(&sun); tries++) {
		if (tries == LEAVING_TRIES)
			return -EBUSY;
		usleep(10 * 1000);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	unlink(path);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) || chmod(path, 0666) || listen(fd, 1024)) {
		rc = -errno;
		close(fd);
		return rc;
	}
	return fd;
}

int unix_socket_listen(struct unix_socket *sock, const char *path, uid_t uid, gid_t gid)
{
	int rc = make_folder(path, uid, gid);

	*sock = (struct unix_socket){ .fd = -1, .lock_fd = -1 };
	if (rc)
		return rc;
	sock->lock_fd = take_lock(path, uid, gid);
	if (sock->lock_fd < 0)
		return sock->lock_fd;
	sock->fd = notify_take_socket(path);
	sock->is_given = sock->fd >= 0;
	if (sock->fd == -ENOENT)
		sock->fd = make_socket(path);
	if (sock->fd >= 0)
		return 0;
	close(sock->lock_fd);
	return sock->fd;
}

int unix_socket_report(int rc, const char *path, const char *program, int in_use)
{
	switch (rc) {
	case -EADDRINUSE:
		log_error("cannot listen: %s: another %s is running", path, program);
		return in_use;
	case -EBUSY:
		log_error("cannot listen: %s: somebody else does, as the service manager for %s.socket", path, program);
		log_error("hint: systemctl stop %s.socket %s.service", program, program);
		return EX_TEMPFAIL;
	case -E2BIG:
		log_error("cannot listen: %s: the service manager gave more than one socket", path);
		log_error("hint: systemctl cat %s.socket", program);
		return EX_CONFIG;
	case -ENOTSOCK:
		log_error("cannot listen: %s: what the service manager gave is no listening Unix stream socket", path);
		log_error("hint: systemctl cat %s.socket", program);
		return EX_CONFIG;
	case -EADDRNOTAVAIL:
		log_error("cannot listen: %s: the service manager's socket is at another path", path);
		log_error("hint: systemctl edit %s.socket, with an empty ListenStream= and then ListenStream=%s", program, path);
		return EX_CONFIG;
	}
	log_error("cannot listen: %s: %s", path, strerror(-rc));
	return EX_OSERR;
}

enum unix_peer unix_socket_peer(int fd, const gid_t *group)
{
	struct ucred cred = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(cred);
	gid_t groups[GROUPS_MAX];

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return UNIX_PEER_STRANGER;
	if (cred.uid == 0)
		return UNIX_PEER_ROOT;
	if (cred.uid == geteuid() || (group && cred.gid == *group))
		return UNIX_PEER_FRIEND;
	len = sizeof(groups);
	if (!group || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len))
		return UNIX_PEER_STRANGER;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++)
		if (groups[i] == *group)
			return UNIX_PEER_FRIEND;
	return UNIX_PEER_STRANGER;
}
