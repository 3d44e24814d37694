/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl's conditions and numbers (cli/filter, cli/units, cli/column). The first byte chooses what has rows, the rest is a condition.
 * Whatever it is: it is taken, or refused with a text that a terminal can show; what was taken judges every row, and of a condition and
 * its opposite exactly one holds. */

#include "config.h"

#include "cli/filter.h"
#include "cli/units.h"
#include "tests/fuzz/fuzz.h"

static const struct column_set *const sets[] = { &column_sessions,  &column_entries, &column_conflicts, &column_policies,
						 &column_uplinks,   &column_changes, &column_owners,	&column_past };
enum { SETS = sizeof(sets) / sizeof(sets[0]) };

/* A value of the column's kind; a number is as large as it gets for every other column. */
static json_t *value_of(const struct column *column, bool is_odd)
{
	switch (column->kind) {
	case COLUMN_TEXT:
	case COLUMN_STATE:
		return json_string(is_odd ? "alice@example.net" : "Über*[a\x1b");
	case COLUMN_ADDRESS:
		return json_string(is_odd ? "192.0.2.0/28" : "2001:db8::1");
	case COLUMN_BOOL:
		return json_boolean(is_odd);
	case COLUMN_WORDS:
		return json_pack("[s, s]", "ping", "tcp 22");
	case COLUMN_SERIALS:
		return json_pack("{s:i}", "ssh", 12);
	case COLUMN_SERIAL:
	case COLUMN_NUMBER:
	case COLUMN_BYTES:
	case COLUMN_RATE:
	case COLUMN_DURATION:
	case COLUMN_TIME:
		return json_integer(is_odd ? INT64_MAX : 12);
	}
	return NULL;
}

/* A row of values, one of nulls, and one where everything is of another kind. */
static json_t *make_row(const struct column_set *set, int kind)
{
	json_t *row = json_object();
	bool is_odd = false;

	for (const struct column *column = set->columns; column->name; column++, is_odd = !is_odd) {
		json_t *value = kind == 0 ? value_of(column, is_odd) : kind == 1 ? json_null() : json_pack("[{s:n}]", "x");

		must(value);
		json_object_set_new(row, column->member, value);
	}
	return row;
}

static void try_match(const struct column_set *set, struct filter *filter)
{
	for (int kind = 0; kind < 3; kind++) {
		json_t *row = make_row(set, kind);
		bool is_match = filter_matches(filter, row), is_number = filter->kind == FILTER_NUMBER;
		enum filter_op op = filter->op;

		/* What is absent is neither smaller nor larger: only equality has an opposite for everything. */
		if (op == FILTER_EQUAL || op == FILTER_NOT_EQUAL) {
			filter->op = op == FILTER_EQUAL ? FILTER_NOT_EQUAL : FILTER_EQUAL;
			must(filter_matches(filter, row) == !is_match);
			filter->op = op;
		}
		if (is_number && (op == FILTER_LESS || op == FILTER_GREATER)) {
			filter->op = op == FILTER_LESS ? FILTER_GREATER_EQUAL : FILTER_LESS_EQUAL;
			must(!is_match || !filter_matches(filter, row));
			filter->op = op;
		}
		json_decref(row);
	}
}

static void try_filter(const struct column_set *set, const char *text)
{
	struct filter_error error = { .text = "" };
	struct filter filter;
	char *shown;

	if (filter_parse(&filter, set, text, &error) == 0) {
		must(filter.column && filter.column >= set->columns);
		try_match(set, &filter);
	} else {
		shown = text_escape(error.text);
		must(*error.text && shown && fuzz_is_printable(shown) && strlen(error.suggestion) < sizeof(error.suggestion));
		must(!*error.suggestion || column_find(set, error.suggestion, strlen(error.suggestion)));
		free(shown);
	}
	filter_free(&filter);
}

/* Numbers do not get lost or out of bounds. */
static void try_units(const char *text)
{
	char shown[UNITS_TEXT_MAX];
	int64_t number, again;

	if (units_number_parse(text, &number))
		must(number >= 0);
	if (units_bytes_parse(text, &number))
		must(number >= 0 && strlen(units_bytes_text(number, shown)) < sizeof(shown));
	if (units_duration_parse(text, &number))
		must(number >= 0 && strlen(units_duration_text(number, shown)) < sizeof(shown));
	if (units_time_parse(text, &number)) {
		must(strlen(units_time_text(number, shown)) < sizeof(shown));
		units_time_utc_text(number, shown);
		/* A year of more than four digits is shown, but not read. */
		must(!units_time_parse(shown, &again) || again == number);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data + (size > 0), size ? size - 1 : 0);

	/* The shell's words are UTF-8, or masqctl has refused them. */
	if (size && text_is_utf8(text))
		try_filter(sets[data[0] % SETS], text);
	try_units(text);
	free(text);
	return 0;
}
