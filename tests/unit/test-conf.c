/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqd/conf and lib/conffile: tests/unit/conf/good-*.conf are read and printed in canonical form as their .expected, and
 * bad-*.conf give exactly the errors there. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "masqd/conf.h"

/* The content of a file; caller frees. */
static char *content(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	assert_non_null(file);
	if (getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = strdup("");
	}
	fclose(file);
	return text;
}

static char *canonical(const struct conf *conf)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	conf_print(conf, out);
	fclose(out);
	return text;
}

static char *errors(const struct conffile *file)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < file->error_count; i++)
		fprintf(out, "%s\n", file->errors[i]);
	fclose(out);
	return text;
}

static char *expected(const char *path)
{
	char name[256];

	snprintf(name, sizeof(name), "%.*s.expected", (int)(strlen(path) - strlen(".conf")), path);
	return content(name);
}

/* Reads a file; its canonical form, or its errors. Caller frees. */
static char *result(const char *path, bool is_good)
{
	struct conffile file;
	struct conf *conf = conf_load(&file, path);
	char *text = conf ? canonical(conf) : errors(&file);

	assert_int_equal(conf != NULL, is_good);
	assert_int_equal(file.error_count == 0, is_good);
	conffile_close(&file);
	conf_free(conf);
	return text;
}

static void judge(const char *path, bool is_good)
{
	char *want = expected(path), *got = result(path, is_good);

	assert_string_equal(got, want);
	free(got);
	free(want);
}

static unsigned judge_all(const char *beginning, bool is_good)
{
	struct dirent **entries;
	int count = scandir(".", &entries, NULL, alphasort);
	unsigned judged = 0;

	assert_true(count >= 0);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name, *end = strrchr(name, '.');

		if (strncmp(name, beginning, strlen(beginning)) == 0 && end && strcmp(end, ".conf") == 0) {
			judge(name, is_good);
			judged++;
		}
		free(entries[i]);
	}
	free(entries);
	return judged;
}

static void good_files(void **state)
{
	assert_true(judge_all("good-", true) >= 3);
}

static void bad_files(void **state)
{
	assert_true(judge_all("bad-", false) >= 16);
}

static void write_file(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
}

static char folder[] = "/tmp/masqgate-conf-XXXXXX";

static int make_folder(void **state)
{
	strcpy(strrchr(folder, '-'), "-XXXXXX");
	return mkdtemp(folder) ? chdir(folder) : -1;
}

static int remove_folder(void **state)
{
	unlink("a.conf");
	unlink("b.conf");
	return chdir(CONF_FOLDER) || rmdir(folder);
}

static void the_canonical_form_reads_as_itself(void **state)
{
	static const char *const names[] = { "good-everything.expected", "good-minimal.expected", "good-second-picture.expected",
					     "good-forwards.expected", "good-ipv6.expected", "good-lans.expected", "good-limits.expected",
					     "good-nat.expected", "good-overrides.expected", "good-policies.expected", "good-rates.expected" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *want = content(names[i]), *got = result(names[i], true);

		assert_string_equal(got, want);
		free(got);
		free(want);
	}
}

static void complains(const char *path, const char *want)
{
	char *got = result(path, false);

	assert_string_equal(got, want);
	free(got);
}

static void what_is_no_text_file(void **state)
{
	static const char with_zero[] = "uplink isp { interface = \"isp\0 0\" }\n";
	size_t long_len = 1024 * 1024 + 1;
	char *too_long = malloc(long_len);

	assert_non_null(too_long);
	memset(too_long, '\n', long_len);
	complains("a.conf", "a.conf: cannot read: No such file or directory\n");
	complains(".", ".: cannot read: not a regular file\n");
	complains("/dev/null", "/dev/null: cannot read: not a regular file\n");
	assert_int_equal(mkfifo("b.conf", 0600), 0);
	complains("b.conf", "b.conf: cannot read: not a regular file\n");
	write_file("a.conf", with_zero, sizeof(with_zero) - 1);
	complains("a.conf", "a.conf: cannot read: it has a zero byte\n");
	write_file("a.conf", too_long, long_len);
	complains("a.conf", "a.conf: cannot read: longer than 1 MiB\n");
	free(too_long);
}

/* Cut off anywhere, a file is either wrong or means something whole; it never crashes the reader. */
static void a_file_cut_off_anywhere(void **state)
{
	char *text = content(CONF_FOLDER "/good-everything.conf");
	unsigned good = 0;

	for (size_t len = 0; len <= strlen(text); len++) {
		struct conffile file;
		struct conf *conf;

		write_file("a.conf", text, len);
		conf = conf_load(&file, "a.conf");
		assert_int_equal(conf != NULL, file.error_count == 0);
		good += conf != NULL;
		conffile_close(&file);
		conf_free(conf);
	}
	/* it names an uplink on its last lines only, and ends with its brace and a line end */
	assert_true(good >= 2 && good < 64);
	free(text);
}

/* Every byte changed in turn: no crash, no leak, and no name that nft could misread gets through. */
static void a_file_with_a_byte_changed(void **state)
{
	static const char bytes[] = "\"{}\\;\n\xff#*";
	char *text = content(CONF_FOLDER "/good-second-picture.conf");
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++) {
		char byte = text[i];

		for (const char *p = bytes; *p; p++) {
			struct conffile file;
			struct conf *conf;

			text[i] = *p;
			write_file("a.conf", text, len);
			conf = conf_load(&file, "a.conf");
			for (unsigned k = 0; conf && k < conf->uplink_count; k++)
				assert_null(strpbrk(conf->uplinks[k].interface, "\"{}\\;\n\xff#*"));
			for (unsigned k = 0; conf && k < conf->policy_count; k++)
				assert_null(strpbrk(conf->policies[k].name, "\"{}\\;\n\xff#*"));
			conffile_close(&file);
			conf_free(conf);
		}
		text[i] = byte;
	}
	free(text);
}

static void the_shipped_file_is_good(void **state)
{
	struct conffile file;
	struct conf *conf = conf_load(&file, CONF_FOLDER "/../../../conf/masqd.conf");

	assert_non_null(conf);
	assert_non_null(conf->default_policy);
	assert_true(conf_is_line(conf, "ppp17") && conf_is_line(conf, "sl0"));
	assert_false(conf_is_line(conf, "isp0") || conf_is_line(conf, "eth0") || conf_is_line(conf, "xppp0"));
	conffile_close(&file);
	conf_free(conf);
}

#define IN_FOLDER(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_files),
		cmocka_unit_test(bad_files),
		cmocka_unit_test(the_canonical_form_reads_as_itself),
		cmocka_unit_test(the_shipped_file_is_good),
		IN_FOLDER(what_is_no_text_file),
		IN_FOLDER(a_file_cut_off_anywhere),
		IN_FOLDER(a_file_with_a_byte_changed),
	};

	if (chdir(CONF_FOLDER))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
