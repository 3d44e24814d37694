/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* This pppd's connection to masqd. A pppd serves one line, so there is one connection; while Open runs on it, it is
 * the session. Knows nothing of pppd, whose headers forbid <stdbool.h>: hence no bool here. */

#ifndef PPPD_PLUGIN_MASQD_LINK_H
#define PPPD_PLUGIN_MASQD_LINK_H

#include <netinet/in.h>
#include <stdint.h>

/* What is known of the line so far. Strings may be NULL or empty for unknown, and hold any bytes. */
struct masqd_line {
	const char *socket;	/* masqd's */
	int timeout_ms;		/* for the whole of Admit, and of Open */
	const char *policy;	/* asked for by the option masq-policy */
	const char *ifname;
	const char *user;
	const char *tty;
	int speed;		/* bit/s, 0 for unknown */
	const char *ipparam;
	const char *caller;
	const char *version;	/* pppd's */
	unsigned ifindex;
	int mtu;
	struct in_addr local, address;	/* 0.0.0.0 until negotiated */
	int has_ipv6;			/* IPv6CP may be negotiated */
	struct in6_addr local6, peer6;	/* link-local, of IPv6CP's identifiers; :: while it is down */
};

struct masqd_session {
	uint32_t serial;	/* 0: not admitted yet */
	int64_t started;
	struct in_addr address;	/* for the peer; 0.0.0.0 if masqd leaves the choice to pppd */
	char policy[64];
	struct in_addr dns[2];	/* to be told to the peer; 0.0.0.0: none */
	int passes_ipv6;	/* the kernel's rules are open for it */
};

enum masqd_answer {
	MASQD_NOTHING,		/* no news */
	MASQD_ADMITTED,
	MASQD_OPENED,		/* the kernel enforces the session */
	MASQD_CLOSED,		/* masqd ended the session */
	MASQD_REFUSED,		/* masqd does not serve the line */
	MASQD_FAILED,		/* masqd answered with another error */
	MASQD_ABSENT,		/* nobody answers, or not in time */
	MASQD_CANCELLED,	/* a signal came and is_cancelled said so */
};

/* is_cancelled is asked when a signal interrupts a wait for Admit or Open. */
void masqd_link_init(int (*is_cancelled)(void));

/* Asks for admission and waits at most line->timeout_ms. If line->address is set already, it is that address or none. */
enum masqd_answer masqd_link_admit(const struct masqd_line *line);

/* Opens the admitted session and waits at most line->timeout_ms for the kernel's rules. */
enum masqd_answer masqd_link_open(const struct masqd_line *line);

/* The line is up; without effect unless the session is open. Never waits. */
void masqd_link_up(const struct masqd_line *line);

/* IPv6CP is up with these addresses, or down; without effect unless the session is open: an Open that is granted tells it. Never
 * waits; the session passes no IPv6 until a poll hears that it does. */
void masqd_link_ipv6(const struct masqd_line *line);

/* The line goes down: ends an open session and waits 100 ms at most, so that masqd can read the counters of the
 * interface while it is there. Forgets the session. */
void masqd_link_close(const char *cause);

/* Looks for news without waiting; to be called about twice a second while the line is up. Without a connection, one is
 * tried, and the same session announced again (or admission asked for, if there was none): MASQD_ADMITTED and
 * MASQD_OPENED tell the progress. MASQD_ABSENT is told once for each open session that lost its masqd. */
enum masqd_answer masqd_link_poll(const struct masqd_line *line);

/* The serial is 0 unless masqd admitted the line. */
const struct masqd_session *masqd_link_session(void);

/* Why the last answer was none of the good ones: printable words of less than 200 bytes, never empty. */
const char *masqd_link_reason(void);

/* In a forked child: lets go of the connection, which stays the parent's. */
void masqd_link_forget(void);

#endif
