/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* One write(2) a line, so that lines of several processes never mix. The priority prefix is that of sd-daemon(3). */

#include "config.h"

#include "lib/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "lib/text.h"

/* The only state: what log_open was told, before anything else runs. */
static struct {
	const char *program;
	int verbosity;
	bool has_journal;
} output = { .program = "masqgate" };

void log_open(const char *program, int verbosity)
{
	output.program = program;
	output.verbosity = verbosity;
	output.has_journal = getenv("JOURNAL_STREAM");
	setvbuf(stderr, NULL, _IOFBF, BUFSIZ);
}

static void put(int priority, const char *format, va_list arguments)
{
	char *line = NULL, *safe = NULL;

	if (vasprintf(&line, format, arguments) >= 0)
		safe = text_escape(line);
	else
		line = NULL;
	if (output.has_journal)
		fprintf(stderr, "<%d>%s\n", priority, safe ? safe : "out of memory");
	else
		fprintf(stderr, "%s: %s\n", output.program, safe ? safe : "out of memory");
	fflush(stderr);
	free(safe);
	free(line);
}

void log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	put(LOG_ERR, format, arguments);
	va_end(arguments);
}

void log_warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	put(LOG_WARNING, format, arguments);
	va_end(arguments);
}

void log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	put(LOG_INFO, format, arguments);
	va_end(arguments);
}

void log_debug(const char *format, ...)
{
	va_list arguments;

	if (output.verbosity < 1)
		return;
	va_start(arguments, format);
	put(LOG_DEBUG, format, arguments);
	va_end(arguments);
}

void die(int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	put(LOG_ERR, format, arguments);
	va_end(arguments);
	exit(code);
}
