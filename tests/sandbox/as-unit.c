/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Runs a program as its systemd unit says, without systemd: so the tests see what a daemon cannot do when it is installed. The unit is
 * read, and a line of it that this program does not know is an error. doc/testing.md says what it cannot apply. */

#include "config.h"

#include <cap-ng.h>
#include <err.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "tests/sandbox/as-unit.h"

/* TEXT is applied with its value, FLAG must be yes, ABSENT is nothing that one process could have: the service manager's own business, folders
 * (the tests bring theirs), and what cgroups do. */
enum kind { TEXT, FLAG, ABSENT };

static struct setting {
	const char *key;
	enum kind kind;
	char *value;	/* NULL: not in the unit; several lines one after the other */
} settings[] = {
	{ "Type", ABSENT, NULL },
	{ "Sockets", ABSENT, NULL },
	{ "ExecStart", ABSENT, NULL },
	{ "ExecReload", ABSENT, NULL },
	{ "Restart", ABSENT, NULL },
	{ "RestartSec", ABSENT, NULL },
	{ "RestartPreventExitStatus", ABSENT, NULL },
	{ "WatchdogSec", ABSENT, NULL },
	{ "RuntimeDirectory", ABSENT, NULL },
	{ "RuntimeDirectoryMode", ABSENT, NULL },
	{ "RuntimeDirectoryPreserve", ABSENT, NULL },
	{ "StateDirectory", ABSENT, NULL },
	{ "StateDirectoryMode", ABSENT, NULL },
	{ "DevicePolicy", ABSENT, NULL },
	{ "IPAddressDeny", ABSENT, NULL },
	{ "RemoveIPC", ABSENT, NULL },
	{ "User", TEXT, NULL },
	{ "Group", TEXT, NULL },
	{ "AmbientCapabilities", TEXT, NULL },
	{ "CapabilityBoundingSet", TEXT, NULL },
	{ "UMask", TEXT, NULL },
	{ "LimitNOFILE", TEXT, NULL },
	{ "ProtectSystem", TEXT, NULL },
	{ "ProtectProc", TEXT, NULL },
	{ "RestrictAddressFamilies", TEXT, NULL },
	{ "SystemCallArchitectures", TEXT, NULL },
	{ "SystemCallFilter", TEXT, NULL },
	{ "SystemCallErrorNumber", TEXT, NULL },
	{ "NoNewPrivileges", FLAG, NULL },
	{ "ProtectHome", FLAG, NULL },
	{ "PrivateTmp", FLAG, NULL },
	{ "PrivateMounts", FLAG, NULL },
	{ "PrivateDevices", FLAG, NULL },
	{ "ProtectClock", FLAG, NULL },
	{ "ProtectControlGroups", FLAG, NULL },
	{ "ProtectHostname", FLAG, NULL },
	{ "ProtectKernelLogs", FLAG, NULL },
	{ "ProtectKernelModules", FLAG, NULL },
	{ "ProtectKernelTunables", FLAG, NULL },
	{ "RestrictNamespaces", FLAG, NULL },
	{ "LockPersonality", FLAG, NULL },
	{ "MemoryDenyWriteExecute", FLAG, NULL },
	{ "RestrictRealtime", FLAG, NULL },
	{ "RestrictSUIDSGID", FLAG, NULL },
	{ NULL, TEXT, NULL },
};

static struct setting *find(const char *key)
{
	struct setting *setting = settings;

	while (setting->key && strcmp(setting->key, key) != 0)
		setting++;
	return setting->key ? setting : NULL;
}

const char *unit_text(const char *key)
{
	return find(key)->value;
}

const char *unit_need(const char *key)
{
	const char *value = unit_text(key);

	if (!value)
		errx(EX_CONFIG, "the unit has no %s=, and without it this program does not know what to do", key);
	return value;
}

bool unit_has(const char *key)
{
	return unit_text(key) != NULL;
}

static void take_line(const char *path, unsigned number, char *line)
{
	char *value = strchr(line, '=');
	struct setting *setting;
	char *before;

	if (!value)
		errx(EX_CONFIG, "%s:%u: no key: %s", path, number, line);
	*value++ = '\0';
	setting = find(line);
	if (!setting)
		errx(EX_CONFIG, "%s:%u: %s= is not known: it must be applied, or listed as what cannot be", path, number, line);
	if (setting->kind == FLAG && strcmp(value, "yes") != 0)
		errx(EX_CONFIG, "%s:%u: %s=%s is not known, only yes is", path, number, line, value);
	before = setting->value;
	if (asprintf(&setting->value, "%s%s%s", before ? before : "", before ? "\n" : "", value) < 0)
		errx(EX_OSERR, "no memory");
	free(before);
}

/* The section Service of a unit. Only what our units have of the syntax. */
static void read_unit(const char *path)
{
	FILE *file = fopen(path, "re");
	bool is_service = false;
	unsigned number = 0;
	char line[512];

	if (!file)
		err(EX_NOINPUT, "%s", path);
	while (fgets(line, sizeof(line), file)) {
		number++;
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '[')
			is_service = strcmp(line, "[Service]") == 0;
		else if (is_service && line[0] && line[0] != '#')
			take_line(path, number, line);
	}
	fclose(file);
}

static void limit(void)
{
	rlim_t files = strtoul(unit_need("LimitNOFILE"), NULL, 10);
	struct rlimit open_files;

	umask(strtoul(unit_need("UMask"), NULL, 8));
	/* Root in a container may not raise its own limit. */
	if (getrlimit(RLIMIT_NOFILE, &open_files))
		err(EX_OSERR, "LimitNOFILE");
	if (open_files.rlim_max > files)
		open_files.rlim_max = files;
	open_files.rlim_cur = open_files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &open_files))
		err(EX_OSERR, "LimitNOFILE");
}

static void add_capabilities(const char *key, capng_type_t type)
{
	char *names = strdup(unit_need(key)), *name, *next = names;

	while ((name = strsep(&next, " \n"))) {
		int capability = strncmp(name, "CAP_", 4) == 0 ? capng_name_to_capability(name + 4) : -1;

		if (capability < 0)
			errx(EX_CONFIG, "%s=: no such capability: %s", key, name);
		capng_update(CAPNG_ADD, type, capability);
	}
	free(names);
}

static void become_user(void)
{
	const struct passwd *user = getpwnam(unit_need("User"));
	const struct group *group = getgrnam(unit_need("Group"));

	if (!user || !group)
		errx(EX_NOUSER, "no such user or group: %s, %s", unit_text("User"), unit_text("Group"));
	capng_clear(CAPNG_SELECT_ALL);
	add_capabilities("CapabilityBoundingSet", CAPNG_BOUNDING_SET);
	add_capabilities("AmbientCapabilities", CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE | CAPNG_AMBIENT);
	if (initgroups(user->pw_name, group->gr_gid) || prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || capng_apply(CAPNG_SELECT_BOUNDS))
		err(EX_OSERR, "CapabilityBoundingSet");
	if (setresgid(group->gr_gid, group->gr_gid, group->gr_gid) || setresuid(user->pw_uid, user->pw_uid, user->pw_uid))
		err(EX_OSERR, "User");
	if (capng_apply(CAPNG_SELECT_CAPS) || capng_apply(CAPNG_SELECT_AMBIENT))
		err(EX_OSERR, "AmbientCapabilities");
}

int main(int argc, char *argv[])
{
	const char *program;

	if (argc < 4)
		errx(EX_USAGE, "usage: as-unit UNIT FOLDER PROGRAM [ARGUMENT...]\n"
			       "FOLDER stays as it is: the runtime and state folders of the test");
	read_unit(argv[1]);
	unit_need("NoNewPrivileges");
	filter_read_sets();
	limit();
	program = mounts_apply(argv[2], argv[3]);
	become_user();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err(EX_OSERR, "NoNewPrivileges");
	filter_apply();
	execv(program, argv + 3);
	err(EX_UNAVAILABLE, "%s", argv[3]);
}
