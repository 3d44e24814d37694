/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Lines that hang up. One ends at once. When a trunk fails and hundreds come together, those end for which there is time, and the others
 * wait for the loop's next turn, so that whoever asks for something else meanwhile is not kept waiting. */

#ifndef MASQD_HANG_UPS_H
#define MASQD_HANG_UPS_H

#include <event2/event.h>
#include <stdint.h>

/* What a turn of the loop may spend on them. */
#define HANG_UPS_SLICE_MS 5
/* What a new caller may be kept waiting for them: half of what his pppd waits. */
#define HANG_UPS_FINISH_MS 250

struct hang_ups;

/* end is called for each, sooner or later. NULL without memory. */
struct hang_ups *hang_ups_new(struct event_base *base, void (*end)(void *ctx, uint32_t serial, const char *cause), void *ctx);

/* Those that wait are forgotten. */
void hang_ups_free(struct hang_ups *hang_ups);

/* cause is copied. */
void hang_ups_add(struct hang_ups *hang_ups, uint32_t serial, const char *cause);

/* Ends those that wait, as many as there is time for: before a new caller needs what they had. */
void hang_ups_finish(struct hang_ups *hang_ups);

#endif
