/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What masqctl says when something does not work, and the exit code that goes with it. */

#ifndef CLI_ERROR_H
#define CLI_ERROR_H

/* masqctl's exit codes besides 0; scripts depend on them. */
enum error_code {
	ERROR_FAILED = 1,	/* or degraded */
	ERROR_USAGE = 2,
	ERROR_NOT_RUNNING = 3,
	ERROR_NO_MATCH = 4,
	ERROR_PERMISSION = 5,
	ERROR_TIMED_OUT = 6,
	ERROR_CONFIGURATION = 7,
	ERROR_VERSION = 8,
	ERROR_PARTLY = 9,
};

/* In what form errors are reported from now on. */
enum error_form {
	ERROR_FORM_TEXT,
	ERROR_FORM_JSON,
};
void error_set_form(enum error_form form);

/* Reports on standard error, once, and returns code. The message is the part behind "masqctl: ", hint (NULL for none)
 * the part behind "hint: ". Both may hold any bytes: they are escaped here. */
int error_report(enum error_code code, const char *hint, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same with a hint 'did you mean "suggestion"?', or without if suggestion is NULL. */
int error_suggest(enum error_code code, const char *suggestion, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Reports that there is no memory and ends the program: masqctl has nothing to save. */
void error_no_memory(void) __attribute__((noreturn));

/* The text of -errno as it stands in messages: lower case. Valid until the next call. */
const char *error_text(int rc);

#endif
