/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* For what is preloaded into a program: a number in a file, which a test may change at any time. */

#ifndef TESTS_FAULTS_TOLD_H
#define TESTS_FAULTS_TOLD_H

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int told_file = -1;

/* The file stays open, since the program may give up the right to open it. */
__attribute__((constructor)) static void told_open(void)
{
	const char *path = getenv("TOLD");

	told_file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

static long long told(void)
{
	char text[32] = "";

	return told_file >= 0 && pread(told_file, text, sizeof(text) - 1, 0) > 0 ? atoll(text) : 0;
}

#endif
