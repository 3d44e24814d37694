/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What the targets share. Each says at its top what must hold for every input. */

#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A claim about the input, said when it does not hold. */
#define must(claim) ((claim) ? (void)0 : fuzz_fail(#claim, __FILE__, __LINE__))

__attribute__((noreturn)) static inline void fuzz_fail(const char *claim, const char *file, int line)
{
	fprintf(stderr, "%s:%d: must hold: %s\n", file, line, claim);
	abort();
}

/* Bytes as a string of its own, in memory that is not a byte longer: it ends at its first zero byte. Caller frees. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = strndup(size ? (const char *)data : "", size);

	must(text);
	return text;
}

/* Is it what may stand in a log or on a terminal: characters, and no control among them? The backslash is for text_escape to write. */
static inline bool fuzz_is_printable(const char *text)
{
	for (const char *p = text; *p; p++) {
		unsigned char byte = (unsigned char)*p;

		/* C1 controls are two bytes of UTF-8. */
		if (byte < 0x20 || byte == 0x7f || (byte == 0xc2 && (unsigned char)p[1] < 0xa0))
			return false;
	}
	return text_is_utf8(text);
}

/* Is it ASCII that can be printed? What is in our own static texts, and all that nft may read. */
static inline bool fuzz_is_plain(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

#endif
