/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Thousands of lines in one process: an interface and a plugin's connection each. Commands come on standard input; each is answered
 * by a line of NAME=NUMBER. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/line-session.h"
#include "bench/line-tun.h"
#include "bench/measure.h"

static const char usage[] =
	"usage: lines SOCKET FIRST LOCAL\n"
	"Lines ppp0, ppp1, ... to the masqd at SOCKET, whose clients have the addresses FIRST, FIRST + 1, ... Commands:\n"
	"  make COUNT                 their interfaces\n"
	"  open FROM COUNT WINDOW BY  so many sessions, so many of them at a time. BY: pool, or a number that shuffles the addresses, 0 not\n"
	"  up FROM COUNT              what pppd does then: addresses, interface up, Up\n"
	"  close FROM COUNT           hung up, all at once\n"
	"  kill FROM COUNT            the same, without a word\n"
	"  resume SECONDS             when masqd has gone: each looks for it every half second, as the plugin does\n"
	"  talk SERVER PORT MS        each sends a datagram and waits for its answer\n"
	"  listen MS                  counts what comes of itself\n"
	"  flows SERVER PORT COUNT    each sends so many datagrams, to PORT, PORT + 1, ..., and waits for nothing\n";

/* As often as the plugin looks whether masqd is there again. */
#define AGAIN_NS 500000000

#define LINES_MAX 16384

/* Of a command. */
enum { TEXT_MAX = 256, WORDS_MAX = 8 };

struct lines {
	int to_tuns, from_tuns;	/* commands, and an octet when one is done */
	const char *socket_path;
	uint32_t first;		/* in host order */
	struct in_addr local;
	struct line *list;	/* shared with the process that has the interfaces */
	size_t count, size;
	int epoll;
	size_t from, end, next;	/* what is being done: next is the first that has not begun */
	size_t done;
	bool by_pool;
	unsigned long shuffle;
	double *admit_us, *open_us;
	size_t admitted, opened;
};

static void watch(const struct lines *lines, struct line *line)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = line };

	if (epoll_ctl(lines->epoll, EPOLL_CTL_ADD, line->fd, &event))
		fail("epoll");
}

static void read_ready(struct lines *lines, const struct line_handler *handler, int timeout_ms)
{
	struct epoll_event events[256];
	int ready = epoll_wait(lines->epoll, events, 256, timeout_ms);

	for (int i = 0; i < ready; i++) {
		struct line *line = events[i].data.ptr;

		if (line->fd >= 0)
			line_read(line, handler);
	}
}

/* A place for each, another one with each number: its product with an odd number is one, for a power of two. */
static size_t shuffled(const struct lines *lines, size_t i)
{
	size_t size = 1, place = i;

	if (!lines->shuffle)
		return i;
	while (size < lines->count)
		size *= 2;
	do
		place = (place * (2 * lines->shuffle + 1) + lines->shuffle) % size;
	while (place >= lines->count);
	return place;
}

static void begin(struct lines *lines, struct line *line)
{
	size_t place = shuffled(lines, (size_t)(line - lines->list));
	int rc = line_connect(line, lines->socket_path);

	if (rc) {
		errno = -rc;
		fail(lines->socket_path);
	}
	watch(lines, line);
	line->address.s_addr = lines->by_pool ? 0 : htonl(lines->first + (uint32_t)place);
	line_admit(line);
}

static void on_admitted(void *ctx, struct line *line, uint64_t ns)
{
	struct lines *lines = ctx;

	lines->admit_us[lines->admitted++] = (double)ns / 1000;
	line_open(line, lines->local);
}

static void on_open(void *ctx, struct line *line, uint64_t ns)
{
	struct lines *lines = ctx;

	lines->open_us[lines->opened++] = (double)ns / 1000;
	lines->done++;
	if (lines->next < lines->end)
		begin(lines, &lines->list[lines->next++]);
}

static void on_lost(void *ctx, struct line *line)
{
	errno = ECONNRESET;
	fail(line->name);
}

static void take_range(struct lines *lines, char *words[])
{
	lines->from = lines->next = number(words[1]);
	lines->end = lines->from + number(words[2]);
	lines->done = lines->admitted = lines->opened = 0;
	if (lines->end > lines->count) {
		errno = ERANGE;
		fail(words[2]);
	}
}

static double since_ms(uint64_t start) { return (double)(now_ns() - start) / 1e6; }

static void print_times(const char *name, double us[], size_t count)
{
	struct spread spread = spread_of(us, count);

	printf(" %s_median_us=%.1f %s_p99_us=%.1f %s_max_us=%.1f", name, spread.median, name, spread.p99, name, spread.max);
}

static void make(struct lines *lines, char *words[])
{
	uint64_t start = now_ns();
	size_t count = number(words[1]);

	if (count > lines->size) {
		errno = ERANGE;
		fail(words[1]);
	}
	for (lines->count = 0; lines->count < count; lines->count++) {
		struct line *line = &lines->list[lines->count];

		line->fd = -1;
		snprintf(line->name, sizeof(line->name), "ppp%u", (unsigned)lines->count);
		line->tun = tun_make(line->name, &line->ifindex);
	}
	printf("ms=%.1f", since_ms(start));
}

static void open_lines(struct lines *lines, char *words[])
{
	const struct line_handler handler = { .on_admitted = on_admitted, .on_open = on_open, .on_closed = on_lost, .ctx = lines };
	unsigned long window = number(words[3]);
	uint64_t start = now_ns();

	take_range(lines, words);
	lines->by_pool = strcmp(words[4], "pool") == 0;
	lines->shuffle = lines->by_pool ? 0 : number(words[4]);
	while (lines->next < lines->end && lines->next - lines->from < window)
		begin(lines, &lines->list[lines->next++]);
	while (lines->done < lines->end - lines->from)
		read_ready(lines, &handler, -1);
	printf("ms=%.1f", since_ms(start));
	print_times("admit", lines->admit_us, lines->admitted);
	print_times("open", lines->open_us, lines->opened);
}

static void up(struct lines *lines, char *words[])
{
	uint64_t start = now_ns();

	take_range(lines, words);
	for (size_t i = lines->from; i < lines->end; i++)
		tun_set_addresses(lines->list[i].name, lines->local, lines->list[i].address);
	printf("ms=%.1f", since_ms(start));
}

static void say_up(struct lines *lines, char *words[])
{
	take_range(lines, words);
	for (size_t i = lines->from; i < lines->end; i++)
		line_up(&lines->list[i]);
}

static void on_closed(void *ctx, struct line *line) { ((struct lines *)ctx)->done++; }

/* masqd ends the connection's call; then the plugin hangs up. */
static void close_lines(struct lines *lines, char *words[])
{
	uint64_t start = now_ns();

	take_range(lines, words);
	for (size_t i = lines->from; i < lines->end; i++) {
		line_close(&lines->list[i]);
		shutdown(lines->list[i].fd, SHUT_WR);
	}
	while (lines->done < lines->end - lines->from)
		read_ready(lines, &(struct line_handler){ .on_closed = on_closed, .ctx = lines }, -1);
	printf("ms=%.1f", since_ms(start));
}

static void kill_lines(struct lines *lines, char *words[])
{
	take_range(lines, words);
	for (size_t i = lines->from; i < lines->end; i++)
		line_disconnect(&lines->list[i]);
	printf("count=%zu", lines->end - lines->from);
}

static void on_gone(void *ctx, struct line *line) { }

/* Announces it again if masqd is there. */
static void try_again(struct lines *lines, struct line *line)
{
	if (line_connect(line, lines->socket_path))
		return;
	watch(lines, line);
	line_open(line, lines->local);
}

/* The plugins' timers are anywhere in their half second. */
static void resume(struct lines *lines, char *words[])
{
	struct line_handler handler = { .on_open = on_open, .on_closed = on_gone, .ctx = lines };
	uint64_t start = now_ns(), end = start + number(words[1]) * 1000000000, turn_ns = AGAIN_NS / lines->count, turn = 0, lost = 0;
	uint64_t first = 0;

	lines->from = lines->next = lines->end = lines->done = lines->opened = 0;
	while (lines->done < lines->count && now_ns() < end) {
		for (; start + turn * turn_ns < now_ns(); turn++) {
			struct line *line = &lines->list[turn % lines->count];

			if (line->state == LINE_DOWN)
				try_again(lines, line);
			if (line->fd >= 0 && !first)
				first = now_ns();
		}
		read_ready(lines, &handler, 1);
	}
	for (size_t i = 0; i < lines->count; i++)
		lost += lines->list[i].state != LINE_OPEN;
	printf("lost=%" PRIu64 " ms=%.1f", lost, since_ms(first ? first : start));
	print_times("open", lines->open_us, lines->opened);
	for (size_t i = 0; i < lines->count; i++)
		if (lines->list[i].state == LINE_OPEN)
			line_up(&lines->list[i]);
}

/* Counts datagrams until all have theirs, or the time is over: its own, and others'. */
static void listen_for(struct lines *lines, unsigned long ms, size_t wanted)
{
	uint64_t end = now_ns() + ms * 1000000;
	size_t right = 0, wrong = 0;

	while (right < wanted && now_ns() < end) {
		for (size_t i = 0; i < lines->count; i++) {
			struct tun_datagram datagram;

			while (tun_receive(lines->list[i].tun, &datagram) == 0) {
				if (datagram.number == lines->list[i].serial && datagram.to.s_addr == lines->list[i].address.s_addr)
					right++;
				else
					wrong++;
			}
		}
		sleep_us(1000);
	}
	printf("right=%zu wrong=%zu", right, wrong);
}

static void talk(struct lines *lines, char *words[])
{
	struct tun_datagram datagram = { .port_from = 4000, .port_to = (uint16_t)number(words[2]) };

	if (inet_pton(AF_INET, words[1], &datagram.to) != 1)
		fail(words[1]);
	for (size_t i = 0; i < lines->count; i++) {
		datagram.from = lines->list[i].address;
		datagram.number = lines->list[i].serial;
		tun_send(lines->list[i].tun, &datagram);
	}
	listen_for(lines, number(words[3]), lines->count);
}

static void listen_only(struct lines *lines, char *words[])
{
	listen_for(lines, number(words[1]), SIZE_MAX);
}

static void begin_flows(struct lines *lines, char *words[])
{
	struct tun_datagram datagram = { .port_from = 5000 };
	unsigned long port = number(words[2]), count = number(words[3]);
	uint64_t start = now_ns();

	if (inet_pton(AF_INET, words[1], &datagram.to) != 1)
		fail(words[1]);
	for (unsigned long flow = 0; flow < count; flow++) {
		for (size_t i = 0; i < lines->count; i++) {
			datagram.port_to = (uint16_t)(port + flow);
			datagram.from = lines->list[i].address;
			datagram.number = lines->list[i].serial;
			tun_send(lines->list[i].tun, &datagram);
		}
	}
	printf("flows=%zu ms=%.1f", count * lines->count, since_ms(start));
}

static const struct command {
	const char *name;
	int words;
	void (*run)(struct lines *lines, char *words[]);
	void (*run_on_tuns)(struct lines *lines, char *words[]);	/* before that; a command has one line of output */
} commands[] = {
	{ "make", 2, .run_on_tuns = make },
	{ "open", 5, .run = open_lines },
	{ "up", 3, .run_on_tuns = up, .run = say_up },
	{ "close", 3, .run = close_lines },
	{ "kill", 3, .run = kill_lines },
	{ "resume", 2, .run = resume },
	{ "talk", 4, .run_on_tuns = talk },
	{ "listen", 2, .run_on_tuns = listen_only },
	{ "flows", 4, .run_on_tuns = begin_flows },
};

static const struct command *parse(char *text, char *words[])
{
	char *rest = NULL;
	int count = 0;

	for (char *word = strtok_r(text, " \n", &rest); word && count < WORDS_MAX; word = strtok_r(NULL, " \n", &rest))
		words[count++] = word;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (count == commands[i].words && strcmp(words[0], commands[i].name) == 0)
			return &commands[i];
	fputs(usage, stderr);
	exit(2);
}

/* The other process does its part of the command. */
static void ask_tuns(const struct lines *lines, const char *text)
{
	char octet;

	if (write(lines->to_tuns, text, TEXT_MAX) != TEXT_MAX || read(lines->from_tuns, &octet, 1) != 1)
		fail("interfaces");
}

static void run(struct lines *lines, const char *text)
{
	char copy[TEXT_MAX], *words[WORDS_MAX] = { 0 };
	const struct command *command = parse(strcpy(copy, text), words);

	if (command->run_on_tuns)
		ask_tuns(lines, text);
	if (command->run_on_tuns == make)
		lines->count = number(words[1]);
	if (command->run)
		command->run(lines, words);
	printf("\n");
	fflush(stdout);
}

/* A process has not files enough for the interfaces and the connections of ten thousand lines. */
static void serve_tuns(struct lines *lines, int in, int out)
{
	char text[TEXT_MAX], *words[WORDS_MAX] = { 0 };

	while (read(in, text, sizeof(text)) == TEXT_MAX) {
		parse(text, words)->run_on_tuns(lines, words);
		fflush(stdout);
		if (write(out, "", 1) != 1)
			break;
	}
	exit(0);
}

static void start_tuns(struct lines *lines)
{
	int to[2], from[2];

	if (pipe(to) || pipe(from))
		fail("pipe");
	switch (fork()) {
	case -1:
		fail("fork");
	case 0:
		close(to[1]);
		serve_tuns(lines, to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	lines->to_tuns = to[1];
	lines->from_tuns = from[0];
}

static void *shared(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail("memory");
	return memory;
}

int main(int argc, char *argv[])
{
	struct lines lines = { .epoll = epoll_create1(EPOLL_CLOEXEC), .size = LINES_MAX };
	struct in_addr first;
	struct rlimit files;
	char text[TEXT_MAX] = { 0 };

	if (argc != 4 || inet_pton(AF_INET, argv[2], &first) != 1 || inet_pton(AF_INET, argv[3], &lines.local) != 1) {
		fputs(usage, stderr);
		return 2;
	}
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files))
		fail("files");
	lines.socket_path = argv[1];
	lines.first = ntohl(first.s_addr);
	lines.list = shared(LINES_MAX * sizeof(*lines.list));
	lines.admit_us = calloc(LINES_MAX, sizeof(double));
	lines.open_us = calloc(LINES_MAX, sizeof(double));
	if (!lines.admit_us || !lines.open_us)
		fail("memory");
	start_tuns(&lines);
	while (fgets(text, sizeof(text), stdin))
		run(&lines, text);
	return 0;
}
