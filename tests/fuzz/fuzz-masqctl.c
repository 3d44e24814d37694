/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl, talking to daemons that lie. The first byte chooses the command; what follows is what the daemons answer, and a byte 1 ends
 * one connection, so that the rest is the next one's. Whatever they say: the command ends with one of its exit codes, what it prints
 * has nothing in it that a terminal obeys, and with --json it prints JSON. */

#include "config.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "cli/commands.h"
#include "cli/error.h"
#include "lib/frame.h"
#include "tests/fuzz/fuzz.h"

enum { WORDS_MAX = 3 };

static const struct run {
	int (*run)(const struct options *opt, int count, char **words);
	enum json_style json;
	bool is_raw;
	const char *columns, *sort;
	const char *words[WORDS_MAX];
} runs[] = {
	{ .run = status_command },
	{ .run = status_command, .json = JSON_STYLE_PRETTY },
	{ .run = list_command },
	{ .run = list_command, .json = JSON_STYLE_LINES, .sort = "user" },
	{ .run = list_command, .is_raw = true, .columns = "all", .sort = "-address" },
	{ .run = list_command, .words = { "user~a", "rx>1K", "address=10.0.0.0/8" } },
	{ .run = show_command, .words = { "#12" } },
	{ .run = show_command, .json = JSON_STYLE_COMPACT, .words = { "ppp0" } },
	{ .run = explain_command, .words = { "192.0.2.1", "to", "198.51.100.7:80" } },
	{ .run = explain_command, .json = JSON_STYLE_PRETTY, .words = { "#12" } },
	{ .run = kick_command, .words = { "user=alice" } },
	{ .run = attach_command, .words = { "eth1" } },
	{ .run = detach_command, .words = { "eth1" } },
	{ .run = reset_quota_command, .words = { "alice" } },
	{ .run = arp_command, .columns = "all" },
	{ .run = arp_command, .json = JSON_STYLE_COMPACT },
	{ .run = arp_conflicts_command },
	{ .run = arp_add_command, .words = { "192.0.2.1", "eth0" } },
	{ .run = arp_del_command, .words = { "192.0.2.1" } },
	{ .run = policies_command, .columns = "all" },
	{ .run = policies_command, .json = JSON_STYLE_COMPACT },
	{ .run = uplinks_command },
	{ .run = who_command, .words = { "192.0.2.1:80" } },
	{ .run = who_command, .json = JSON_STYLE_COMPACT, .words = { "192.0.2.1:80" } },
	{ .run = history_command, .columns = "all" },
	{ .run = history_command, .json = JSON_STYLE_LINES },
	{ .run = set_command, .words = { "#12", "flows=100" } },
	{ .run = unset_command, .words = { "#12" } },
	{ .run = diff_command },
	{ .run = diff_command, .json = JSON_STYLE_COMPACT },
	{ .run = reload_command },
	{ .run = confirm_command },
	{ .run = rollback_command, .json = JSON_STYLE_COMPACT },
	{ .run = wait_command, .words = { "user=alice", "state=open" } },
	{ .run = reconcile_command },
	{ .run = reconcile_command, .json = JSON_STYLE_COMPACT },
};
enum { RUNS = sizeof(runs) / sizeof(runs[0]) };

/* ---- the daemons and the time: the linker calls these in place of the system's */

static const uint8_t *said;
static size_t left;
static bool is_new_connection;
static int64_t now_ms;

int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t size);
ssize_t __wrap_send(int fd, const void *bytes, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t size, int flags);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms);

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t size)
{
	const uint8_t *end = left ? memchr(said, 1, left) : NULL;

	(void)fd;
	(void)address;
	(void)size;
	/* What the last one did not read is not for this one. */
	if (!is_new_connection && end) {
		left -= (size_t)(end + 1 - said);
		said = end + 1;
	} else if (!is_new_connection) {
		left = 0;
	}
	is_new_connection = false;
	return 0;
}

ssize_t __wrap_send(int fd, const void *bytes, size_t size, int flags)
{
	(void)fd;
	(void)flags;
	/* What it asks is Varlink itself. */
	must(size && memchr(bytes, 0, size) == (const char *)bytes + size - 1 && text_is_utf8(bytes));
	return (ssize_t)size;
}

ssize_t __wrap_recv(int fd, void *bytes, size_t size, int flags)
{
	const uint8_t *end = left ? memchr(said, 1, left) : NULL;
	size_t most = end ? (size_t)(end - said) : left;

	(void)fd;
	(void)flags;
	if (size > most)
		size = most;
	memcpy(bytes, said, size);
	said += size;
	left -= size;
	return (ssize_t)size;
}

/* Nobody is waited for, and the time goes on as if. */
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	(void)fds;
	now_ms += timeout_ms > 0 ? timeout_ms : 0;
	return (int)count;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	(void)clock;
	*now = (struct timespec){ .tv_sec = now_ms / 1000, .tv_nsec = now_ms % 1000 * 1000000 };
	return 0;
}

/* ---- what it prints */

struct output {
	FILE *real;
	char *text;
	size_t size;
};

static FILE *begin(struct output *output, FILE *real)
{
	FILE *file = open_memstream(&output->text, &output->size);

	must(file);
	output->real = real;
	return file;
}

static void look_at_lines(char *text)
{
	for (char *line; (line = strsep(&text, "\n"));)
		must(fuzz_is_printable(line));
}

static void look_at_json(const char *text, enum json_style style)
{
	size_t flags = style == JSON_STYLE_LINES ? JSON_DISABLE_EOF_CHECK : 0;

	while (*text) {
		const char *end = style == JSON_STYLE_LINES ? strchr(text, '\n') + 1 : text + strlen(text);
		json_t *json = json_loadb(text, (size_t)(end - text), flags, NULL);

		must(json_is_object(json));
		json_decref(json);
		text = end;
	}
}

static int run_one(const struct run *run, struct output *out, struct output *err)
{
	struct options opt = {
		.json = run->json, .color = OPTIONS_COLOR_NEVER, .socket = "/run/masqd.sock", .arp_socket = "/run/arpd.sock", .timeout_sec = 5,
		.columns = run->columns, .sort = run->sort, .limit = -1, .is_raw = run->is_raw,
	};
	char *words[WORDS_MAX];
	int rc, count = 0;

	while (count < WORDS_MAX && run->words[count]) {
		words[count] = strdup(run->words[count]);
		count++;
	}
	error_set_form(run->json ? ERROR_FORM_JSON : ERROR_FORM_TEXT);
	stdout = begin(out, stdout);
	stderr = begin(err, stderr);
	rc = run->run(&opt, count, words);
	fclose(stdout);
	fclose(stderr);
	stdout = out->real;
	stderr = err->real;
	while (count)
		free(words[--count]);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct output out, err;
	const struct run *run;
	int rc;

	if (!size)
		return 0;
	setlocale(LC_CTYPE, "C.UTF-8");
	run = &runs[(unsigned char)(data[0] - 'A') % RUNS];
	said = data + 1;
	left = size - 1;
	is_new_connection = true;
	rc = run_one(run, &out, &err);
	must(rc >= 0 && rc <= ERROR_PARTLY);
	must(rc == 0 || rc == ERROR_FAILED || rc == ERROR_PARTLY || err.size > 0);
	if (run->json)
		look_at_json(out.text, run->json);
	look_at_lines(out.text);
	look_at_lines(err.text);
	free(out.text);
	free(err.text);
	return 0;
}
