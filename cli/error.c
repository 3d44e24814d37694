/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* One place for the wording: "masqctl: what failed: object: reason", then a hint; or the same as JSON. */

#include "config.h"

#include "cli/error.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/json.h"
#include "lib/text.h"

static enum error_form error_form;

void error_set_form(enum error_form form)
{
	error_form = form;
}

void error_no_memory(void)
{
	fputs("masqctl: out of memory\n", stderr);
	exit(ERROR_FAILED);
}

static void print_line(const char *label, const char *text)
{
	char *escaped = text_escape(text);

	if (!escaped)
		error_no_memory();
	fprintf(stderr, "%s: %s\n", label, escaped);
	free(escaped);
}

static void report(enum error_code code, const char *hint, const char *message)
{
	if (error_form == ERROR_FORM_JSON) {
		json_t *envelope = json_envelope("org.masqgate.error");

		json_object_set_new(envelope, "error", text_json(message));
		json_object_set_new(envelope, "hint", text_json(hint));
		json_object_set_new(envelope, "exit_code", json_integer(code));
		json_write(envelope, JSON_STYLE_COMPACT, stderr);
		json_decref(envelope);
		return;
	}
	print_line("masqctl", message);
	if (hint)
		print_line("hint", hint);
}

int error_report(enum error_code code, const char *hint, const char *format, ...)
{
	char *message;
	va_list args;

	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		error_no_memory();
	va_end(args);
	report(code, hint, message);
	free(message);
	return code;
}

int error_suggest(enum error_code code, const char *suggestion, const char *format, ...)
{
	char *message, *hint = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&message, format, args) < 0 ||
	    (suggestion && asprintf(&hint, "did you mean \"%s\"?", suggestion) < 0))
		error_no_memory();
	va_end(args);
	report(code, hint, message);
	free(message);
	free(hint);
	return code;
}

const char *error_text(int rc)
{
	static char text[128];

	snprintf(text, sizeof(text), "%s", strerror(-rc));
	/* "Connection refused", but not "RFS specific error" */
	if (isupper((unsigned char)text[0]) && islower((unsigned char)text[1]))
		text[0] = (char)tolower((unsigned char)text[0]);
	return text;
}
