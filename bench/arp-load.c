/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What bench/arp measures with: one figure a call, printed as NAME=NUMBER in one line. Runs in the LAN's network namespace. */

#include "config.h"

#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/arp-asker.h"
#include "bench/arp-cpu.h"
#include "bench/arp-publish.h"
#include "bench/measure.h"

/* Addresses are not asked for one after the other; any number of them that has no such divisor is gone through. */
#define STRIDE 7919

#define AGAIN_NS 1000000000

/* How long a flood's answers are looked at. */
#define CHECKED_NS 50000000

static const char usage[] =
	"usage: arp-load INTERFACE ROUTER-MAC FIRST COUNT ACTION [ARGUMENT]...\n"
	"Asks on INTERFACE for COUNT addresses from FIRST on. ACTION:\n"
	"  latency REQUESTS TIMEOUT-MS LIMIT-MS  one at a time, until there were so many or that long\n"
	"  burst WINDOW-MS                       all at once\n"
	"  flood MS RATE PID                     without a break, or so many a second; PID is the responder's, or 0\n"
	"  publish ioctl NETNS LAN               publishes them itself as pppd does, and looks when all are answered\n"
	"  publish varlink SOCKET LAN            the same, by masq-arpd, and stays connected until its input ends\n"
	"  publish signal PID                    the same, by SIGHUP to that process\n"
	"  publish run COMMAND [ARGUMENT]...     the same, by that command\n";

/* Microseconds until that address is answered, or the whole timeout. Asks again each second, as hosts do. Spins at first: a wake-up
 * would be most of it. */
static double answered_after(struct asker *asker, uint32_t index, uint64_t timeout_ns)
{
	struct pollfd ready = { .fd = asker->in, .events = POLLIN };
	uint64_t start = now_ns(), passed = 0, again = 0;

	do {
		long answered;

		if (passed >= again) {
			asker_ask(asker, &index, 1);
			again += AGAIN_NS;
		}
		answered = asker_receive(asker);
		passed = now_ns() - start;
		if (answered == (long)index)
			return (double)passed / 1000;
		if (answered < 0 && passed > 2000000)
			poll(&ready, 1, 1);
	} while (passed < timeout_ns);
	return (double)timeout_ns / 1000;
}

static void latency(struct asker *asker, char *argv[])
{
	unsigned long requests = number(argv[0]), asked = 0, answered = 0;
	uint64_t timeout_ns = number(argv[1]) * 1000000, end = now_ns() + number(argv[2]) * 1000000;
	double *us = calloc(requests, sizeof(*us));
	struct spread spread;

	if (!us || !requests)
		fail("latency");
	for (; asked < requests && now_ns() < end; asked++) {
		us[asked] = answered_after(asker, (uint32_t)(asked * STRIDE % asker->count), timeout_ns);
		answered += us[asked] < (double)timeout_ns / 1000;
	}
	spread = spread_of(us, asked);
	printf("asked=%lu answered=%lu wrong=%lu median_us=%.2f p99_us=%.2f max_us=%.2f\n", asked, answered, asker->wrong, spread.median,
	       spread.p99, spread.max);
	free(us);
}

/* Fills a batch with what is asked for next; *next goes up. */
static void next_batch(const struct asker *asker, uint32_t indices[ASKER_BATCH], uint64_t *next)
{
	for (unsigned i = 0; i < ASKER_BATCH; i++)
		indices[i] = (uint32_t)((*next)++ * STRIDE % asker->count);
}

static void burst(struct asker *asker, char *argv[])
{
	uint64_t start = now_ns(), window_ns = number(argv[0]) * 1000000, last = start, next = 0;
	struct pollfd ready = { .fd = asker->in, .events = POLLIN };
	bool *seen = calloc(asker->count, sizeof(*seen));
	uint32_t indices[ASKER_BATCH], answered = 0;

	if (!seen)
		fail("burst");
	while (next < asker->count) {
		uint32_t rest = asker->count - (uint32_t)next;

		next_batch(asker, indices, &next);
		asker_ask(asker, indices, rest < ASKER_BATCH ? rest : ASKER_BATCH);
	}
	while (answered < asker->count && now_ns() - start < window_ns) {
		long index = asker_receive(asker);

		if (index < 0) {
			poll(&ready, 1, 1);
		} else if (!seen[index]) {
			seen[index] = true;
			answered++;
			last = now_ns();
		}
	}
	printf("asked=%u answered=%u wrong=%lu last_ms=%.3f\n", asker->count, answered, asker->wrong, (double)(last - start) / 1e6);
	free(seen);
}

/* A batch, and when the next one is due if there is a rate. */
static void pace(uint64_t start, uint64_t sent, unsigned long rate)
{
	uint64_t due = start + (rate ? sent * 1000000000 / rate : 0);
	struct timespec at = { .tv_sec = (time_t)(due / 1000000000), .tv_nsec = (long)(due % 1000000000) };

	if (rate)
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

/* Frames that an interface has received. */
static uint64_t received(const char *interface)
{
	char path[100];
	uint64_t frames;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/net/%.15s/statistics/rx_packets", interface);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%" SCNu64, &frames) != 1)
		fail(path);
	fclose(file);
	return frames;
}

/* Waits until nothing has come for a twentieth of a second, and not longer than one. */
static void settle(const char *interface)
{
	uint64_t before, now = received(interface);

	for (int i = 0; i < 20; i++) {
		before = now;
		sleep_us(50000);
		now = received(interface);
		if (now == before)
			break;
	}
}

/* All on one CPU, so that the interrupts' work is done there as well: by this thread or by ksoftirqd. */
static void stay_on_one_cpu(void)
{
	cpu_set_t cpus, one;
	int cpu = CPU_SETSIZE - 1;

	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		fail("affinity");
	while (cpu > 0 && !CPU_ISSET(cpu, &cpus))
		cpu--;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		fail("affinity");
}

struct flood {
	uint64_t sent, received;
	uint64_t elapsed_ns;
};

static struct flood flood_for(struct asker *asker, const char *interface, uint64_t duration_ns, unsigned long rate)
{
	uint64_t received_before = received(interface), start = now_ns();
	uint32_t indices[ASKER_BATCH];
	struct flood done = { 0 };

	do {
		next_batch(asker, indices, &done.sent);
		asker_ask(asker, indices, ASKER_BATCH);
		pace(start, done.sent, rate);
		done.elapsed_ns = now_ns() - start;
	} while (done.elapsed_ns < duration_ns);
	settle(interface);
	done.received = received(interface) - received_before;
	return done;
}

/* A socket that counts right answers costs as much as some ways to answer. So it looks at what is received for a moment first, and
 * then only the interface counts. */
static void flood(struct asker *asker, const char *interface, char *argv[])
{
	uint64_t duration_ns = number(argv[0]) * 1000000;
	unsigned long rate = number(argv[1]);
	pid_t responder = (pid_t)number(argv[2]);
	int counter = asker_counter_open(asker, interface);
	struct cpu_time before, after;
	double right = 0;
	struct flood done;

	close(asker->in);
	stay_on_one_cpu();
	done = flood_for(asker, interface, rate ? duration_ns : CHECKED_NS, rate);
	if (done.received)
		right = asker_counter_read(counter) / (double)done.received;
	close(counter);
	cpu_time_read(&before, responder);
	done = flood_for(asker, interface, duration_ns, rate);
	cpu_time_read(&after, responder);
	printf("asked=%" PRIu64 " answered=%.0f right=%.4f elapsed_ns=%" PRIu64, done.sent, (double)done.received * right, right,
	       done.elapsed_ns);
	printf(" sender_ns=%" PRIu64 " softirq_ns=%" PRIu64 " responder_ns=%" PRIu64 "\n", after.sender_ns - before.sender_ns,
	       after.softirq_ns - before.softirq_ns, after.responder_ns - before.responder_ns);
}

int main(int argc, char *argv[])
{
	struct asker asker = { 0 };
	const char *action = argc > 5 ? argv[5] : "";
	int arguments = argc - 6;

	if (!strcmp(action, "latency") && arguments == 3) {
		asker_open(&asker, argv[1], argv[2], argv[3], argv[4]);
		latency(&asker, argv + 6);
	} else if (!strcmp(action, "burst") && arguments == 1) {
		asker_open(&asker, argv[1], argv[2], argv[3], argv[4]);
		burst(&asker, argv + 6);
	} else if (!strcmp(action, "flood") && arguments == 3) {
		asker_open(&asker, argv[1], argv[2], argv[3], argv[4]);
		flood(&asker, argv[1], argv + 6);
	} else if (!strcmp(action, "publish") && arguments >= 2) {
		asker_open(&asker, argv[1], argv[2], argv[3], argv[4]);
		return publish(&asker, argv + 6);
	} else {
		fputs(usage, stderr);
		return 1;
	}
	return 0;
}
