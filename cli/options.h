/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The command line: options may stand before and after the command. */

#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/json.h"

/* Which options a command takes besides those that all take. */
enum option_group {
	OPTIONS_TABLE = 1 << 0,		/* --columns, --sort, --limit, --no-headings */
	OPTIONS_RAW = 1 << 1,		/* --raw */
	OPTIONS_KICK = 1 << 2,		/* --reason */
	OPTIONS_ATTACH = 1 << 3,	/* --address, --policy, --user */
	OPTIONS_WAIT = 1 << 4,		/* --gone */
	OPTIONS_ALL = 1 << 5,		/* --all */
	OPTIONS_RELOAD = 1 << 6,	/* --confirm */
	OPTIONS_WHO = 1 << 7,		/* --proto, --at */
	OPTIONS_HISTORY = 1 << 8,	/* --since, --until */
	OPTIONS_RECONCILE = 1 << 9,	/* --dry-run */
};

enum options_color {
	OPTIONS_COLOR_AUTO,
	OPTIONS_COLOR_ALWAYS,
	OPTIONS_COLOR_NEVER,
};

/* Texts are borrowed from the command line. */
struct options {
	enum json_style json;
	enum options_color color;
	const char *socket, *arp_socket;
	long timeout_sec;	/* -1 if not given */
	bool is_quiet;
	bool is_verbose;
	bool wants_help;
	bool wants_version;
	const char *columns;
	const char *sort;
	long limit;		/* -1 if not given */
	bool no_headings;
	bool is_raw;
	const char *reason;
	bool all;
	const char *address, *policy, *user;
	bool gone;
	long confirm_sec;	/* 0 if not given */
	bool dry_run;
	const char *protocol, *at;
	const char *since, *until;
	unsigned groups;	/* of the options that were given */
	const char *given[16];	/* by group's bit: the last option given of it, for messages */
};

/* Takes the options out of argv: the other words move to its end, from *first on. 0 or an exit code, reported. */
int options_parse(struct options *opt, int argc, char **argv, int *first);

/* The last option given that is in none of these groups, as it is called; NULL if there is none. */
const char *options_misplaced(const struct options *opt, unsigned groups);

/* The part of the usage that is about options, those of all commands and those of these groups. */
void options_print_usage(void);

/* Is standard output to be coloured? --color, else a terminal that is not dumb, and no NO_COLOR. */
bool options_want_color(const struct options *opt);

#endif
