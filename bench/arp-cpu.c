/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* /proc/PID/schedstat has nanoseconds, /proc/PID/stat only ticks. */

#include "config.h"

#include "bench/arp-cpu.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/measure.h"

enum { CPUS_MAX = 1024 };

static uint64_t process_ns(pid_t pid)
{
	char path[64];
	uint64_t ns = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%" SCNu64, &ns) != 1)
		fail(path);
	fclose(file);
	return ns;
}

static int is_ksoftirqd(const char *pid)
{
	char path[300], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (!fgets(name, sizeof(name), file))
		name[0] = '\0';
	fclose(file);
	return !strncmp(name, "ksoftirqd/", 10);
}

static unsigned find_ksoftirqd(pid_t found[CPUS_MAX])
{
	DIR *dir = opendir("/proc");
	unsigned count = 0;
	struct dirent *entry;

	if (!dir)
		fail("/proc");
	while (count < CPUS_MAX && (entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && is_ksoftirqd(entry->d_name))
			found[count++] = atoi(entry->d_name);
	closedir(dir);
	return count;
}

void cpu_time_read(struct cpu_time *time, pid_t responder)
{
	static pid_t ksoftirqd[CPUS_MAX];
	static unsigned count;
	struct timespec own;

	if (!count)
		count = find_ksoftirqd(ksoftirqd);
	time->softirq_ns = 0;
	for (unsigned i = 0; i < count; i++)
		time->softirq_ns += process_ns(ksoftirqd[i]);
	time->responder_ns = responder ? process_ns(responder) : 0;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &own);
	time->sender_ns = (uint64_t)own.tv_sec * 1000000000 + (uint64_t)own.tv_nsec;
}
