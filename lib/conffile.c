/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A scanner that knows as much of libconfuse's syntax as is needed to see what libconfuse overlooks. */

#include "config.h"

#include "lib/conffile.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/suggest.h"

#define SIZE_MAX_BYTES	(1024 * 1024)
/* A file that is something else altogether need not be reported line by line. */
#define ERRORS_MAX	100

/* The file being parsed: libconfuse hands no context to its callbacks. */
static struct conffile *parsing;

static void error_add(struct conffile *file, unsigned line, const char *format, va_list arguments)
{
	char *what, *text, **errors;
	int len;

	if (file->error_count >= ERRORS_MAX || vasprintf(&what, format, arguments) < 0)
		return;
	if (line)
		len = asprintf(&text, "%s:%u: %s", file->path, line, what);
	else
		len = asprintf(&text, "%s: %s", file->path, what);
	/* The validator of a list is called once more at the list's end. */
	if (len >= 0 && file->error_count > 0) {
		const char *last = strrchr(file->errors[file->error_count - 1], '\0') - strlen(what);

		if (last > file->errors[file->error_count - 1] && strcmp(last, what) == 0) {
			free(text);
			len = -1;
		}
	}
	free(what);
	if (len < 0)
		return;
	errors = realloc(file->errors, (file->error_count + 1) * sizeof(*errors));
	if (!errors) {
		free(text);
		return;
	}
	file->errors = errors;
	errors[file->error_count++] = text;
}

void conffile_error(struct conffile *file, unsigned line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	error_add(file, line, format, arguments);
	va_end(arguments);
}

int conffile_complain(const cfg_t *cfg, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	error_add(parsing, (unsigned)cfg->line, format, arguments);
	va_end(arguments);
	return 0;
}

static int note_value(cfg_t *cfg, cfg_opt_t *opt)
{
	unsigned size = cfg_opt_size(opt);
	struct conffile_value *values, *last;

	/* Defaults are parsed too, by cfg_init. */
	if (!parsing || size == 0)
		return 0;
	values = parsing->values;
	last = parsing->value_count ? &values[parsing->value_count - 1] : NULL;
	/* A list's validator is called once more at its end. */
	if (last && last->opt == opt && last->index == size - 1 && (opt->flags & CFGF_LIST))
		return 0;
	values = reallocarray(values, parsing->value_count + 1, sizeof(*values));
	if (!values)
		return 0;
	parsing->values = values;
	values[parsing->value_count++] = (struct conffile_value){ .opt = opt, .index = size - 1, .line = (unsigned)cfg->line };
	return 0;
}

void conffile_note_lines(cfg_opt_t *opts)
{
	for (; opts->name; opts++) {
		if (opts->type == CFGT_SEC)
			conffile_note_lines(opts->subopts);
		else
			opts->validcb = note_value;
	}
}

/* The last one counts, as a value given twice does. */
unsigned conffile_value_line(const struct conffile *file, const cfg_opt_t *opt, unsigned i)
{
	for (size_t k = file->value_count; k > 0; k--)
		if (file->values[k - 1].opt == opt && file->values[k - 1].index == i)
			return file->values[k - 1].line;
	return 0;
}

/* Reads all of it into file->text. */
static int read_text(struct conffile *file)
{
	struct stat st;
	size_t used = 0;
	ssize_t len;
	int fd, rc;

	/* Neither a FIFO nor a terminal may hold us up. */
	fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st))
		goto fail;
	if (!S_ISREG(st.st_mode)) {
		conffile_error(file, 0, "cannot read: not a regular file");
		close(fd);
		return -EBADMSG;
	}
	file->text = malloc(SIZE_MAX_BYTES + 1);
	if (!file->text)
		goto fail;
	while (used <= SIZE_MAX_BYTES && (len = read(fd, file->text + used, SIZE_MAX_BYTES + 1 - used)) != 0) {
		if (len < 0 && errno != EINTR)
			goto fail;
		used += len > 0 ? (size_t)len : 0;
	}
	close(fd);
	if (used > SIZE_MAX_BYTES) {
		conffile_error(file, 0, "cannot read: longer than 1 MiB");
		return -EBADMSG;
	}
	file->text[used] = '\0';
	if (strlen(file->text) < used) {
		conffile_error(file, 0, "cannot read: it has a zero byte");
		return -EBADMSG;
	}
	return 0;
fail:
	rc = -errno;
	conffile_error(file, 0, "cannot read: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Skips a comment that begins at p, making it blank; p itself if none does, NULL if it has no end. */
static char *blank_comment(char *p, unsigned *line)
{
	char *end;

	if (p[0] == '#' || (p[0] == '/' && p[1] == '/')) {
		end = p + strcspn(p, "\n");
	} else if (p[0] == '/' && p[1] == '*') {
		end = strstr(p + 2, "*/");
		if (!end)
			return NULL;
		end += 2;
	} else {
		return p;
	}
	for (; p < end; p++) {
		if (*p == '\n')
			(*line)++;
		else
			*p = ' ';
	}
	return end;
}

/* Skips the string whose opening quote p points to. NULL after an error. */
static char *skip_string(struct conffile *file, char *p, unsigned line)
{
	char quote = *p++;

	for (; *p != quote; p++) {
		if (*p == '\0' || *p == '\n') {
			conffile_error(file, line, "string without end: its quote must be closed on the same line");
			return NULL;
		}
		if (quote == '"' && p[0] == '$' && p[1] == '{') {
			conffile_error(file, line, "environment variables are not supported: a backslash before the $ makes it a character");
			return NULL;
		}
		if (*p != '\\')
			continue;
		/* Octal and hexadecimal escapes could make a zero byte. */
		if (quote == '"' && (isdigit((unsigned char)p[1]) || p[1] == 'x')) {
			conffile_error(file, line, "numeric escape sequences are not supported");
			return NULL;
		}
		if (p[1] && p[1] != '\n')
			p++;
	}
	return p + 1;
}

static int brace_open(struct conffile *file, unsigned line)
{
	struct conffile_brace *braces = reallocarray(file->braces, file->brace_count + 1, sizeof(*braces));

	if (!braces) {
		conffile_error(file, 0, "cannot read: %s", strerror(ENOMEM));
		return -ENOMEM;
	}
	file->braces = braces;
	braces[file->brace_count++] = (struct conffile_brace){ .opened = line };
	return 0;
}

/* The innermost brace that is still open, or NULL. */
static struct conffile_brace *brace_innermost(struct conffile *file)
{
	for (size_t i = file->brace_count; i > 0; i--) {
		if (!file->braces[i - 1].closed)
			return &file->braces[i - 1];
	}
	return NULL;
}

static int brace_close(struct conffile *file, unsigned line)
{
	struct conffile_brace *brace = brace_innermost(file);

	if (!brace) {
		conffile_error(file, line, "closing brace without an opening one");
		return -EBADMSG;
	}
	brace->closed = line;
	return 0;
}

/* Goes through the text as libconfuse's lexer will. Comments are made blank, since libconfuse miscounts their lines. */
static int scan(struct conffile *file)
{
	const struct conffile_brace *open;
	char *p = file->text;
	unsigned line = 1;
	int rc = 0;

	while (*p && !rc) {
		unsigned start = line;
		char *after = blank_comment(p, &line);

		if (!after) {
			conffile_error(file, start, "comment without end");
			return -EBADMSG;
		}
		if (after > p) {
			p = after;
			continue;
		}
		if (*p == '"' || *p == '\'') {
			p = skip_string(file, p, line);
			if (!p)
				return -EBADMSG;
			continue;
		}
		if (p[0] == '$' && p[1] == '{') {
			conffile_error(file, line, "environment variables are not supported");
			return -EBADMSG;
		}
		line += *p == '\n';
		if (*p == '{')
			rc = brace_open(file, line);
		else if (*p == '}')
			rc = brace_close(file, line);
		p++;
	}
	open = brace_innermost(file);
	if (!rc && open) {
		conffile_error(file, open->opened, "brace without end");
		return -EBADMSG;
	}
	return rc;
}

int conffile_open(struct conffile *file, const char *path)
{
	int rc;

	*file = (struct conffile){ .path = path };
	rc = read_text(file);
	return rc ? rc : scan(file);
}

void conffile_close(struct conffile *file)
{
	for (size_t i = 0; i < file->error_count; i++)
		free(file->errors[i]);
	free(file->errors);
	free(file->braces);
	free(file->values);
	free(file->text);
	*file = (struct conffile){ 0 };
}

/* libconfuse's message for a key that it does not know, whose name is its only argument. */
static const char unknown_key[] = "no such option '%s'";

static void complain_of_key(const cfg_t *cfg, const char *name)
{
	struct suggest suggest = { .typed = name };
	const char *title = cfg_title((cfg_t *)cfg);

	for (const cfg_opt_t *opt = cfg->opts; opt->name; opt++)
		suggest_consider(&suggest, opt->name);
	if (title)
		conffile_complain(cfg, "%s \"%s\": %s: %s", cfg->name, title, name, suggest_reason(&suggest, "no such key"));
	else
		conffile_complain(cfg, "%s: %s", name, suggest_reason(&suggest, "no such key or section"));
}

static void on_error(cfg_t *cfg, const char *format, va_list arguments)
{
	va_list copy;

	if (strcmp(format, unknown_key) == 0) {
		va_copy(copy, arguments);
		complain_of_key(cfg, va_arg(copy, const char *));
		va_end(copy);
		return;
	}
	error_add(parsing, (unsigned)cfg->line, format, arguments);
}

int conffile_parse(struct conffile *file, cfg_t *cfg)
{
	int rc;

	parsing = file;
	cfg_set_error_function(cfg, on_error);
	rc = cfg_parse_buf(cfg, file->text);
	parsing = NULL;
	if (rc != CFG_SUCCESS && file->error_count == 0)
		conffile_error(file, 0, "cannot read: syntax error");
	return file->error_count > 0 ? -EBADMSG : 0;
}

unsigned conffile_section_line(const struct conffile *file, const cfg_t *section)
{
	unsigned closed = (unsigned)section->line;

	/* Where several end on one line, the outermost comes first. */
	for (size_t i = 0; i < file->brace_count; i++) {
		if (file->braces[i].closed == closed)
			return file->braces[i].opened;
	}
	return closed;
}
