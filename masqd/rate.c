/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Units of sizes are tc's and nft's: k is 1024 bytes. */

#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/bitrate.h"
#include "masqd/conf.h"
#include "masqd/rate.h"

/* No tty is slower (termios(3)). */
enum { LINE_MIN = 50 };

/* Headers: of IP and TCP without options. */
enum { HEADERS = 40, PACKET_MAX = 1500, MSS_MIN = 256 };

static const struct {
	const char *name;
	uint32_t factor;
} sizes[] = { { "M", 1 << 20 }, { "k", 1 << 10 }, { "", 1 } };
enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

/* What takes away, for a user say, what a policy has. */
static const char none[] = "none";

const char *rate_parse(const struct conf *conf, const char *text, void *member)
{
	uint64_t rate = 0;
	bool is_none = strcmp(text, none) == 0, is_rate = bitrate_parse(text, &rate);

	if (is_rate && rate == 0)
		return "must be more than 0, or none";
	if (!is_none && (!is_rate || rate < RATE_MIN || rate > RATE_MAX))
		return "must be none or a rate from 1kbit to 32Gbit, as in 56kbit, 33.6kbit, 10Mbit or 9600 (bit/s)";
	*(uint64_t *)member = rate;
	return NULL;
}

void rate_print(FILE *out, const void *member)
{
	uint64_t rate = *(const uint64_t *)member;
	char text[BITRATE_TEXT_MAX];

	if (rate)
		fputs(bitrate_text(rate, text), out);
}

json_t *rate_json(const void *member)
{
	uint64_t rate = *(const uint64_t *)member;

	return rate ? json_integer((json_int_t)rate) : json_null();
}

const char *rate_parse_burst(const struct conf *conf, const char *text, void *member)
{
	char *unit;
	unsigned long long bytes = isdigit((unsigned char)*text) ? strtoull(text, &unit, 10) : 0;
	unsigned i = 0;

	if (strcmp(text, none) == 0) {
		*(uint32_t *)member = 0;
		return NULL;
	}
	while (bytes && i < SIZES && strcasecmp(unit, sizes[i].name) != 0)
		i++;
	if (!bytes || i == SIZES || bytes > BURST_MAX / sizes[i].factor || bytes * sizes[i].factor < BURST_MIN)
		return "must be none or a number of bytes from 1600 to 256M, as in 16000, 32k or 1M";
	*(uint32_t *)member = (uint32_t)bytes * sizes[i].factor;
	return NULL;
}

void rate_print_burst(FILE *out, const void *member)
{
	uint32_t bytes = *(const uint32_t *)member;
	unsigned i = 0;

	if (!bytes)
		return;
	while (bytes % sizes[i].factor)
		i++;
	fprintf(out, "%u%s", bytes / sizes[i].factor, sizes[i].name);
}

json_t *rate_json_burst(const void *member)
{
	uint32_t bytes = *(const uint32_t *)member;

	return bytes ? json_integer(bytes) : json_null();
}

const char *rate_parse_line(const struct conf *conf, const char *text, void *member)
{
	*(bool *)member = strcmp(text, "line") == 0;
	return *(bool *)member || strcmp(text, none) == 0 ? NULL : "must be line or none; a rate in bit/s is given as rate-down and rate-up";
}

void rate_print_line(FILE *out, const void *member)
{
	if (*(const bool *)member)
		fputs("line", out);
}

json_t *rate_json_line(const void *member)
{
	return *(const bool *)member ? json_string("line") : json_null();
}

uint64_t rate_burst_up_min(uint64_t rate)
{
	return rate / 8;
}

bool rate_has_any(const struct policy *policy)
{
	return policy->rate_down || policy->rate_up || policy->rate_is_line || policy->quota.over.action == OVER_QUOTA_THROTTLE;
}

const char *rate_objection(const struct policy *policy)
{
	if (policy->rate_is_line && policy->rate_down)
		return "rate: line: is in the way of rate-down";
	if (policy->rate_is_line && policy->rate_up)
		return "rate: line: is in the way of rate-up";
	if (policy->burst_down && !policy->rate_down && !policy->rate_is_line)
		return "burst-down: needs rate-down";
	if (policy->burst_up && !policy->rate_up && !policy->rate_is_line)
		return "burst-up: needs rate-up";
	if (policy->burst_up && policy->burst_up < rate_burst_up_min(policy->rate_up))
		return "burst-up: must be at least a second of rate-up";
	return NULL;
}

uint64_t rate_line_up(unsigned speed)
{
	return speed < LINE_MIN ? 0 : (uint64_t)speed * 8 / 10;
}

uint64_t rate_line_down(unsigned speed)
{
	return rate_line_up(speed) * 19 / 20;
}

static uint32_t burst_within(uint64_t bytes, uint32_t min)
{
	if (bytes < min)
		return min;
	return bytes < BURST_MAX ? (uint32_t)bytes : BURST_MAX;
}

uint32_t rate_burst_down(uint64_t rate)
{
	return burst_within(rate / 8 / 10, 1);
}

/* Ten segments, with which TCP begins (RFC 6928), are no abuse. */
uint32_t rate_burst_up(uint64_t rate)
{
	return burst_within(rate_burst_up_min(rate), 10 * PACKET_MAX);
}

unsigned rate_mss(uint64_t rate)
{
	uint64_t packet = rate / 8 / 5;

	if (!rate || packet >= PACKET_MAX)
		return 0;
	return packet > HEADERS + MSS_MIN ? (unsigned)packet - HEADERS : MSS_MIN;
}
