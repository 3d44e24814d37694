/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Nothing here is timed. */

#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/programming-sessions.h"
#include "bench/measure.h"
#include "lib/conffile.h"

#define FIRST_ADDRESS 0x0a400001	/* 10.64.0.1 */

void sessions_open(struct sessions *sessions, const char *path)
{
	struct conffile file;

	*sessions = (struct sessions){ .conf = conf_load(&file, path) };
	for (size_t i = 0; i < file.error_count; i++)
		fprintf(stderr, "%s\n", file.errors[i]);
	conffile_close(&file);
	if (!sessions->conf)
		exit(1);
	sessions->policy = sessions->conf->default_policy;
}

static void set_line(struct session *s, unsigned i)
{
	char ifname[IFNAMSIZ], user[32];
	struct line line = { .ifname = ifname, .user = user, .tty = "/dev/ttyS0", .speed = 115200 };

	snprintf(ifname, sizeof(ifname), "ppp%u", i);
	snprintf(user, sizeof(user), "user%u@example.net", i);
	session_set_line(s, &line);
}

void sessions_make(struct sessions *sessions, enum session_type type, unsigned i, struct programmed *programmed)
{
	/* A network's hosts share an interface. */
	unsigned ifindex = SESSIONS_FIRST_IFINDEX + (type == SESSION_HOST ? 0 : i);
	struct session *s = session_new(&sessions->table, i + 1, type);

	if (!s)
		fail("session");
	set_line(s, i);
	session_set_ifindex(&sessions->table, s, ifindex);
	session_set_address(&sessions->table, s, (struct in_addr){ .s_addr = htonl(FIRST_ADDRESS + i) });
	session_set_policy(s, sessions->policy, NULL);
	s->state = SESSION_OPEN;
	s->started = time(NULL);
	programmed->grant = policy_decide(s);
	session_note(s, programmed->note);
}
