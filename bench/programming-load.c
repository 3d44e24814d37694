/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What bench/programming measures with: one action a call, its figures printed as NAME=NUMBER in one line. Runs in the gateway's
 * network namespace, where masqd has left its rules. masqd's part is masqd's own code. */

#include "config.h"

#include <string.h>

#include "bench/programming-actions.h"
#include "bench/measure.h"
#include "lib/log.h"

static const char usage[] =
	"usage: programming-load CONFIGURATION ACTION [ARGUMENT]...\n"
	"Sessions are numbers; by the configuration's default policy. ACTION:\n"
	"  policy                     says the policy's number\n"
	"  fill FIRST COUNT           opens so many sessions and leaves them open\n"
	"  fill-hosts COUNT           the same as hosts of a network\n"
	"  empty                      takes out all sessions\n"
	"  single FIRST COUNT         opens and closes so many, a transaction each: bare, by masqd's code, and so again\n"
	"  watched FIRST COUNT        the same by masqd's code, which hears of it as masqd does\n"
	"  batch SIZE FIRST COUNT     the same by masqd's code, SIZE sessions a transaction\n"
	"  scripts FIRST COUNT OPEN CLOSE  the same by scripts, called as pppd does\n"
	"  hosts COUNT TIMES          reads the counters of so many hosts\n"
	"  lines COUNT TIMES          makes so many interfaces, and reads their counters\n"
	"  run TIMES COMMAND [ARGUMENT]...  how long that takes, its output thrown away\n";

static const struct action {
	const char *name;
	int arguments_min, arguments_max;
	void (*run)(struct sessions *sessions, char *arguments[]);
} actions[] = {
	{ "policy", 0, 0, action_policy },
	{ "fill", 2, 2, action_fill },
	{ "fill-hosts", 1, 1, action_fill_hosts },
	{ "empty", 0, 0, action_empty },
	{ "single", 2, 2, action_single },
	{ "watched", 2, 2, action_watched },
	{ "batch", 3, 3, action_batch },
	{ "scripts", 4, 4, action_scripts },
	{ "hosts", 2, 2, action_hosts },
	{ "lines", 2, 2, action_lines },
	{ "run", 2, 100, action_run },
};

int main(int argc, char *argv[])
{
	struct sessions sessions;

	log_open("programming-load", 0);
	for (size_t i = 0; argc > 2 && i < sizeof(actions) / sizeof(actions[0]); i++) {
		const struct action *action = &actions[i];

		if (strcmp(argv[2], action->name) != 0 || argc - 3 < action->arguments_min || argc - 3 > action->arguments_max)
			continue;
		sessions_open(&sessions, argv[1]);
		action->run(&sessions, argv + 3);
		return fflush(stdout) ? 1 : 0;
	}
	fputs(usage, stderr);
	return 1;
}
