/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A regular file without a disk, for what reads its input by a path. */

#ifndef TESTS_FUZZ_MEMORY_FILE_H
#define TESTS_FUZZ_MEMORY_FILE_H

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

struct memory_file {
	int fd;
	char path[32];	/* it can be opened by this as long as fd is */
};

static inline void memory_file_open(struct memory_file *file)
{
	file->fd = memfd_create("fuzz", MFD_CLOEXEC);
	must(file->fd >= 0);
	snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->fd);
}

/* Its content is this from now on. */
static inline void memory_file_fill(const struct memory_file *file, const void *bytes, size_t size)
{
	must(ftruncate(file->fd, 0) == 0 && pwrite(file->fd, bytes, size, 0) == (ssize_t)size);
}

#endif
