/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What the code under test writes to standard output or standard error. */

#ifndef TESTS_UNIT_SAID_H
#define TESTS_UNIT_SAID_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct said {
	FILE *stream, *copy;
	int before;
};

static inline struct said said_begin(FILE *stream)
{
	struct said said = { .stream = stream };

	fflush(stream);
	said.before = dup(fileno(stream));
	said.copy = tmpfile();
	assert_true(said.before >= 0 && said.copy);
	assert_true(dup2(fileno(said.copy), fileno(stream)) >= 0);
	return said;
}

/* All of it since then. Caller frees. */
static inline char *said_end(struct said said)
{
	off_t length;
	char *text;

	fflush(said.stream);
	assert_true(dup2(said.before, fileno(said.stream)) >= 0);
	length = lseek(fileno(said.copy), 0, SEEK_END);
	assert_true(length >= 0);
	text = calloc(1, (size_t)length + 1);
	assert_non_null(text);
	assert_int_equal(pread(fileno(said.copy), text, (size_t)length, 0), length);
	fclose(said.copy);
	close(said.before);
	return text;
}

#endif
