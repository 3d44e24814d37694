/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Conditions on a row. */

#include "config.h"

#include "cli/filter.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/error.h"
#include "cli/units.h"
#include "lib/bitrate.h"

/* The longer ones first: "<=" is not "<" with the value "=...". */
static const struct {
	const char *text;
	enum filter_op op;
} operators[] = {
	{ "!=", FILTER_NOT_EQUAL },
	{ "<=", FILTER_LESS_EQUAL },
	{ ">=", FILTER_GREATER_EQUAL },
	{ "=", FILTER_EQUAL },
	{ "~", FILTER_LIKE },
	{ "<", FILTER_LESS },
	{ ">", FILTER_GREATER },
};

static bool is_equality(const struct filter *f)
{
	return f->op == FILTER_EQUAL || f->op == FILTER_NOT_EQUAL;
}

static const char *parse_number(struct filter *f, const char *value)
{
	switch (f->column->kind) {
	case COLUMN_SERIAL:
		return units_number_parse(value + (*value == '#'), &f->number) ? NULL : "must be a serial number, like #12";
	case COLUMN_NUMBER:
		return units_number_parse(value, &f->number) ? NULL : "must be a number";
	case COLUMN_BYTES:
		return units_bytes_parse(value, &f->number) ? NULL : "must be a size, like 10M";
	case COLUMN_RATE:
		f->number = 0;
		return bitrate_parse(value, (uint64_t *)&f->number) ? NULL : "must be a rate, like 56kbit";
	case COLUMN_DURATION:
		return units_duration_parse(value, &f->number) ? NULL : "must be a duration, like 2h or 1h30m";
	case COLUMN_TIME:
		return units_time_parse(value, &f->number) ? NULL : "must be a time in UTC, like 2026-11-22T08:30:00Z or 2026-11-22";
	case COLUMN_ADDRESS:
		return ip_parse(value, &f->prefix.address);
	case COLUMN_TEXT:
	case COLUMN_STATE:
	case COLUMN_BOOL:
	case COLUMN_WORDS:
	case COLUMN_SERIALS:
		return "is not a number: compare it with =, != or ~";
	}
	return NULL;
}

static const char *parse_regex(struct filter *f, const char *value)
{
	static char text[128];
	int rc = regcomp(&f->regex, value, REG_EXTENDED | REG_NOSUB);

	if (!rc)
		return NULL;
	f->kind = FILTER_NUMBER;	/* nothing to free */
	regerror(rc, &f->regex, text, sizeof(text));
	return text;
}

/* What value means for this column and operator; NULL or what is wrong with it. */
static const char *parse_value(struct filter *f, const char *value)
{
	f->pattern = value;
	if (f->op == FILTER_LIKE) {
		f->kind = FILTER_REGEX;
		return parse_regex(f, value);
	}
	if (is_equality(f) && !*value) {
		f->kind = FILTER_ABSENT;
		return NULL;
	}
	if (is_equality(f) && f->column->kind == COLUMN_ADDRESS && !strpbrk(value, "*?[")) {
		f->kind = FILTER_PREFIX;
		return ip_prefix_parse(value, &f->prefix);
	}
	if (is_equality(f) && (f->column->kind == COLUMN_ADDRESS || !column_is_number(f->column))) {
		f->kind = FILTER_PATTERN;
		return NULL;
	}
	f->kind = FILTER_NUMBER;
	return parse_number(f, value);
}

int filter_parse(struct filter *f, const struct column_set *set, const char *text, struct filter_error *error)
{
	size_t length = strcspn(text, "=!~<>"), i;
	char name[COLUMN_NAME_MAX];
	const char *wrong;

	*f = (struct filter){ .kind = FILTER_ABSENT };
	error->suggestion[0] = '\0';
	for (i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (strncmp(text + length, operators[i].text, strlen(operators[i].text)) == 0)
			break;
	if (length == 0 || i == sizeof(operators) / sizeof(operators[0])) {
		snprintf(error->text, sizeof(error->text), "\"%s\": must be key OP value, with an OP of = != ~ < > <= >=", text);
		return -EINVAL;
	}
	f->op = operators[i].op;
	f->column = column_find(set, text, length);
	if (!f->column) {
		snprintf(name, sizeof(name), "%.*s", (int)length, text);
		snprintf(error->text, sizeof(error->text), "unknown key \"%.*s\"", (int)length, text);
		column_suggest(set, name, error->suggestion);
		return -EINVAL;
	}
	wrong = parse_value(f, text + length + strlen(operators[i].text));
	if (wrong) {
		snprintf(error->text, sizeof(error->text), "%s: \"%s\": %s", column_lower(f->column, '-', name), f->pattern, wrong);
		return -EINVAL;
	}
	return 0;
}

void filter_free(struct filter *f)
{
	if (f->kind == FILTER_REGEX)
		regfree(&f->regex);
}

/* A name may hold glob characters itself, and a backslash is an escaped byte rather than a quote: so it can be copied from
 * a table as it stands. */
static bool text_matches(const struct filter *f, const char *shown)
{
	if (f->kind == FILTER_REGEX)
		return regexec(&f->regex, shown, 0, NULL, 0) == 0;
	return strcmp(f->pattern, shown) == 0 || fnmatch(f->pattern, shown, FNM_NOESCAPE) == 0;
}

static bool value_matches(const struct filter *f, const json_t *row)
{
	char *shown = column_text(f->column, row, true);
	bool is_match = text_matches(f, shown ? shown : "");

	free(shown);
	return is_match;
}

/* The row's address may be a prefix itself, that of a network: all of it must be held. */
static bool prefix_matches(const struct filter *f, const json_t *row)
{
	const char *text = json_string_value(json_object_get(row, f->column->member));
	struct ip_prefix prefix;

	/* ::/0 is every IPv6 address, and no IPv4 one. */
	return text && !ip_prefix_parse(text, &prefix) && prefix.length >= f->prefix.length &&
	       ip_is_v4(&prefix.address) == ip_is_v4(&f->prefix.address) && ip_prefix_contains(&f->prefix, &prefix.address);
}

/* Is the row's value smaller, equal, larger? <0, 0, >0 */
static int compare(const struct filter *f, const json_t *row)
{
	int64_t number = column_number(f->column, row);
	struct in6_addr address;

	if (f->column->kind != COLUMN_ADDRESS)
		return (number > f->number) - (number < f->number);
	address = column_address(f->column, row);
	return memcmp(&address, &f->prefix.address, sizeof(address));
}

static bool number_matches(const struct filter *f, const json_t *row)
{
	int order = compare(f, row);

	if (!column_is_present(f->column, row))
		return false;
	switch (f->op) {
	case FILTER_EQUAL:
	case FILTER_NOT_EQUAL:
		return order == 0;
	case FILTER_LESS:
		return order < 0;
	case FILTER_GREATER:
		return order > 0;
	case FILTER_LESS_EQUAL:
		return order <= 0;
	case FILTER_GREATER_EQUAL:
		return order >= 0;
	case FILTER_LIKE:
		break;
	}
	return false;
}

static bool is_empty(const struct filter *f, const json_t *row)
{
	char *shown = column_text(f->column, row, true);
	bool empty = !shown || !*shown;

	free(shown);
	return empty;
}

bool filter_matches(const struct filter *f, const json_t *row)
{
	bool is_match = false;

	switch (f->kind) {
	case FILTER_PATTERN:
	case FILTER_REGEX:
		is_match = value_matches(f, row);
		break;
	case FILTER_PREFIX:
		is_match = prefix_matches(f, row);
		break;
	case FILTER_NUMBER:
		is_match = number_matches(f, row);
		break;
	case FILTER_ABSENT:
		is_match = is_empty(f, row);
		break;
	}
	return f->op == FILTER_NOT_EQUAL ? !is_match : is_match;
}

int filters_parse(struct filters *filters, const struct column_set *set, int count, char *const *words)
{
	struct filter_error error;

	*filters = (struct filters){ .items = calloc((size_t)count + 1, sizeof(*filters->items)) };
	if (!filters->items)
		error_no_memory();
	for (int i = 0; i < count; i++) {
		if (filter_parse(&filters->items[i], set, words[i], &error))
			return error_suggest(ERROR_USAGE, error.suggestion[0] ? error.suggestion : NULL, "filter: %s", error.text);
		filters->count++;
	}
	return 0;
}

void filters_free(struct filters *filters)
{
	for (size_t i = 0; i < filters->count; i++)
		filter_free(&filters->items[i]);
	free(filters->items);
	*filters = (struct filters){ 0 };
}

bool filters_match(const struct filters *filters, const json_t *row)
{
	for (size_t i = 0; i < filters->count; i++)
		if (!filter_matches(&filters->items[i], row))
			return false;
	return true;
}

bool filters_use(const struct filters *filters, unsigned flags)
{
	for (size_t i = 0; i < filters->count; i++)
		if (filters->items[i].column->flags & flags)
			return true;
	return false;
}

void filters_add_fields(const struct filters *filters, json_t *fields)
{
	for (size_t i = 0; i < filters->count; i++)
		column_add_fields(filters->items[i].column, fields);
}
