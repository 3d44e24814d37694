/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Rates in bit/s as people write and read them, with tc's units: "56kbit", "33.6kbit", "10Mbit". Pure. */

#ifndef LIB_BITRATE_H
#define LIB_BITRATE_H

#include <stdbool.h>
#include <stdint.h>

#define BITRATE_TEXT_MAX 32

/* A number, perhaps with up to three digits of a fraction, with bit, kbit, Mbit, Gbit (a factor of 1000 each) or nothing, in
 * upper or lower case. False if text is not one. */
bool bitrate_parse(const char *text, uint64_t *rate);

/* In full, in the largest unit that needs no more than three digits of a fraction. */
const char *bitrate_text(uint64_t rate, char text[BITRATE_TEXT_MAX]);

#endif
