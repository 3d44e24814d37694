/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The ARP daemon's responder without the daemon: does what standard input says, a line each, and answers each with a line.
 *
 *   add|del INTERFACE ADDRESS [COUNT]     and the COUNT - 1 that follow
 *   attach INTERFACE MAC
 *   detach|is-attached|answered INTERFACE
 *   sweep|leave|close
 *
 * Answers: a number, yes or no, ok, or the error. First of all, those of responder_open(). At the end of the input it closes. */

#include <arpa/inet.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arpd/responder.h"
#include "lib/log.h"

static struct responder *responder;

static void answer(int rc)
{
	puts(rc ? strerror(-rc) : "ok");
}

static void change(bool adds, int interface, const char *first, unsigned long count)
{
	uint32_t address = ntohl(inet_addr(first));
	int rc = 0;

	for (unsigned long i = 0; i < count && !rc; i++) {
		struct in_addr next = { .s_addr = htonl(address++) };

		if (adds)
			rc = responder_add(responder, interface, next);
		else
			responder_del(responder, interface, next);
	}
	answer(rc);
}

static void obey(char *words[4])
{
	/* An interface that is gone goes by its index. */
	int interface = (int)if_nametoindex(words[1]);

	if (!interface)
		interface = atoi(words[1]);
	if (strcmp(words[0], "add") == 0 || strcmp(words[0], "del") == 0) {
		change(words[0][0] == 'a', interface, words[2], *words[3] ? strtoul(words[3], NULL, 10) : 1);
	} else if (strcmp(words[0], "attach") == 0) {
		struct ether_addr *mac = ether_aton(words[2]);

		answer(responder_attach(responder, interface, mac->ether_addr_octet));
	} else if (strcmp(words[0], "detach") == 0) {
		responder_detach(responder, interface);
		answer(0);
	} else if (strcmp(words[0], "is-attached") == 0) {
		puts(responder_is_attached(responder, interface) ? "yes" : "no");
	} else if (strcmp(words[0], "answered") == 0) {
		printf("%" PRIu64 "\n", responder_answered(responder, interface));
	} else if (strcmp(words[0], "sweep") == 0) {
		responder_sweep(responder);
		answer(0);
	} else if (strcmp(words[0], "leave") == 0) {
		responder_leave(responder);
		responder = NULL;
		answer(0);
	} else if (strcmp(words[0], "close") == 0) {
		responder_close(responder);
		responder = NULL;
		answer(0);
	} else {
		puts("no such command");
	}
}

int main(void)
{
	char line[256];
	int rc;

	setvbuf(stdout, NULL, _IOLBF, 0);
	log_open("responder-hold", 1);
	rc = responder_open(&responder);
	answer(rc);
	while (!rc && fgets(line, sizeof(line), stdin)) {
		char *words[4] = { "", "", "", "" }, *rest = line;

		for (int i = 0; i < 4; i++) {
			char *word = strsep(&rest, " \n");

			if (word)
				words[i] = word;
		}
		obey(words);
	}
	responder_close(responder);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
