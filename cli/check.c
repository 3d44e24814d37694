/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl check: the daemon's own parser looks at a configuration. No daemon has to run for it. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/error.h"
#include "lib/text.h"

/* The masqd to ask: the one named by the environment, else the one beside this program, else the one installed. */
static const char *find_masqd(char path[PATH_MAX])
{
	const char *named = getenv("MASQD");
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - sizeof("masqd"));
	char *slash;

	if (named && *named)
		return named;
	path[length > 0 ? length : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash) {
		strcpy(slash + 1, "masqd");
		if (access(path, X_OK) == 0)
			return path;
	}
	return SBINDIR "/masqd";
}

/* Starts it, its standard error at a pipe if errors is given. 0 or -errno. */
static int start(const char *masqd, char *const *argv, pid_t *pid, FILE **errors)
{
	posix_spawn_file_actions_t actions;
	int ends[2] = { -1, -1 };
	int rc;

	if (errors && pipe2(ends, O_CLOEXEC))
		return -errno;
	posix_spawn_file_actions_init(&actions);
	if (errors)
		posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
	rc = -posix_spawn(pid, masqd, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (errors) {
		close(ends[1]);
		*errors = rc ? NULL : fdopen(ends[0], "r");
		if (rc)
			close(ends[0]);
	}
	return rc;
}

static int exit_code(int status)
{
	switch (WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE) {
	case 0:
		return 0;
	case EX_USAGE:
		return ERROR_USAGE;
	case EX_NOPERM:
		return ERROR_PERMISSION;
	case EX_CONFIG:
		return ERROR_CONFIGURATION;
	}
	return ERROR_FAILED;
}

/* What masqd said, a line an item. */
static json_t *read_errors(FILE *file)
{
	json_t *errors = json_array();
	char *line = NULL;
	size_t room = 0;

	while (file && getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		json_array_append_new(errors, text_json(line));
	}
	free(line);
	if (file)
		fclose(file);
	return errors;
}

int check_command(const struct options *opt, int count, char **words)
{
	bool wants_json = opt->json != JSON_STYLE_NONE;
	char path[PATH_MAX], *argv[6];
	const char *masqd = find_masqd(path);
	json_t *errors = NULL, *result;
	FILE *file = NULL;
	int n = 0, status, rc;
	pid_t pid = -1;

	argv[n++] = (char *)"masqd";
	argv[n++] = (char *)"-n";
	if (opt->is_verbose && !wants_json)
		argv[n++] = (char *)"-v";
	if (count) {
		argv[n++] = (char *)"-f";
		argv[n++] = words[0];
	}
	argv[n] = NULL;
	rc = start(masqd, argv, &pid, wants_json ? &file : NULL);
	if (rc)
		return error_report(ERROR_FAILED, "set MASQD to the path of masqd", "check: cannot run %s: %s", masqd, error_text(rc));
	if (wants_json)
		errors = read_errors(file);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_report(ERROR_FAILED, NULL, "check: %s: %s", masqd, error_text(-errno));
	rc = exit_code(status);
	if (wants_json) {
		result = json_envelope("org.masqgate.check");
		json_object_set_new(result, "valid", json_boolean(rc == 0));
		json_object_set_new(result, "errors", errors);
		json_print(result, opt->json);
	} else if (!rc && !opt->is_quiet && !opt->is_verbose) {
		puts("configuration valid");
	}
	return rc;
}
