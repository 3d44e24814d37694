/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* cli/column and cli/json: how members are shown, compared and asked for, and the JSON that is made of them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/column.h"
#include "cli/json.h"
#include "tests/unit/said.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct column_set *const sets[] = {
	&column_sessions, &column_entries, &column_conflicts, &column_policies, &column_uplinks, &column_changes, &column_owners, &column_past,
};

static const char session[] =
	"{\"serial\": 12, \"user\": \"al\\u001bice\", \"state\": \"open\", \"address\": \"192.168.0.100\", \"uptime\": 11049,"
	" \"rx\": 1288490189, \"speed\": 33600, \"rate_down\": 33600, \"rate_up\": 10000000, \"proxy_arp\": true, \"isolate\": false,"
	" \"dns\": [\"192.168.0.1\", \"192.168.0.2\"], \"rules\": [], \"started\": 1760000000, \"pid\": null,"
	" \"forwards_taken\": {\"web\": 13, \"ssh\": 14}}";

static json_t *parsed(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	return json;
}

static const struct column *column(const char *name)
{
	const struct column *c = column_find(&column_sessions, name, strlen(name));

	if (!c)
		fail_msg("no column %s", name);
	return c;
}

static void each_kind_is_shown_for_people_and_raw(void **state)
{
	static const struct {
		const char *column, *shown, *raw;	/* NULL: there is nothing */
	} cases[] = {
		{ "ID", "#12", "#12" },
		{ "USER", "al\\x1bice", "al\\x1bice" },
		{ "STATE", "open", "open" },
		{ "ADDRESS", "192.168.0.100", "192.168.0.100" },
		{ "SPEED", "33600", "33600" },
		{ "RX", "1.2G", "1288490189" },
		{ "RATE-DOWN", "33.6kbit", "33600" },
		{ "RATE-UP", "10Mbit", "10000000" },
		{ "UPTIME", "3h04m", "11049" },
		{ "STARTED", "2025-10-09 08:53:20", "2025-10-09T08:53:20Z" },
		{ "PROXY-ARP", "yes", "yes" },
		{ "ISOLATE", "no", "no" },
		{ "DNS", "192.168.0.1,192.168.0.2", "192.168.0.1,192.168.0.2" },
		{ "RULES", NULL, NULL },
		{ "FORWARDS-TAKEN", "web by #13,ssh by #14", "web by #13,ssh by #14" },
		{ "PID", NULL, NULL },
		{ "TTY", NULL, NULL },
	};
	json_t *row = parsed(session);

	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *shown = column_text(column(cases[i].column), row, false), *raw = column_text(column(cases[i].column), row, true);

		if (!shown != !cases[i].shown || (shown && strcmp(shown, cases[i].shown) != 0))
			fail_msg("%s is shown as %s", cases[i].column, shown ? shown : "nothing");
		if (!raw != !cases[i].raw || (raw && strcmp(raw, cases[i].raw) != 0))
			fail_msg("%s is %s raw", cases[i].column, raw ? raw : "nothing");
		free(shown);
		free(raw);
	}
	json_decref(row);
}

/* A daemon of another version, or one that lies. */
static void what_is_of_another_kind_is_not_there(void **state)
{
	static const char *const other[] = { "null", "1.5", "{}", "[]", "\"x\"", "7", "true" };

	for (size_t k = 0; k < COUNT(sets); k++) {
		for (const struct column *c = sets[k]->columns; c->name; c++) {
			unsigned there = 0;

			for (size_t i = 0; i < COUNT(other); i++) {
				json_t *row = json_object(), *made = json_object();
				char *text;

				json_object_set_new(row, c->member, json_loads(other[i], JSON_DECODE_ANY, NULL));
				there += column_is_present(c, row);
				text = column_text(c, row, false);
				assert_true(!text || column_is_present(c, row));
				column_put_json(c, row, made);
				assert_int_equal(json_object_size(made), c->flags & COLUMN_HAS_HEX ? 2 : 1);
				free(text);
				json_decref(row);
				json_decref(made);
			}
			assert_int_equal(there, 1);
		}
	}
}

static void words_that_are_no_strings_are_left_out(void **state)
{
	json_t *row = parsed("{\"dns\": [1, \"a\", null, \"b\", {}]}");
	char *text = column_text(column("DNS"), row, false);

	assert_string_equal(text, "a,b");
	free(text);
	json_decref(row);
}

static void a_name_is_found_in_any_spelling(void **state)
{
	char text[COLUMN_NAME_MAX];

	for (size_t k = 0; k < COUNT(sets); k++) {
		for (const struct column *c = sets[k]->columns; c->name; c++) {
			assert_ptr_equal(column_find(sets[k], c->name, strlen(c->name)), c);
			assert_ptr_equal(column_find(sets[k], column_lower(c, '-', text), strlen(c->name)), c);
			assert_ptr_equal(column_find(sets[k], column_lower(c, '_', text), strlen(c->name)), c);
		}
	}
	assert_string_equal(column_suggest(&column_sessions, "proxy-apr", text), "proxy-arp");
	assert_null(column_find(&column_sessions, "MT", 2));
	assert_null(column_find(&column_sessions, "MTUS", 4));
	assert_null(column_suggest(&column_sessions, "nothing like it", text));
}

static int order(const char *name, const char *a, const char *b)
{
	json_t *row_a = json_object(), *row_b = json_object();
	int result, turned;

	if (a)
		json_object_set_new(row_a, column(name)->member, json_loads(a, JSON_DECODE_ANY, NULL));
	if (b)
		json_object_set_new(row_b, column(name)->member, json_loads(b, JSON_DECODE_ANY, NULL));
	result = column_compare(column(name), row_a, row_b);
	turned = column_compare(column(name), row_b, row_a);
	assert_int_equal((result > 0) - (result < 0), (turned < 0) - (turned > 0));
	json_decref(row_a);
	json_decref(row_b);
	return result;
}

static void rows_are_in_order(void **state)
{
	assert_true(order("ID", "9", "10") < 0);
	assert_true(order("RX", "9223372036854775807", "-1") > 0);
	assert_int_equal(order("UPTIME", "5", "5"), 0);
	assert_true(order("USER", "\"alice\"", "\"bob\"") < 0);
	assert_int_equal(order("USER", "\"bob\"", "\"bob\""), 0);
	/* by number, IPv4 first */
	assert_true(order("ADDRESS", "\"192.168.0.9\"", "\"192.168.0.10\"") < 0);
	assert_true(order("ADDRESS", "\"10.0.0.0/8\"", "\"10.0.0.1\"") < 0);
	assert_true(order("ADDRESS", "\"255.255.255.255\"", "\"2001:db8::1\"") < 0);
	assert_true(order("DNS", "[\"a\", \"b\"]", "[\"b\"]") < 0);
	/* what is not there comes last */
	assert_true(order("RX", NULL, "0") > 0);
	assert_true(order("USER", "\"\"", "null") < 0);
	assert_int_equal(order("ADDRESS", NULL, "7"), 0);
}

static void a_row_of_json_has_every_column_that_was_asked_for(void **state)
{
	static const char *const names[] = { "ID", "USER", "PROXY-ARP", "DNS", "HOURS", "STARTED", "PID", "TTY" };
	json_t *object = parsed(session), *row, *wanted;
	struct columns columns = { 0 };

	for (size_t i = 0; i < COUNT(names); i++)
		columns.items[columns.count++] = column(names[i]);
	json_object_set_new(object, "user_hex", json_string("616c1b696365"));
	row = column_row_json(&columns, object);
	wanted = parsed("{\"id\": 12, \"user\": \"al\\u001bice\", \"user_hex\": \"616c1b696365\", \"proxy_arp\": true,"
			" \"dns\": [\"192.168.0.1\", \"192.168.0.2\"], \"hours\": [], \"started\": \"2025-10-09T08:53:20Z\","
			" \"pid\": null, \"tty\": null}");
	assert_true(json_equal(row, wanted));
	json_decref(row);
	json_decref(wanted);
	json_decref(object);
}

static void the_daemon_is_asked_for_what_is_shown(void **state)
{
	struct columns columns = { 0 };
	json_t *fields = json_array(), *wanted;

	columns_take(&columns, &column_changes, COLUMN_DEFAULT, 0);
	columns_add_fields(&columns, fields);
	wanted = parsed("[\"serial\", \"ifname\", \"user\", \"key\", \"old\", \"new\"]");
	assert_true(json_equal(fields, wanted));
	json_decref(fields);
	json_decref(wanted);
	fields = json_array();
	column_add_fields(column("USER"), fields);
	wanted = parsed("[\"user\", \"user_hex\"]");
	assert_true(json_equal(fields, wanted));
	json_decref(fields);
	json_decref(wanted);
}

static void columns_are_taken_by_their_flags(void **state)
{
	struct columns all = { 0 }, cheap = { 0 };

	columns_take(&all, &column_sessions, 0, 0);
	columns_take(&cheap, &column_sessions, COLUMN_DEFAULT, COLUMN_COSTS);
	assert_true(all.count > cheap.count && cheap.count > 0);
	for (size_t i = 0; i < cheap.count; i++)
		assert_true(cheap.items[i]->flags & COLUMN_DEFAULT && !(cheap.items[i]->flags & COLUMN_COSTS));
	/* there is room for no more */
	for (unsigned i = 0; i < COLUMNS_MAX; i++)
		columns_take(&all, &column_sessions, 0, 0);
	assert_int_equal(all.count, COLUMNS_MAX);
}

static char *printed(json_t *rows, enum json_style style)
{
	struct said said = said_begin(stdout);

	json_print_list("org.masqgate.test", "rows", rows, style);
	return said_end(said);
}

/* The rows one by one: the same text, but for the time. */
static char *printed_by_row(const json_t *rows, enum json_style style)
{
	struct said said = said_begin(stdout);
	struct json_rows out;
	json_t *row;
	size_t i;

	json_rows_open(&out, "org.masqgate.test", "rows", style);
	json_array_foreach(rows, i, row)
		json_rows_add(&out, json_incref(row));
	json_rows_print(&out);
	json_rows_close(&out);
	return said_end(said);
}

static void rows_are_printed_in_each_style(void **state)
{
	static const enum json_style styles[] = { JSON_STYLE_PRETTY, JSON_STYLE_COMPACT };
	json_t *rows = parsed("[{\"a\": 1}, {\"b\": \"two\"}]");
	char *text, *by_row;

	for (size_t i = 0; i < COUNT(styles); i++) {
		json_t *whole, *row_wise;
		const char *end;

		text = printed(json_incref(rows), styles[i]);
		by_row = printed_by_row(rows, styles[i]);
		whole = parsed(text);
		row_wise = parsed(by_row);
		assert_string_equal(json_string_value(json_object_get(whole, "schema")), "org.masqgate.test");
		assert_int_equal(json_integer_value(json_object_get(whole, "version")), 1);
		assert_true(json_is_string(json_object_get(whole, "generated")));
		assert_true(json_equal(json_object_get(whole, "rows"), rows));
		json_object_set(row_wise, "generated", json_object_get(whole, "generated"));
		assert_true(json_equal(whole, row_wise));
		/* a line, or several */
		end = strchr(text, '\n');
		assert_int_equal(end && end[1], styles[i] == JSON_STYLE_PRETTY);
		json_decref(whole);
		json_decref(row_wise);
		free(text);
		free(by_row);
	}
	text = printed(json_incref(rows), JSON_STYLE_LINES);
	by_row = printed_by_row(rows, JSON_STYLE_LINES);
	assert_string_equal(text, "{\"a\":1}\n{\"b\":\"two\"}\n");
	assert_string_equal(by_row, text);
	free(text);
	free(by_row);
	json_decref(rows);
}

static void no_terminal_obeys_the_json(void **state)
{
	json_t *rows = parsed("[{\"a\": \"\\u007f\\u0080 \\u009b[2J \\u00a0 \\u00e9\"}]");
	char *text = printed(json_incref(rows), JSON_STYLE_LINES);
	json_t *read;

	assert_string_equal(text, "{\"a\":\"\\u007f\\u0080 \\u009b[2J \xc2\xa0 \xc3\xa9\"}\n");
	read = parsed(text);
	assert_true(json_equal(read, json_array_get(rows, 0)));
	json_decref(read);
	json_decref(rows);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_shown_for_people_and_raw),
		cmocka_unit_test(what_is_of_another_kind_is_not_there),
		cmocka_unit_test(words_that_are_no_strings_are_left_out),
		cmocka_unit_test(a_name_is_found_in_any_spelling),
		cmocka_unit_test(rows_are_in_order),
		cmocka_unit_test(a_row_of_json_has_every_column_that_was_asked_for),
		cmocka_unit_test(the_daemon_is_asked_for_what_is_shown),
		cmocka_unit_test(columns_are_taken_by_their_flags),
		cmocka_unit_test(rows_are_printed_in_each_style),
		cmocka_unit_test(no_terminal_obeys_the_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
