/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Log lines to standard error, with the journal's priority prefix when the journal reads them. Bytes that are not
 * printable ASCII or valid UTF-8 letters are written escaped, whatever they come from: give them as they are. */

#ifndef LIB_LOG_H
#define LIB_LOG_H

/* program (borrowed for life): shown before each line, except to the journal, which knows it. verbosity 0 shows errors
 * to info, 1 and more also debug. Errno is not kept by any of these. */
void log_open(const char *program, int verbosity);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Log an error and end the program with a code of sysexits.h. Only before the event loop runs. */
void die(int code, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));

#endif
