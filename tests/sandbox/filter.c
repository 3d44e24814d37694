/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The system calls of a unit, as systemd.exec(5) says: one filter of what single settings deny, one of what SystemCallFilter allows. The sets
 * are systemd's own, as `systemd-analyze syscall-filter` writes them. */

#include "config.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "tests/sandbox/as-unit.h"

/* Of the kernel, not of the C library. */
enum { CALLS_MAX = 1024 };

static scmp_filter_ctx filter;
static bool allowed[CALLS_MAX];
static char sets[64 * 1024];

/* Calls that this machine does not have are no error: the sets are of all machines. */
static int number_of(const char *name)
{
	return seccomp_syscall_resolve_name(name);
}

static void add(int error, int call, unsigned count, const struct scmp_arg_cmp *arguments)
{
	int rc = call < 0 ? 0 : seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(error), call, count, arguments);

	if (rc && rc != -EDOM)
		errx(EX_OSERR, "seccomp: system call %d: %s", call, strerror(-rc));
}

static void deny(const char *name, int error)
{
	add(error, number_of(name), 0, NULL);
}

/* Where (argument & mask) == bits. */
static void deny_bits(const char *name, int error, unsigned argument, unsigned long mask, unsigned long bits)
{
	struct scmp_arg_cmp compare = SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, mask, bits);

	add(error, number_of(name), 1, &compare);
}

static void deny_where(const char *name, int error, unsigned argument, enum scmp_compare how, unsigned long value)
{
	struct scmp_arg_cmp compare = { .arg = argument, .op = how, .datum_a = value };

	add(error, number_of(name), 1, &compare);
}

/* Calls then(name) for each of a set and of the sets in it. */
static void each_of(const char *set, void (*then)(const char *name))
{
	FILE *file = fmemopen(sets, strlen(sets), "r");
	bool is_in = false, is_found = false;
	char line[256];

	if (!file)
		err(EX_OSERR, "fmemopen");
	while (fgets(line, sizeof(line), file)) {
		char *name = line + strspn(line, " ");

		name[strcspn(name, "\n")] = '\0';
		if (name == line)
			is_in = strcmp(name, set) == 0;
		else if (is_in && *name == '@')
			each_of(name, then);
		else if (is_in && *name && *name != '#')
			then(name);
		is_found |= is_in;
	}
	fclose(file);
	if (!is_found)
		errx(EX_CONFIG, "%s: no such set: %s", SYSCALL_SETS, set);
}

static void deny_it(const char *name)
{
	deny(name, EPERM);
}

static void allow_it(const char *name)
{
	int call = number_of(name);

	if (call >= 0 && call < CALLS_MAX)
		allowed[call] = true;
}

static void forbid_it(const char *name)
{
	int call = number_of(name);

	if (call >= 0 && call < CALLS_MAX)
		allowed[call] = false;
}

static void restrict_namespaces(void)
{
	static const unsigned long kinds[] = { CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET };

	/* Its flags are in memory; the C library goes on with clone. */
	deny("clone3", ENOSYS);
	deny("setns", EPERM);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		deny_bits("unshare", EPERM, 0, kinds[i], kinds[i]);
		deny_bits("clone", EPERM, 0, kinds[i], kinds[i]);
	}
}

static void restrict_memory(void)
{
	deny_bits("mmap", EPERM, 2, PROT_EXEC | PROT_WRITE, PROT_EXEC | PROT_WRITE);
	deny_bits("mprotect", EPERM, 2, PROT_EXEC, PROT_EXEC);
	deny_bits("pkey_mprotect", EPERM, 2, PROT_EXEC, PROT_EXEC);
	deny_bits("shmat", EPERM, 2, SHM_EXEC, SHM_EXEC);
}

static void restrict_suid_sgid(void)
{
	static const struct {
		const char *name;
		unsigned argument;
	} modes[] = { { "chmod", 1 }, { "fchmod", 1 }, { "fchmodat", 2 }, { "fchmodat2", 2 }, { "mkdir", 1 }, { "mkdirat", 2 },
		      { "mknod", 1 }, { "mknodat", 2 }, { "creat", 1 } };
	static const struct {
		const char *name;
		unsigned argument;	/* the flags; the mode is the next */
	} opens[] = { { "open", 1 }, { "openat", 2 } };
	static const unsigned long bits[] = { S_ISUID, S_ISGID }, makes[] = { O_CREAT, __O_TMPFILE };

	deny("openat2", ENOSYS);
	for (size_t bit = 0; bit < 2; bit++) {
		for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
			deny_bits(modes[i].name, EPERM, modes[i].argument, bits[bit], bits[bit]);
		for (size_t i = 0; i < 2 * 2; i++) {
			struct scmp_arg_cmp both[] = {
				SCMP_CMP64(opens[i / 2].argument, SCMP_CMP_MASKED_EQ, makes[i % 2], makes[i % 2]),
				SCMP_CMP64(opens[i / 2].argument + 1, SCMP_CMP_MASKED_EQ, bits[bit], bits[bit]),
			};

			add(EPERM, number_of(opens[i / 2].name), 2, both);
		}
	}
}

static void restrict_realtime(void)
{
	static const int policies[] = { SCHED_FIFO, SCHED_RR, 6 /* SCHED_DEADLINE */ };

	for (size_t i = 0; i < sizeof(policies) / sizeof(*policies); i++)
		deny_where("sched_setscheduler", EPERM, 1, SCMP_CMP_EQ, policies[i]);
	deny_where("sched_setscheduler", EPERM, 1, SCMP_CMP_GT, 6);
	/* Its policy is in memory. */
	deny("sched_setattr", EPERM);
}

static void lock_personality(void)
{
	int now = personality(0xffffffff);

	deny_where("personality", EPERM, 0, SCMP_CMP_NE, (unsigned)now);
}

static int family_of(const char *name)
{
	if (strcmp(name, "AF_UNIX") == 0)
		return AF_UNIX;
	if (strcmp(name, "AF_NETLINK") == 0)
		return AF_NETLINK;
	if (strcmp(name, "AF_PACKET") == 0)
		return AF_PACKET;
	errx(EX_CONFIG, "RestrictAddressFamilies=: not known: %s", name);
}

static void restrict_families(void)
{
	char *names = strdup(unit_need("RestrictAddressFamilies")), *name, *next = names;
	bool may[AF_MAX] = { false };

	while ((name = strsep(&next, " \n")))
		may[family_of(name)] = true;
	for (int family = 0; family < AF_MAX; family++)
		if (!may[family])
			deny_where("socket", EAFNOSUPPORT, 0, SCMP_CMP_EQ, family);
	deny_where("socket", EAFNOSUPPORT, 0, SCMP_CMP_GE, AF_MAX);
	free(names);
}

static void begin(uint32_t otherwise)
{
	/* SystemCallArchitectures=native: a filter is of this architecture alone, and ends whoever comes by another. */
	if (strcmp(unit_need("SystemCallArchitectures"), "native") != 0)
		errx(EX_CONFIG, "SystemCallArchitectures= is not known but for native");
	filter = seccomp_init(otherwise);
	if (!filter)
		errx(EX_OSERR, "seccomp_init");
}

static void load(void)
{
	int rc = seccomp_load(filter);

	if (rc)
		errx(EX_OSERR, "seccomp_load: %s", strerror(-rc));
	seccomp_release(filter);
}

static void deny_what_settings_say(void)
{
	if (unit_has("RestrictNamespaces"))
		restrict_namespaces();
	if (unit_has("MemoryDenyWriteExecute"))
		restrict_memory();
	if (unit_has("RestrictSUIDSGID"))
		restrict_suid_sgid();
	if (unit_has("RestrictRealtime"))
		restrict_realtime();
	if (unit_has("LockPersonality"))
		lock_personality();
	if (unit_has("RestrictAddressFamilies"))
		restrict_families();
	if (unit_has("ProtectClock"))
		each_of("@clock", deny_it);
	if (unit_has("ProtectKernelModules"))
		each_of("@module", deny_it);
	if (unit_has("PrivateDevices"))
		each_of("@raw-io", deny_it);
	if (unit_has("ProtectKernelLogs"))
		deny("syslog", EPERM);
	if (unit_has("ProtectHostname")) {
		deny("sethostname", EPERM);
		deny("setdomainname", EPERM);
	}
}

/* The first line says whether it is a list of what is allowed; ours are. */
static void allow_what_is_listed(void)
{
	char *lines = strdup(unit_need("SystemCallFilter")), *line, *next_line = lines, *name;

	if (*lines == '~')
		errx(EX_CONFIG, "SystemCallFilter= is not known but as a list of what is allowed");
	each_of("@default", allow_it);
	while ((line = strsep(&next_line, "\n"))) {
		void (*then)(const char *name) = *line == '~' ? forbid_it : allow_it;

		line += *line == '~';
		while ((name = strsep(&line, " "))) {
			if (*name == '@')
				each_of(name, then);
			else if (strchr(name, ':') || number_of(name) == __NR_SCMP_ERROR)
				errx(EX_CONFIG, "SystemCallFilter=: not known: %s", name);
			else
				then(name);
		}
	}
	free(lines);
}

void filter_read_sets(void)
{
	FILE *file = fopen(SYSCALL_SETS, "re");
	size_t length = file ? fread(sets, 1, sizeof(sets) - 1, file) : 0;

	if (!length)
		errx(EX_NOINPUT, "%s: cannot be read, or empty\nhint: is systemd-analyze there?", SYSCALL_SETS);
	fclose(file);
}

void filter_apply(void)
{
	begin(SCMP_ACT_ALLOW);
	deny_what_settings_say();
	load();
	if (strcmp(unit_need("SystemCallErrorNumber"), "EPERM") != 0)
		errx(EX_CONFIG, "SystemCallErrorNumber= is not known but for EPERM");
	allow_what_is_listed();
	begin(SCMP_ACT_ERRNO(EPERM));
	for (int call = 0; call < CALLS_MAX; call++)
		if (allowed[call] && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0))
			errx(EX_OSERR, "seccomp: system call %d", call);
	load();
}
