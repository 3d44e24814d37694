/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Rates and bursts: how the configuration writes them, and what suits which. Pure functions. Rates are bit/s of IP packets, and
 * bursts bytes of them. */

#ifndef MASQD_RATE_H
#define MASQD_RATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct conf;
struct policy;

#define RATE_MIN   1000ULL
#define RATE_MAX   32000000000ULL	/* what tbf takes in 32 bits of bytes a second, rounded down */
#define BURST_MIN  1600U		/* a packet of 1500 bytes with what an interface puts before it */
#define BURST_MAX  (256U << 20)

/* Types of policy keys, in the signatures of masqd/policy-key.h. A rate is a uint64_t, as in "56kbit", "33.6kbit", "10Mbit" or a
 * number of bit/s; a burst is a uint32_t, as in "32k" or a number of bytes. 0 stands for neither, written "none". */
const char *rate_parse(const struct conf *conf, const char *text, void *member);
void rate_print(FILE *out, const void *member);
json_t *rate_json(const void *member);
const char *rate_parse_burst(const struct conf *conf, const char *text, void *member);
void rate_print_burst(FILE *out, const void *member);
json_t *rate_json_burst(const void *member);
/* Is the rate the line's? A bool, written as "line". */
const char *rate_parse_line(const struct conf *conf, const char *text, void *member);
void rate_print_line(FILE *out, const void *member);
json_t *rate_json_line(const void *member);

/* Has it any, now or when a quota is used up? */
bool rate_has_any(const struct policy *policy);

/* What of a policy's rates is in each other's way; NULL if nothing is. */
const char *rate_objection(const struct policy *policy);

/* What a tty of that many bit/s carries: its bytes take ten bits (one to start and one to stop). Towards the client a
 * twentieth less, so that packets wait here, where they are sorted, and not in the tty's buffer. 0 if speed is none of a tty's. */
uint64_t rate_line_up(unsigned speed);
uint64_t rate_line_down(unsigned speed);
/* The bytes that PPP adds to a packet on a tty (RFC 1662 section 3.1: flag, address, control, protocol, check sequence). */
#define RATE_LINE_OVERHEAD 8

/* The burst if the policy does not say: a tenth of a second towards the client, where what is above waits (one packet always
 * goes); a second from it, where it is dropped. */
uint32_t rate_burst_down(uint64_t rate);
uint32_t rate_burst_up(uint64_t rate);
/* The least burst from the client: the kernel's limit lets a second's worth through at once whatever it is told. */
uint64_t rate_burst_up_min(uint64_t rate);

/* The maximum segment size with which a packet takes at most a fifth of a second, so that an interactive one never waits
 * longer for it; not below 256 (296 bytes on the line). 0 where any packet is that short. */
unsigned rate_mss(uint64_t rate);

#endif
