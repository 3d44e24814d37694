/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/serial: no serial twice, whatever happens between. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "masqd/serial.h"

/* Tests run in a folder of their own; the state is in its folder "state". */
static char folder[] = "/tmp/masqgate-serial-XXXXXX";

static int setup(void **state)
{
	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	return mkdtemp(folder) ? chdir(folder) : -1;
}

static int teardown(void **state)
{
	unlink("state/last-serial");
	rmdir("state/last-serial");
	rmdir("state");
	return chdir("/") || rmdir(folder);
}

static struct serial_counter *open_counter(void)
{
	struct serial_counter *counter = serial_open("state", getuid(), getgid());

	assert_non_null(counter);
	return counter;
}

static void write_file(const char *text)
{
	FILE *file;

	mkdir("state", 0755);
	file = fopen("state/last-serial", "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void serials_go_on_after_a_restart(void **state)
{
	struct serial_counter *counter = open_counter();
	struct stat st;

	assert_int_equal(stat("state", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0750);
	assert_int_equal(serial_next(counter), 1);
	assert_int_equal(serial_next(counter), 2);
	serial_close(counter);
	counter = open_counter();
	assert_int_equal(serial_next(counter), 3);
	serial_close(counter);
}

static void a_serial_is_kept_before_it_is_used(void **state)
{
	struct serial_counter *killed = open_counter(), *counter;

	assert_int_equal(serial_next(killed), 1);
	counter = open_counter();
	assert_int_equal(serial_next(counter), 2);
	serial_close(counter);
	serial_close(killed);
}

static void serials_that_were_seen_are_not_given(void **state)
{
	struct serial_counter *counter = open_counter();

	serial_seen(counter, 40);
	serial_seen(counter, 30);
	assert_int_equal(serial_next(counter), 41);
	serial_seen(counter, 50);
	serial_close(counter);
	counter = open_counter();
	assert_int_equal(serial_next(counter), 51);
	serial_close(counter);
}

static void after_the_last_serial_comes_one(void **state)
{
	struct serial_counter *counter;

	write_file("4294967294\n");
	counter = open_counter();
	assert_int_equal(serial_next(counter), UINT32_MAX);
	assert_int_equal(serial_next(counter), 1);
	serial_close(counter);
	counter = open_counter();
	assert_int_equal(serial_next(counter), 2);
	serial_close(counter);
}

static void a_lost_file_lets_serials_start_from_the_clock(void **state)
{
	static const char *const texts[] = { "x", "12", "12x\n", "4294967296\n", "-1\n", "99999999999999999999\n" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct serial_counter *counter;
		uint32_t now = (uint32_t)time(NULL), serial;

		write_file(texts[i]);
		counter = open_counter();
		serial = serial_next(counter);
		assert_true(serial > now && serial < now + 60);
		serial_close(counter);
		counter = open_counter();
		assert_int_equal(serial_next(counter), serial + 1);
		serial_close(counter);
	}
}

static void without_a_file_there_are_serials_all_the_same(void **state)
{
	struct serial_counter *counter;
	uint32_t now = (uint32_t)time(NULL);

	/* not even root can write to a folder */
	mkdir("state", 0755);
	mkdir("state/last-serial", 0755);
	counter = open_counter();
	assert_true(serial_next(counter) > now);
	assert_true(serial_next(counter) > now + 1);
	serial_close(counter);
	serial_close(NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(serials_go_on_after_a_restart),
		TEST(a_serial_is_kept_before_it_is_used),
		TEST(serials_that_were_seen_are_not_given),
		TEST(after_the_last_serial_comes_one),
		TEST(a_lost_file_lets_serials_start_from_the_clock),
		TEST(without_a_file_there_are_serials_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
