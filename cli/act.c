/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl attach, detach, reload, rollback, confirm: one call of masqd, answered by one number at most. */

#include "config.h"

#include <stdio.h>

#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/error.h"
#include "lib/addr.h"
#include "lib/text.h"

/* An action: the method, the member of its answer that is a number, and how that number is reported. */
struct act {
	const char *method;
	const char *answer;
	const char *schema;
	const char *member;	/* in our JSON */
	const char *said;	/* before the number */
};

static int act_run(const struct act *act, const struct options *opt, json_t *parameters)
{
	struct connect c = CONNECT_INIT;
	json_t *answer = NULL, *done;
	json_int_t number;
	int rc = connect_open(&c, CONNECT_MASQD, opt);

	if (rc)
		json_decref(parameters);
	else
		rc = connect_call(&c, act->method, parameters, &answer);
	connect_close(&c);
	if (rc)
		return rc;
	number = json_integer_value(json_object_get(answer, act->answer));
	json_decref(answer);
	if (opt->json != JSON_STYLE_NONE) {
		done = json_envelope(act->schema);
		json_object_set_new(done, act->member, json_integer(number));
		json_print(done, opt->json);
	} else if (!opt->is_quiet) {
		printf("%s%" JSON_INTEGER_FORMAT "\n", act->said, number);
	}
	return 0;
}

int attach_command(const struct options *opt, int count, char **words)
{
	static const struct act attach = { "Attach", "serial", "org.masqgate.attach", "id", "attached #" };
	const char *wrong;
	struct in_addr address;

	(void)count;	/* main has seen to it that it is 1 */
	if (!opt->address)
		return error_report(ERROR_USAGE, "masqctl attach IFNAME --address A", "attach: --address is missing");
	wrong = addr_parse(opt->address, &address);
	if (wrong)
		return error_report(ERROR_USAGE, NULL, "attach: --address: \"%s\": %s", opt->address, wrong);
	return act_run(&attach, opt, json_pack("{s:s, s:s, s:s*, s:s*}", "ifname", words[0], "address", opt->address, "policy",
					       opt->policy, "user", opt->user));
}

int detach_command(const struct options *opt, int count, char **words)
{
	static const struct act detach = { "Detach", "serial", "org.masqgate.detach", "id", "detached #" };

	(void)count;
	return act_run(&detach, opt, json_pack("{s:s}", "ifname", words[0]));
}

int reset_quota_command(const struct options *opt, int count, char **words)
{
	static const struct act reset = { "ResetQuota", "accounts", "org.masqgate.reset-quota", "accounts", "reset; accounts: " };

	(void)count;
	return act_run(&reset, opt, json_pack("{s:o, s:o}", "owner", text_json(words[0]), "owner_hex", text_json_hex(words[0])));
}

int reload_command(const struct options *opt, int count, char **words)
{
	static const struct act reload = { "Reload", "sessions_changed", "org.masqgate.reload", "sessions_changed",
					   "reloaded; sessions changed: " };
	int rc;

	(void)count;
	(void)words;
	if (opt->groups & OPTIONS_RELOAD && opt->confirm_sec == 0)
		return error_report(ERROR_USAGE, NULL, "reload: --confirm: must be at least 1");
	rc = act_run(&reload, opt, opt->confirm_sec ? json_pack("{s:I}", "confirm", (json_int_t)opt->confirm_sec) : NULL);
	if (!rc && opt->confirm_sec && opt->json == JSON_STYLE_NONE && !opt->is_quiet)
		printf("in %ld s it is rolled back; to keep it: masqctl confirm\n", opt->confirm_sec);
	return rc;
}

int rollback_command(const struct options *opt, int count, char **words)
{
	static const struct act rollback = { "Rollback", "sessions_changed", "org.masqgate.rollback", "sessions_changed",
					     "rolled back; sessions changed: " };

	(void)count;
	(void)words;
	return act_run(&rollback, opt, NULL);
}

int confirm_command(const struct options *opt, int count, char **words)
{
	struct connect c = CONNECT_INIT;
	int rc = connect_open(&c, CONNECT_MASQD, opt);

	(void)count;
	(void)words;
	if (!rc)
		rc = connect_call(&c, "Confirm", NULL, NULL);
	connect_close(&c);
	if (!rc && opt->json != JSON_STYLE_NONE)
		json_print(json_envelope("org.masqgate.confirm"), opt->json);
	else if (!rc && !opt->is_quiet)
		puts("confirmed");
	return rc;
}
