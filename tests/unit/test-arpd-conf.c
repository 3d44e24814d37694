/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* arpd/conf: what arpd.conf means, and what is wrong with it, by line. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arpd/conf.h"
#include "tests/unit/said.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char path[] = "/tmp/test-arpd-conf-XXXXXX";

static int make_file(void **state)
{
	int fd = mkstemp(path);

	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	return unlink(path);
}

/* Reads a file of this text. What is said of it, without the path, goes to errors; caller frees both. */
static struct conf *load(const char *text, char **errors)
{
	FILE *file = fopen(path, "w");
	struct said said;
	struct conf *conf;
	char *p;

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
	said = said_begin(stderr);
	conf = conf_load(path);
	*errors = said_end(said);
	while ((p = strstr(*errors, path)))
		memmove(p, p + strlen(path), strlen(p + strlen(path)) + 1);
	return conf;
}

static struct conf *good(const char *text)
{
	char *errors;
	struct conf *conf = load(text, &errors);

	assert_string_equal(errors, "");
	free(errors);
	assert_non_null(conf);
	return conf;
}

static void an_empty_file_has_the_defaults(void **state)
{
	struct conf *conf = good("");

	assert_string_equal(conf->socket, ARPD_SOCKET);
	assert_true(conf->announce && conf->probe && !conf->cleans_foreign);
	assert_int_equal(conf->probe_wait_ms, 100);
	assert_int_equal(conf->engine, ENGINE_AUTO);
	assert_int_equal(conf->bpf_from, 2000);
	assert_int_equal(conf->publication_count, 0);
	conf_free(conf);
	conf_free(NULL);
}

static void every_key_counts(void **state)
{
	struct conf *conf = good("socket = \"/run/arp\"\nannounce = no\nprobe = false\nprobe-wait = 20\nclean-foreign = on\n"
				 "engine = bpf\nbpf-from = 100000\n"
				 "publish 192.168.0.100 { interface = eth0 }\n"
				 "publish 10.0.0.0/16 { interface = { eth0, \"lan.7\" } }\n"
				 "publish 2001:db8::/112 { interface = eth1 }\n");
	static const struct {
		const char *prefix, *interfaces[2];
	} wanted[] = {
		{ "192.168.0.100", { "eth0" } },
		{ "10.0.0.0/16", { "eth0", "lan.7" } },
		{ "2001:db8::/112", { "eth1" } },
	};

	assert_string_equal(conf->socket, "/run/arp");
	assert_false(conf->announce || conf->probe || !conf->cleans_foreign);
	assert_int_equal(conf->probe_wait_ms, 20);
	assert_int_equal(conf->engine, ENGINE_BPF);
	assert_int_equal(conf->bpf_from, 100000);
	assert_int_equal(conf->publication_count, COUNT(wanted));
	for (size_t i = 0; i < COUNT(wanted); i++) {
		const struct conf_publication *publication = &conf->publications[i];
		char text[IP_TEXT_MAX];

		assert_string_equal(ip_prefix_text(&publication->prefix, text), wanted[i].prefix);
		assert_int_equal(publication->interface_count, 1 + !!wanted[i].interfaces[1]);
		for (size_t k = 0; k < publication->interface_count; k++)
			assert_string_equal(publication->interfaces[k], wanted[i].interfaces[k]);
	}
	conf_free(conf);
}

static void what_is_wrong_is_said_with_its_line(void **state)
{
	static const struct {
		const char *text, *errors;
	} cases[] = {
		{ "announce = maybe\n", ":1: invalid boolean value for option 'announce'\n" },
		{ "\nsocket = \"run/arp\"\n", ":2: bad socket: run/arp: must be an absolute path\n" },
		{ "probe-wait = 19\nprobe-wait = 5001\n", ":1: bad probe-wait: 19: must be 20 to 5000 milliseconds\n"
							  ":2: bad probe-wait: 5001: must be 20 to 5000 milliseconds\n" },
		{ "engine = ebpf\n", ":1: bad engine: ebpf: must be auto, kernel or bpf\n" },
		{ "bpf-from = 0\nbpf-from = 100001\n", ":1: bad bpf-from: 0: must be 1 to 100000 addresses\n"
						       ":2: bad bpf-from: 100001: must be 1 to 100000 addresses\n" },
		{ "publish 10.0.0.0/15 { interface = eth0 }\n", ":1: bad address: 10.0.0.0/15: must not have more than 65536 addresses\n" },
		{ "publish 192.168.0.1/24 { interface = eth0 }\n", NULL },
		{ "publish 127.0.0.1 { interface = eth0 }\n", NULL },
		{ "publish ff02::1 { interface = eth0 }\n", NULL },
		{ "publish 192.168.0.1 {\n}\n", ":1: missing interface: publish 192.168.0.1: it must say on which LAN\n" },
		{ "publish 192.168.0.1 {\n interface = { eth0,\n \"et h1\" }\n}\n",
		  ":3: bad interface: et h1: must be the name of a network interface\n" },
		{ "publish 192.168.0.1 { interface = abcdefghijklmnop }\n", ":1: bad interface: abcdefghijklmnop: must have 1 to 15 characters\n" },
		{ "publish 192.168.0.1 { interface = \"\" }\n", ":1: bad interface: : must have 1 to 15 characters\n" },
		{ "publish 192.168.0.1 { interface = .. }\n", ":1: bad interface: ..: must be the name of a network interface\n" },
		{ "anounce = no\n", ":1: anounce: no such key or section, did you mean \"announce\"?\n" },
		{ "publish 192.168.0.1 { interface = eth0\n", ":1: brace without end\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char wanted[512] = "", *errors;
		struct conf *conf = load(cases[i].text, &errors);

		if (conf)
			fail_msg("%s is taken", cases[i].text);
		for (const char *line = cases[i].errors, *end; line && *line; line = end) {
			end = line + strcspn(line, "\n") + 1;
			snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), "masqgate: %.*s", (int)(end - line), line);
		}
		if (cases[i].errors)
			assert_string_equal(errors, wanted);
		else
			assert_memory_equal(errors, "masqgate: :1: bad address: ", strlen("masqgate: :1: bad address: "));
		free(errors);
	}
}

static void a_socket_must_fit(void **state)
{
	char text[256] = "socket = \"/", *errors;
	size_t length = strlen(text);

	memset(text + length, 'a', 107);
	strcpy(text + length + 106, "\"\n");
	conf_free(good(text));
	strcpy(text + length + 106, "a\"\n");
	assert_null(load(text, &errors));
	assert_non_null(strstr(errors, "must be shorter than 108 characters"));
	free(errors);
}

static void a_file_that_is_not_there(void **state)
{
	struct said said = said_begin(stderr);
	char *errors;

	assert_null(conf_load("/nonexistent/arpd.conf"));
	errors = said_end(said);
	assert_string_equal(errors, "masqgate: /nonexistent/arpd.conf: cannot read: No such file or directory\n");
	free(errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_has_the_defaults),
		cmocka_unit_test(every_key_counts),
		cmocka_unit_test(what_is_wrong_is_said_with_its_line),
		cmocka_unit_test(a_socket_must_fit),
		cmocka_unit_test(a_file_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
