/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/store: a file that is made, kept, and done without. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "masqd/store.h"

/* Tests run in a folder of their own, and the file is in its folder "state". */
static char folder[] = "/tmp/masqgate-store-XXXXXX";

static int setup(void **state)
{
	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	return mkdtemp(folder) ? chdir(folder) || mkdir("state", 0750) : -1;
}

static int teardown(void **state)
{
	static const char *const files[] = { "", "-wal", "-shm", ".corrupt", ".corrupt-wal" };
	char path[64];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "state/masqgate.db%s", files[i]);
		unlink(path);
		rmdir(path);
	}
	rmdir("state");
	return chdir("/") || rmdir(folder);
}

static struct store *open_store(void)
{
	struct store *store = store_open("state", NULL);

	assert_non_null(store);
	return store;
}

/* A transaction of one statement. */
static int write_one(struct store *store, const char *sql)
{
	store_begin(store);
	store_exec(store, sql);
	return store_end(store);
}

static int number(struct store *store, const char *sql)
{
	sqlite3_stmt *statement = store_prepare(store, sql);
	int result = statement && store_next(store, statement) ? sqlite3_column_int(statement, 0) : -1;

	sqlite3_finalize(statement);
	return result;
}

static void what_is_written_is_there_after_a_kill(void **state)
{
	struct store *killed = open_store(), *store;
	struct stat st;

	assert_int_equal(stat("state/masqgate.db", &st), 0);
	assert_int_equal(st.st_mode & 07, 0);
	assert_int_equal(store_exec(killed, "CREATE TABLE t (x)"), 0);
	assert_int_equal(store_begin(killed), 0);
	assert_int_equal(store_exec(killed, "INSERT INTO t VALUES (7)"), 0);
	assert_int_equal(store_end(killed), 0);
	store = open_store();
	assert_int_equal(number(store, "SELECT x FROM t"), 7);
	assert_true(number(store, "PRAGMA user_version") > 0);
	assert_int_equal(store_failures(store), 0);
	assert_null(store_trouble(store));
	store_close(store);
	store_close(killed);
}

static void a_transaction_is_all_or_nothing(void **state)
{
	struct store *store = open_store();

	assert_int_equal(store_exec(store, "CREATE TABLE t (x UNIQUE)"), 0);
	assert_int_equal(store_begin(store), 0);
	assert_int_equal(store_exec(store, "INSERT INTO t VALUES (1)"), 0);
	assert_int_not_equal(store_exec(store, "INSERT INTO t VALUES (1)"), 0);
	assert_int_equal(store_exec(store, "INSERT INTO t VALUES (2)"), 0);
	assert_int_not_equal(store_end(store), 0);
	assert_int_equal(store_failures(store), 1);
	assert_int_equal(number(store, "SELECT count(*) FROM t"), 0);
	assert_int_equal(store_begin(store), 0);
	assert_int_equal(store_exec(store, "INSERT INTO t VALUES (3)"), 0);
	assert_int_equal(store_end(store), 0);
	assert_int_equal(number(store, "SELECT x FROM t"), 3);
	store_close(store);
}

static void write_garbage(const char *path)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	for (int i = 0; i < 8192; i++)
		fputc('x', file);
	fclose(file);
}

static void a_damaged_file_is_moved_aside(void **state)
{
	struct store *store;

	write_garbage("state/masqgate.db");
	store = open_store();
	assert_non_null(store_db(store));
	assert_int_equal(access("state/masqgate.db.corrupt", F_OK), 0);
	assert_int_equal(number(store, "SELECT count(*) FROM quota"), 0);
	assert_int_equal(store_failures(store), 1);
	assert_null(store_trouble(store));
	store_close(store);
}

static void a_file_that_is_damaged_while_in_use_too(void **state)
{
	struct store *store = open_store();
	FILE *file;

	assert_int_equal(store_exec(store, "CREATE TABLE t (x); PRAGMA wal_checkpoint(TRUNCATE)"), 0);
	store_close(store);
	file = fopen("state/masqgate.db", "r+");
	assert_non_null(file);
	store = open_store();
	/* All but the first page, which says that it is a database. */
	fseek(file, 4096, SEEK_SET);
	for (int i = 0; i < 65536; i++)
		fputc(0x55, file);
	fclose(file);
	assert_int_not_equal(write_one(store, "INSERT INTO quota VALUES ('user', 'a', 'day', 0, 0, 0)"), 0);
	assert_non_null(store_trouble(store));
	assert_int_equal(write_one(store, "INSERT INTO quota VALUES ('user', 'a', 'day', 0, 0, 0)"), 0);
	assert_int_equal(access("state/masqgate.db.corrupt", F_OK), 0);
	assert_null(store_trouble(store));
	store_close(store);
}

static void a_newer_version_s_file_is_left_alone(void **state)
{
	struct store *store = open_store();

	assert_int_equal(store_exec(store, "PRAGMA user_version = 9999"), 0);
	store_close(store);
	store = open_store();
	assert_null(store_db(store));
	assert_non_null(strstr(store_trouble(store), "newer version"));
	assert_int_not_equal(access("state/masqgate.db.corrupt", F_OK), 0);
	assert_int_not_equal(write_one(store, "DELETE FROM quota"), 0);
	store_close(store);
}

static void a_full_disk_is_counted_and_got_over(void **state)
{
	static const char fill[] = "INSERT INTO t VALUES (zeroblob(100000))";
	struct store *store = open_store();

	assert_int_equal(store_exec(store, "CREATE TABLE t (x); PRAGMA max_page_count = 20"), 0);
	for (int i = 0; i < 3; i++)
		assert_int_not_equal(write_one(store, fill), 0);
	assert_int_equal(store_failures(store), 3);
	assert_int_equal(number(store, "SELECT count(*) FROM t"), 0);
	assert_non_null(strstr(store_trouble(store), "full"));
	assert_int_equal(store_exec(store, "PRAGMA max_page_count = 2000"), 0);
	assert_int_equal(write_one(store, fill), 0);
	assert_null(store_trouble(store));
	store_close(store);
}

static void without_a_folder_there_is_no_store(void **state)
{
	struct store *store = store_open("no/such/folder", NULL);

	assert_non_null(store);
	assert_null(store_db(store));
	assert_null(store_prepare(store, "SELECT 1"));
	assert_int_not_equal(store_begin(store), 0);
	assert_int_not_equal(store_end(store), 0);
	assert_non_null(strstr(store_trouble(store), "no/such/folder/masqgate.db: No such file or directory"));
	store_close(store);
}

static void whoever_locks_the_file_is_not_waited_for(void **state)
{
	struct store *store = open_store();
	sqlite3 *other;

	assert_int_equal(sqlite3_open("state/masqgate.db", &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_not_equal(store_begin(store), 0);
	assert_int_not_equal(store_end(store), 0);
	assert_non_null(strstr(store_trouble(store), "locked"));
	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_begin(store), 0);
	assert_int_equal(store_end(store), 0);
	sqlite3_close(other);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_written_is_there_after_a_kill, setup, teardown),
		cmocka_unit_test_setup_teardown(a_transaction_is_all_or_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_moved_aside, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_that_is_damaged_while_in_use_too, setup, teardown),
		cmocka_unit_test_setup_teardown(a_newer_version_s_file_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_disk_is_counted_and_got_over, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_folder_there_is_no_store, setup, teardown),
		cmocka_unit_test_setup_teardown(whoever_locks_the_file_is_not_waited_for, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
