/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Sessions that are opened and closed by a script of pppd's, and commands that list. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/programming-actions.h"
#include "bench/measure.h"

extern char **environ;

/* Milliseconds until it ends, which must be well. */
static double run(char *const arguments[], char *const environment[])
{
	uint64_t start = now_ns();
	posix_spawn_file_actions_t files;
	int status, rc;
	pid_t pid;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	rc = posix_spawnp(&pid, arguments[0], &files, NULL, arguments, environment);
	posix_spawn_file_actions_destroy(&files);
	if (rc) {
		errno = rc;
		fail(arguments[0]);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "programming-load: %s failed\n", arguments[0]);
		exit(1);
	}
	return (double)(now_ns() - start) / 1e6;
}

/* pppd(8), SCRIPTS: interface, tty, speed, both addresses, ipparam. Its index is told as well, since there is no such interface. */
static double run_script(char *script, const struct grant *grant)
{
	char ifname[32], address[INET_ADDRSTRLEN], index[32];
	char *arguments[] = { script, ifname, "/dev/ttyS0", "115200", "192.168.0.1", address, "", NULL };
	char *environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", index, NULL };

	snprintf(ifname, sizeof(ifname), "ppp%u", grant->ifindex - SESSIONS_FIRST_IFINDEX);
	snprintf(index, sizeof(index), "IFINDEX=%u", grant->ifindex);
	inet_ntop(AF_INET, &grant->address.address, address, sizeof(address));
	return run(arguments, environment);
}

void action_scripts(struct sessions *sessions, char *arguments[])
{
	unsigned first = (unsigned)number(arguments[0]), count = (unsigned)number(arguments[1]);
	double *open_us = calloc(count, sizeof(*open_us)), *close_us = calloc(count, sizeof(*close_us));
	struct spread open, close;
	struct programmed made;

	if (!count || !open_us || !close_us)
		fail("times");
	for (unsigned i = 0; i < count; i++) {
		sessions_make(sessions, SESSION_PPP, first + i, &made);
		open_us[i] = 1000 * run_script(arguments[2], &made.grant);
		close_us[i] = 1000 * run_script(arguments[3], &made.grant);
	}
	open = spread_of(open_us, count);
	close = spread_of(close_us, count);
	printf("open_us=%.1f open_p99_us=%.1f close_us=%.1f close_p99_us=%.1f\n", open.median, open.p99, close.median, close.p99);
	free(open_us);
	free(close_us);
}

void action_run(struct sessions *sessions, char *arguments[])
{
	unsigned times = (unsigned)number(arguments[0]);
	double *ms = calloc(times, sizeof(*ms));
	struct spread spread;

	(void)sessions;
	if (!times || !ms)
		fail("times");
	for (unsigned i = 0; i < times; i++)
		ms[i] = run(arguments + 1, environ);
	spread = spread_of(ms, times);
	printf("ms=%.3f max_ms=%.3f\n", spread.median, spread.max);
	free(ms);
}
