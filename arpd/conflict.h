/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Who on a LAN uses, or would like to use, an address that is published there. One entry for each such station; whoever is on the
 * LAN can make as many up as he likes, so only CONFLICTS_MAX are kept, the one that was silent for longest goes first, and the log
 * has only so many lines. */

#ifndef ARPD_CONFLICT_H
#define ARPD_CONFLICT_H

#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <uthash.h>

enum { CONFLICTS_MAX = 256, CONFLICT_LINES_PER_MINUTE = 20, CONFLICT_SILENT_S = 600 };

struct conflict {
	struct conflict_key {
		struct in6_addr address;
		char lan[IFNAMSIZ];
		unsigned char mac[ETH_ALEN];
	} key;
	unsigned long count;	/* packets of that station's that claim or ask for the address */
	unsigned long defended;	/* announcements and answers to its probes */
	time_t first, last;	/* what the clock on the wall showed */
	int64_t last_ms;	/* of varlink_now_ms, for the age */
	UT_hash_handle hh;
};

struct conflict_table {
	struct conflict *conflicts;	/* from the one silent for longest to the newest */
	int64_t minute_ms;		/* in which so many lines were logged */
	unsigned lines;
};

/* Notes one more packet. NULL without memory. is_new: the station was not known before. */
struct conflict *conflict_note(struct conflict_table *table, const struct in6_addr *address, const char *lan,
			       const unsigned char mac[ETH_ALEN], bool *is_new);
/* May one more line be logged? */
bool conflict_may_log(struct conflict_table *table);
/* All that concern an address on a LAN are over. */
void conflict_forget(struct conflict_table *table, const struct in6_addr *address, const char *lan);
/* Takes out one that was silent for CONFLICT_SILENT_S; false if there is none. */
bool conflict_expire(struct conflict_table *table, struct conflict_key *key);
bool conflict_has(const struct conflict_table *table, const struct in6_addr *address, const char *lan);
void conflict_free(struct conflict_table *table);

#define MAC_TEXT_MAX 18
const char *mac_text(const unsigned char mac[ETH_ALEN], char text[MAC_TEXT_MAX]);

#endif
