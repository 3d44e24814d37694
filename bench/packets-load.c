/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What bench/packets measures with: the clients of a gateway and the server that they talk to, in one process, in the gateway's network
 * namespace. Reads orders, a line each, and answers each with a line of NAME=NUMBER. Everything is sent by one thread, in pieces that no
 * queue is too short for, and each piece is looked for at its other end outside the time that is measured. */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/arp-asker.h"
#include "bench/arp-cpu.h"
#include "bench/packets-far.h"
#include "bench/packets-lines.h"

/* Flows do not take turns in their order; any number of them that has no such divisor is gone through. */
#define STRIDE 7919

/* For what is still under way; a packet that has not come by then is lost. */
#define PATIENCE_NS 20000000

enum {
	PIECE = 256,		/* packets that are sent before they are looked for; half of what a line's queue takes */
	ATTEMPTS = 5,		/* to have all flows answered */
	PORT_FIRST = 1024,	/* the clients' ports */
	PORT_COUNT = 60000,
};

static const char usage[] =
	"usage: packets-load LINES FIRST LOCAL FAR-NETNS FAR-INTERFACE GATEWAY-MAC SERVER PUBLIC\n"
	"Makes the tun interfaces ppp0, ppp1, ... with the addresses LOCAL and FIRST, FIRST + 1, ..., and says ready=1. Orders:\n"
	"  open SOCKET      sessions of all lines by the masqd there\n"
	"  establish FLOWS  from as many lines, each to be answered\n"
	"  up PACKETS       of these flows, and what they cost\n"
	"  down PACKETS     the answers\n"
	"  new PACKETS      each of a flow of its own\n"
	"  both RATE        as many a second each way, until the next line\n";

struct flow {
	unsigned line;
	struct packet up;
	struct packet_frame down;
	bool is_answered;
};

struct load {
	struct lines lines;
	struct far far;
	const char *namespace, *interface;	/* the server's */
	struct flow *flows;
	unsigned count;
	uint64_t next;		/* whose turn it is */
	unsigned next_port;	/* of the next new flow */
	unsigned long wrong;	/* packets that came to a client and were not for it */
};

struct tally {
	uint64_t sent, delivered, sender_ns;
};

static uint64_t thread_ns(void)
{
	struct timespec own;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &own);
	return (uint64_t)own.tv_sec * 1000000000 + (uint64_t)own.tv_nsec;
}

static uint32_t next_flow(struct load *load)
{
	return (uint32_t)(load->next++ * STRIDE % load->count);
}

static void make_up(const struct load *load, struct packet *packet, uint32_t index, unsigned port)
{
	struct endpoint from = { load->lines.list[load->flows[index].line].address.s_addr, (uint16_t)(PORT_FIRST + port % PORT_COUNT) };

	packet_make(packet, from, (struct endpoint){ load->far.server, PACKETS_PORT }, index);
}

/* What has come to the server since last asked, as soon as it is all that is wanted. */
static unsigned arrived(const struct far *far, unsigned wanted)
{
	uint64_t end = now_ns() + PATIENCE_NS;
	unsigned count = asker_counter_read(far->counter);

	while (count < wanted && now_ns() < end) {
		sleep_us(50);
		count += asker_counter_read(far->counter);
	}
	return count;
}

static unsigned drain(struct load *load, const uint32_t indices[], unsigned count, unsigned wanted)
{
	uint64_t end = now_ns() + PATIENCE_NS;
	unsigned right = 0;

	for (;;) {
		for (unsigned i = 0; i < count; i++)
			right += lines_drain(&load->lines, load->flows[indices[i]].line, indices[i], load->far.server, &load->wrong);
		if (right >= wanted || now_ns() > end)
			return right;
		sleep_us(50);
	}
}

static void send_up(struct load *load, unsigned count, bool is_new, struct tally *tally)
{
	static struct packet packets[PIECE];
	unsigned lines[PIECE];
	uint64_t before;

	for (unsigned i = 0; i < count; i++) {
		uint32_t index = next_flow(load);

		lines[i] = load->flows[index].line;
		if (is_new)
			make_up(load, &packets[i], index, load->next_port++);
		else
			packets[i] = load->flows[index].up;
	}
	before = thread_ns();
	for (unsigned i = 0; i < count; i++)
		lines_send(&load->lines, lines[i], &packets[i]);
	tally->sender_ns += thread_ns() - before;
	tally->sent += count;
}

static void send_down(struct load *load, const uint32_t indices[], unsigned count, struct tally *tally)
{
	const struct packet_frame *frames[PIECE];
	uint64_t before;

	for (unsigned i = 0; i < count; i++)
		frames[i] = &load->flows[indices[i]].down;
	before = thread_ns();
	for (unsigned i = 0; i < count; i += FAR_BATCH)
		far_send(&load->far, frames + i, count - i < FAR_BATCH ? count - i : FAR_BATCH);
	tally->sender_ns += thread_ns() - before;
	tally->sent += count;
}

static void up(struct load *load, unsigned count, struct tally *tally)
{
	send_up(load, count, false, tally);
	tally->delivered += arrived(&load->far, count);
}

static void new_flows(struct load *load, unsigned count, struct tally *tally)
{
	send_up(load, count, true, tally);
	tally->delivered += arrived(&load->far, count);
}

static void down(struct load *load, unsigned count, struct tally *tally)
{
	uint32_t indices[PIECE];

	for (unsigned i = 0; i < count; i++)
		indices[i] = next_flow(load);
	send_down(load, indices, count, tally);
	tally->delivered += drain(load, indices, count, count);
}

static void measure(struct load *load, void (*piece)(struct load *, unsigned, struct tally *), unsigned long packets)
{
	struct cpu_time before, after;
	struct tally tally = { 0 };

	/* One that the server missed is not to be counted as another's. */
	asker_counter_read(load->far.counter);
	cpu_time_read(&before, 0);
	while (tally.sent < packets) {
		unsigned long rest = packets - tally.sent;

		piece(load, rest < PIECE ? (unsigned)rest : PIECE, &tally);
	}
	cpu_time_read(&after, 0);
	printf("sent=%" PRIu64 " delivered=%" PRIu64 " sender_ns=%" PRIu64 " softirq_ns=%" PRIu64 "\n", tally.sent, tally.delivered,
	       tally.sender_ns, after.softirq_ns - before.softirq_ns);
}

/* The server answers whoever it hears, and the client hears it. */
static void answer_piece(struct load *load, unsigned first, unsigned count)
{
	struct tally tally = { 0 };
	uint32_t indices[PIECE], index;
	struct endpoint from;
	unsigned heard = 0;

	for (unsigned i = first; i < first + count; i++)
		if (!load->flows[i].is_answered)
			lines_send(&load->lines, load->flows[i].line, &load->flows[i].up);
	arrived(&load->far, count);
	while (heard < PIECE && far_receive(&load->far, &from, &index)) {
		if (index >= load->count)
			continue;
		far_make(&load->far, &load->flows[index].down, from, index);
		indices[heard++] = index;
	}
	send_down(load, indices, heard, &tally);
	for (unsigned i = 0; i < heard; i++)
		load->flows[indices[i]].is_answered |= drain(load, indices + i, 1, 1) > 0;
}

static void open_sessions(struct load *load, const char *socket_path)
{
	uint64_t start = now_ns();

	lines_open(&load->lines, socket_path);
	printf("ms=%" PRIu64 "\n", (now_ns() - start) / 1000000);
}

static void establish(struct load *load, unsigned long count)
{
	unsigned answered = 0;

	free(load->flows);
	load->count = (unsigned)(count < load->lines.count ? count : load->lines.count);
	load->flows = calloc(load->count, sizeof(*load->flows));
	if (!load->flows)
		fail("flows");
	for (unsigned i = 0; i < load->count; i++) {
		load->flows[i].line = (unsigned)((uint64_t)i * load->lines.count / load->count);
		make_up(load, &load->flows[i].up, i, load->next_port++);
	}
	far_listen(&load->far, load->namespace, load->interface);
	for (unsigned attempt = 0; attempt < ATTEMPTS && answered < load->count; attempt++) {
		for (unsigned i = 0; i < load->count; i += PIECE)
			answer_piece(load, i, load->count - i < PIECE ? load->count - i : PIECE);
		answered = 0;
		for (unsigned i = 0; i < load->count; i++)
			answered += load->flows[i].is_answered;
	}
	far_listen_no_more(&load->far);
	printf("flows=%u answered=%u wrong=%lu\n", load->count, answered, load->wrong);
}

static void both(struct load *load, unsigned long rate)
{
	struct pollfd orders = { .fd = STDIN_FILENO, .events = POLLIN };
	struct tally to_server = { 0 }, to_clients = { 0 };
	uint64_t start = now_ns();
	uint32_t indices[PIECE];
	char line[80];

	asker_counter_read(load->far.counter);
	while (!poll(&orders, 1, 1)) {
		uint64_t due = (now_ns() - start) / 1000 * rate / 1000000 - to_server.sent;
		unsigned count = due < PIECE / 2 ? (unsigned)due : PIECE / 2;

		send_up(load, count, false, &to_server);
		for (unsigned i = 0; i < count; i++)
			indices[i] = next_flow(load);
		send_down(load, indices, count, &to_clients);
		to_server.delivered += arrived(&load->far, 0);
		to_clients.delivered += drain(load, indices, count, 0);
	}
	sleep_us(PATIENCE_NS / 1000);
	to_server.delivered += arrived(&load->far, (unsigned)(to_server.sent - to_server.delivered));
	for (uint32_t i = 0; i < load->count; i++)
		to_clients.delivered += drain(load, &i, 1, 0);
	if (!fgets(line, sizeof(line), stdin))
		exit(0);
	printf("up_sent=%" PRIu64 " up_delivered=%" PRIu64 " down_sent=%" PRIu64 " down_delivered=%" PRIu64 " wrong=%lu ms=%" PRIu64 "\n",
	       to_server.sent, to_server.delivered, to_clients.sent, to_clients.delivered, load->wrong, (now_ns() - start) / 1000000);
}

static void obey(struct load *load, const char *order, const char *argument)
{
	static const struct {
		const char *order;
		void (*piece)(struct load *, unsigned, struct tally *);
	} measured[] = { { "up", up }, { "down", down }, { "new", new_flows } };

	if (!strcmp(order, "open"))
		open_sessions(load, argument);
	else if (!strcmp(order, "establish"))
		establish(load, number(argument));
	else if (!strcmp(order, "both") && load->count)
		both(load, number(argument));
	for (size_t i = 0; load->count && i < sizeof(measured) / sizeof(measured[0]); i++)
		if (!strcmp(order, measured[i].order))
			measure(load, measured[i].piece, number(argument));
}

int main(int argc, char *argv[])
{
	struct load load = { 0 };
	char line[200], order[20], argument[160];

	if (argc != 9) {
		fputs(usage, stderr);
		return 1;
	}
	load.namespace = argv[4];
	load.interface = argv[5];
	lines_make(&load.lines, (unsigned)number(argv[1]), argv[2], argv[3]);
	far_open(&load.far, argv[4], argv[5], argv[6], argv[7], argv[8]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready=1");
	while (fgets(line, sizeof(line), stdin) && sscanf(line, "%19s %159s", order, argument) == 2)
		obey(&load, order, argument);
	return 0;
}
