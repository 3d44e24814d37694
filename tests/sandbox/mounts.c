/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The mount namespace of a unit: ProtectSystem=strict and what goes with it. What stays is taken as a copy of its mount first, and put where it
 * was when everything else has been covered. */

#include "config.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sysexits.h>
#include <unistd.h>

#include "tests/sandbox/as-unit.h"

static void mount_over(const char *path, const char *type, unsigned long flags, const char *options)
{
	if (mount(type, path, type, flags, options) && errno != ENOENT)
		err(EX_OSERR, "cannot mount %s on %s", type, path);
}

static void make_read_only(const char *path, bool is_deep)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };

	if (mount_setattr(AT_FDCWD, path, is_deep ? AT_RECURSIVE : 0, &attributes, sizeof(attributes)))
		err(EX_OSERR, "cannot make %s read-only", path);
}

/* Nobody looks into it, and root only sees that it is empty. */
static void hide_folder(const char *path)
{
	mount_over(path, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=000,nr_inodes=2");
}

static void hide_file(const char *path)
{
	if (access(path, F_OK))
		return;
	if (mount("/tmp/.hidden", path, NULL, MS_BIND, NULL))
		err(EX_OSERR, "cannot hide %s", path);
	make_read_only(path, false);
}

static void lock_path(const char *path)
{
	if (access(path, F_OK))
		return;
	if (mount(path, path, NULL, MS_BIND | MS_REC, NULL))
		err(EX_OSERR, "cannot bind %s", path);
	make_read_only(path, true);
}

static void make_private_tmp(void)
{
	unit_need("PrivateTmp");
	mount_over("/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
	mount_over("/var/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
	if (mknod("/tmp/.hidden", S_IFREG, 0))
		err(EX_OSERR, "/tmp/.hidden");
}

static void make_proc(void)
{
	static const char *const tunables[] = { "/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs", "/proc/acpi",
						"/proc/scsi", "/proc/mtrr", "/proc/latency_stats", "/proc/timer_stats", "/proc/apm" };
	char options[64];

	snprintf(options, sizeof(options), "hidepid=%s", unit_need("ProtectProc"));
	mount_over("/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, options);
	unit_need("ProtectKernelTunables");
	for (size_t i = 0; i < sizeof(tunables) / sizeof(*tunables); i++)
		lock_path(tunables[i]);
	hide_file("/proc/kallsyms");
	hide_file("/proc/kcore");
	unit_need("ProtectKernelLogs");
	hide_file("/proc/kmsg");
}

static void make_device(const char *name, unsigned minor_number)
{
	char path[PATH_MAX];
	mode_t mask = umask(0);

	snprintf(path, sizeof(path), "/dev/%s", name);
	if (mknod(path, S_IFCHR | 0666, makedev(1, minor_number)))
		err(EX_OSERR, "%s", path);
	umask(mask);
}

static void make_devices(void)
{
	unit_need("PrivateDevices");
	mount_over("/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755");
	make_device("null", 3);
	make_device("zero", 5);
	make_device("full", 7);
	make_device("random", 8);
	make_device("urandom", 9);
	make_read_only("/dev", false);
}

/* A copy of the mount as it is now. */
static int take(const char *path, bool is_read_only)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };
	int fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (fd < 0)
		err(EX_NOINPUT, "%s", path);
	if (is_read_only && mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof(attributes)))
		err(EX_OSERR, "%s", path);
	return fd;
}

static void put(int fd, const char *path)
{
	if (move_mount(fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH))
		err(EX_OSERR, "cannot keep %s", path);
	close(fd);
}

/* The folders that lead there were covered, perhaps. */
static void make_way(const char *path)
{
	char part[PATH_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		mkdir(part, 0755);
	}
	mkdir(path, 0755);
}

/* The program is found in the private /tmp, since the folder that it was built in may be in a home. */
const char *mounts_apply(const char *folder, const char *program)
{
	static char place[PATH_MAX];
	const char *name = strrchr(program, '/');
	char *kept_path = realpath(folder, NULL);
	mode_t mask = umask(022);
	int kept, kept_program;

	if (!kept_path || strcmp(kept_path, "/") == 0)
		errx(EX_USAGE, "no folder: %s", folder);
	unit_need("PrivateMounts");
	unit_need("ProtectHostname");
	if (unshare(CLONE_NEWNS | CLONE_NEWUTS) || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL))
		err(EX_OSERR, "PrivateMounts");
	kept = take(kept_path, false);
	kept_program = take(program, true);
	if (strcmp(unit_need("ProtectSystem"), "strict") != 0)
		errx(EX_CONFIG, "ProtectSystem= is not known but for strict");
	/* And so is /sys, of ProtectKernelTunables and ProtectControlGroups. */
	unit_need("ProtectControlGroups");
	make_read_only("/", true);
	unit_need("ProtectHome");
	hide_folder("/home");
	hide_folder("/root");
	hide_folder("/run/user");
	unit_need("ProtectKernelModules");
	hide_folder("/usr/lib/modules");
	make_private_tmp();
	make_proc();
	make_devices();
	make_way(kept_path);
	put(kept, kept_path);
	snprintf(place, sizeof(place), "/tmp/%s", name ? name + 1 : program);
	if (mknod(place, S_IFREG | 0755, 0))
		err(EX_OSERR, "%s", place);
	put(kept_program, place);
	umask(mask);
	/* The working directory is of before. */
	if (chdir(kept_path))
		err(EX_OSERR, "%s", kept_path);
	free(kept_path);
	return place;
}
