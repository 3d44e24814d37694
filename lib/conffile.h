/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A configuration file, read so that libconfuse cannot be led astray, and everything that is wrong with it, each error
 * as "file:line: what: object: reason".
 *
 * libconfuse accepts a file that is cut off inside a section, ends the program when given a folder, expands ${ENV}, cuts
 * strings at a zero byte, miscounts the lines of comments, reports the first error only, and knows a section's last line
 * but not its first. So the text is checked here and handed over as a buffer without comments, validators complain
 * without stopping it, and braces are remembered. */

#ifndef LIB_CONFFILE_H
#define LIB_CONFFILE_H

#include <confuse.h>
#include <stddef.h>

struct conffile {
	const char *path;	/* borrowed */
	char *text;
	struct conffile_brace {
		unsigned opened, closed;	/* lines */
	} *braces;
	size_t brace_count;
	struct conffile_value {
		const cfg_opt_t *opt;
		unsigned index, line;
	} *values;
	size_t value_count;
	char **errors;		/* complete texts, in the order in which they were found */
	size_t error_count;
};

/* Reads the file: regular, at most 1 MiB, no zero byte, braces, strings and comments closed. 0; -EBADMSG or another
 * -errno with the reason in errors. Close it in every case. */
int conffile_open(struct conffile *file, const char *path);
void conffile_close(struct conffile *file);

/* Fills cfg. 0 or -EBADMSG with everything that libconfuse and the validators found in errors. */
int conffile_parse(struct conffile *file, cfg_t *cfg);

/* For validators (cfg_set_validate_func), during conffile_parse: an error on the line of the value just read. Returns 0
 * for the validator to return, so that the errors after it are found as well. */
int conffile_complain(const cfg_t *cfg, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes conffile_parse note the line of every value of these options and of their sections; before cfg_init. */
void conffile_note_lines(cfg_opt_t *opts);

/* The line of an option's value number i; 0 if it was not noted, or is not in the file. */
unsigned conffile_value_line(const struct conffile *file, const cfg_opt_t *opt, unsigned i);

/* For checks after conffile_parse: an error on a line, or of the whole file if line is 0. */
void conffile_error(struct conffile *file, unsigned line, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The line on which a section's brace was opened. */
unsigned conffile_section_line(const struct conffile *file, const cfg_t *section);

#endif
