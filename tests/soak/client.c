/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "tests/soak/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "bench/line-tun.h"
#include "bench/measure.h"

#define MS 1000000ull

/* Between two datagrams of a session; of those that stay each counts. */
enum { TALK_MS = 100, STEADY_TALK_MS = 20 };
/* Who was open for so long has been answered. */
enum { ANSWERED_MS = 5000 };
/* Of a hundred ends; the others hang up. */
enum { BREAK_PERCENT = 20, VANISH_PERCENT = 8 };

void soak_init(struct soak *soak)
{
	for (uint32_t i = 0; i < ASKED; i++)
		soak->asked[soak->asked_count++].s_addr = htonl(ASKED_FIRST + i);
}

/* One of those that have been free for longest. masqd has long seen the end of whoever had it. */
static struct in_addr take_asked(struct soak *soak)
{
	size_t i = (size_t)random() % ((soak->asked_count + 1) / 2);
	struct in_addr address = soak->asked[i];

	memmove(&soak->asked[i], &soak->asked[i + 1], (--soak->asked_count - i) * sizeof(soak->asked[0]));
	return address;
}

void client_init(struct client *client, struct soak *soak, unsigned i)
{
	*client = (struct client){ .soak = soak, .is_steady = i < STEADY, .is_asking = i % 2 };
	client->line.fd = -1;
	snprintf(client->line.name, sizeof(client->line.name), "ppp%u", i);
	client->line.tun = tun_make(client->line.name, &client->line.ifindex);
}

void client_begin(struct client *client)
{
	struct soak *soak = client->soak;
	struct line *line = &client->line;
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
	int rc = line_connect(line, soak->socket_path);

	if (rc) {
		errno = -rc;
		fail(soak->socket_path);
	}
	if (epoll_ctl(soak->epoll, EPOLL_CTL_ADD, line->fd, &event))
		fail("epoll");
	if (client->is_steady)
		snprintf(line->user, sizeof(line->user), "steady-%s", line->name);
	else
		snprintf(line->user, sizeof(line->user), "%s-%lu", client->is_asking ? "asking" : "pooled", soak->begun++ % soak->users);
	line->address = client->is_asking ? take_asked(soak) : (struct in_addr){ 0 };
	client->is_hanging_up = false;
	client->first = client->last = 0;
	client->sent = client->received = 0;
	line_admit(line);
}

/* Takes what has come: answers, and from the LAN what is to be answered, which a line that is down does not. */
static void receive(struct client *client, bool is_up)
{
	struct counts *counts = &client->soak->counts;
	struct tun_datagram got;

	while (tun_receive(client->line.tun, &got) == 0) {
		bool is_ours = got.to.s_addr == client->line.address.s_addr;

		if (is_ours && got.port_to == ECHO_PORT) {
			if (is_up)
				tun_send(client->line.tun, &(struct tun_datagram){ .from = got.to, .to = got.from, .port_from = got.port_to,
										   .port_to = got.port_from, .number = got.number });
			counts->echoed += is_up;
		} else if (is_ours && client->first && got.number >= client->first && got.number <= client->last) {
			client->received++;
			counts->received++;
		} else {
			counts->strange++;
		}
	}
}

static bool is_mute(const struct client *client)
{
	const struct soak *soak = client->soak;

	return !client->received && soak->is_loud && soak->loud_ns < client->open_ns && now_ns() - client->open_ns > ANSWERED_MS * MS;
}

/* Its session is over. */
static void clean_up(struct client *client)
{
	if (client->is_asking)
		client->soak->asked[client->soak->asked_count++] = client->line.address;
	if (client->line.tun < 0)
		client->line.tun = tun_make(client->line.name, &client->line.ifindex);
	else
		tun_clear(client->line.name);
	/* What had come before that is not the next one's. */
	receive(client, false);
	if (is_mute(client))
		client->soak->counts.mute++;
}

static void vanish(struct client *client)
{
	tun_delete(client->line.tun);
	client->line.tun = -1;
}

bool client_is_open(const struct client *client)
{
	/* Without an interface it waits for masqd to notice. */
	return client->line.state == LINE_OPEN && client->line.tun >= 0;
}

void client_end(struct client *client)
{
	struct counts *counts = &client->soak->counts;
	long percent = random() % 100;

	if (percent < VANISH_PERCENT)
		vanish(client);
	if (percent < VANISH_PERCENT / 2)
		return;
	if (percent < BREAK_PERCENT) {
		line_disconnect(&client->line);
		counts->broken++;
		clean_up(client);
	} else {
		client->is_hanging_up = true;
		line_close(&client->line);
		shutdown(client->line.fd, SHUT_WR);
	}
}

static void on_admitted(void *ctx, struct line *line, uint64_t ns)
{
	line_open(line, ((struct client *)ctx)->soak->local);
}

static void on_open(void *ctx, struct line *line, uint64_t ns)
{
	struct client *client = ctx;

	tun_set_addresses(line->name, client->soak->local, line->address);
	line_up(line);
	client->open_ns = client->talk_ns = now_ns();
	client->soak->counts.opened++;
}

/* Does what pppd does then. */
static void on_ended(void *ctx, struct line *line)
{
	struct client *client = ctx;

	if (line->tun < 0)
		client->soak->counts.vanished++;
	else
		client->soak->counts.ended++;
	line_disconnect(line);
	clean_up(client);
}

static void on_closed(void *ctx, struct line *line)
{
	struct client *client = ctx;

	if (!client->is_hanging_up) {
		errno = ECONNRESET;
		fail(line->name);
	}
	client->soak->counts.hung_up++;
	clean_up(client);
}

void client_read(struct client *client)
{
	struct line_handler handler = {
		.on_admitted = on_admitted, .on_open = on_open, .on_ended = on_ended, .on_closed = on_closed, .ctx = client,
	};

	line_read(&client->line, &handler);
}

static void send_next(struct client *client)
{
	struct soak *soak = client->soak;
	struct tun_datagram datagram = { .from = client->line.address, .to = soak->server, .port_to = soak->port,
					 .port_from = (uint16_t)(TALK_PORT + client->line.serial % TALK_PORTS), .number = ++soak->number };

	if (!client->first)
		client->first = datagram.number;
	client->last = datagram.number;
	tun_send(client->line.tun, &datagram);
	client->sent++;
	soak->counts.sent++;
}

void client_talk(struct client *client, uint64_t ns)
{
	if (!client_is_open(client))
		return;
	if (client->soak->is_loud && ns >= client->talk_ns) {
		send_next(client);
		client->talk_ns = ns + (client->is_steady ? STEADY_TALK_MS : TALK_MS) * MS;
	}
	receive(client, true);
}
