/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A text that grows as stdio writes to it. Of open_memstream's (glibc 2.36) a piece may be missing in the middle where memory lacked, and
 * neither ferror nor fclose says so: of rules it might be the one that drops. Here it is all or nothing. */

#ifndef LIB_TEXT_STREAM_H
#define LIB_TEXT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct text_stream {
	FILE *out;
	char *text;
	size_t length, size;
	bool is_cut;	/* something is missing. Who writes sets it, too, when he had no memory for what he wanted to write. */
};

/* What to write to; it cannot be sought in. NULL: no memory. Only text_stream_close closes it. fprintf with many numbered arguments may
 * lack memory of its own: then it returns less than 0, and the stream knows nothing of it. */
FILE *text_stream_open(struct text_stream *stream);

/* What was written; the caller frees it. NULL: it could not be opened, or something is missing. */
char *text_stream_close(struct text_stream *stream);

#endif
