/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Conditions on a row: "key OP value", as in 'user=*@isp.example' or 'rx>1G'. Pure. */

#ifndef CLI_FILTER_H
#define CLI_FILTER_H

#include <jansson.h>
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/column.h"
#include "lib/ip.h"

enum filter_op {
	FILTER_EQUAL,
	FILTER_NOT_EQUAL,
	FILTER_LIKE,	/* ~, an extended regular expression */
	FILTER_LESS,
	FILTER_GREATER,
	FILTER_LESS_EQUAL,
	FILTER_GREATER_EQUAL,
};

enum filter_value {
	FILTER_PATTERN,	/* the shown text, or a glob that matches it */
	FILTER_PREFIX,	/* an address or prefix that holds it */
	FILTER_NUMBER,
	FILTER_REGEX,
	FILTER_ABSENT,	/* the empty value */
};

struct filter {
	const struct column *column;
	enum filter_op op;
	enum filter_value kind;
	const char *pattern;	/* borrowed from the argument */
	struct ip_prefix prefix;
	int64_t number;
	regex_t regex;		/* only for FILTER_REGEX */
};

struct filter_error {
	char text[256];
	char suggestion[COLUMN_NAME_MAX];	/* empty if there is none */
};

/* Text lives as long as the filter. 0, or -EINVAL with what is wrong in error. */
int filter_parse(struct filter *f, const struct column_set *set, const char *text, struct filter_error *error);
void filter_free(struct filter *f);

/* What is absent equals the empty text and is neither smaller nor larger than anything. */
bool filter_matches(const struct filter *f, const json_t *row);

/* Conditions joined by AND. */
struct filters {
	struct filter *items;
	size_t count;
};

/* Parses the words of a command line; reports the first bad one. 0 or an exit code. filters_free in both cases. */
int filters_parse(struct filters *filters, const struct column_set *set, int count, char *const *words);
void filters_free(struct filters *filters);
bool filters_match(const struct filters *filters, const json_t *row);

/* Appends the names of the members that they look at (cli/column.h). */
void filters_add_fields(const struct filters *filters, json_t *fields);

/* Does one of them refer to a column with one of these flags (enum column_flags)? */
bool filters_use(const struct filters *filters, unsigned flags);

#endif
