/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The ways to publish, each timed from its first request until it says that it is done, or until every address is answered if
 * that is later. */

#include "config.h"

#include "bench/arp-publish.h"
#include "bench/measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define GIVE_UP_NS	30000000000ull
/* Of many addresses so many are looked at: at 50 000 an answer takes long. */
#define LOOKED_AT_MAX	1000
/* An answer comes within microseconds, or much later if the machine has other things to do. */
#define PATIENCE_NS	200000
#define QUIET_NS	200000000

struct times {
	uint64_t start, done;
};

/* A socket of another network namespace. */
static int socket_in(const char *name)
{
	char path[300];
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there, fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (here < 0 || there < 0 || setns(there, CLONE_NEWNET))
		fail(path);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setns(here, CLONE_NEWNET))
		fail("back from the network namespace");
	close(here);
	close(there);
	return fd;
}

/* pppd's sifproxyarp(). */
static struct times by_ioctl(const struct asker *asker, char *argv[])
{
	int fd = socket_in(argv[0]);
	struct arpreq request = { .arp_flags = ATF_PERM | ATF_PUBL };
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct times times = { .start = now_ns() };

	memcpy(request.arp_ha.sa_data, asker->router, ETH_ALEN);
	request.arp_ha.sa_family = ARPHRD_ETHER;
	snprintf(request.arp_dev, sizeof(request.arp_dev), "%s", argv[1]);
	for (uint32_t i = 0; i < asker->count; i++) {
		address.sin_addr.s_addr = htonl(asker->first + i);
		memcpy(&request.arp_pa, &address, sizeof(address));
		if (ioctl(fd, SIOCSARP, &request))
			fail("SIOCSARP");
	}
	times.done = now_ns();
	close(fd);
	return times;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		fail(path);
	return fd;
}

/* Takes what has come in; the number of replies that ended in it. One that is an error ends the program. */
static unsigned take_replies(int fd)
{
	static char reply[4096];
	static size_t length;
	char chunk[65536];
	ssize_t received = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT);
	unsigned replies = 0;

	if (received < 0 && errno == EAGAIN)
		return 0;
	if (received <= 0)
		fail("varlink");
	for (ssize_t i = 0; i < received; i++) {
		if (length < sizeof(reply) - 1)
			reply[length++] = chunk[i];
		if (chunk[i])
			continue;
		if (strstr(reply, "\"error\"")) {
			fprintf(stderr, "arp-load: varlink: %s\n", reply);
			exit(1);
		}
		length = 0;
		replies++;
	}
	return replies;
}

/* Writes all of it, reads so many replies meanwhile. */
static void call(int fd, const char *calls, size_t length, unsigned replies)
{
	while (length || replies) {
		struct pollfd ready = { .fd = fd, .events = (short)(POLLIN | (length ? POLLOUT : 0)) };

		if (poll(&ready, 1, 60000) <= 0)
			fail("varlink");
		if (ready.revents & (POLLIN | POLLHUP))
			replies -= take_replies(fd);
		if (ready.revents & POLLOUT) {
			ssize_t sent = send(fd, calls, length, MSG_DONTWAIT | MSG_NOSIGNAL);

			if (sent < 0 && errno != EAGAIN)
				fail("varlink");
			calls += sent > 0 ? sent : 0;
			length -= sent > 0 ? (size_t)sent : 0;
		}
	}
}

static struct times by_varlink(const struct asker *asker, char *argv[], int *connection)
{
	static const char hold[] = "{\"method\":\"org.masqgate.Arp.Hold\",\"parameters\":{\"holder\":\"bench\"}}";
	char *calls = malloc((size_t)asker->count * 200 + 1);
	size_t length = 0;
	struct times times;
	int fd = connect_to(argv[0]);

	if (!calls)
		fail("varlink");
	for (uint32_t i = 0; i < asker->count; i++) {
		struct in_addr address = { htonl(asker->first + i) };

		length += (size_t)snprintf(calls + length, 200,
			"{\"method\":\"org.masqgate.Arp.Publish\",\"parameters\":{\"address\":\"%s\",\"interfaces\":[\"%.15s\"]}}",
			inet_ntoa(address), argv[1]) + 1;
	}
	call(fd, hold, sizeof(hold), 1);
	times.start = now_ns();
	call(fd, calls, length, asker->count);
	times.done = now_ns();
	free(calls);
	*connection = fd;
	return times;
}

/* The signal is delivered, but nothing says when what it asks for is done. */
static struct times by_signal(char *argv[])
{
	struct times times = { .start = now_ns() };

	if (kill((pid_t)number(argv[0]), SIGHUP))
		fail("SIGHUP");
	times.done = now_ns();
	return times;
}

static struct times by_command(char *argv[])
{
	struct times times = { .start = now_ns() };
	pid_t pid = fork();
	int status;

	if (pid < 0)
		fail("fork");
	if (!pid) {
		execvp(argv[0], argv);
		fail(argv[0]);
	}
	if (waitpid(pid, &status, 0) != pid || status) {
		errno = ECANCELED;
		fail(argv[0]);
	}
	times.done = now_ns();
	return times;
}

static bool is_answered(struct asker *asker, uint32_t index, uint64_t patience_ns)
{
	uint64_t start = now_ns();
	long answered;

	asker_ask(asker, &index, 1);
	do {
		answered = asker_receive(asker);
	} while (answered != (long)index && now_ns() - start < patience_ns);
	return answered == (long)index;
}

/* Asks once for each address that is not marked as answered, and marks those that are. How many are not. */
static uint32_t ask_the_rest(struct asker *asker, bool answered[])
{
	uint32_t indices[ASKER_BATCH], missing = 0;
	unsigned batch = 0;
	uint64_t quiet_since;
	long index;

	for (uint32_t i = asker->count; i--;) {
		if (!answered[i]) {
			missing++;
			indices[batch++] = i;
		}
		if (batch == ASKER_BATCH || (!i && batch)) {
			asker_ask(asker, indices, batch);
			batch = 0;
		}
	}
	quiet_since = now_ns();
	while (missing && now_ns() - quiet_since < QUIET_NS) {
		index = asker_receive(asker);
		if (index < 0 || answered[index])
			continue;
		answered[index] = true;
		missing--;
		quiet_since = now_ns();
	}
	return missing;
}

/* When the last address came to be answered that was missing at first; 0 if none was. The newest is looked at first, since it is
 * the one that is missing longest. */
static uint64_t last_missing(struct asker *asker)
{
	uint32_t step = asker->count > LOOKED_AT_MAX ? asker->count / LOOKED_AT_MAX : 1, newest = asker->count;
	uint64_t give_up = now_ns() + GIVE_UP_NS, last = 0;
	bool *answered = calloc(asker->count, sizeof(*answered));

	if (!answered)
		fail("publish");
	for (uint32_t i = 0; i < asker->count; i++)
		answered[i] = (asker->count - 1 - i) % step;
	do {
		while (newest && answered[newest - 1])
			newest--;
		while (newest && !is_answered(asker, newest - 1, PATIENCE_NS)) {
			last = now_ns();
			if (last > give_up) {
				errno = ETIMEDOUT;
				fail("not every address is answered");
			}
		}
		if (newest)
			answered[newest - 1] = true;
	} while (ask_the_rest(asker, answered));
	free(answered);
	return last;
}

int publish(struct asker *asker, char *argv[])
{
	struct times times;
	uint64_t last;
	int connection = -1;

	if (!strcmp(argv[0], "ioctl") && argv[1] && argv[2]) {
		times = by_ioctl(asker, argv + 1);
	} else if (!strcmp(argv[0], "varlink") && argv[1] && argv[2]) {
		times = by_varlink(asker, argv + 1, &connection);
	} else if (!strcmp(argv[0], "signal") && argv[1]) {
		times = by_signal(argv + 1);
	} else if (!strcmp(argv[0], "run") && argv[1]) {
		times = by_command(argv + 1);
	} else {
		fprintf(stderr, "arp-load: no such way to publish: %s\n", argv[0]);
		return 1;
	}
	last = last_missing(asker);
	printf("entries=%u done_us=%.1f answered_us=%.1f wrong=%lu\n", asker->count, (double)(times.done - times.start) / 1000,
	       (double)((last > times.done ? last : times.done) - times.start) / 1000, asker->wrong);
	fflush(stdout);
	while (connection >= 0 && getchar() != EOF)
		;
	return 0;
}
