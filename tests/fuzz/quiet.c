/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/log.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/quiet.h"

unsigned quiet_errors, quiet_warnings;

static void put(const char *format, va_list arguments)
{
	char *line, *safe;

	must(vasprintf(&line, format, arguments) >= 0);
	safe = text_escape(line);
	must(safe && fuzz_is_printable(safe));
	free(safe);
	free(line);
}

#define PUT() \
	do { \
		va_list arguments; \
		va_start(arguments, format); \
		put(format, arguments); \
		va_end(arguments); \
	} while (0)

void log_open(const char *program, int verbosity)
{
	(void)program;
	(void)verbosity;
}

void log_error(const char *format, ...)
{
	quiet_errors++;
	PUT();
}

void log_warn(const char *format, ...)
{
	quiet_warnings++;
	PUT();
}

void log_info(const char *format, ...)
{
	PUT();
}

void log_debug(const char *format, ...)
{
	PUT();
}

/* Nothing that comes in may end a daemon. */
void die(int code, const char *format, ...)
{
	(void)code;
	PUT();
	abort();
}
