/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* An element of the table inet masqgate in words, as nft shows it: for masqctl reconcile. */

#ifndef MASQD_ELEMENT_TEXT_H
#define MASQD_ELEMENT_TEXT_H

#include <stdint.h>

#include "masqd/element.h"
#include "masqd/links.h"

#define ELEMENT_TEXT_MAX 160

struct element_text {
	char key[ELEMENT_TEXT_MAX];
	char value[ELEMENT_TEXT_MAX];	/* with its limit; "" if it has neither */
	uint32_t serial;	/* that stands in key or value; 0: none does */
	unsigned ifindex;	/* likewise */
};

/* links says the interfaces' names. */
void element_text_wanted(struct element_text *text, const struct links *links, const struct element *wanted);
/* As the kernel tells of it; identity says the set. */
void element_text_found(struct element_text *text, const struct links *links, const struct element *identity,
			const struct element_view *found);

#endif
