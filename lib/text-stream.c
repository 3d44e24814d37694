/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include "lib/text-stream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define FIRST_SIZE 256

static bool make_room(struct text_stream *stream, size_t length)
{
	size_t size = stream->size;
	char *larger;

	while (length >= size - stream->length)
		size *= 2;
	if (size == stream->size)
		return true;
	larger = realloc(stream->text, size);
	if (!larger)
		return false;
	stream->text = larger;
	stream->size = size;
	return true;
}

/* Nothing is taken after what did not fit. */
static ssize_t on_write(void *cookie, const char *bytes, size_t length)
{
	struct text_stream *stream = cookie;

	if (stream->is_cut || !make_room(stream, length)) {
		stream->is_cut = true;
		return 0;
	}
	memcpy(stream->text + stream->length, bytes, length);
	stream->length += length;
	stream->text[stream->length] = '\0';
	return (ssize_t)length;
}

FILE *text_stream_open(struct text_stream *stream)
{
	static const cookie_io_functions_t functions = { .write = on_write };

	*stream = (struct text_stream){ .text = calloc(1, FIRST_SIZE), .size = FIRST_SIZE };
	if (stream->text)
		stream->out = fopencookie(stream, "w", functions);
	return stream->out;
}

char *text_stream_close(struct text_stream *stream)
{
	bool is_whole = stream->out && fclose(stream->out) == 0 && !stream->is_cut;
	char *text = stream->text;

	*stream = (struct text_stream){ 0 };
	if (is_whole)
		return text;
	free(text);
	return NULL;
}
