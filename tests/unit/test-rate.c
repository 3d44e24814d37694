/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/rate: how rates are written, and what suits them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "masqd/rate.h"
#include "masqd/shaper.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_printed(void (*print)(FILE *out, const void *member), const void *member, const char *wanted)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	print(out, member);
	fclose(out);
	assert_string_equal(text, wanted);
	free(text);
}

static void rates_are_read_and_printed(void **state)
{
	static const struct {
		const char *text;
		uint64_t rate;
		const char *printed;
	} cases[] = {
		{ "56kbit", 56000, "56kbit" },
		{ "33.6kbit", 33600, "33.6kbit" },
		{ "33.60kbit", 33600, "33.6kbit" },
		{ "28.8KBIT", 28800, "28.8kbit" },
		{ "9600", 9600, "9.6kbit" },
		{ "9600bit", 9600, "9.6kbit" },
		{ "1000", 1000, "1kbit" },
		{ "1kbit", 1000, "1kbit" },
		{ "1.024Mbit", 1024000, "1.024Mbit" },
		{ "1024kbit", 1024000, "1.024Mbit" },
		{ "10Mbit", 10000000, "10Mbit" },
		{ "0.5Gbit", 500000000, "500Mbit" },
		{ "1.05Gbit", 1050000000, "1.05Gbit" },
		{ "32Gbit", 32000000000, "32Gbit" },
		{ "1234567", 1234567, "1234.567kbit" },
		{ "0012kbit", 12000, "12kbit" },
		{ "none", 0, "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t rate = 1, again = 1;

		assert_null(rate_parse(NULL, cases[i].text, &rate));
		assert_int_equal(rate, cases[i].rate);
		assert_printed(rate_print, &rate, cases[i].printed);
		if (rate) {
			assert_null(rate_parse(NULL, cases[i].printed, &again));
			assert_int_equal(again, rate);
		}
	}
}

static void other_rates_are_refused(void **state)
{
	static const char *const zeros[] = { "0", "0kbit", "0.0Mbit", "0.000Gbit" };
	static const char *const bad[] = {
		"", " ", "fast", "kbit", "-1", "-1kbit", "+1kbit", "1 Mbit", "1Mbit ", "1kb", "1KB", "1mb", "10M", "1Tbit", "1Mbit/s", "1e6",
		"0x10000", "1.5", "9600.5bit", "1.Mbit", ".5Mbit", "1.2345Mbit", "1,5Mbit", "999", "0.9kbit", "33Gbit", "32.001Gbit",
		"32000000001", "99999999999999999999", "18446744073709551616", "99999999999Gbit", "1Mbit;drop",
	};

	for (size_t i = 0; i < COUNT(zeros); i++) {
		uint64_t rate = 7;

		assert_string_equal(rate_parse(NULL, zeros[i], &rate), "must be more than 0, or none");
		assert_int_equal(rate, 7);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint64_t rate = 7;

		assert_non_null(rate_parse(NULL, bad[i], &rate));
		assert_int_equal(rate, 7);
	}
}

static void bursts_are_read_and_printed(void **state)
{
	static const struct {
		const char *text;
		uint32_t bytes;
		const char *printed;
	} cases[] = {
		{ "1600", 1600, "1600" }, { "32k", 32768, "32k" },	   { "32K", 32768, "32k" },
		{ "2k", 2048, "2k" },	  { "1M", 1048576, "1M" },	   { "1024k", 1048576, "1M" },
		{ "256m", BURST_MAX, "256M" }, { "65537", 65537, "65537" },	   { "none", 0, "" },
	};
	static const char *const bad[] = { "", "0", "0k", "1599", "1k", "257M", "268435457", "32kbit", "32kb", "1.5k", "-2k", "k", "4294967297", "99999999999M" };

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t bytes = 1;

		assert_null(rate_parse_burst(NULL, cases[i].text, &bytes));
		assert_int_equal(bytes, cases[i].bytes);
		assert_printed(rate_print_burst, &bytes, cases[i].printed);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_non_null(rate_parse_burst(NULL, bad[i], &(uint32_t){ 0 }));
}

static void a_line_carries_eight_bits_of_ten(void **state)
{
	assert_int_equal(rate_line_up(33600), 26880);
	assert_int_equal(rate_line_down(33600), 25536);
	assert_int_equal(rate_line_up(115200), 92160);
	/* whoever reports that has no tty */
	assert_int_equal(rate_line_up(0), 0);
	assert_int_equal(rate_line_down(49), 0);
	assert_int_equal(rate_line_up(UINT32_MAX), 3435973836);
	assert_true(rate_line_down(50) >= 8);
}

static void what_suits_a_rate(void **state)
{
	static const struct {
		uint64_t rate;
		unsigned mss, down, up;
	} cases[] = {
		{ 0, 0, 1, 15000 },
		{ 38, 256, 1, 15000 },
		{ 9600, 256, 120, 15000 },
		{ 25536, 598, 319, 15000 },
		{ 59999, 1459, 749, 15000 },
		{ 60000, 0, 750, 15000 },
		{ 10000000, 0, 125000, 1250000 },
		{ RATE_MAX, 0, BURST_MAX, BURST_MAX },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(rate_mss(cases[i].rate), cases[i].mss);
		assert_int_equal(rate_burst_down(cases[i].rate), cases[i].down);
		assert_int_equal(rate_burst_up(cases[i].rate), cases[i].up);
	}
}

static void a_queue_waits_for_more_than_a_packet(void **state)
{
	for (uint64_t rate = 38; rate < RATE_MAX; rate += rate / 3) {
		struct shaper_queue queue = shaper_queue(rate);

		assert_true(queue.target_us > 1500 * 8 * 1000000ULL / rate);
		assert_true(queue.target_us >= 5000 && queue.interval_us >= 100000 && queue.interval_us > queue.target_us);
		assert_in_range(queue.limit, 128, 10240);
	}
	assert_int_equal(shaper_queue(10000000).target_us, 5000);
	assert_int_equal(shaper_queue(10000000).interval_us, 100000);
	assert_int_equal(shaper_queue(10000000).quantum, 1514);
	assert_int_equal(shaper_queue(25536).target_us, 704886);
	assert_int_equal(shaper_queue(25536).quantum, 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_are_read_and_printed),
		cmocka_unit_test(other_rates_are_refused),
		cmocka_unit_test(bursts_are_read_and_printed),
		cmocka_unit_test(a_line_carries_eight_bits_of_ten),
		cmocka_unit_test(what_suits_a_rate),
		cmocka_unit_test(a_queue_waits_for_more_than_a_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
