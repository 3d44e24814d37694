/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Splits a stream of bytes at its NULs. Each byte is looked at once and moved at most once, however it arrives. */

#include "lib/frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int reserve(struct frame *f, size_t len)
{
	size_t size = f->size ? f->size : 1024;
	char *data;

	if (f->taken) {
		f->used -= f->taken;
		memmove(f->data, f->data + f->taken, f->used);
		f->taken = 0;
	}
	while (size - f->used < len)
		size *= 2;
	if (size == f->size)
		return 0;
	data = realloc(f->data, size);
	if (!data)
		return -ENOMEM;
	f->data = data;
	f->size = size;
	return 0;
}

int frame_put(struct frame *f, const void *bytes, size_t len)
{
	size_t limit = f->limit ? f->limit : FRAME_MAX;
	const char *begin = bytes, *end = begin + len, *nul;

	if (len == 0)
		return 0;
	if (reserve(f, len))
		return -ENOMEM;
	memcpy(f->data + f->used, bytes, len);
	f->used += len;

	while (begin < end) {
		nul = memchr(begin, '\0', end - begin);
		f->partial += (nul ? nul + 1 : end) - begin;
		if (f->partial + !nul > limit)
			return -EMSGSIZE;
		if (!nul)
			break;
		f->partial = 0;
		begin = nul + 1;
	}
	return 0;
}

const char *frame_take(struct frame *f)
{
	const char *message;

	if (f->used - f->taken == f->partial) {
		/* Thousands of connections are quiet for hours. */
		if (!f->partial)
			frame_reset(f);
		return NULL;
	}
	message = f->data + f->taken;
	f->taken += strlen(message) + 1;
	return message;
}

bool frame_is_partial(const struct frame *f)
{
	return f->partial > 0;
}

void frame_reset(struct frame *f)
{
	free(f->data);
	*f = (struct frame){ .limit = f->limit };
}
