/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The lines of the soak. Orders come on standard input; each is answered by a line of figures when it is done, and until the next one
 * everything goes on. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bench/line-tun.h"
#include "bench/measure.h"
#include "tests/soak/client.h"

static const char usage[] =
	"usage: load SOCKET LOCAL SERVER PORT RATE USERS\n"
	"Lines ppp0, ppp1, ... to the masqd at SOCKET, which send to an echo server. So many a second are opened, and as many closed, but\n"
	"for some that stay; by so many users. Orders:\n"
	"  begin     opening and closing, and to talk\n"
	"  run MS    done after that time\n"
	"  quiet     no one talks any more; done when those that stay have all their answers, or have waited for long enough\n"
	"  loud      they talk again\n"
	"  end       nothing is opened any more, everything is closed, and the interfaces go\n";

/* How long an answer may be on its way. */
enum { PATIENCE_MS = 5000 };
enum { TURN_MS = 2 };
#define MS 1000000ull
#define SECOND 1000000000ull

enum order { ORDER_NONE, ORDER_BEGIN, ORDER_RUN, ORDER_QUIET, ORDER_LOUD, ORDER_END };

struct load {
	struct soak soak;
	struct client *clients;
	unsigned long rate;
	bool is_changing;	/* between begin and end */
	uint64_t turn_ns, due_ns;	/* when the next one is to be opened */
	unsigned long late;	/* how many could not be opened in time */
	enum order order;
	uint64_t until_ns;
};

/* Any of those for which that holds; NULL: none does. */
static struct client *choose(struct load *load, bool (*holds)(const struct client *client))
{
	struct client *fitting[CLIENTS];
	size_t count = 0;

	for (size_t i = 0; i < CLIENTS; i++)
		if (holds(&load->clients[i]))
			fitting[count++] = &load->clients[i];
	return count ? fitting[(size_t)random() % count] : NULL;
}

static bool is_down(const struct client *client)
{
	return client->line.state == LINE_DOWN;
}

static bool is_leaving(const struct client *client)
{
	return !client->is_steady && client_is_open(client);
}

static size_t count(const struct load *load, bool (*holds)(const struct client *client))
{
	size_t count = 0;

	for (size_t i = 0; i < CLIENTS; i++)
		count += holds(&load->clients[i]);
	return count;
}

/* One comes, and of those that are open one too many goes. What a busy machine could not do in time is not made up for by more at a
 * time. */
static void change(struct load *load)
{
	struct client *client;

	for (; load->due_ns <= load->turn_ns; load->due_ns += SECOND / load->rate) {
		client = load->turn_ns - load->due_ns < SECOND ? choose(load, is_down) : NULL;
		if (client)
			client_begin(client);
		else
			load->late++;
	}
	while (count(load, client_is_open) > OPEN_WANTED)
		client_end(choose(load, is_leaving));
}

static void close_all(struct load *load)
{
	for (size_t i = 0; i < CLIENTS; i++)
		if (client_is_open(&load->clients[i]))
			client_end(&load->clients[i]);
}

static void delete_all(const struct load *load)
{
	for (size_t i = 0; i < CLIENTS; i++)
		tun_delete(load->clients[i].line.tun);
}

static unsigned long unanswered(const struct load *load)
{
	unsigned long sum = 0;

	for (size_t i = 0; i < STEADY; i++)
		sum += load->clients[i].sent - load->clients[i].received;
	return sum;
}

static void print_figures(const struct load *load)
{
	const struct counts *counts = &load->soak.counts;
	unsigned long steady = 0;

	for (size_t i = 0; i < STEADY; i++)
		steady += load->clients[i].sent;
	printf("open=%zu opened=%lu late=%lu hung_up=%lu broken=%lu vanished=%lu ended=%lu sent=%lu received=%lu echoed=%lu strange=%lu "
	       "mute=%lu steady_sent=%lu steady_unanswered=%lu\n",
	       count(load, client_is_open), counts->opened, load->late, counts->hung_up, counts->broken, counts->vanished, counts->ended,
	       counts->sent, counts->received, counts->echoed, counts->strange, counts->mute, steady, unanswered(load));
	fflush(stdout);
}

static void be_loud(struct load *load, bool is_loud)
{
	load->soak.is_loud = is_loud;
	load->soak.loud_ns = load->turn_ns;
}

static void take_order(struct load *load)
{
	char text[64], name[16] = "";
	unsigned long ms = PATIENCE_MS;

	if (!fgets(text, sizeof(text), stdin))
		exit(0);
	sscanf(text, "%15s %lu", name, &ms);
	load->until_ns = load->turn_ns + ms * MS;
	if (strcmp(name, "begin") == 0) {
		load->order = ORDER_BEGIN;
		load->is_changing = true;
		load->due_ns = load->turn_ns;
		for (size_t i = 0; i < STEADY; i++)
			client_begin(&load->clients[i]);
		be_loud(load, true);
	} else if (strcmp(name, "run") == 0) {
		load->order = ORDER_RUN;
	} else if (strcmp(name, "quiet") == 0) {
		load->order = ORDER_QUIET;
		be_loud(load, false);
	} else if (strcmp(name, "loud") == 0) {
		load->order = ORDER_LOUD;
		be_loud(load, true);
	} else if (strcmp(name, "end") == 0) {
		load->order = ORDER_END;
		load->is_changing = false;
	} else {
		fputs(usage, stderr);
		exit(2);
	}
}

static bool is_done(const struct load *load)
{
	switch (load->order) {
	case ORDER_NONE:
		return false;
	case ORDER_BEGIN:
		return count(load, client_is_open) >= STEADY;
	case ORDER_RUN:
		return load->turn_ns >= load->until_ns;
	case ORDER_QUIET:
		return !unanswered(load) || load->turn_ns >= load->until_ns;
	case ORDER_LOUD:
		return true;
	case ORDER_END:
		return count(load, is_down) == CLIENTS;
	}
	return false;
}

/* NULL among what is ready is standard input. */
static void turn(struct load *load)
{
	struct epoll_event events[CLIENTS + 1];
	int ready = epoll_wait(load->soak.epoll, events, CLIENTS + 1, TURN_MS);

	load->turn_ns = now_ns();
	for (int i = 0; i < ready; i++) {
		struct client *client = events[i].data.ptr;

		if (!client)
			take_order(load);
		else if (client->line.fd >= 0)
			client_read(client);
	}
	if (load->is_changing)
		change(load);
	else
		close_all(load);
	for (size_t i = 0; i < CLIENTS; i++)
		client_talk(&load->clients[i], load->turn_ns);
	if (is_done(load)) {
		if (load->order == ORDER_END)
			delete_all(load);
		load->order = ORDER_NONE;
		print_figures(load);
	}
}

int main(int argc, char *argv[])
{
	struct load load = { 0 };
	struct epoll_event input = { .events = EPOLLIN };

	if (argc != 7 || inet_pton(AF_INET, argv[2], &load.soak.local) != 1 || inet_pton(AF_INET, argv[3], &load.soak.server) != 1) {
		fputs(usage, stderr);
		return 2;
	}
	load.soak.socket_path = argv[1];
	load.soak.port = (uint16_t)number(argv[4]);
	load.rate = number(argv[5]);
	load.soak.users = (unsigned)number(argv[6]);
	load.soak.epoll = epoll_create1(EPOLL_CLOEXEC);
	load.clients = calloc(CLIENTS, sizeof(*load.clients));
	if (!load.clients || epoll_ctl(load.soak.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &input))
		fail("load");
	/* One order at a time is read. */
	setvbuf(stdin, NULL, _IONBF, 0);
	soak_init(&load.soak);
	for (unsigned i = 0; i < CLIENTS; i++)
		client_init(&load.clients[i], &load.soak, i);
	/* That it is there. */
	print_figures(&load);
	while (true)
		turn(&load);
}
